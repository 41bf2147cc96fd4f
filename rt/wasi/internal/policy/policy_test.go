package policy_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
)

func rules(t *testing.T, texts ...string) (all []policy.Rule) {
	t.Helper()
	for _, text := range texts {
		r, err := policy.ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func newPolicy(t *testing.T, n policy.Network) *policy.Policy {
	t.Helper()
	p, err := policy.New(n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// answers is a resolver with fixed answers, which counts who asks.
type answers struct {
	addrs map[string][]string
	asked []string
}

func (a *answers) LookupNetIP(_ context.Context, network, host string) (all []netip.Addr, err error) {
	a.asked = append(a.asked, network+" "+host)
	for _, s := range a.addrs[host] {
		all = append(all, netip.MustParseAddr(s))
	}
	if len(all) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return all, nil
}

var everyUse = []policy.Use{policy.TCPBind, policy.TCPListen, policy.TCPConnect, policy.UDPBind,
	policy.UDPSend, policy.UDPReceive, policy.UseHTTP, policy.UseHTTPS}

// Nothing is permitted without rules, not even what is harmless.
func TestNoRules(t *testing.T) {
	ctx := t.Context()
	resolver := &answers{}
	for _, p := range []*policy.Policy{nil, newPolicy(t, policy.Network{Resolver: resolver})} {
		for _, use := range everyUse {
			for _, addr := range []string{"0.0.0.0:0", "127.0.0.1:80", "93.184.216.34:443", "[::1]:1"} {
				if err := p.Check(ctx, use, netip.MustParseAddrPort(addr)); !isDenied(err) {
					t.Errorf("%v %v: %v", use, addr, err)
				}
			}
		}
		local, peer := netip.MustParseAddrPort("127.0.0.1:80"), netip.MustParseAddrPort("127.0.0.1:81")
		for _, use := range []policy.Use{policy.TCPAccept, policy.UDPReceive} {
			if err := p.CheckPeer(ctx, use, local, peer); !isDenied(err) {
				t.Errorf("%v: %v", use, err)
			}
		}
		for _, name := range []string{"example.com", "127.0.0.1", "localhost", "\x00"} {
			if _, err := p.Lookup(ctx, name); !isDenied(err) {
				t.Errorf("lookup of %q: %v", name, err)
			}
		}
		if _, err := p.DialContext(policy.UseHTTP)(ctx, "tcp", "example.com:80"); !isDenied(err) {
			t.Errorf("dial: %v", err)
		}
	}
	if len(resolver.asked) != 0 {
		t.Errorf("the resolver was asked for %v", resolver.asked)
	}
}

// TestLongName has no policy tell anybody of what is too long for a name: the
// guest has the text of what the host logs.
func TestLongName(t *testing.T) {
	var none *policy.Policy
	granted := newPolicy(t, policy.Network{Rules: rules(t, "dns:*")})
	long := strings.Repeat("a", 1<<20)
	for _, p := range []*policy.Policy{none, granted} {
		if err := p.CheckName(long); !errors.Is(err, policy.ErrName) {
			t.Errorf("got an error of %d bytes", len(err.Error()))
		}
	}
}

func isDenied(err error) bool {
	_, ok := errors.AsType[*policy.Denied](err)
	return ok
}

func TestCheck(t *testing.T) {
	const yes, no = true, false
	for _, c := range []struct {
		rule string
		use  policy.Use
		addr string
		want bool
	}{
		{"tcp:93.184.216.34:443", policy.TCPConnect, "93.184.216.34:443", yes},
		{"tcp:93.184.216.34:443", policy.TCPConnect, "[::ffff:93.184.216.34]:443", yes}, // the same address
		{"tcp:93.184.216.34:443", policy.TCPConnect, "93.184.216.34:444", no},
		{"tcp:93.184.216.34:443", policy.TCPConnect, "93.184.216.35:443", no},
		{"tcp:93.184.216.34:443", policy.UDPSend, "93.184.216.34:443", no},
		{"tcp:93.184.216.34:443", policy.UseHTTPS, "93.184.216.34:443", no},
		{"tcp:93.184.216.34:443", policy.TCPBind, "0.0.0.0:0", yes}, // as connect does of its own accord
		{"tcp:93.184.216.34:443", policy.TCPBind, "[::]:0", yes},
		{"tcp:93.184.216.34:443", policy.TCPBind, "0.0.0.0:80", no},
		{"tcp:93.184.216.34:443", policy.TCPBind, "127.0.0.1:0", no},
		{"tcp:93.184.216.34:443", policy.TCPListen, "0.0.0.0:0", no},
		{"tcp:93.184.216.34:443", policy.UDPBind, "0.0.0.0:0", no},
		{"tcp:93.0.0.0/8:1-1024", policy.TCPConnect, "93.1.2.3:1024", yes},
		{"tcp:93.0.0.0/8:1-1024", policy.TCPConnect, "93.1.2.3:1025", no},
		{"tcp:93.0.0.0/8:*", policy.TCPConnect, "93.1.2.3:0", no}, // nothing is there

		// What any rule for any address does not reach.
		{"tcp:*:*", policy.TCPConnect, "93.184.216.34:1", yes},
		{"tcp:*:*", policy.TCPConnect, "[2606:2800:21f::1]:1", yes},
		{"tcp:*:*", policy.TCPConnect, "127.0.0.1:80", no},
		{"tcp:*:*", policy.TCPConnect, "[::ffff:127.0.0.1]:80", no},
		{"tcp:*:*", policy.TCPConnect, "[::127.0.0.1]:80", no},
		{"tcp:*:*", policy.TCPConnect, "[64:ff9b::127.0.0.1]:80", no},
		{"tcp:*:*", policy.TCPConnect, "[64:ff9b::93.184.216.34]:80", yes},
		{"tcp:*:*", policy.TCPConnect, "[2002:7f00:1::1]:80", no},
		{"tcp:*:*", policy.TCPConnect, "[2002:5db8:d822::1]:80", yes},
		{"tcp:*:*", policy.TCPConnect, "[::1]:80", no},
		{"tcp:*:*", policy.TCPConnect, "0.0.0.0:80", no},
		{"tcp:*:*", policy.TCPConnect, "[::]:80", no},
		{"tcp:*:*", policy.TCPConnect, "10.1.2.3:80", no},
		{"tcp:*:*", policy.TCPConnect, "172.31.255.255:80", no},
		{"tcp:*:*", policy.TCPConnect, "172.32.0.0:80", yes},
		{"tcp:*:*", policy.TCPConnect, "192.168.0.1:80", no},
		{"tcp:*:*", policy.TCPConnect, "100.64.0.1:80", no},
		{"tcp:*:*", policy.TCPConnect, "169.254.169.254:80", no},
		{"tcp:*:*", policy.TCPConnect, "168.63.129.16:80", no},
		{"tcp:*:*", policy.TCPConnect, "[fe80::1%eth0]:80", no},
		{"tcp:*:*", policy.TCPConnect, "[fd00:ec2::254]:80", no},
		{"tcp:*:*", policy.TCPConnect, "224.0.0.1:80", no},
		{"tcp:*:*", policy.TCPConnect, "255.255.255.255:80", no},
		{"tcp:0.0.0.0/0:*", policy.TCPConnect, "93.184.216.34:1", yes},
		{"tcp:0.0.0.0/0:*", policy.TCPConnect, "[2606:2800:21f::1]:1", no},
		{"tcp:0.0.0.0/0:*", policy.TCPConnect, "127.0.0.1:80", no},
		{"tcp:8.0.0.0/5:*", policy.TCPConnect, "10.0.0.1:80", no},
		{"tcp:*.example.com:*", policy.TCPConnect, "93.184.216.34:80", no}, // it was not looked up

		// And what reaches it.
		{"tcp:10.0.0.0/8:*", policy.TCPConnect, "10.1.2.3:80", yes},
		{"tcp:10.1.0.0/16:*", policy.TCPConnect, "10.1.2.3:80", yes},
		{"tcp:127.0.0.1:*", policy.TCPConnect, "127.0.0.1:80", yes},
		{"tcp:127.0.0.1:*", policy.TCPConnect, "127.0.0.2:80", no},
		{"tcp:localhost:*", policy.TCPConnect, "127.0.0.1:80", yes},
		{"tcp:localhost:*", policy.TCPConnect, "[::1]:80", yes},
		{"tcp:localhost:*", policy.TCPConnect, "10.0.0.1:80", no},
		{"tcp:[fe80::/10]:80", policy.TCPConnect, "[fe80::1%eth0]:80", yes},
		{"tcp:169.254.0.0/16:80", policy.TCPConnect, "169.254.1.1:80", yes},
		{"tcp:169.254.0.0/16:80", policy.TCPConnect, "169.254.169.254:80", no},
		{"tcp:169.254.169.254:80", policy.TCPConnect, "169.254.169.254:80", yes},
		{"tcp:*:80,peers=10.0.0.0/8", policy.TCPConnect, "10.0.0.1:80", yes},
		{"tcp:*:80,peers=10.0.0.0/8", policy.TCPConnect, "93.184.216.34:80", no},
		{"udp:224.0.0.251:5353", policy.UDPSend, "224.0.0.251:5353", yes},

		{"udp:93.184.216.34:53", policy.UDPSend, "93.184.216.34:53", yes},
		{"udp:93.184.216.34:53", policy.UDPReceive, "93.184.216.34:53", yes},
		{"udp:93.184.216.34:53", policy.UDPBind, "0.0.0.0:0", yes},
		{"udp:93.184.216.34:53", policy.UDPBind, "0.0.0.0:53", no},
		{"udp:93.184.216.34:53", policy.TCPBind, "0.0.0.0:0", no},
		{"send:udp:93.184.216.34:53", policy.UDPSend, "93.184.216.34:53", yes},
		{"send:udp:93.184.216.34:53", policy.UDPReceive, "93.184.216.34:53", no},
		{"receive:udp:93.184.216.34:53", policy.UDPSend, "93.184.216.34:53", no},
		{"receive:udp:93.184.216.34:53", policy.UDPReceive, "93.184.216.34:53", yes},

		{"listen:tcp:127.0.0.1:8080", policy.TCPBind, "127.0.0.1:8080", yes},
		{"listen:tcp:127.0.0.1:8080", policy.TCPListen, "127.0.0.1:8080", yes},
		{"listen:tcp:127.0.0.1:8080", policy.TCPBind, "0.0.0.0:0", no},
		{"listen:tcp:127.0.0.1:8080", policy.TCPListen, "127.0.0.1:0", no},
		{"listen:tcp:127.0.0.1:8080", policy.TCPListen, "0.0.0.0:8080", no},
		{"listen:tcp:127.0.0.1:8080", policy.TCPConnect, "127.0.0.1:8080", no},
		{"listen:tcp:127.0.0.1:8080", policy.UDPBind, "127.0.0.1:8080", no},
		{"listen:tcp:127.0.0.1:0", policy.TCPListen, "127.0.0.1:0", yes},
		{"listen:tcp:127.0.0.1:0", policy.TCPListen, "127.0.0.1:8080", no},
		{"listen:tcp:127.0.0.1:*", policy.TCPListen, "127.0.0.1:0", yes},
		{"listen:tcp:127.0.0.0/8:8080", policy.TCPListen, "127.1.1.1:8080", yes},
		{"listen:tcp:127.0.0.0/8:8080", policy.TCPListen, "0.0.0.0:8080", no},
		{"listen:tcp:localhost:8080", policy.TCPListen, "[::1]:8080", yes},
		{"listen:tcp:0.0.0.0:8080", policy.TCPListen, "0.0.0.0:8080", yes},
		{"listen:tcp:0.0.0.0:8080", policy.TCPListen, "127.0.0.1:8080", yes},
		{"listen:tcp:0.0.0.0:8080", policy.TCPListen, "[::]:8080", no},
		{"listen:tcp:0.0.0.0/8:8080", policy.TCPListen, "0.0.0.0:8080", no},
		{"listen:tcp:0.0.0.0/0:8080", policy.TCPListen, "0.0.0.0:8080", yes},
		{"listen:tcp:[::]:8080", policy.TCPListen, "[::1]:8080", yes},
		{"listen:tcp:*:8080", policy.TCPListen, "[::]:8080", yes},
		{"listen:udp:*:5353", policy.UDPBind, "0.0.0.0:5353", yes},
		{"listen:udp:*:5353", policy.UDPSend, "10.0.0.1:5353", no},

		{"http:93.184.216.34", policy.UseHTTP, "93.184.216.34:80", yes},
		{"http:93.184.216.34", policy.UseHTTPS, "93.184.216.34:443", no},
		{"http:93.184.216.34", policy.TCPConnect, "93.184.216.34:80", no},
		{"https:93.184.216.34", policy.UseHTTPS, "93.184.216.34:443", yes},
		{"https:93.184.216.34", policy.UseHTTPS, "93.184.216.34:80", no},
		{"dns:*", policy.TCPConnect, "93.184.216.34:53", no},
	} {
		t.Run(fmt.Sprintf("%s %s %s", c.rule, c.use, c.addr), func(t *testing.T) {
			err := newPolicy(t, policy.Network{Rules: rules(t, c.rule)}).Check(t.Context(), c.use, netip.MustParseAddrPort(c.addr))
			if (err == nil) != c.want || err != nil && !isDenied(err) {
				t.Errorf("got %v, want it permitted: %v", err, c.want)
			}
		})
	}
}

func TestCheckPeer(t *testing.T) {
	const yes, no = true, false
	for _, c := range []struct {
		rule        string
		use         policy.Use
		local, peer string
		want        bool
	}{
		{"listen:tcp:127.0.0.1:80", policy.TCPAccept, "127.0.0.1:80", "127.0.0.1:9", yes},
		{"listen:tcp:127.0.0.1:80", policy.TCPAccept, "127.0.0.1:81", "127.0.0.1:9", no},
		{"listen:tcp:*:80,peers=10.0.0.0/8", policy.TCPAccept, "0.0.0.0:80", "10.0.0.1:9", yes},
		{"listen:tcp:*:80,peers=10.0.0.0/8", policy.TCPAccept, "[::]:80", "[::ffff:10.0.0.1]:9", yes},
		{"listen:tcp:*:80,peers=10.0.0.0/8", policy.TCPAccept, "0.0.0.0:80", "11.0.0.1:9", no},
		{"tcp:10.0.0.0/8:*", policy.TCPAccept, "0.0.0.0:80", "10.0.0.1:9", no},
		{"listen:udp:0.0.0.0:80", policy.UDPReceive, "0.0.0.0:80", "10.0.0.1:9", yes},
		{"listen:udp:0.0.0.0:80,peers=10.0.0.0/8", policy.UDPReceive, "0.0.0.0:80", "11.0.0.1:9", no},
		{"udp:11.0.0.0/8:9", policy.UDPReceive, "0.0.0.0:0", "11.0.0.1:9", yes},
		{"udp:11.0.0.0/8:9", policy.UDPReceive, "0.0.0.0:0", "11.0.0.1:8", no},
		{"send:udp:11.0.0.0/8:9", policy.UDPReceive, "0.0.0.0:0", "11.0.0.1:9", no},
	} {
		p := newPolicy(t, policy.Network{Rules: rules(t, c.rule)})
		err := p.CheckPeer(t.Context(), c.use, netip.MustParseAddrPort(c.local), netip.MustParseAddrPort(c.peer))
		if (err == nil) != c.want || err != nil && !isDenied(err) {
			t.Errorf("%s: %s at %s from %s: got %v, want it permitted: %v", c.rule, c.use, c.local, c.peer, err, c.want)
		}
	}
}

// A guest that looked up a name may connect to what it was told, and to nothing
// else that the name could be or becomes.
func TestLookup(t *testing.T) {
	ctx := t.Context()
	r := &answers{addrs: map[string][]string{
		"api.example.com": {"93.184.216.34", "::ffff:93.184.216.35", "93.184.216.34", "127.0.0.1"},
		"db.internal":     {"10.0.0.1", "192.168.0.1"},
		"example.com":     {"93.184.216.36"},
	}}
	p := newPolicy(t, policy.Network{Resolver: r,
		Rules: rules(t, "tcp:*.example.com:443", "tcp:db.internal:5432,peers=10.0.0.0/8", "listen:tcp:*:80")})
	connect := func(addr string) bool {
		return p.Check(ctx, policy.TCPConnect, netip.MustParseAddrPort(addr)) == nil
	}
	if connect("93.184.216.34:443") {
		t.Error("an address is granted before it was looked up")
	}
	got, err := p.Lookup(ctx, "API.example.com.")
	want := []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("93.184.216.35"), netip.MustParseAddr("127.0.0.1")}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %v, %v; want %v", got, err, want)
	}
	if _, err := p.Lookup(ctx, "db.internal"); err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]bool{
		"93.184.216.34:443":          true,
		"[::ffff:93.184.216.35]:443": true,
		"93.184.216.34:80":           false,
		"93.184.216.36:443":          false,
		"127.0.0.1:443":              false,
		"10.0.0.1:5432":              true,
		"10.0.0.1:443":               false,
		"10.0.0.2:5432":              false,
		"192.168.0.1:5432":           false,
	} {
		if connect(addr) != want {
			t.Errorf("connecting to %s is granted: %v", addr, !want)
		}
	}
	for _, name := range []string{"example.com", "other.org", "example.com.evil.org", "db.internal.example.org"} {
		if _, err := p.Lookup(ctx, name); !isDenied(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", ".", "127.1", "0x7f.1", "2130706433", "a b.example.com", "a..example.com", "fe80::1%eth0", "[127.0.0.1]"} {
		if _, err := p.Lookup(ctx, name); !errors.Is(err, policy.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, want := range map[string]string{"10.9.9.9": "10.9.9.9", "::1": "::1", "[::1]": "::1", "::ffff:10.9.9.9": "10.9.9.9"} {
		if got, err := p.Lookup(ctx, name); err != nil || len(got) != 1 || got[0].String() != want {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if connect("10.9.9.9:443") {
		t.Error("an address in the place of a name grants itself")
	}
	if want := []string{"ip api.example.com", "ip db.internal"}; !slices.Equal(r.asked, want) {
		t.Errorf("the resolver was asked for %q, want %q", r.asked, want)
	}
}

// What is remembered of a guest that looks up without end is bounded.
func TestPinsBounded(t *testing.T) {
	ctx := t.Context()
	r := &counting{}
	p := newPolicy(t, policy.Network{Resolver: r, Rules: rules(t, "tcp:*.example.com:443")})
	for i := range 3000 {
		if _, err := p.Lookup(ctx, fmt.Sprintf("n%d.example.com", i)); err != nil {
			t.Fatal(err)
		}
	}
	granted := 0
	for i := range 3000 {
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{93, 0, byte(i >> 8), byte(i)}), 443)
		if p.Check(ctx, policy.TCPConnect, addr) == nil {
			granted++
		} else if i > 2000 {
			t.Fatalf("name %d is forgotten before older ones", i)
		}
	}
	if granted != 1024 {
		t.Errorf("%d addresses are remembered, want 1024", granted)
	}
}

type counting struct{ n int }

func (c *counting) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	a := netip.AddrFrom4([4]byte{93, 0, byte(c.n >> 8), byte(c.n)})
	c.n++
	return []netip.Addr{a}, nil
}

// Rules that are written in Go are checked as those that are read.
func TestNewErrors(t *testing.T) {
	for _, r := range []policy.Rule{
		{},
		{Protocol: policy.TCP},
		{Protocol: policy.TCP, Host: "example.com"},
		{Protocol: policy.TCP, Host: "*", Ports: policy.Ports{First: 2, Last: 1}},
		{Protocol: 9, Host: "*", Ports: policy.AnyPort},
		{Direction: 9, Protocol: policy.TCP, Host: "*", Ports: policy.AnyPort},
		{Protocol: policy.DNS, Host: "*", Ports: policy.AnyPort},
		{Protocol: policy.TCP, Host: "*", Ports: policy.AnyPort, Peers: []netip.Prefix{{}}},
		{Protocol: policy.TCP, Host: "*", Ports: policy.AnyPort, Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/8")}},
		{Protocol: policy.TCP, Host: "*", Ports: policy.AnyPort, Peers: []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")}},
	} {
		if _, err := policy.New(policy.Network{Rules: []policy.Rule{r}}); err == nil {
			t.Errorf("%#v is taken", r)
		}
	}
}
