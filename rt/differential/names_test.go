package differential_test

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/internal/dyn"
)

// nth is a case without a payload, by its place in WIT.
func nth(i uint32) dyn.Variant { return dyn.Variant{Case: i} }

func with(i uint32, v any) dyn.Variant { return dyn.Variant{Case: i, Value: v} }

func place(line, column uint32) []any { return []any{line, column} }

type four = cm.Tuple4[structures.ManyFlags, structures.WideFlags, structures.FullFlags, structures.Only]

// means says what values of generated types mean: which field, case or flag of
// WIT, in order of declaration, goes by which name in Go. A method is called
// with args, which the callee gets as dynArgs, and answers with dynOut, which
// the caller gets as out, or as err.
var means = []struct {
	function string
	args     []any
	dynArgs  []any
	dynOut   any
	out      any
	err      error
}{
	{"level-of", []any{base.LevelDebug}, []any{nth(0)}, nth(2), base.LevelError, nil},
	{"level-of", []any{base.LevelInfo}, []any{nth(1)}, nth(0), base.LevelDebug, nil},
	{"level-of", []any{base.LevelError}, []any{nth(2)}, nth(1), base.LevelInfo, nil},
	{"rights-of", []any{base.PermissionsRead}, []any{uint32(1)}, uint32(4), base.PermissionsExecute, nil},
	{"rights-of", []any{base.PermissionsWrite}, []any{uint32(2)}, uint32(1), base.PermissionsRead, nil},
	{"rights-of", []any{base.PermissionsExecute}, []any{uint32(4)}, uint32(2), base.PermissionsWrite, nil},
	{"wide-of", []any{structures.WideFlagsW0 | structures.WideFlagsW31}, []any{uint32(1<<31 | 1)}, uint32(1 << 7), structures.WideFlagsW7, nil},
	{"where", []any{base.Position{Line: 1, Column: 2}}, []any{place(1, 2)}, place(3, 4), base.Position{Line: 3, Column: 4}, nil},
	{
		"flat",
		[]any{base.Position{Line: 1, Column: 2}, base.LevelError, base.PermissionsExecute, structures.ManyFlagsF9, structures.FullFlagsH, structures.WideFlagsW30},
		[]any{place(1, 2), nth(2), uint32(4), uint32(1 << 8), uint32(1 << 7), uint32(1 << 30)},
		place(3, 4), base.Position{Line: 3, Column: 4}, nil,
	},
	{
		"in-memory",
		[]any{
			[]structures.ManyFlags{structures.ManyFlagsF2}, []structures.WideFlags{structures.WideFlagsW3}, []structures.FullFlags{structures.FullFlagsC},
			[]base.Permissions{base.PermissionsWrite}, []structures.Only{structures.OnlyOne},
		},
		[]any{[]any{uint32(2)}, []any{uint32(8)}, []any{uint32(4)}, []any{uint32(2)}, []any{nth(0)}},
		[]any{uint32(1 << 8), uint32(1 << 31), uint32(1 << 7), nth(0)},
		four{F0: structures.ManyFlagsF9, F1: structures.WideFlagsW31, F2: structures.FullFlagsH, F3: structures.OnlyOne}, nil,
	},
	{
		"everything-through",
		[]any{structures.Everything{
			Truth: true, Tiny: -1, Short: 2, Normal: -3, Long: -4, Real: 5.5, Exact: 6.25, Letter: 'ß', Text: "text", Raw: []byte("raw"),
			Level: base.LevelError, Rights: base.PermissionsWrite, Place: base.Position{Line: 7, Column: 8}, Tags: []string{"a", "b"},
			Maybe: cm.Some(base.Position{Line: 9, Column: 10}), Outcome: cm.Fail[uint32]("no"), Pair: cm.Tuple2[uint8, uint64]{F0: 11, F1: 12},
		}},
		[]any{[]any{
			true, int8(-1), uint16(2), int32(-3), int64(-4), float32(5.5), 6.25, 'ß', "text", []byte("raw"), nth(2), uint32(2), place(7, 8),
			[]any{"a", "b"}, with(1, place(9, 10)), with(1, "no"), []any{uint8(11), uint64(12)},
		}},
		[]any{
			false, int8(1), uint16(3), int32(4), int64(5), float32(6.5), 7.25, 'x', "more", []byte("rare"), nth(1), uint32(4), place(8, 9),
			[]any{}, nth(0), with(0, uint32(13)), []any{uint8(14), uint64(15)},
		},
		structures.Everything{
			Tiny: 1, Short: 3, Normal: 4, Long: 5, Real: 6.5, Exact: 7.25, Letter: 'x', Text: "more", Raw: []byte("rare"),
			Level: base.LevelInfo, Rights: base.PermissionsExecute, Place: base.Position{Line: 8, Column: 9}, Tags: []string{},
			Outcome: cm.OK[uint32, string](13), Pair: cm.Tuple2[uint8, uint64]{F0: 14, F1: 15},
		}, nil,
	},

	{"markers", []any{choices.MarkerHere{}}, []any{nth(0)}, nth(1), choices.MarkerThere{}, nil},
	{"shapes", []any{choices.ShapeNothing{}}, []any{nth(0)}, with(9, nth(0)), choices.ShapeOption{}, nil},
	{"shapes", []any{choices.ShapeSmall{Value: 1}}, []any{with(1, uint8(1))}, with(8, []any{"w"}), choices.ShapeWords{Value: []string{"w"}}, nil},
	{"shapes", []any{choices.ShapeReal{Value: 1.5}}, []any{with(2, float32(1.5))}, with(7, nth(2)), choices.ShapeLevel{Value: base.LevelError}, nil},
	{"shapes", []any{choices.ShapeExact{Value: 2.5}}, []any{with(3, 2.5)}, with(6, place(1, 2)), choices.ShapePlace{Value: base.Position{Line: 1, Column: 2}}, nil},
	{"shapes", []any{choices.ShapeLong{Value: -1}}, []any{with(4, int64(-1))}, with(5, "t"), choices.ShapeText{Value: "t"}, nil},
	{"shapes", []any{choices.ShapeText{Value: "t"}}, []any{with(5, "t")}, with(4, int64(math.MinInt64)), choices.ShapeLong{Value: math.MinInt64}, nil},
	{"shapes", []any{choices.ShapePlace{Value: base.Position{Line: 1, Column: 2}}}, []any{with(6, place(1, 2))}, with(3, 2.5), choices.ShapeExact{Value: 2.5}, nil},
	{"shapes", []any{choices.ShapeLevel{Value: base.LevelInfo}}, []any{with(7, nth(1))}, with(2, float32(1.5)), choices.ShapeReal{Value: 1.5}, nil},
	{"shapes", []any{choices.ShapeWords{Value: []string{"w"}}}, []any{with(8, []any{"w"})}, with(1, uint8(255)), choices.ShapeSmall{Value: 255}, nil},
	{"shapes", []any{choices.ShapeOption{Value: cm.Some[uint8](1)}}, []any{with(9, with(1, uint8(1)))}, nth(0), choices.ShapeNothing{}, nil},
	{
		"options", []any{cm.Some[uint32](1), cm.Some(""), cm.Some(cm.None[bool]())}, []any{with(1, uint32(1)), with(1, ""), with(1, nth(0))},
		with(1, with(1, true)), cm.Some(cm.Some(true)), nil,
	},
	{
		"float-or-int", []any{cm.Fail[float32](uint32(1)), cm.OK[float64, int8](2.5), cm.Fail[float32](uint64(3))},
		[]any{with(1, uint32(1)), with(0, 2.5), with(1, uint64(3))}, with(0, float32(1.5)), float32(1.5), nil,
	},
	{
		"float-or-int", []any{cm.OK[float32, uint32](1.5), cm.Fail[float64](int8(-2)), cm.OK[float32, uint64](3.5)},
		[]any{with(0, float32(1.5)), with(1, int8(-2)), with(0, float32(3.5))}, with(1, uint32(4)), float32(0), cm.Err[uint32]{Value: 4},
	},
	{"pair", []any{cm.Tuple2[uint8, string]{F0: 1, F1: "a"}}, []any{[]any{uint8(1), "a"}}, []any{uint8(2), "b"}, cm.Tuple2[uint8, string]{F0: 2, F1: "b"}, nil},

	{"fails", []any{uint8(1)}, []any{uint8(1)}, with(0, place(1, 2)), base.Position{Line: 1, Column: 2}, nil},
	{"fails", []any{uint8(1)}, []any{uint8(1)}, with(1, []any{uint32(1), "m"}), base.Position{}, failures.Failure{Code: 1, Message: "m"}},
	{"reasons", []any{uint8(1)}, []any{uint8(1)}, with(1, nth(0)), uint8(0), failures.ReasonUnknown},
	{"reasons", []any{uint8(1)}, []any{uint8(1)}, with(1, nth(1)), uint8(0), failures.ReasonNotFound},
	{"reasons", []any{uint8(1)}, []any{uint8(1)}, with(1, nth(2)), uint8(0), failures.ReasonTooLarge},
	{"problems", []any{uint8(1)}, []any{uint8(1)}, with(1, nth(0)), cm.None[uint64](), failures.ProblemUnknown{}},
	{"problems", []any{uint8(1)}, []any{uint8(1)}, with(1, with(1, "f")), cm.None[uint64](), failures.ProblemNotFound{Value: "f"}},
	{"problems", []any{uint8(1)}, []any{uint8(1)}, with(1, with(2, []any{uint32(1), "m"})), cm.None[uint64](), failures.ProblemNested{Value: failures.Failure{Code: 1, Message: "m"}}},
	{"foreign", []any{uint8(1)}, []any{uint8(1)}, with(1, nth(2)), false, cm.Err[base.Level]{Value: base.LevelError}},
	{"flagged", []any{uint8(1)}, []any{uint8(1)}, with(1, uint32(2)), base.LevelDebug, cm.Err[failures.Causes]{Value: failures.CausesThem}},
	{"tupled", nil, nil, with(1, []any{uint8(1), uint8(2)}), cm.Tuple2[uint8, string]{}, cm.Err[cm.Tuple2[uint8, uint8]]{Value: cm.Tuple2[uint8, uint8]{F0: 1, F1: 2}}},
	{
		"inside", []any{[]failures.Failure{{Code: 1, Message: "m"}}, failures.ReasonTooLarge, failures.ProblemNotFound{Value: "f"}},
		[]any{[]any{[]any{uint32(1), "m"}}, nth(2), with(1, "f")},
		[]any{nth(0), with(2, []any{uint32(2), "n"})}, []failures.Problem{failures.ProblemUnknown{}, failures.ProblemNested{Value: failures.Failure{Code: 2, Message: "n"}}}, nil,
	},
}

