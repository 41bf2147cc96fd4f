package echo_test

import (
	"context"
	"testing"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

const handlesWIT = `package a:b@1.0.0;
interface things {
  resource r { tag: func() -> u32; }
  record pair { x: own<r>, y: option<own<r>> }
}
interface echo {
  use things.{r, pair};
  resource e { constructor(a: string, b: own<r>); tag: func() -> u32; merge: static func(a: own<e>, b: borrow<e>) -> result<own<e>, own<r>>; }
  variant v { a(own<e>), b(s64), c(list<own<e>>), d(f32) }
  lend: func(a: borrow<r>, b: list<borrow<r>>, c: option<borrow<e>>) -> u32;
  give: func(a: own<r>, b: list<option<own<e>>>, c: v, d: pair) -> tuple<list<own<e>>, v, pair>;
  many: func(a: list<v, 2>, b: list<tuple<u8, borrow<r>>>) -> option<own<e>>;
  flat: func(a: v) -> own<e>;
}
world w { import things; import echo; export echo; }
`

// TestResources has handles go through a guest, those of its own and the host's: each
// is at its end once, when who has it in the end lets go of it.
func TestResources(t *testing.T) {
	ctx := context.Background()
	w := load(t, handlesWIT)
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(ctx)
	wasm, err := echo.Component(w, echo.UTF16)
	if err != nil {
		t.Fatal(err)
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(map[int]int)
	drop := func(_ context.Context, v any) error { ended[v.(int)]++; return nil }
	r, e := rt.NewResourceType("r", drop), rt.NewResourceType("e", drop)
	var got []rt.Value
	var result rt.Value
	record := rt.HostFunc{Call: func(_ context.Context, args []rt.Value) (rt.Value, error) {
		got = args
		return result, nil
	}}
	exports := w.Exports[0].Interface
	all := make(map[string]rt.HostFunc)
	for _, f := range exports.Funcs {
		all[f.Name] = record
	}
	in, err := component.Instantiate(ctx, rt.InstanceConfig{Host: []rt.HostInstance{
		{Name: "a:b/things@1.0.0", Resources: map[string]*rt.ResourceType{"r": r}, Funcs: map[string]rt.HostFunc{"[method]r.tag": record}},
		{Name: "a:b/echo@1.0.0", Resources: map[string]*rt.ResourceType{"e": e}, Funcs: all},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(ctx)
	call := func(name string, returns rt.Value, args ...rt.Value) rt.Value {
		t.Helper()
		result, got = returns, nil
		f, err := in.Func("a:b/echo@1.0.0", name)
		if err != nil {
			t.Fatal(err)
		}
		v, err := f.Call(ctx, args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
	held := func(v rt.Value) any { return v.(*rt.Resource).Value() }
	is := func(v rt.Value, want int) {
		t.Helper()
		if held(v) != want {
			t.Errorf("resource %v, want %d", held(v), want)
		}
	}
	end := func(v ...rt.Value) {
		t.Helper()
		for _, v := range v {
			if err := v.(*rt.Resource).Close(ctx); err != nil {
				t.Error(err)
			}
		}
	}
	maker := 10
	made := func() rt.Value { // one of the guest's own, of the next number
		maker++
		v := call("[constructor]e", e.New(maker), "x", r.New(maker+100))
		end(got[1])
		return v
	}
	some := func(v rt.Value) rt.Value { return cm.Some(v) }
	a, b := made(), made()
	call("[method]e.tag", uint32(5), a)
	is(got[0], 11)
	r1 := r.New(1)
	if v := call("lend", uint32(6), r1, []rt.Value{r1, r1}, some(a)); v != uint32(6) {
		t.Errorf("lend = %v", v)
	}
	is(got[0], 1)
	is(got[1].([]rt.Value)[1], 1)
	merged := call("[static]e.merge", cm.OK[rt.Value, rt.Value](e.New(20)), a, b)
	is(got[0], 11)
	is(got[1], 12)
	end(got[0])
	back, _ := merged.(cm.Result[rt.Value, rt.Value]).OK()
	pair := rt.Record{{Name: "x", Value: r1}, {Name: "y", Value: some(r.New(2))}}
	list := []rt.Value{cm.None[rt.Value](), some(b)}
	v := call("give", rt.Tuple{[]rt.Value{e.New(21)}, rt.Variant{Case: "c", Value: []rt.Value{e.New(22)}}, rt.Record{{Name: "x", Value: r.New(3)}, {Name: "y", Value: cm.None[rt.Value]()}}},
		r.New(4), list, rt.Variant{Case: "a", Value: back}, pair)
	is(got[0], 4)
	inside, _ := got[1].([]rt.Value)[1].(cm.Option[rt.Value]).Get()
	is(inside, 12)
	is(got[2].(rt.Variant).Value, 20)
	x := got[3].(rt.Record).Get("x")
	y, _ := got[3].(rt.Record).Get("y").(cm.Option[rt.Value]).Get()
	is(x, 1)
	is(y, 2)
	end(got[0], inside, got[2].(rt.Variant).Value, x, y)
	out := v.(rt.Tuple)
	end(out[0].([]rt.Value)[0], out[1].(rt.Variant).Value.([]rt.Value)[0], out[2].(rt.Record).Get("x"))
	c := made()
	r5 := r.New(5)
	call("many", cm.None[rt.Value](), []rt.Value{rt.Variant{Case: "a", Value: c}, rt.Variant{Case: "b", Value: int64(-1)}}, []rt.Value{rt.Tuple{uint8(1), r5}})
	end(r5)
	is(got[0].([]rt.Value)[0].(rt.Variant).Value, 13)
	end(got[0].([]rt.Value)[0].(rt.Variant).Value)

	end(call("flat", e.New(23), rt.Variant{Case: "c", Value: []rt.Value{made(), made()}}))
	for _, v := range got[0].(rt.Variant).Value.([]rt.Value) {
		end(v)
	}
	for n, times := range ended {
		if times != 1 {
			t.Errorf("resource %d ended %d times", n, times)
		}
	}
	for _, n := range []int{1, 2, 3, 4, 5, 11, 12, 13, 14, 15, 20, 21, 22, 23, 111, 112, 113, 114, 115} {
		if ended[n] != 1 {
			t.Errorf("resource %d ended %d times", n, ended[n])
		}
	}
}
