package policy_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

var denials = []wasi.Denial{
	{Capability: "tcp", Operation: "create-tcp-socket"},
	{Capability: "tcp", Operation: "tcp-socket.start-connect", Target: "93.184.216.34:443"},
	{Capability: "tcp", Operation: "tcp-socket.start-connect", Target: "10.0.0.5:5432", Range: "private"},
	{Capability: "udp", Operation: "outgoing-datagram-stream.send", Target: "[2001:4860::1]:53"},
	{Capability: "dns", Operation: "resolve-addresses", Target: "db.example.com"},
	{Capability: "dns", Operation: "resolve-addresses", Target: "*"},
	{Capability: "dns", Operation: "resolve-addresses", Target: "a.com,peers=10.0.0.0/8"},
	{Capability: "http", Operation: "handle", Target: "GET https://api.example.com/v1?x=1"},
	{Capability: "http", Operation: "handle", Target: "GET http://*.example.com:81/"},
	{Capability: "http", Operation: "handle", Target: "GET http://0.0.0.0%2f0/"},
	{Capability: "filesystem", Operation: "open-at", Target: "/data/b/x", ReadOnly: true},
	{Capability: "filesystem", Operation: "open-at", Target: "/data/../etc/passwd\x1b[2J"},
}

const learnBase = "plugins: {p: {fs: [{host: /srv/data, guest: /data}, {host: /srv/b, guest: /data/b}], net: {allow: ['tcp:unused:1']}, limits: {memory: 1GiB}}}\n"

func TestLearned(t *testing.T) {
	const (
		rules = "dns:db.example.com https:api.example.com:443 send:udp:[2001:4860::1]:53 tcp:10.0.0.5:5432 tcp:93.184.216.34:443"
		dirs  = "/srv/data ro, at /data; /srv/b rw, at /data/b"
	)
	for _, c := range []struct{ name, ceiling, net, dirs string }{
		{"without a ceiling", "", rules, dirs},
		{"under a ceiling", "ceiling: {memory: 2MiB, fs: [{host: /srv}], net: {allow: ['tcp:*:*', 'https:*']}}",
			"dns:db.example.com https:api.example.com:443 tcp:93.184.216.34:443", "/srv/data ro, at /data; /srv/b ro, at /data/b"},
		{"under an empty one", "ceiling: {fs: [], net: {}}", "", ""},
	} {
		f := parse(t, "version: 1\n"+learnBase+c.ceiling)
		l := policy.NewLearned(f.Plugin("p"), f.Ceiling)
		var wg sync.WaitGroup
		for _, d := range denials {
			wg.Go(func() { l.Denied(t.Context(), d) })
		}
		for range 3 {
			wg.Go(func() {
				l.Run(policy.Run{Fuel: 1234567, Memory: 3<<20 + 1, Took: 11100 * time.Microsecond,
					HostCalls: map[string]policy.HostCall{"acme:kv/store.get": {PerCall: 3, Bytes: 100}}})
			})
		}
		wg.Wait()
		p, notes := l.Policy()
		e, _ := policy.Resolve(everything, p, f.Ceiling)
		if got := rulesOf(e); got != c.net {
			t.Errorf("%s: rules\n%q, want\n%q", c.name, got, c.net)
		}
		if got := dirsOf(e); got != c.dirs {
			t.Errorf("%s: directories %q, want %q", c.name, got, c.dirs)
		}
		memory := 3*policy.MiB + 64*policy.KiB
		if f.Ceiling.Memory != 0 {
			memory = f.Ceiling.Memory
		}
		if p.Limits.Memory != memory || p.Limits.FuelPerCall != 1300000 || p.Limits.Deadline.String() != "23ms" {
			t.Errorf("%s: limits %v", c.name, p.Limits)
		}
		if got := p.HostCalls["acme:kv/store.get"]; got != (policy.HostCall{PerCall: 3, Bytes: 100}) {
			t.Errorf("%s: host calls %v", c.name, got)
		}
		for _, n := range notes {
			if strings.ContainsRune(n.String(), '\x1b') {
				t.Errorf("%s: a guest's text is shown as it is: %q", c.name, n)
			}
		}
		text, err := l.YAML("p")
		if err != nil {
			t.Fatal(err)
		}
		again := parse(t, string(text))
		if got, _ := policy.Resolve(everything, again.Plugin("p"), again.Ceiling); rulesOf(got) != c.net || dirsOf(got) != c.dirs {
			t.Errorf("%s: read again from\n%s\ngot %q and %q", c.name, text, rulesOf(got), dirsOf(got))
		}
		if twice, _ := l.YAML("p"); string(twice) != string(text) {
			t.Errorf("%s: got\n%s\nbefore\n%s", c.name, twice, text)
		}
	}
}

