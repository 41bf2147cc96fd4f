package policy_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
)

// TestInternationalNames has names beyond ASCII be written as they are looked up,
// and the error of others say so.
func TestInternationalNames(t *testing.T) {
	for _, text := range []string{"https:b\u00fccher.example", "tcp:*.b\u00fccher.example:443", "dns:xn--bcher-kva.\u4f8b", "http:b\u00fccher.example:80"} {
		if _, err := policy.ParseRule(text); err == nil || !strings.Contains(err.Error(), "xn--bcher-kva.example") {
			t.Errorf("%s: error %v does not say what to write", text, err)
		}
	}
	resolver := &answers{addrs: map[string][]string{"xn--bcher-kva.example": {"93.184.216.34"}}}
	p := newPolicy(t, policy.Network{Rules: rules(t, "tcp:XN--Bcher-kva.example:443", "https:*.example"), Resolver: resolver})
	addrs, err := p.Lookup(t.Context(), "xn--bcher-KVA.example.")
	if err != nil || !slices.Equal(addrs, []netip.Addr{netip.MustParseAddr("93.184.216.34")}) {
		t.Errorf("lookup: %v, %v", addrs, err)
	}
	if err := p.CheckHost(t.Context(), policy.UseHTTPS, "xn--bcher-kva.example", 443); err != nil {
		t.Errorf("request: %v", err)
	}
	// A letter of full width, a dot of another script: some map them to ASCII.
	for _, name := range []string{"b\u00fccher.example", "\uff41.example", "a\u3002example", "a\u00ad.example"} {
		if _, err := p.Lookup(t.Context(), name); !errors.Is(err, policy.ErrName) {
			t.Errorf("lookup of %q: %v", name, err)
		}
		if err := p.CheckHost(t.Context(), policy.UseHTTPS, name, 443); !errors.Is(err, policy.ErrName) {
			t.Errorf("request to %q: %v", name, err)
		}
	}
	if !slices.Equal(resolver.asked, []string{"ip xn--bcher-kva.example"}) {
		t.Errorf("the resolver is asked for %q", resolver.asked)
	}
}
