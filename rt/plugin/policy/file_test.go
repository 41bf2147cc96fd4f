package policy_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/plugin/policy"
)

const example = `version: 1
ceiling: {memory: 128MiB, fuel_per_call: 2e9, deadline: 2s, host_memory: 1GiB}
defaults: {preset: restricted}
plugins:
  greeter:
    source: {file: plugins/greeter.wasm, digest: "sha256:` + digest + `"}
    world: acme:greeter/greeter@0.2.0
    limits: {memory: 32MiB, fuel_per_call: 50e6, deadline: 250ms, instances: 8, min_idle: 1, queue: 64, max_wait: 100ms, max_calls: 10000}
    reuse: per-call
    fs: [{host: /srv/data, guest: /data, mode: ro}, {host: "${state}/greeter", guest: /state, mode: rw, quota: 64MiB}]
    net: {allow: ["https://api.example.com:443", "udp:[2001:db8::1]:53", "dns:*"], resolve_private: false}
    env: {allow: [LANG, LC_*], set: {MODE: prod}}
    keyvalue: [default, "", cache-*]
    logging: off
    config: {max-width: "1920", "odd key": "line\nand: 'more'"}
    host_calls: {"acme:kv/store.get": {per_call: 100, bytes: 1MiB}, "acme:kv/store@0.2.6.scan": {deny: true}}
    lifecycle: {init: initialize, stop: shutdown, metadata: get-metadata, health: health}
    on_unavailable: closed
    canary: {steps: [0.01, 0.05, 0.25, 1], min_samples: 200, window: 30s, windows: 5, slower: 1.5}
`

const digest = "9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f"