func TestGlueNames(t *testing.T) {
	all := byName(t)
	for _, test := range means {
		t.Run(test.function, func(t *testing.T) {
			g := all[test.function]
			g.callee.reset()
			g.core.run = func(stack []uint64) {
				if got, err := g.lifted(g.callee, stack); err != nil || !same(got, test.dynArgs) {
					t.Errorf("%v: the callee got %v, %v; want %v", test.args, got, err, test.dynArgs)
				}
				if err := g.finish(g.callee, stack, test.dynOut); err != nil {
					t.Error(err)
				}
			}
			out, err := g.method(test.args)
			if !reflect.DeepEqual(out, test.out) || !reflect.DeepEqual(err, test.err) {
				t.Errorf("%v: the caller got %#v, %#v; want %#v, %#v", test.dynOut, out, err, test.out, test.err)
			}
		})
	}
}

// byName returns the functions by their names in WIT, no two of which are the
// same.
func byName(t *testing.T) map[string]*glue {
	t.Helper()
	all := make(map[string]*glue)
	for _, g := range newGlue(t) {
		all[g.fn.Name] = g
	}
	return all
}

// method calls the function in Go.
func (g *glue) method(args []any) (any, error) {
	in := []reflect.Value{reflect.ValueOf(context.Background())}
	for _, a := range args {
		in = append(in, reflect.ValueOf(a))
	}
	x := reflect.ValueOf(g.exported)
	for i := range x.NumMethod() {
		if strings.EqualFold(x.Type().Method(i).Name, strings.ReplaceAll(g.fn.Name, "-", "")) {
			out := x.Method(i).Call(in)
			err, _ := out[1].Interface().(error)
			return out[0].Interface(), err
		}
	}
	panic("no method for " + g.name)
}

