package differential_test

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/wit"
)

// For package dyn, a map is the list of its entries. Glue lowers them in the
// order of their keys, and of entries with one key it lifts the last.

// randomMap returns the entries of a map as glue lowers them.
func randomMap(r *rand.Rand, t *wit.Map) []any {
	entries := []any{}
	for range r.IntN(6) {
		entries = append(entries, []any{randomValue(r, t.Key), randomValue(r, t.Value)})
	}
	return lastOfEach(entries)
}

// lastOfEach returns the last entry with each key, in the order of the keys.
func lastOfEach(entries []any) []any {
	key := func(entry any) any { return entry.([]any)[0] }
	sorted := slices.Clone(entries)
	slices.Reverse(sorted)
	slices.SortStableFunc(sorted, func(a, b any) int { return ascending(key(a), key(b)) })
	return slices.CompactFunc(sorted, func(a, b any) bool { return key(a) == key(b) })
}

// ascending compares keys of a map.
func ascending(a, b any) int {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	switch {
	case x.Kind() == reflect.String:
		return strings.Compare(x.String(), y.String())
	case x.CanInt():
		return cmp.Compare(x.Int(), y.Int())
	case x.CanUint():
		return cmp.Compare(x.Uint(), y.Uint())
	case x.Bool() == y.Bool():
		return 0
	case y.Bool():
		return -1
	}
	return 1
}

// crossed returns what a value becomes when glue lifts and lowers it.
func crossed(t wit.Type, v any) any {
	each := func(types ...wit.Type) any {
		parts := slices.Clone(v.([]any))
		for i := range parts {
			parts[i] = crossed(types[i%len(types)], parts[i])
		}
		return parts
	}
	payload := func(t wit.Type) any {
		x := v.(dyn.Variant)
		if t != nil {
			x.Value = crossed(t, x.Value)
		}
		return x
	}
	switch t := wit.Underlying(t).(type) {
	case *wit.Map:
		return lastOfEach(each(&wit.Tuple{Types: []wit.Type{t.Key, t.Value}}).([]any))
	case *wit.List:
		if _, ok := v.([]byte); !ok {
			return each(t.Elem)
		}
	case *wit.Tuple:
		return each(t.Types...)
	case *wit.Record:
		var types []wit.Type
		for _, f := range t.Fields {
			types = append(types, f.Type)
		}
		return each(types...)
	case *wit.Variant:
		return payload(t.Cases[v.(dyn.Variant).Case].Type)
	case *wit.Option:
		return payload([]wit.Type{nil, t.Elem}[v.(dyn.Variant).Case])
	case *wit.Result:
		return payload([]wit.Type{t.OK, t.Err}[v.(dyn.Variant).Case])
	}
	return v
}

// crossedAll returns what arguments become.
func crossedAll(f *wit.Func, args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = crossed(f.Params[i].Type, a)
	}
	return out
}

// TestGlueMaps sends entries out of order, some with one key: the callee gets
// the last with each key, in the order of the keys, and so does the caller.
func TestGlueMaps(t *testing.T) {
	pair := func(k, v any) any { return []any{k, v} }
	small := []any{[]any{}, []any{}, []any{}, []any{}}
	large := []any{[]any{}, []any{}, []any{}, []any{}}
	put := func(args []any, n int, entries ...any) []any {
		args = slices.Clone(args)
		args[n] = entries
		return args
	}
	all := byName(t)
	for _, test := range []struct {
		function            string
		args, wantArgs      []any
		result, wantsResult any
	}{
		{
			"scores-through",
			[]any{[]any{pair("b", uint32(1)), pair("a", uint32(2)), pair("b", uint32(3)), pair("", uint32(4)), pair("B", uint32(5)), pair("ß", uint32(6)), pair("a", uint32(7))}},
			[]any{[]any{pair("", uint32(4)), pair("B", uint32(5)), pair("a", uint32(7)), pair("b", uint32(3)), pair("ß", uint32(6))}},
			[]any{pair("x", uint32(1)), pair("x", uint32(2))}, []any{pair("x", uint32(2))},
		},
		{
			"bool-keys",
			[]any{[]any{pair(true, "t"), pair(false, "f"), pair(true, "last")}}, []any{[]any{pair(false, "f"), pair(true, "last")}},
			[]any{pair(true, "t"), pair(false, "f")}, []any{pair(false, "f"), pair(true, "t")},
		},
		{
			"char-keys",
			[]any{[]any{pair('z', 'a'), pair('🙂', 'b'), pair('\u0000', 'c'), pair('z', 'd')}}, []any{[]any{pair('\u0000', 'c'), pair('z', 'd'), pair('🙂', 'b')}},
			[]any{}, []any{},
		},
		{
			"small-keys",
			put(small, 0, pair(int8(1), uint8(1)), pair(int8(-1), uint8(2)), pair(int8(-128), uint8(3))),
			put(small, 0, pair(int8(-128), uint8(3)), pair(int8(-1), uint8(2)), pair(int8(1), uint8(1))),
			[]any{pair(int8(127), uint8(1)), pair(int8(-128), uint8(2))}, []any{pair(int8(-128), uint8(2)), pair(int8(127), uint8(1))},
		},
		{
			"large-keys",
			put(large, 1, pair(uint32(1<<31), float32(1)), pair(uint32(1), float32(2)), pair(uint32(1<<31), float32(3))),
			put(large, 1, pair(uint32(1), float32(2)), pair(uint32(1<<31), float32(3))),
			[]any{pair(int64(1), uint16(1)), pair(int64(-1), uint16(2))}, []any{pair(int64(-1), uint16(2)), pair(int64(1), uint16(1))},
		},
	} {
		t.Run(test.function, func(t *testing.T) {
			g := all[test.function]
			g.caller.reset()
			g.callee.reset()
			g.core.run = func(stack []uint64) {
				if got, err := g.lifted(g.callee, stack); err != nil || !same(got, test.wantArgs) {
					t.Errorf("the callee got %v, %v; want %v", got, err, test.wantArgs)
				}
				if err := g.finish(g.callee, stack, test.result); err != nil {
					t.Error(err)
				}
			}
			stack, err := g.begin(g.caller, test.args)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.caller.answer(g.call, stack); err != nil {
				t.Fatal(err)
			}
			if got, err := g.result(g.caller, stack); err != nil || !same(got, test.wantsResult) {
				t.Errorf("the caller got %v, %v; want %v", got, err, test.wantsResult)
			}
		})
	}
}
