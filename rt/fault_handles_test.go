package rt_test

import (
	"context"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

// keeper is a guest that does with handles what it is told: take returns the
// index that it was given.
var keeper = guest{world: `
	package test:handles;
	interface host {
		resource file;
		resource other;
		use-it: func(f: borrow<file>);
		lend-and-give: func(a: borrow<file>, b: file);
	}
	world keeper {
		import host;
		use host.{file};
		export take: func(f: file) -> u32;
		export give: func(handle: u32) -> file;
		export end: func(handle: u32);
		export end-as-other: func(handle: u32);
		export lend: func(handle: u32);
		export lend-and-give: func(handle: u32);
		export borrowed: func(f: borrow<file>) -> u32;
		export borrowed-well: func(f: borrow<file>);
		export borrowed-given: func(f: borrow<file>) -> file;
	}
`, funcs: map[string]body{
	"take": does(get(0)), "give": does(get(0)),
	"end":            does(get(0), call("drop file")),
	"end-as-other":   does(get(0), call("drop other")),
	"lend":           does(get(0), call(keeperHost+"#use-it")),
	"lend-and-give":  does(get(0), get(0), call(keeperHost+"#lend-and-give")),
	"borrowed":       does(get(0)),
	"borrowed-well":  does(get(0), call(keeperHost+"#use-it"), get(0), call("drop file")),
	"borrowed-given": does(get(0)),
}}

const keeperHost = "test:handles/host"

// files is a host for keeper. It counts how often each file was dropped.
type files struct {
	typ   *rt.ResourceType
	drops map[any]int
	used  []any
	lent  *rt.Resource // the last one that was lent to it
}

func newFiles() *files {
	h := &files{drops: make(map[any]int)}
	h.typ = rt.NewResourceType("file", func(_ context.Context, v any) error { h.drops[v]++; return nil })
	return h
}

func (h *files) instance() rt.HostInstance {
	i := hostFuncs(keeperHost, map[string]func([]rt.Value) (rt.Value, error){
		"use-it": func(args []rt.Value) (rt.Value, error) {
			h.lent = args[0].(*rt.Resource)
			h.used = append(h.used, h.lent.Value())
			return nil, nil
		},
		"lend-and-give": func(args []rt.Value) (rt.Value, error) { return nil, nil },
	})
	i.Resources = map[string]*rt.ResourceType{"file": h.typ, "other": rt.NewResourceType("other", nil)}
	return i
}

// TestFault26Handles: a guest drops a handle twice, uses it after, drops what
// is lent, keeps what it borrowed, uses a handle as another type's; the host
// uses what was lent to it after the call -> trap or error, that says so.
func TestFault26Handles(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := keeper.compile(t, e)
	for _, test := range []struct {
		name string
		run  func(t *testing.T, in *rt.Instance, h *files) error
		want string
	}{
		{"dropped twice", func(t *testing.T, in *rt.Instance, h *files) error {
			i := must(t, in, "take", h.typ.New(1))
			must(t, in, "end", i)
			_, err := invoke(t, in, "end", i)
			return err
		}, "unknown handle index 1"},
		{"used after drop", func(t *testing.T, in *rt.Instance, h *files) error {
			i := must(t, in, "take", h.typ.New(1))
			must(t, in, "end", i)
			_, err := invoke(t, in, "lend", i)
			return err
		}, "unknown handle index 1"},
		{"given away twice", func(t *testing.T, in *rt.Instance, h *files) error {
			i := must(t, in, "take", h.typ.New(1))
			must(t, in, "give", i)
			_, err := invoke(t, in, "give", i)
			return err
		}, "unknown handle index 1"},
		{"never there", func(t *testing.T, in *rt.Instance, _ *files) error {
			_, err := invoke(t, in, "end", uint32(1<<31))
			return err
		}, "unknown handle index 2147483648"},
		{"zero", func(t *testing.T, in *rt.Instance, _ *files) error {
			_, err := invoke(t, in, "give", uint32(0))
			return err
		}, "unknown handle index 0"},
		{"given while lent", func(t *testing.T, in *rt.Instance, h *files) error {
			_, err := invoke(t, in, "lend-and-give", must(t, in, "take", h.typ.New(1)))
			return err
		}, "cannot remove owned resource while borrowed"},
		{"another type", func(t *testing.T, in *rt.Instance, h *files) error {
			_, err := invoke(t, in, "end-as-other", must(t, in, "take", h.typ.New(1)))
			return err
		}, "handle index 1 used with the wrong type"},
		{"borrow kept", func(t *testing.T, in *rt.Instance, h *files) error {
			_, err := invoke(t, in, "borrowed", h.typ.New(1))
			return err
		}, "borrow handles still remain at the end of the call"},
		{"borrow given away", func(t *testing.T, in *rt.Instance, h *files) error {
			_, err := invoke(t, in, "borrowed-given", h.typ.New(1))
			return err
		}, "handle index 1: cannot lift own resource from a borrow"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newFiles()
			in := startFrom(t, c, h.instance())
			err := test.run(t, in, h)
			if trap, ok := asTrap(err); !ok || trap.Kind != rt.TrapABI || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			_, err = invoke(t, in, "end", uint32(1))
			wantLocked(t, "function", err)
		})
	}

	t.Run("by the host", func(t *testing.T) {
		h := newFiles()
		in := startFrom(t, c, h.instance())
		file := h.typ.New("mine")
		must(t, in, "borrowed-well", file)
		if len(h.used) != 1 || h.used[0] != "mine" {
			t.Errorf("the host was lent %v", h.used)
		}
		wantError := func(what string, err error, want string) {
			t.Helper()
			if _, ok := asTrap(err); ok || err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q and no trap", what, err, want)
			}
		}
		_, err := invoke(t, in, "borrowed-well", h.lent)
		wantError("what was lent, after the call", err, "is closed")
		i := must(t, in, "take", file)
		_, err = invoke(t, in, "take", file)
		wantError("given away twice", err, "was given to a guest")
		must(t, in, "end", i)
		_, err = invoke(t, in, "borrowed-well", file)
		wantError("lent after it was dropped", err, "is closed")
		_, err = invoke(t, in, "take", rt.NewResourceType("file", nil).New(1))
		wantError("another type of that name", err, "is not of the type")
		if h.drops["mine"] != 1 {
			t.Errorf("dropped %d times", h.drops["mine"])
		}
	})
}

