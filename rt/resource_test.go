package rt_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

// maker exports what user imports.
var maker = guest{world: `
	package test:maker;
	world maker { export test:things/api; }
	package test:things {
		interface api {
			resource thing { rep: func() -> u32; }
			make: func(rep: u32) -> thing;
			unmake: func(t: thing) -> u32;
			drops: func() -> u32;
		}
	}
`, funcs: map[string]body{
	thingsAPI + "#make":              does(get(0), call("new thing")),
	thingsAPI + "#unmake":            does(get(0), call("rep thing"), get(0), call("drop thing")),
	thingsAPI + "#[method]thing.rep": does(get(0)),
	thingsAPI + "#drops":             does(i32(64), load(0)),
}, dtors: map[string]body{"thing": counts(64)}}

const thingsAPI = "test:things/api"

var user = guest{world: `
	package test:user;
	world user {
		import test:things/api;
		use test:things/api.{thing};
		export make: func(rep: u32) -> u32;
		export rep: func(handle: u32) -> u32;
		export unmake: func(handle: u32) -> u32;
		export end: func(handle: u32);
		export give: func(handle: u32) -> thing;
		export take: func(t: thing) -> u32;
	}
	package test:things {
		interface api {
			resource thing { rep: func() -> u32; }
			make: func(rep: u32) -> thing;
			unmake: func(t: thing) -> u32;
			drops: func() -> u32;
		}
	}
`, funcs: map[string]body{
	"make":   does(get(0), call(thingsAPI+"#make")),
	"rep":    does(get(0), call(thingsAPI+"#[method]thing.rep")),
	"unmake": does(get(0), call(thingsAPI+"#unmake")),
	"end":    does(get(0), call("drop thing")),
	"give":   does(get(0)),
	"take":   does(get(0)),
}}

// TestResourceBetweenInstances gives one instance's exports to two others, and
// has resources of the first go back and forth between them all.
func TestResourceBetweenInstances(t *testing.T) {
	first := maker.run(t)
	api, err := first.Export(thingsAPI)
	if err != nil {
		t.Fatal(err)
	}
	a, b := user.run(t, *api), user.run(t, *api)
	drops := func(want uint32) {
		t.Helper()
		if got := must(t, first, thingsAPI+"#drops"); got != want {
			t.Errorf("the destructor ran %v times, want %d", got, want)
		}
	}

	one := must(t, a, "make", uint32(7))
	if got := must(t, a, "rep", one); got != uint32(7) {
		t.Errorf("rep = %v", got)
	}
	thing := must(t, a, "give", one).(*rt.Resource)
	if got := must(t, first, thingsAPI+"#[method]thing.rep", thing); got != uint32(7) {
		t.Errorf("rep by the host = %v", got)
	}
	two := must(t, b, "take", thing)
	if got := must(t, b, "rep", two); got != uint32(7) {
		t.Errorf("rep in the second = %v", got)
	}
	if _, err := invoke(t, first, thingsAPI+"#[method]thing.rep", thing); err == nil || !strings.Contains(err.Error(), "was given to a guest") {
		t.Errorf("what was given away: %v", err)
	}
	drops(0)
	must(t, b, "end", two)
	drops(1)

	// Home again: the one that defines it has it as its own.
	if got := must(t, a, "unmake", must(t, a, "make", uint32(8))); got != uint32(8) {
		t.Errorf("unmake = %v", got)
	}
	drops(2)

	// What an instance has when it is closed ends with it.
	must(t, a, "make", uint32(9))
	must(t, b, "make", uint32(10))
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
	drops(3)
	if err := first.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := b.Close(t.Context()); err != nil {
		t.Errorf("close after the instance that the resource is of: %v", err)
	}
}

// TestResourceOfAnotherInstance gives an instance a resource of another
// instance of the same component.
func TestResourceOfAnotherInstance(t *testing.T) {
	first, second := maker.run(t), maker.run(t)
	thing := must(t, first, thingsAPI+"#make", uint32(1)).(*rt.Resource)
	_, err := invoke(t, second, thingsAPI+"#[method]thing.rep", thing)
	if _, ok := asTrap(err); ok || err == nil || !strings.Contains(err.Error(), "is not of the type") {
		t.Errorf("got %v", err)
	}
	if got := must(t, second, thingsAPI+"#make", uint32(1)); got == nil {
		t.Error("the second instance is not as it was")
	}
}

// TestHandleCap lets an instance have three handles.
func TestHandleCap(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	h := newFiles()
	in, err := keeper.compile(t, e).Instantiate(t.Context(), rt.InstanceConfig{
		Host: []rt.HostInstance{h.instance()}, Limits: rt.Limits{Handles: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	var last rt.Value
	for range 3 {
		last = must(t, in, "take", h.typ.New("x"))
	}
	must(t, in, "end", last)
	must(t, in, "take", h.typ.New("x"))
	_, err = invoke(t, in, "take", h.typ.New("one too many"))
	wantTrap(t, nil, err, rt.TrapLimit, "handle table is full: 3 handles")
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.drops["x"] != 4 || h.drops["one too many"] != 1 {
		t.Errorf("dropped %v", h.drops)
	}
}

// TestNothingGiven has calls fail because of a later argument: what the earlier
// ones were to give away is the host's again.
func TestNothingGiven(t *testing.T) {
	g := guest{world: `
		package test:gifts;
		interface host { resource file; }
		world gifts {
			import host;
			use host.{file};
			export give: func(f: file, text: string, small: u8);
		}
	`, funcs: map[string]body{"give": does()}}
	h := newFiles()
	in := g.run(t, rt.HostInstance{Name: "test:gifts/host", Resources: map[string]*rt.ResourceType{"file": h.typ}})
	file := h.typ.New("x")
	for name, args := range map[string][]rt.Value{
		"no UTF-8": {file, "\xff", uint8(1)}, "no number": {file, "x", "y"}, "twice": {file, file, uint8(1)},
	} {
		for range 3 {
			if _, err := invoke(t, in, "give", args...); err == nil {
				t.Errorf("%s: it succeeded", name)
			} else if _, ok := asTrap(err); ok {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	must(t, in, "give", file, "x", uint8(1))
	if h.drops["x"] != 0 {
		t.Errorf("dropped %d times before the end", h.drops["x"])
	}
	if err := in.Close(t.Context()); err != nil || h.drops["x"] != 1 {
		t.Errorf("closed: %v, dropped %d times", err, h.drops["x"])
	}
}

// TestEngineCloseFailingResource closes an engine whose guest owns a resource
// that fails to close: the error is returned, and the engine is closed.
func TestEngineCloseFailingResource(t *testing.T) {
	e, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("disk is gone")
	h := newFiles()
	instance := h.instance()
	typ := rt.NewResourceType("file", func(context.Context, any) error { return broken })
	instance.Resources["file"] = typ
	wasm, err := keeper.encode()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{instance}})
	if err != nil {
		t.Fatal(err)
	}
	must(t, in, "take", typ.New("x"))
	if err := e.Close(t.Context()); !errors.Is(err, broken) {
		t.Errorf("close = %v", err)
	}
	if err := e.Close(t.Context()); err != nil {
		t.Errorf("the second close: %v", err)
	}
	if _, err := e.Compile(t.Context(), wasm); !errors.Is(err, rt.ErrClosed) {
		t.Errorf("compile = %v", err)
	}
}
