package rt_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/everything"
	"github.com/witgen/witgen/rt"
)

// TestFault14Spill: pass 17 parameters, or one record of 17 fields -> the guest
// gets a pointer; 16, or a record of 16, -> it gets core values. The same for
// what it passes to its host.
func TestFault14Spill(t *testing.T) {
	var params, sumFlat, sumMemory []string
	var args []rt.Value
	var fields []string
	for i := range 17 {
		name := string(rune('a' + i))
		params = append(params, name+": u32")
		fields = append(fields, name+": u32")
		args = append(args, uint32(1)<<i)
		sumFlat = append(sumFlat, get(i))
		sumMemory = append(sumMemory, get(0)+load(4*i))
	}
	sum := func(terms []string) body {
		return does(strings.Join(terms, "") + strings.Repeat(add, len(terms)-1))
	}
	record := func(n int) rt.Record {
		var r rt.Record
		for i := range n {
			r = append(r, rt.Field{Name: string(rune('a' + i)), Value: args[i]})
		}
		return r
	}
	g := &guest{world: `
		record narrow { ` + strings.Join(fields[:16], ", ") + ` }
		record wide { ` + strings.Join(fields, ", ") + ` }
		import host-flat: func(` + strings.Join(params[:16], ", ") + `) -> u32;
		import host-spilled: func(` + strings.Join(params, ", ") + `) -> u32;
		export flat: func(` + strings.Join(params[:16], ", ") + `) -> u32;
		export spilled: func(` + strings.Join(params, ", ") + `) -> u32;
		export flat-record: func(r: narrow) -> u32;
		export spilled-record: func(r: wide) -> u32;
		export pass-flat: func(r: narrow) -> u32;
		export pass-spilled: func(r: wide) -> u32;
	`, funcs: map[string]body{
		"flat": sum(sumFlat[:16]), "flat-record": sum(sumFlat[:16]),
		"spilled": sum(sumMemory), "spilled-record": sum(sumMemory),
		// Core values alike, so that a record may go on as parameters.
		"pass-flat":    does(strings.Join(sumFlat[:16], ""), call("host-flat")),
		"pass-spilled": does(get(0), call("host-spilled")),
	}}
	total := func(args []rt.Value) (rt.Value, error) {
		var n uint32
		for _, a := range args {
			n += a.(uint32)
		}
		return n, nil
	}
	in := g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host-flat": total, "host-spilled": total}))
	for name, args := range map[string][]rt.Value{
		"flat": args[:16], "flat-record": {record(16)}, "pass-flat": {record(16)},
		"spilled": args, "spilled-record": {record(17)}, "pass-spilled": {record(17)},
	} {
		want := uint32(1<<16 - 1)
		if strings.Contains(name, "spilled") {
			want = 1<<17 - 1
		}
		if got := must(t, in, name, args...); got != want {
			t.Errorf("%s = %#x, want %#x", name, got, want)
		}
	}
}

// TestFault14UnusedSlots: pass a case with a large payload and then one with
// less of it, through the same function -> the core values that it does not
// use are 0.
func TestFault14UnusedSlots(t *testing.T) {
	g := &guest{world: `
		variant v { wide(tuple<u64, f64, u64>), narrow(u8), none }
		export slots: func(a: v) -> tuple<u64, u64, u64>;
	`, funcs: map[string]body{"slots": does(
		i32(512), get(1), store64(0), i32(512), get(2), "\x39\x00\x08" /* f64.store */, i32(512), get(3), store64(16), i32(512))}}
	in := g.run(t)
	wide := rt.Variant{Case: "wide", Value: rt.Tuple{uint64(math.MaxUint64), math.Inf(-1), uint64(math.MaxUint64)}}
	for _, v := range []rt.Variant{{Case: "none"}, {Case: "narrow", Value: uint8(0)}} {
		must(t, in, "slots", wide)
		if got, want := must(t, in, "slots", v), (rt.Tuple{uint64(0), uint64(0), uint64(0)}); show(got) != show(want) {
			t.Errorf("%v has the core values %v, want %v", v, got, want)
		}
	}
}

// TestFault14Generated is that of generated code.
func TestFault14Generated(t *testing.T) {
	// The core values of a shape are its case, an i64 and an i32. The guest
	// returns the case long, of the sum of the last two.
	p := startTypes(t, &guest{funcs: map[string]body{"golden:types/choices@1.2.3#shapes": does(
		i32(512), i32(4), store(0), i32(512), get(1), get(2), "\xad" /* i64.extend_i32_u */, i64add, store64(8), i32(512))}}, everything.Imports{})
	for _, v := range []choices.Shape{choices.ShapeNothing{}, choices.ShapeSmall{Value: 0}} {
		for _, wide := range []choices.Shape{choices.ShapeLong{Value: -1}, choices.ShapeText{Value: "some text"}} {
			if got, err := p.Choices.Shapes(t.Context(), wide); err != nil || got == (choices.ShapeLong{}) {
				t.Errorf("%v: the core values' sum is %v, %v", wide, got, err)
			}
			if got, err := p.Choices.Shapes(t.Context(), v); err != nil || got != (choices.ShapeLong{}) {
				t.Errorf("%v after %v: the core values' sum is %v, want 0; %v", v, wide, got, err)
			}
		}
	}
}

// TestFault15Flags: flags of 33 labels -> refused; of 32 -> the last one makes
// it both ways.
func TestFault15Flags(t *testing.T) {
	world := func(n int) string {
		var labels []string
		for i := range n {
			labels = append(labels, fmt.Sprint("bit", i))
		}
		return "flags all { " + strings.Join(labels, ", ") + ` }
			import host: func(a: all) -> list<all>;
			export through: func(a: all) -> list<all>;`
	}
	funcs := map[string]body{"through": does(passOn("host"))}
	wasm, err := (&guest{world: world(33), funcs: funcs}).encode()
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Compile(t.Context(), wasm); err == nil || !strings.Contains(err.Error(), "flags") {
		t.Errorf("33 flags: %v", err)
	}
	var seen rt.Value
	in := (&guest{world: world(32), funcs: funcs}).run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
		"host": func(args []rt.Value) (rt.Value, error) {
			seen = args[0]
			return []rt.Value{args[0], rt.Flags{"bit31"}}, nil
		},
	}))
	for _, want := range []rt.Flags{{"bit31"}, {"bit0", "bit31"}, {}} {
		got := must(t, in, "through", want)
		if show(got) != show([]rt.Value{want, rt.Flags{"bit31"}}) || show(seen) != show(want) {
			t.Errorf("%v: the caller got %v, the host %v", want, got, seen)
		}
	}
}
