package rt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestStubs starts an instance whose host has one of two functions, and no
// resource type: it runs until it calls what is missing.
func TestStubs(t *testing.T) {
	g := guest{world: `
		package test:stubs;
		interface host { resource r; there: func(n: u32) -> u32; missing: func(n: u32) -> u32; }
		world stubs {
			import host;
			import alone: func();
			export there: func(n: u32) -> u32;
			export missing: func(n: u32) -> u32;
			export alone: func();
		}
	`, funcs: map[string]body{
		"there":   does(get(0), call("test:stubs/host#there")),
		"missing": does(get(0), call("test:stubs/host#missing")),
		"alone":   does(call("alone")),
	}}
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := g.compile(t, e)
	host := hostFuncs("test:stubs/host", map[string]func([]rt.Value) (rt.Value, error){"there": sameValue})
	config := rt.InstanceConfig{Host: []rt.HostInstance{host}}
	_, err = c.Instantiate(t.Context(), config)
	link, ok := errors.AsType[*rt.LinkError](err)
	if !ok || len(link.Problems) != 3 {
		t.Fatalf("without stubs: %v", err)
	}
	for _, want := range []string{`resource "r"`, `function "missing"`, `function "alone"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	config.Stubs = true
	for name, args := range map[string][]rt.Value{"missing": {uint32(1)}, "alone": nil} {
		in, err := c.Instantiate(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		if got := must(t, in, "there", uint32(7)); got != uint32(7) {
			t.Errorf("there = %v", got)
		}
		_, err = invoke(t, in, name, args...)
		wantTrap(t, in, err, rt.TrapHost, name, "the host does not have this import")
		if !errors.Is(err, rt.ErrStub) {
			t.Errorf("%v is not ErrStub", err)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
