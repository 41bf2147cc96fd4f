package policy_test

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
)

func TestParseRule(t *testing.T) {
	prefix := netip.MustParsePrefix
	for text, want := range map[string]policy.Rule{
		"tcp:api.example.com:443":    {Protocol: policy.TCP, Host: "api.example.com", Ports: policy.Port(443)},
		"https:*.example.com":        {Protocol: policy.HTTPS, Host: "*.example.com"},
		"https:*.example.com:*":      {Protocol: policy.HTTPS, Host: "*.example.com", Ports: policy.AnyPort},
		"http:localhost:8080":        {Protocol: policy.HTTP, Host: "localhost", Ports: policy.Port(8080)},
		"http:[::1]":                 {Protocol: policy.HTTP, Host: "::1"},
		"udp:10.0.0.0/8:53":          {Protocol: policy.UDP, Host: "10.0.0.0/8", Ports: policy.Port(53)},
		"send:udp:*:1-1023":          {Direction: policy.Send, Protocol: policy.UDP, Host: "*", Ports: policy.Ports{First: 1, Last: 1023}},
		"receive:udp:192.0.2.1:*":    {Direction: policy.Receive, Protocol: policy.UDP, Host: "192.0.2.1", Ports: policy.AnyPort},
		"tcp:[fd00::/8]:443":         {Protocol: policy.TCP, Host: "fd00::/8", Ports: policy.Port(443)},
		"listen:tcp:127.0.0.1:0":     {Direction: policy.Listen, Protocol: policy.TCP, Host: "127.0.0.1"},
		"listen:tcp:[::]:8080-8090":  {Direction: policy.Listen, Protocol: policy.TCP, Host: "::", Ports: policy.Ports{First: 8080, Last: 8090}},
		"listen:udp:localhost:*":     {Direction: policy.Listen, Protocol: policy.UDP, Host: "localhost", Ports: policy.AnyPort},
		"dns:*":                      {Protocol: policy.DNS, Host: "*"},
		"dns:_srv.example.com":       {Protocol: policy.DNS, Host: "_srv.example.com"},
		"tcp:db:1,peers=10.0.0.0/8":  {Protocol: policy.TCP, Host: "db", Ports: policy.Port(1), Peers: []netip.Prefix{prefix("10.0.0.0/8")}},
		"https:db,peers=10.0.0.1/32": {Protocol: policy.HTTPS, Host: "db", Peers: []netip.Prefix{prefix("10.0.0.1/32")}},
		"listen:tcp:*:1,peers=::1/128,peers=127.0.0.0/8": {Direction: policy.Listen, Protocol: policy.TCP, Host: "*", Ports: policy.Port(1),
			Peers: []netip.Prefix{prefix("::1/128"), prefix("127.0.0.0/8")}},
	} {
		got, err := policy.ParseRule(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", text, got, want)
		}
		if got.String() != text {
			t.Errorf("%s: printed as %s", text, got)
		}
	}
	if r, err := policy.ParseRule("connect:tcp:a:1,peers=10.0.0.1"); err != nil || r.String() != "tcp:a:1,peers=10.0.0.1/32" {
		t.Errorf("with words that can be left out: %v, %v", r, err)
	}
}

func TestParseRuleErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "no protocol",
		"example.com":                       "no protocol",
		"example.com:443":                   "tcp:example.com:443",
		":443":                              "no protocol",
		"TCP:example.com:443":               "no protocol",
		"https://api.example.com/v1":        "write https:api.example.com",
		"tcp":                               "no host",
		"tcp:":                              "no host", // and no port
		"tcp::443":                          "no host",
		"tcp:example.com":                   "no port",
		"tcp:example.com:":                  "not a number",
		"tcp:example.com:0":                 "port 0",
		"http:example.com:0":                "port 0",
		"tcp:example.com:080":               "not a number",
		"tcp:example.com:+80":               "not a number",
		"tcp:example.com:65536":             "not a number",
		"tcp:example.com:90-80":             "write 80-90",
		"tcp:example.com:http":              "not a number",
		"tcp:*example.com:80":               "*.example.com",
		"tcp:api.*.com:80":                  "*.example.com",
		"tcp:*.*.com:80":                    "*.example.com",
		"tcp:::1:80":                        "[::1]:443",
		"tcp:[::1:80":                       "no ]",
		"tcp:[::1]80":                       "after the address",
		"tcp:[fd00::]/8:80":                 "[fd00::/8]:443",
		"tcp:[10.0.0.1]:80":                 "write 10.0.0.1",
		"tcp:10.0.0.1/8:80":                 "write 10.0.0.0/8",
		"tcp:10.0.0.0/33:80":                "not a prefix",
		"tcp:[::ffff:10.0.0.1]:80":          "write 10.0.0.1",
		"tcp:[::ffff:10.0.0.0/104]:80":      "as IPv4",
		"tcp:[fe80::1%eth0]:80":             "write fe80::1",
		"tcp:127.1:80":                      "not the name",
		"tcp:0x7f000001:80":                 "not the name",
		"tcp:010.0.0.1:80":                  "not the name",
		"tcp:exa mple.com:80":               "not the name",
		"tcp:-a.com:80":                     "not the name",
		"tcp:a..com:80":                     "not the name",
		"listen:http:127.0.0.1:80":          "listen is for tcp and udp",
		"listen:tcp:example.com:80":         "write 127.0.0.1",
		"listen:tcp:127.0.0.1":              "no port",
		"send:tcp:10.0.0.1:80":              "leave it out",
		"receive:https:10.0.0.1":            "leave it out",
		"listen":                            "no protocol",
		"dns:example.com:53":                "write dns:example.com",
		"dns:10.0.0.1":                      "a name",
		"dns:a,peers=10.0.0.0/8":            "a name",
		"tcp:10.0.0.1:80,peers=10.0.0.0/8":  "says already",
		"tcp:localhost:80,peers=10.0.0.0/8": "says already",
		"tcp:a:80,":                         "after the comma",
		"tcp:a:80,peer=10.0.0.0/8":          "only peers=",
		"tcp:a:80,peers=":                   "no host",
		"tcp:a:80,peers=b":                  "address or prefix",
		"tcp:a:80,peers=10.0.0.1/8":         "write 10.0.0.0/8",
	} {
		r, err := policy.ParseRule(text)
		if err == nil {
			t.Errorf("%q is read as %v", text, r)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q in it", text, err, want)
		}
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("tcp:api.example.com:443")
	f.Add("listen:udp:[::]:*,peers=10.0.0.0/8")
	f.Add("https:*.example.com")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := policy.ParseRule(text)
		if err != nil {
			return
		}
		again, err := policy.ParseRule(r.String())
		if err != nil {
			t.Fatalf("%q is read, and printed as %q: %v", text, r, err)
		}
		if !reflect.DeepEqual(r, again) {
			t.Fatalf("%q is read as %#v, printed as %q, which is read as %#v", text, r, r, again)
		}
	})
}