// TestFault27KeptResource: a guest keeps a resource of the host until its
// instance is closed, or drops it, or gives it back -> it ends once. A resource
// of the guest that the host still has when the instance is closed is gone
// without an error.
func TestFault27KeptResource(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := keeper.compile(t, e)
	h := newFiles()
	in := startFrom(t, c, h.instance())
	must(t, in, "take", h.typ.New("kept"))
	must(t, in, "end", must(t, in, "take", h.typ.New("dropped")))
	back := must(t, in, "give", must(t, in, "take", h.typ.New("back"))).(*rt.Resource)
	lent := h.typ.New("lent")
	must(t, in, "borrowed-well", lent)
	if h.drops["kept"] != 0 || h.drops["dropped"] != 1 || h.drops["back"] != 0 || h.drops["lent"] != 0 {
		t.Errorf("before the instance is closed: %v", h.drops)
	}
	for range 2 {
		if err := in.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if h.drops["kept"] != 1 || h.drops["dropped"] != 1 || h.drops["back"] != 0 || h.drops["lent"] != 0 {
			t.Errorf("after: %v", h.drops)
		}
	}
	for range 2 {
		for _, r := range []*rt.Resource{back, lent} {
			if err := r.Close(t.Context()); err != nil || h.drops[r.Value()] != 1 {
				t.Errorf("closed by the host: %v, %d times", err, h.drops[r.Value()])
			}
		}
	}

	t.Run("after a trap", func(t *testing.T) {
		h := newFiles()
		in := startFrom(t, c, h.instance())
		must(t, in, "take", h.typ.New("kept"))
		if _, err := invoke(t, in, "end", uint32(99)); err == nil {
			t.Fatal("did not trap")
		}
		if err := in.Close(t.Context()); err != nil || h.drops["kept"] != 1 {
			t.Errorf("close: %v, dropped %d times", err, h.drops["kept"])
		}
	})
	t.Run("of the guest", func(t *testing.T) {
		in := owner.run(t, nothingHost())
		first := must(t, in, "api#[constructor]thing", uint32(1)).(*rt.Resource)
		second := must(t, in, "api#[constructor]thing", uint32(2)).(*rt.Resource)
		for range 2 {
			if err := first.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if n := must(t, in, "api#drops"); n != uint32(1) {
			t.Errorf("the destructor ran %v times", n)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := second.Close(t.Context()); err != nil {
			t.Errorf("after its instance: %v", err)
		}
	})
}
