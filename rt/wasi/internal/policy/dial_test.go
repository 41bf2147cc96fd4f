package policy_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
)

// recorder is a dialer that connects to nowhere, and fails for some.
type recorder struct {
	dialled []string
	fail    map[string]error
}

func (r *recorder) DialContext(_ context.Context, network, address string) (net.Conn, error) {
	r.dialled = append(r.dialled, network+" "+address)
	if err := r.fail[address]; err != nil {
		return nil, err
	}
	c, _ := net.Pipe()
	return c, nil
}

func TestDialContext(t *testing.T) {
	resolver := map[string][]string{
		"api.example.com":    {"93.184.216.34", "93.184.216.35"},
		"half.example.com":   {"127.0.0.1", "93.184.216.35"},
		"inside.example.com": {"127.0.0.1", "10.0.0.1", "::ffff:169.254.169.254", "::1", "64:ff9b::a00:1"},
		"db.internal":        {"10.0.0.1"},
		"localhost":          {"127.0.0.1", "10.0.0.1"},
	}
	for _, c := range []struct {
		name, rule, address string
		use                 policy.Use
		dialled             []string
		check               func(error) bool // nil: it connects
	}{
		{"name", "https:*.example.com", "api.example.com:443", policy.UseHTTPS, []string{"tcp 93.184.216.34:443"}, nil},
		{"case and dot", "https:*.example.com", "API.Example.com.:443", policy.UseHTTPS, []string{"tcp 93.184.216.34:443"}, nil},
		{"other port", "https:*.example.com", "api.example.com:8443", policy.UseHTTPS, nil, isDenied},
		{"other scheme", "https:*.example.com", "api.example.com:443", policy.UseHTTP, nil, isDenied},
		{"socket rule", "tcp:*.example.com:443", "api.example.com:443", policy.UseHTTPS, nil, isDenied},
		{"other name", "https:*.example.com", "db.internal:443", policy.UseHTTPS, nil, isDenied},
		{"some inside", "https:*:443", "half.example.com:443", policy.UseHTTPS, []string{"tcp 93.184.216.35:443"}, nil},
		{"all inside", "https:*:443", "inside.example.com:443", policy.UseHTTPS, nil, isResolved},
		{"private by peers", "https:db.internal,peers=10.0.0.0/8", "db.internal:443", policy.UseHTTPS, []string{"tcp 10.0.0.1:443"}, nil},
		{"other peers", "https:db.internal,peers=10.1.0.0/16", "db.internal:443", policy.UseHTTPS, nil, isResolved},
		{"localhost", "http:localhost:80", "localhost:80", policy.UseHTTP, []string{"tcp 127.0.0.1:80"}, nil},
		{"prefix for a name", "http:10.0.0.0/8:80", "db.internal:80", policy.UseHTTP, nil, isDenied},
		{"address", "http:10.0.0.0/8", "10.0.0.1:80", policy.UseHTTP, []string{"tcp 10.0.0.1:80"}, nil},
		{"mapped address", "http:10.0.0.0/8", "[::ffff:10.0.0.1]:80", policy.UseHTTP, []string{"tcp 10.0.0.1:80"}, nil},
		{"address of C", "http:*", "127.1:80", policy.UseHTTP, nil, func(err error) bool { return errors.Is(err, policy.ErrName) }},
		{"unknown", "https:*", "nowhere.org:443", policy.UseHTTPS, nil, func(err error) bool {
			e, ok := errors.AsType[*net.DNSError](err)
			return ok && e.IsNotFound
		}},
		{"first fails", "https:*:1", "api.example.com:1", policy.UseHTTPS, []string{"tcp 93.184.216.34:1", "tcp 93.184.216.35:1"}, nil},
		{"all fail", "https:*:2", "api.example.com:2", policy.UseHTTPS, []string{"tcp 93.184.216.34:2", "tcp 93.184.216.35:2"},
			func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		{"no port", "https:*", "api.example.com", policy.UseHTTPS, nil, func(err error) bool { return err != nil }},
		{"bad port", "https:*", "api.example.com:https", policy.UseHTTPS, nil, func(err error) bool { return err != nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &recorder{fail: map[string]error{"93.184.216.34:1": syscall.ECONNREFUSED,
				"93.184.216.34:2": syscall.ECONNREFUSED, "93.184.216.35:2": syscall.ETIMEDOUT}}
			p := newPolicy(t, policy.Network{Rules: rules(t, c.rule), Resolver: &answers{addrs: resolver}, Dialer: d})
			_, err := p.DialContext(c.use)(t.Context(), "tcp", c.address)
			if !slices.Equal(d.dialled, c.dialled) {
				t.Errorf("dialled %q, want %q", d.dialled, c.dialled)
			}
			switch {
			case c.check == nil && err != nil:
				t.Error(err)
			case c.check != nil && !c.check(err):
				t.Errorf("got the error %v", err)
			}
		})
	}
}

func isResolved(err error) bool {
	d, ok := errors.AsType[*policy.Denied](err)
	return ok && d.Resolved
}

// turning is a resolver of whom an attacker has the names: it answers what is
// harmless, and then what is not.
type turning struct{ turn int }

func (r *turning) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	r.turn++
	if r.turn%2 == 1 {
		return []netip.Addr{netip.MustParseAddr("93.184.216.34")}, nil
	}
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// What is dialled is what was checked, whatever the name is resolved to the next
// time.
func TestRebinding(t *testing.T) {
	ctx := t.Context()
	d := &recorder{}
	p := newPolicy(t, policy.Network{Rules: rules(t, "http:evil.example:80", "tcp:evil.example:80"), Resolver: &turning{}, Dialer: d})
	dial := p.DialContext(policy.UseHTTP)
	if _, err := dial(ctx, "tcp", "evil.example:80"); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(ctx, "tcp", "evil.example:80"); !isResolved(err) {
		t.Fatalf("got %v", err)
	}
	if want := []string{"tcp 93.184.216.34:80"}; !slices.Equal(d.dialled, want) {
		t.Fatalf("dialled %q, want %q", d.dialled, want)
	}
	for range 2 {
		if _, err := p.Lookup(ctx, "evil.example"); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Check(ctx, policy.TCPConnect, netip.MustParseAddrPort("93.184.216.34:80")); err != nil {
		t.Error(err)
	}
	err := p.Check(ctx, policy.TCPConnect, netip.MustParseAddrPort("127.0.0.1:80"))
	if d, ok := errors.AsType[*policy.Denied](err); !ok || d.Denial("start-connect").Range != "loopback" {
		t.Errorf("got %+v", err)
	}
	err = p.Check(ctx, policy.TCPConnect, netip.MustParseAddrPort("93.184.216.35:80"))
	if d, ok := errors.AsType[*policy.Denied](err); !ok || d.Range != "" {
		t.Errorf("got %+v", err)
	}
}

// The system's own dialer and resolver are used where none is given.
func TestDialSystem(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := newPolicy(t, policy.Network{Rules: rules(t, "http:localhost:*")})
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost"} {
		c, err := p.DialContext(policy.UseHTTP)(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
}

// panics is a host's resolver and dialer that panic.
type panics struct{}

func (panics) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) { panic("resolver") }

func (panics) DialContext(context.Context, string, string) (net.Conn, error) { panic("dialer") }

// TestHostPanics has what the host gave panic, on goroutines that are net/http's
// and nobody recovers on.
func TestHostPanics(t *testing.T) {
	granted := rules(t, "https:*", "dns:*")
	resolving := newPolicy(t, policy.Network{Rules: granted, Resolver: panics{}})
	if c, err := resolving.DialContext(policy.UseHTTPS)(t.Context(), "tcp", "example.com:443"); err == nil {
		t.Errorf("a resolver that panics: %v", c)
	}
	if a, err := resolving.Lookup(t.Context(), "example.com"); err == nil {
		t.Errorf("a resolver that panics: %v", a)
	}
	dialling := newPolicy(t, policy.Network{Rules: granted, Dialer: panics{}})
	if c, err := dialling.DialContext(policy.UseHTTPS)(t.Context(), "tcp", "93.184.216.34:443"); err == nil {
		t.Errorf("a dialer that panics: %v", c)
	}
}
