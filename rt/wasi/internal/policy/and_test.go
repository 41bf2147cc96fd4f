package policy_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
)

func TestAnd(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"tcp:example.com:443", "tcp:*:443", "tcp:example.com:443"},
		{"tcp:Example.COM.:443", "tcp:example.com:443", "tcp:example.com:443"},
		{"tcp:example.com:80-90", "tcp:example.com:85-443", "tcp:example.com:85-90"},
		{"tcp:example.com:80", "tcp:example.com:443", ""},
		{"tcp:example.com:80", "udp:example.com:80", ""},
		{"tcp:example.com:80", "http:example.com:80", ""},
		{"https:example.com", "https:*.com", "https:example.com:443"},
		{"https:example.com", "https:*.example.com", ""},
		{"https:*.example.com", "https:*.com:*", "https:*.example.com:443"},
		{"https:*.example.com", "https:*.example.org", ""},
		{"udp:192.0.2.7:53", "send:udp:192.0.2.0/24:*", "send:udp:192.0.2.7:53"},
		{"send:udp:192.0.2.7:53", "receive:udp:192.0.2.7:53", ""},
		{"udp:192.0.2.7:53", "listen:udp:192.0.2.7:53", ""},

		// Names are looked up.
		{"dns:*.example.com", "tcp:api.example.com:443", "dns:api.example.com"},
		{"dns:example.com", "https:example.com", ""},
		{"dns:*", "tcp:192.0.2.1:80", ""},
		{"dns:example.com", "listen:tcp:*:1", ""},
		{"dns:*", "dns:Localhost", "dns:localhost"},

		// What is not public is granted by what has it alone.
		{"tcp:10.0.0.5:443", "tcp:*:443", ""},
		{"tcp:10.0.0.5:443", "tcp:0.0.0.0/0:443", ""},
		{"tcp:10.0.0.5:443", "tcp:10.0.0.0/8:443", "tcp:10.0.0.5:443"},
		{"tcp:100.100.100.200:80", "tcp:100.64.0.0/10:80", ""}, // metadata of a cloud
		{"tcp:93.184.0.0/16:443", "tcp:*:443", "tcp:93.184.0.0/16:443"},
		{"tcp:[64:ff9b::a00:5]:80", "tcp:*:80", ""},
		{"tcp:[64:ff9b::5db8:d822]:80", "tcp:*:80", "tcp:[64:ff9b::5db8:d822]:80"},
		{"tcp:[64:ff9b::]:80", "tcp:[64:ff9b::/96]:80", "tcp:[64:ff9b::]:80"},
		{"tcp:localhost:80", "tcp:*:80", ""},
		{"tcp:localhost:80", "tcp:127.0.0.0/8:80", "tcp:127.0.0.0/8:80"},
		{"tcp:localhost:80", "tcp:*:80,peers=127.0.0.0/8,peers=::1", "tcp:localhost:80"},
		{"tcp:localhost:80", "tcp:*:80,peers=127.0.0.1/32", "tcp:127.0.0.1:80"},

		// Peers are what a name may be.
		{"tcp:db.internal:1,peers=10.0.0.0/8", "tcp:db.internal:1", ""},
		{"tcp:db.internal:1,peers=10.0.0.0/8", "tcp:*:1,peers=10.1.0.0/16", "tcp:db.internal:1,peers=10.1.0.0/16"},
		{"tcp:db.internal:1,peers=0.0.0.0/0,peers=::/0", "tcp:*:1", "tcp:db.internal:1"},
		{"tcp:db.internal:1,peers=10.0.0.0/8", "tcp:10.0.0.0/8:1", ""},
		{"tcp:93.0.0.0/8:1", "tcp:*:1,peers=93.3.0.0/16,peers=93.2.0.0/16", "tcp:93.2.0.0/16:1 tcp:93.3.0.0/16:1"},

		// Listening is about this machine, where nothing is special.
		{"listen:tcp:*:80", "listen:tcp:127.0.0.1:*", "listen:tcp:127.0.0.1:80"},
		{"listen:tcp:0.0.0.0:80", "listen:tcp:*:80", "listen:tcp:0.0.0.0:80"},
		{"listen:tcp:localhost:0", "listen:tcp:*:*", "listen:tcp:localhost:0"},
		{"listen:tcp:*:80,peers=10.0.0.0/8", "listen:tcp:*:80,peers=10.2.0.0/16", "listen:tcp:*:80,peers=10.2.0.0/16"},
		{"listen:tcp:*:80,peers=10.0.0.0/8", "listen:tcp:*:80,peers=11.0.0.0/8", ""},
	} {
		a, b := rules(t, c.a)[0], rules(t, c.b)[0]
		if got := text(a.And(b)); got != c.want {
			t.Errorf("%s and %s: got %q, want %q", c.a, c.b, got, c.want)
		}
		if got := text(b.And(a)); got != c.want {
			t.Errorf("%s and %s: got %q, want %q", c.b, c.a, got, c.want)
		}
	}
	if got := (policy.Rule{}).And(rules(t, "tcp:*:1")[0]); got != nil {
		t.Errorf("the zero rule grants %v", got)
	}
}

func text(rules []policy.Rule) string {
	var all []string
	for _, r := range rules {
		all = append(all, r.String())
	}
	return strings.Join(all, " ")
}