func parse(t *testing.T, text string) *policy.File {
	t.Helper()
	f, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParse(t *testing.T) {
	f := parse(t, example)
	p := f.Plugins["greeter"]
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"memory of the ceiling", f.Ceiling.Memory, 128 * policy.MiB},
		{"host memory", f.Ceiling.HostMemory, policy.GiB},
		{"fuel of the ceiling", f.Ceiling.FuelPerCall, policy.Count(2_000_000_000)},
		{"fuel", p.Limits.FuelPerCall, policy.Count(50_000_000)},
		{"deadline", p.Limits.Deadline, policy.Duration(250 * time.Millisecond)},
		{"second directory", p.FS[1], policy.Dir{Host: "${state}/greeter", Guest: "/state", Mode: policy.ReadWrite, Quota: 64 * policy.MiB}},
		{"rule", p.Net.Allow[0].String(), "https:api.example.com:443"},
		{"config", p.Config["max-width"], "1920"},
		{"host call", p.HostCalls["acme:kv/store.get"], policy.HostCall{PerCall: 100, Bytes: policy.MiB}},
		{"steps", p.Canary.Steps, []float64{0.01, 0.05, 0.25, 1}},
		{"windows", p.Canary.Windows, policy.Count(5)},
		{"slower", p.Canary.Slower, 1.5},
		{"buckets", p.KeyValue, []string{"default", "", "cache-*"}},
		{"level", p.Logging, policy.LogOff},
		{"place", f.At("plugins.greeter.fs[1].quota"), "policy.yaml:10"},
		{"place of a key that is not there", f.At("plugins.greeter.deny"), "policy.yaml:5"},
		{"place of a plugin that is not there", f.At(`plugins["a.b"].fs`), "policy.yaml:4"},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestRoundTrip reads what was written, as YAML and as JSON.
func TestRoundTrip(t *testing.T) {
	for _, text := range []string{example, "version: 1\n", "{\"version\": 1, \"plugins\": {\"a.b\": {}}}",
		"version: 1\nceiling: {fs: [], net: {}, env: {allow: []}, keyvalue: [], logging: warn, host_calls: {\"a:b/c\": {deny: true}}}\n"} {
		f := parse(t, text)
		written, err := f.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again := parse(t, string(written))
		want, _ := json.Marshal(f)
		if got, _ := json.Marshal(again); string(got) != string(want) {
			t.Errorf("read again from\n%s\ngot  %s\nwant %s", written, got, want)
		}
		if rewritten, err := again.YAML(); err != nil || string(rewritten) != string(written) {
			t.Errorf("written again: %v\n%s\nbefore:\n%s", err, rewritten, written)
		}
		var structs policy.File
		if err := json.Unmarshal(want, &structs); err != nil {
			t.Fatal(err)
		}
		if got, _ := json.Marshal(structs); string(got) != string(want) {
			t.Errorf("from JSON: got  %s\nwant %s", got, want)
		}
		if err := structs.Check(); err != nil {
			t.Error(err)
		}
		if (f.Ceiling.FS == nil) != (again.Ceiling.FS == nil) || (f.Ceiling.KeyValue == nil) != (again.Ceiling.KeyValue == nil) {
			t.Errorf("an empty list of the ceiling is lost in\n%s", written)
		}
	}
}

// TestParseErrors has, for each text, what has to be in the error, a line each.
func TestParseErrors(t *testing.T) {
	const greeter = "version: 1\nplugins:\n  greeter:\n    "
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", greeter + "limits: {memroy: 1MiB}",
			"p.yaml:4:14: plugins.greeter.limits has no key \"memroy\"; did you mean memory?\n        limits: {memroy: 1MiB}\n                 ^"},
		{"unknown key at the top", "version: 1\nplugin: {}", "p.yaml:2:1: the file has no key \"plugin\"; did you mean plugins?"},
		{"nothing near", greeter + "zzzzzzzzzz: 1", "has no key \"zzzzzzzzzz\"; only preset, source"},
		{"twice", greeter + "world: a:b/c\n    world: a:b/d", "p.yaml:5:5: plugins.greeter has \"world\" twice; it is in line 4 already"},
		{"twice in a map", "version: 1\nplugins: {a: {}, a: {}}", "plugins has \"a\" twice"},
		{"all at once", greeter + "reuse: polled\n    deny: maybe\n    fs: 1",
			"p.yaml:6:9: plugins.greeter.fs: want a list, found \"1\""},
		{"checks at once", greeter + "reuse: polled\n    deny: maybe",
			"p.yaml:4:5: plugins.greeter.reuse: \"polled\" is none; did you mean pooled?\n        reuse: polled\n        ^\np.yaml:5:5: plugins.greeter.deny"},
		{"empty", "", "the file is empty"},
		{"no version", "plugins: {}", "write version: 1"},
		{"version", "version: 2", "p.yaml:1:1: version: write version: 1"},
		{"a second document", "version: 1\n---\nversion: 1", "a second document"},
		{"anchor", "version: 1\nplugins: {a: &x {}, b: *x}", "anchors and aliases are not read"},
		{"merge", "version: 1\nplugins: {a: {}, b: {<<: {}}}", "anchors and aliases are not read"},
		{"tag", "version: !!int 1", "tags are not read"},
		{"tab", "version: 1\nplugins:\n\ta: {}", "p.yaml:3:1: YAML is indented with spaces"},
		{"no YAML", "version: [1", "p.yaml:1: "},
		{"no text", "version: 1 # \x01", "p.yaml:1:14: this is no text"},
		{"hidden text", "version: 1 # \u202e", "this is no text"},
		{"null", "version: 1\nplugins:\n  a:\n", "plugins.a: want a mapping of keys to values, found nothing"},
		{"a number for text", greeter + "config: {width: 1920}", "plugins.greeter.config.width: want a string, found 1920, which is one only in quotes"},
		{"a number as key", greeter + "config: {1: a}", "want a string"},
		{"size without unit", greeter + "limits: {memory: 64}", "64 has no unit: write 64B"},
		{"decimal unit", greeter + "limits: {memory: 64MB}", "MB is no unit: write 64MiB"},
		{"too large", greeter + "limits: {memory: 9999999TiB}", "9999999TiB is too large a number of bytes"},
		{"no whole size", greeter + "limits: {memory: 0.1B}", "0.1B is no whole number of bytes"},
		{"zero", greeter + "limits: {memory: 0B}", "0 says nothing: leave it out"},
		{"count", greeter + "limits: {queue: -1}", "\"-1\" is no count"},
		{"large count", greeter + "limits: {queue: 1e19}", "1e19 is too large a number"},
		{"duration without unit", greeter + "limits: {deadline: 30}", "30 has no unit: write 30s"},
		{"negative duration", greeter + "limits: {deadline: -1s}", "\"-1s\" is no duration"},
		{"idle", greeter + "limits: {instances: 1, min_idle: 2}", "2 of 1 instances"},
		{"preset", greeter + "preset: strict", "\"strict\" is none; write restricted or standard"},
		{"digest", greeter + "source: {digest: 'sha256:9f'}", "want sha256: and 64 hexadecimal digits"},
		{"world", greeter + "world: greeter", "\"greeter\" is no world"},
		{"relative", greeter + "fs: [{host: data, guest: /data}]", "plugins.greeter.fs[0].host: \"data\" is not absolute"},
		{"out of the state", greeter + "fs: [{host: '${state}/../x', guest: /data}]", "write it without .."},
		{"another variable", greeter + "fs: [{host: '${HOME}/x', guest: /data}]", "only ${state}"},
		{"variable inside", greeter + "fs: [{host: '/x/${state}', guest: /data}]", "only ${state}"},
		{"no guest", greeter + "fs: [{host: /data}]", "no guest"},
		{"guest twice", greeter + "fs: [{host: /a, guest: /data}, {host: /b, guest: /data/}]", "is another directory's already"},
		{"quota", greeter + "fs: [{host: /a, guest: /data, quota: 1MiB}]", "a quota is for mode: rw"},
		{"rule", greeter + "net: {allow: ['example.com']}", "no protocol"},
		{"path in a URL", greeter + "net: {allow: ['https://example.com/x']}", "write https://example.com"},
		{"variable", greeter + "env: {allow: ['A=B']}", "is no name of a variable"},
		{"empty variable", greeter + "env: {set: {'A=': b}}", "is no variable"},
		{"host call", greeter + "host_calls: {store: {deny: true}}", "no interface or function"},
		{"denied and bound", greeter + "host_calls: {'a:b/c': {deny: true, per_call: 1}}", "what is denied has no bounds"},
		{"steps", greeter + "canary: {steps: [0.5, 0.5]}", "plugins.greeter.canary.steps[1]: 0.5: steps are above 0"},
		{"faster", greeter + "canary: {slower: 0.9}", "plugins.greeter.canary.slower: 0.9 is not from 1 to 1000: it is a factor"},
		{"no factor", greeter + "canary: {slower: 0}", "plugins.greeter.canary.slower: 0 is not from 1"},
		{"windows", greeter + "canary: {windows: 0}", "0 says nothing: leave it out"},
		{"bucket", greeter + "keyvalue: [a, '*b']", "plugins.greeter.keyvalue[1]: \"*b\" is no name of a bucket"},
		{"level", greeter + "logging: warning", "\"warning\" is none; write trace or debug or info"},
		{"level of a ceiling", "version: 1\nceiling: {logging: of}", "p.yaml:2:11: ceiling.logging: \"of\" is none; did you mean off?"},
		{"no number", greeter + "canary: {steps: [.nan]}", "want a number, found \".nan\""},
		{"plugin", "version: 1\nplugins: {'../x': {}}", "a name has letters"},
		{"guest in a ceiling", "version: 1\nceiling: {fs: [{host: /a, guest: /b}]}", "a ceiling is for paths of the host"},
		{"set in a ceiling", "version: 1\nceiling: {env: {set: {A: b}}}", "a ceiling gives nothing"},
		{"long", "version: 1 # " + strings.Repeat("x", 1<<20), "more than 1048576"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := policy.Parse("p.yaml", []byte(c.text))
			if _, ok := errors.AsType[policy.Errors](err); !ok || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant in it\n%s", err, c.want)
			}
		})
	}
}