func TestLearnedIsBounded(t *testing.T) {
	l := policy.NewLearned(policy.Policy{}, policy.Ceiling{})
	for i := range 5000 {
		port := netip.AddrPortFrom(netip.MustParseAddr("93.184.216.34"), uint16(i+1)).String()
		l.Denied(t.Context(), wasi.Denial{Capability: "tcp", Operation: "tcp-socket.start-connect", Target: port})
		l.Denied(t.Context(), wasi.Denial{Capability: "filesystem", Target: strings.Repeat("x", 1<<12) + port})
	}
	if p, notes := l.Policy(); len(p.Net.Allow) > 1024 || len(notes) > 1024 || len(notes[0].String()) > 1<<10 {
		t.Errorf("%d rules and %d notes", len(p.Net.Allow), len(notes))
	}
}

type fixed struct{}

func (fixed) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("10.1.2.3")}, nil
}

var errNowhere = errors.New("nowhere")

func (fixed) DialContext(context.Context, string, string) (net.Conn, error) { return nil, errNowhere }

func TestObserve(t *testing.T) {
	l := policy.NewLearned(policy.Policy{}, policy.Ceiling{})
	told := 0
	c := wasi.Config{Audit: func(context.Context, wasi.Denial) { told++ }, Network: wasi.Network{Resolver: fixed{}, Dialer: fixed{}}}
	l.Observe(&c)
	c.Audit(t.Context(), wasi.Denial{Capability: "dns", Target: "denied.example.com"})
	if told != 1 {
		t.Error("the audit that there was is told nothing")
	}
	if _, err := c.Network.Resolver.LookupNetIP(t.Context(), "ip", "Api.example.com"); err != nil {
		t.Error(err)
	}
	request, err := http.NewRequest("GET", "https://api.example.com/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.HTTP.Authorize(request); err != nil {
		t.Error(err)
	}
	for _, address := range []string{"93.184.216.34:443", "93.184.216.34:5432", "10.1.2.3:5432", "93.184.0.1:1"} {
		if _, err := c.Network.Dialer.DialContext(t.Context(), "tcp", address); !errors.Is(err, errNowhere) {
			t.Error(err)
		}
	}
	p, _ := l.Policy()
	var got []string
	for _, r := range p.Net.Allow {
		got = append(got, r.String())
	}
	const want = "dns:denied.example.com https:api.example.com:443 tcp:93.184.0.1:1 tcp:api.example.com:5432"
	if text := strings.Join(got, " "); text != want || !p.Net.ResolvePrivate {
		t.Errorf("got %s, private %v\nwant %s", text, p.Net.ResolvePrivate, want)
	}

	udp, _ := wasi.ParseRule("udp:*:53")
	c = wasi.Config{Network: wasi.Network{Rules: []wasi.Rule{udp}}}
	if l.Observe(&c); c.Network.Dialer != nil {
		t.Error("a dialer takes the sockets away that the rules are for")
	}
}

