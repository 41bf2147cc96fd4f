package dyn

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// TestLayout compares what is made ready with the layouts that signatures and
// generated code are made of.
func TestLayout(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		typ := randomType(rnd, 4)
		got := mustType(t, typ)
		if want := layout.Of(typ); got.size != want.Size || got.align != want.Align {
			t.Fatalf("%s: %d bytes at %d, want %v", wit.TypeText(typ), got.size, got.align, want)
		}
		if want := len(layout.Flat(typ)); got.flat != want {
			t.Fatalf("%s: %d core values, want %d", wit.TypeText(typ), got.flat, want)
		}
		if got.kind == record && !slices.Equal(got.offsets, layout.Fields(typ)) {
			t.Fatalf("%s: fields at %v, want %v", wit.TypeText(typ), got.offsets, layout.Fields(typ))
		}
		if d, p := layout.DiscriminantSize(typ), layout.PayloadOffset(typ); got.disc != d || got.payload != p {
			t.Fatalf("%s: discriminant of %d, payload at %d, want %d, %d", wit.TypeText(typ), got.disc, got.payload, d, p)
		}
	}
}

func TestRefusedTypes(t *testing.T) {
	circle := &wit.TypeDef{Name: "a"}
	circle.Type = listOf(tupleOf(circle))
	alias := &wit.TypeDef{Name: "a"}
	alias.Type = alias
	lists := func(n int) wit.Type { // of lists, n levels in all
		t := wit.Type(wit.U16)
		for range n - 1 {
			t = named(listOf(t))
		}
		return t
	}
	doubled := wit.Type(wit.U64)
	for range 40 {
		doubled = tupleOf(doubled, doubled)
	}
	shared := wit.Type(wit.U8) // 2^40 ways through it, yet small
	for range 40 {
		shared = named(tupleOf(listOf(shared), listOf(shared)))
	}
	tests := []struct {
		name string
		in   wit.Type
		want string // empty if it is no error
	}{
		{"nothing", nil, "no dynamic values"},
		{"stream", &wit.Stream{Elem: wit.U8}, "no dynamic values"},
		{"future", &wit.Future{}, "no dynamic values"},
		{"error context", wit.ErrorContext, "no dynamic values of type error-context"},
		{"no such primitive", wit.Primitive(99), "no dynamic values"},
		{"bare resource", fileDef, "no dynamic values"},
		{"own of a record", &wit.Handle{Resource: &wit.TypeDef{Type: recordOf(wit.U8)}}, "own of what is no resource"},
		{"borrow of a circle", &wit.Handle{Resource: alias, Borrow: true}, "borrow of what is no resource"},
		{"empty record", recordOf(), "without fields"},
		{"empty variant", variantOf(), "without cases"},
		{"empty enum", enumOf(0), "without cases"},
		{"no flags", flagsOf(0), "0 labels"},
		{"33 flags", flagsOf(33), "33 labels"},
		{"fixed list of none", fixedOf(wit.U8, 0), "fixed list of 0"},
		{"huge", fixedOf(wit.U64, 1<<28), "fixed list of 268435456"},
		{"sum is huge", tupleOf(fixedOf(wit.U8, 1<<27), fixedOf(wit.U8, 1<<27)), "field 1: a value has less"},
		{"variant is huge", &wit.Option{Elem: fixedOf(wit.U8, 1<<28-1)}, "option of 268435456 bytes"},
		{"doubles", doubled, "a value has less"},
		{"contains itself", circle, "field 0: type contains itself"},
		{"alias of itself", alias, "type contains itself"},
		{"201 levels", lists(201), "nests deeper than 200"},
		{"5000 levels", lists(5000), "nests deeper than 200"},
		{"in a field", recordOf(wit.U8, &wit.Future{}), `field "f1": no dynamic values`},
		{"in a case", &wit.Result{Err: enumOf(0)}, `case "err": enum without cases`},
		{"shared", shared, ""},
		{"200 levels", lists(200), ""},
		{"32 flags", flagsOf(32), ""},
		{"largest", fixedOf(wit.U8, 1<<28-1), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := TypeOf(tt.in)
			if tt.want == "" && err != nil {
				t.Errorf("TypeOf: %v", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("TypeOf: %v, want %q", err, tt.want)
			}
		})
	}
	f := &wit.Func{Name: "f", Params: []wit.Param{{Name: "p", Type: recordOf()}}}
	if _, err := Lift(f); err == nil || err.Error() != `function "f": parameter "p": record without fields` {
		t.Errorf("Lift: %v", err)
	}
	f = &wit.Func{Name: "f", Result: recordOf()}
	if _, err := Lower(f); err == nil || err.Error() != `function "f": result: record without fields` {
		t.Errorf("Lower: %v", err)
	}
}
