package policy_test

import (
	"testing"

	"github.com/witgen/witgen/rt/plugin/policy"
)

// TestExplainImport says of imports that nothing is granted of who could.
func TestExplainImport(t *testing.T) {
	const text = "version: 1\nceiling:\n  net: {allow: ['tcp:db:1']}\n  keyvalue: []\nplugins:\n  p:\n    net: {allow: ['udp:x:1']}\n    keyvalue: [a]\n    host_calls: {'acme:kv/store': {deny: true}}\n    logging: off\n"
	r := policy.Request{Imports: []string{"wasi:filesystem/types@0.2.0", "wasi:sockets/tcp@0.2.0", "wasi:sockets/udp@0.2.0", "wasi:sockets/ip-name-lookup@0.2.0",
		"wasi:http/outgoing-handler@0.2.0", "wasi:keyvalue/store@0.2.0-draft2", "wasi:logging/logging", "acme:kv/store@0.2.0", "acme:log/log"}}
	f := parse(t, text)
	e, notes := policy.Resolve(r, f.Plugin("p"), f.Ceiling)
	want := map[string]string{
		"wasi:filesystem/types@0.2.0":       "denied: import wasi:filesystem/types@0.2.0; to review: plugins.p.fs: [{host: /DIRECTORY, guest: /DIRECTORY, mode: ro}] (policy.yaml:6)",
		"wasi:sockets/tcp@0.2.0":            `denied: import wasi:sockets/tcp@0.2.0; to review: plugins.p.net.allow: ["tcp:HOST:PORT"] (policy.yaml:7)`,
		"wasi:sockets/udp@0.2.0":            `denied: import wasi:sockets/udp@0.2.0 (the ceiling denies what is granted); to review: ceiling.net.allow: ["udp:HOST:PORT"] (policy.yaml:3)`,
		"wasi:sockets/ip-name-lookup@0.2.0": `denied: import wasi:sockets/ip-name-lookup@0.2.0 (the ceiling denies what is granted); to review: ceiling.net.allow: ["dns:HOST"] (policy.yaml:3)`,
		"wasi:http/outgoing-handler@0.2.0":  `denied: import wasi:http/outgoing-handler@0.2.0; to review: plugins.p.net.allow: ["https:HOST"] (policy.yaml:7)`,
		"wasi:keyvalue/store@0.2.0-draft2":  "denied: import wasi:keyvalue/store@0.2.0-draft2 (the ceiling denies what is granted); to review: ceiling.keyvalue: [BUCKET] (policy.yaml:4)",
		"wasi:logging/logging":              "denied: import wasi:logging/logging; to review: plugins.p.logging: info (policy.yaml:10)",
		"acme:kv/store@0.2.0":               `denied: import acme:kv/store@0.2.0; to review: plugins.p.host_calls["acme:kv/store"]: {per_call: N} (policy.yaml:9)`,
	}
	if len(e.Denied) != len(want) {
		t.Errorf("denied %q", e.Denied)
	}
	for _, name := range e.Denied {
		if got := e.ExplainImport(f, "p", name, notes).Error(); got != want[name] {
			t.Errorf("got  %s\nwant %s", got, want[name])
		}
	}
	r.Manifest = &policy.Manifest{}
	f = parse(t, "version: 1\nplugins: {p: {net: {allow: ['tcp:db:1']}}}\n")
	e, notes = policy.Resolve(r, f.Plugin("p"), f.Ceiling)
	if got, want := e.ExplainImport(f, "p", "wasi:sockets/tcp@0.2.0", notes).Error(), "denied: import wasi:sockets/tcp@0.2.0 (the manifest does not ask for what is granted)"; got != want {
		t.Errorf("got %s", got)
	}
	if got, want := e.ExplainImport(nil, "p", "wasi:keyvalue/store@0.2.0-draft2", notes).Error(), "denied: import wasi:keyvalue/store@0.2.0-draft2; to review: plugins.p.keyvalue: [BUCKET]"; got != want {
		t.Errorf("got %s", got)
	}
}