func TestExplain(t *testing.T) {
	f := parse(t, "version: 1\nplugins:\n  p:\n    fs: [{host: /srv/data, guest: /data}, {host: '${state}', guest: /state, mode: rw}]\n    net: {allow: ['https://api.example.com']}\n")
	e, _ := policy.Resolve(everything, f.Plugin("p"), f.Ceiling)
	for _, c := range []struct {
		denial     wasi.Denial
		code, want string
	}{
		{wasi.Denial{Capability: "filesystem", Operation: "open-at", Target: "/etc/passwd"}, "RT401",
			"denied: fs open /etc/passwd (grants: /data ro, /state rw); to review: plugins.p.fs: {host: ..., guest: /etc, mode: ro} (policy.yaml:4)"},
		{wasi.Denial{Capability: "filesystem", Operation: "open-at", Target: "/data/x", ReadOnly: true}, "RT401",
			"denied: fs open /data/x (grants: /data ro, /state rw); to review: plugins.p.fs: {host: /srv/data, guest: /data, mode: rw} (policy.yaml:4)"},
		{wasi.Denial{Capability: "filesystem", Operation: "open-at", Target: "/data/x/link"}, "RT401",
			"denied: fs open /data/x/link (grants: /data ro, /state rw)"},
		{wasi.Denial{Capability: "http", Operation: "handle", Target: "GET https://api.example.com/", Address: "10.0.0.5:443", Range: "private"}, "RT402",
			"denied: net connect 10.0.0.5:443 for api.example.com (private address); to review: plugins.p.net: resolve_private: true (policy.yaml:5)"},
		{wasi.Denial{Capability: "http", Operation: "handle", Target: "GET https://api.example.com/", Address: "127.0.0.1:443", Range: "loopback"}, "RT402",
			"denied: net connect 127.0.0.1:443 for api.example.com (loopback address)"},
		{wasi.Denial{Capability: "tcp", Operation: "tcp-socket.start-connect", Target: "169.254.169.254:80", Range: "metadata"}, "RT402",
			"denied: net connect 169.254.169.254:80 (metadata address); to review: plugins.p.net.allow: [\"tcp:169.254.169.254:80\"] (policy.yaml:5)"},
		{wasi.Denial{Capability: "dns", Operation: "resolve-addresses", Target: "a.example.com"}, "RT401",
			"denied: net resolve-addresses a.example.com (grants: https:api.example.com:443); to review: plugins.p.net.allow: [\"dns:a.example.com\"] (policy.yaml:5)"},
		{wasi.Denial{Capability: "tcp", Operation: "create-tcp-socket"}, "RT401",
			"denied: net create-tcp-socket (grants: https:api.example.com:443)"},
		{wasi.Denial{Capability: "keyvalue", Operation: "open", Target: "default", Reason: "there is none"}, "RT401",
			"denied: keyvalue open \"default\" (grants: none); to review: plugins.p.keyvalue: [\"default\"] (policy.yaml:3)"},
		{wasi.Denial{Capability: "keyvalue", Operation: "open", Target: "*"}, "RT401", "denied: keyvalue open \"*\" (grants: none)"},
		{wasi.Denial{Capability: "keyvalue", Operation: "get", Target: "default"}, "RT401", "denied: keyvalue get \"default\" (grants: none)"},
		{wasi.Denial{Capability: "clocks", Operation: "now", Target: "x", Reason: "there is none"}, "RT401", "denied: clocks now x (there is none)"},
	} {
		told := e.Explain(f, "p", c.denial)
		if told.Code != c.code || told.Error() != c.want {
			t.Errorf("got  %s %s\nwant %s %s", told.Code, told, c.code, c.want)
		}
	}
	told := e.Explain(nil, "p", wasi.Denial{Capability: "filesystem", Operation: "open-at", Target: "/\x1b[2J\xff" + strings.Repeat("y", 1000)})
	if text := told.Error(); !utf8.ValidString(text) || strings.ContainsRune(text, '\x1b') || len(text) > 900 {
		t.Errorf("got %q", text)
	}
}
