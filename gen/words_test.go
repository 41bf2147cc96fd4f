package gen

import (
	"go/token"
	"go/types"
	"testing"
)

func TestExportedName(t *testing.T) {
	for _, tt := range []struct{ in, want, local string }{
		{"a", "A", "a"},
		{"process-request", "ProcessRequest", "processRequest"},
		{"host-api", "HostAPI", "hostAPI"},
		{"get-http-url", "GetHTTPURL", "getHTTPURL"},
		{"http-url", "HTTPURL", "httpURL"},
		{"id", "ID", "id"},
		{"user-ids", "UserIDs", "userIDs"},
		{"ipv4-address", "IPv4Address", "ipv4Address"},
		{"ipv6", "IPv6", "ipv6"},
		{"ip-name-lookup", "IPNameLookup", "ipNameLookup"},
		{"datetime", "DateTime", "datetime"},
		{"utf8-string", "UTF8String", "utf8String"},
		{"utf-8", "UTF8", "utf8"},
		{"sha256", "SHA256", "sha256"},
		{"http2", "HTTP2", "http2"},
		{"tcp-create-socket", "TCPCreateSocket", "tcpCreateSocket"},
		{"DNS-error", "DNSError", "dnsError"},
		{"read-via-stream", "ReadViaStream", "readViaStream"},
		{"f-1", "F1", "f1"},
		{"is-ok", "IsOK", "isOK"},
		{"identity", "Identity", "identity"},
		{"type", "Type", "type"},
	} {
		if got := exportedName(tt.in); got != tt.want {
			t.Errorf("exportedName(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if got := localName(tt.in); got != tt.local {
			t.Errorf("localName(%q) = %q, want %q", tt.in, got, tt.local)
		}
	}
}

func TestUnexported(t *testing.T) {
	for in, want := range map[string]string{
		"KV": "kv", "KVStore": "kvStore", "Store": "store", "HTTP2Server": "http2Server", "A": "a", "AB1": "ab1",
	} {
		if got := unexported(in); got != want {
			t.Errorf("unexported(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPackageWord(t *testing.T) {
	for in, want := range map[string]string{"host-api": "hostapi", "DNS-names": "dnsnames", "types": "types"} {
		if got := packageWord(in); got != want {
			t.Errorf("packageWord(%q) = %q, want %q", in, got, want)
		}
	}
	for _, bad := range []string{"internal", "vendor", "main", "type", "func", "error", "string"} {
		if !badPackage(bad) {
			t.Errorf("badPackage(%q) = false", bad)
		}
	}
	if badPackage("types") {
		t.Error(`badPackage("types") = true`)
	}
}

func TestTrack(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "1.2.3": "v1", "0.2.4": "v0_2", "0.0.3": "v0_0_3", "0.0.0": "v0_0_0", "12.0.0+build.5": "v12",
		"0.3.0-rc-2026-03-15": "v0_3_0_rc_2026_03_15",
	} {
		if got := trackWord(in); got != want {
			t.Errorf("track(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestPredeclared compares the list of predeclared names with that of the
// toolchain: a name that a later Go declares is to be added, with a new format.
func TestPredeclared(t *testing.T) {
	for _, name := range types.Universe.Names() {
		if !reserved(name) {
			t.Errorf("%s is predeclared", name)
		}
	}
	for name := range predeclared {
		if types.Universe.Lookup(name) == nil {
			t.Errorf("%s is not predeclared", name)
		}
	}
	for tok := token.BREAK; tok <= token.VAR; tok++ {
		if !reserved(tok.String()) {
			t.Errorf("%s is a keyword", tok)
		}
	}
}