func TestPlugin(t *testing.T) {
	f := parse(t, "version: 1\ndefaults: {preset: standard}\nplugins:\n  a: {limits: {memory: 1GiB}}\n  b: {preset: restricted}\n")
	for _, c := range []struct {
		plugin string
		memory policy.Size
		wait   time.Duration
	}{
		{"a", policy.GiB, 60 * time.Second},
		{"b", 32 * policy.MiB, 30 * time.Second},
		{"unknown", 32 * policy.MiB, 30 * time.Second},
	} {
		p := f.Plugin(c.plugin)
		if p.Limits.Memory != c.memory || time.Duration(p.Limits.Deadline) != c.wait {
			t.Errorf("%s: got %v and %v, want %v and %v", c.plugin, p.Limits.Memory, p.Limits.Deadline, c.memory, c.wait)
		}
	}
	if p := new(policy.File).Plugin("x"); p.Limits.Memory != 32*policy.MiB || p.FS != nil || p.Net.Allow != nil || p.Env.Allow != nil {
		t.Errorf("nobody wrote anything, and granted is %+v", p)
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"64MiB", "64MiB"}, {"64 MiB", "64MiB"}, {"1024KiB", "1MiB"}, {"1.5GiB", "1536MiB"}, {"1000B", "1000B"},
	} {
		var s policy.Size
		if err := s.UnmarshalText([]byte(c.text)); err != nil || s.String() != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.text, s, err, c.want)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"50e6", "50e6"}, {"50000000", "50e6"}, {"1.5e9", "1500e6"}, {"10000", "10000"}, {"1000001", "1000001"}, {"1e3", "1000"},
	} {
		var n policy.Count
		if err := n.UnmarshalText([]byte(c.text)); err != nil || n.String() != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.text, n, err, c.want)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"60s", "1m"}, {"3600s", "1h"}, {"1h30m", "1h30m"}, {"10m", "10m"}, {"250ms", "250ms"}, {"1h0m5s", "1h0m5s"}, {"10h", "10h"},
	} {
		var d policy.Duration
		if err := d.UnmarshalText([]byte(c.text)); err != nil || d.String() != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.text, d, err, c.want)
		}
	}
}