// TestGlueFlags has the callee set flags that the type does not have: they are
// ignored. See CanonicalABI.md, "Flags".
func TestGlueFlags(t *testing.T) {
	all := byName(t)
	for _, test := range []struct {
		function string
		args     []any
		memory   string // of the result, at 8
		core     uint64
		out      any
		err      error
	}{
		{"rights-of", []any{base.Permissions(0)}, "", 0xfffffffa, base.PermissionsWrite, nil},
		{"flagged", []any{uint8(0)}, "\x01\xfe", 8, base.LevelDebug, cm.Err[failures.Causes]{Value: failures.CausesThem}},
		{
			"in-memory", []any{[]structures.ManyFlags{}, []structures.WideFlags{}, []structures.FullFlags{}, []base.Permissions{}, []structures.Only{}},
			"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x00", 8, four{F0: 0x1fe, F1: math.MaxUint32, F2: 0xff}, nil,
		},
	} {
		g := all[test.function]
		g.callee.reset()
		g.core.run = func(stack []uint64) {
			copy(g.callee.memory[8:], test.memory)
			stack[0] = test.core
		}
		out, err := g.method(test.args)
		if out != test.out || !reflect.DeepEqual(err, test.err) {
			t.Errorf("%s: got %v, %v; want %v, %v", test.function, out, err, test.out, test.err)
		}
	}
}