// TestAndGrantsNoMore holds random pairs of rules against what policies of each
// permit, of everything that a guest could do with a few addresses and names.
func TestAndGrantsNoMore(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	granted := 0
	for held := 0; held < 40; {
		a, b := randomRule(t, random), randomRule(t, random)
		both := a.And(b)
		if got, want := text(b.And(a)), text(both); got != want {
			t.Fatalf("%s and %s: got %q, the other way round %q", a, b, want, got)
		}
		for _, r := range both {
			if got := text(r.And(r)); got != r.String() {
				t.Fatalf("%s and itself: got %q", r, got)
			}
			if got := text(r.And(a)); got != r.String() {
				t.Fatalf("%s of %s: got %q", r, a, got)
			}
		}
		if len(both) == 0 {
			continue // as most have nothing in common
		}
		held++
		inBoth, inA, inB := permits(t, both), permits(t, []policy.Rule{a}), permits(t, []policy.Rule{b})
		for i, use := range inBoth {
			if !slices.Contains(inA, use) || !slices.Contains(inB, use) {
				t.Fatalf("%s and %s is %q, which permits %s", a, b, text(both), inBoth[i])
			}
		}
		granted += len(inBoth)
	}
	if granted == 0 {
		t.Error("no two rules had anything in common")
	}
}

var (
	someNames = []string{"example.com", "api.example.com", "localhost", "db.internal"}
	someAddrs = []string{"93.184.216.34", "93.184.0.1", "10.0.0.5", "10.1.0.5", "127.0.0.1", "100.100.100.200", "0.0.0.0",
		"169.254.169.254", "2001:4860::1", "fd00::1", "fd00:ec2::254", "64:ff9b::a00:5", "64:ff9b::5db8:d822", "2002:a00:5::1", "::1", "::"}
	someHosts = []string{"*", "*.example.com", "*.com", "0.0.0.0/0", "93.0.0.0/8", "93.184.0.0/16", "10.0.0.0/8", "10.1.0.0/16",
		"127.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "[::/0]", "[fd00::/8]", "[64:ff9b::/96]", "[2002::/16]", "[2002:a00::/32]"}
)

func pick(random *rand.Rand, from []string) string { return from[random.IntN(len(from))] }

func randomRule(t *testing.T, random *rand.Rand) policy.Rule {
	for range 1000 {
		host := pick(random, slices.Concat(someHosts, someHosts, someNames, someAddrs))
		if strings.Contains(host, ":") && host[0] != '[' {
			host = "[" + host + "]"
		}
		text := pick(random, []string{"", "", "", "listen:", "send:", "receive:"}) +
			pick(random, []string{"tcp", "tcp", "udp", "udp", "http", "https", "dns"}) + ":" + host
		if !strings.Contains(text, "dns") {
			text += ":" + pick(random, []string{"*", "80", "80-443", "0"})
		}
		for random.IntN(3) == 0 {
			text += ",peers=" + strings.Trim(pick(random, someHosts[3:]), "[]")
		}
		if r, err := policy.ParseRule(text); err == nil {
			return r
		}
	}
	t.Fatal("no rule was right")
	return policy.Rule{}
}

// permits lists what rules permit.
func permits(t *testing.T, rules []policy.Rule) (all []string) {
	ctx := t.Context()
	resolver := &answers{addrs: map[string][]string{}}
	for _, name := range someNames {
		resolver.addrs[name] = someAddrs[:14]
	}
	for _, name := range append(someNames, "") {
		dialled := &dials{}
		p := newPolicy(t, policy.Network{Rules: rules, Resolver: resolver, Dialer: dialled})
		if name != "" {
			if _, err := p.Lookup(ctx, name); err == nil {
				all = append(all, "lookup "+name)
			}
		}
		for _, port := range []uint16{0, 80, 443, 8080} {
			for _, addr := range someAddrs {
				at := netip.AddrPortFrom(netip.MustParseAddr(addr), port)
				for _, use := range everyUse {
					// What a host may do to connect or send at all is no right of its own.
					implicit := (use == policy.TCPBind || use == policy.UDPBind) && port == 0 && at.Addr().IsUnspecified()
					if !implicit && p.Check(ctx, use, at) == nil {
						all = append(all, fmt.Sprint(name, " ", use, " ", at))
					}
				}
				for _, use := range []policy.Use{policy.TCPAccept, policy.UDPReceive} {
					for _, local := range []string{"127.0.0.1:80", "10.1.0.5:443"} {
						if p.CheckPeer(ctx, use, netip.MustParseAddrPort(local), at) == nil {
							all = append(all, fmt.Sprint(name, " ", local, " ", use, " ", at))
						}
					}
				}
			}
			if name == "" {
				continue
			}
			for _, use := range []policy.Use{policy.UseHTTP, policy.UseHTTPS} {
				dialled.to = nil
				_, _ = p.DialContext(use)(ctx, "tcp", fmt.Sprintf("%s:%d", name, port))
				for _, to := range dialled.to {
					all = append(all, fmt.Sprint(name, " dial ", use, " ", to))
				}
			}
		}
	}
	return all
}

// dials is a dialer that connects to nothing and tells what to.
type dials struct{ to []string }

func (d *dials) DialContext(_ context.Context, _, address string) (net.Conn, error) {
	d.to = append(d.to, address)
	return nil, net.ErrClosed
}