// FuzzParse reads anything without a panic, and reads what it wrote as the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	for _, text := range []string{"", "version: 1", "version: [[[[", "a: &a [*a]", "? {x: y}: z", "- - - -", "version: 1\nplugins: {\"\": {}}",
		"\xff", "%YAML 1.2\n---\nversion: 1", "version: 1\nceiling: {net: {allow: [\"*\"]}}", "version: 0x1", "---", "..."} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := policy.Parse("p.yaml", text)
		if err != nil {
			_ = err.Error()
			return
		}
		written, err := file.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := policy.Parse("p.yaml", written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if rewritten, _ := again.YAML(); string(rewritten) != string(written) {
			t.Fatalf("got\n%s\nwant\n%s", rewritten, written)
		}
	})
}

// TestBombs reads what is small and asks for much.
func TestBombs(t *testing.T) {
	for name, text := range map[string]string{
		"nested lists":    strings.Repeat("[", 100_000),
		"nested mappings": strings.Repeat("{a: ", 100_000),
		"nested items":    strings.Repeat("- ", 100_000),
		"keys":            "version: 1\nplugins: {" + strings.Repeat("a: {}, ", 100_000) + "}",
		"aliases":         "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]",
		"errors":          "version: 1\nplugins: {a: {" + strings.Repeat("x: 1, ", 100_000) + "}}",
	} {
		started := time.Now()
		if _, err := policy.Parse("p.yaml", []byte(text)); err == nil || len(err.Error()) > 1<<16 {
			t.Errorf("%s: read, or an error that is too long", name)
		}
		if took := time.Since(started); took > 30*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}
