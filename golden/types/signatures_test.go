package types_test

import (
	"math"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt/cm"
)

type (
	empty  = struct{}
	either = cm.Result[empty, empty]
)

// TestSignatures calls the functions whose parameters and results differ.
func TestSignatures(t *testing.T) {
	h := new(host)
	p := start(t, h)
	nan, minus0 := float32(math.NaN()), float32(math.Copysign(0, -1))
	pos := base.Position{Line: math.MaxUint32, Column: 1}
	u := func(n int) uint8 { return uint8(n) }

	for _, test := range []struct {
		name string
		f    any
		out  any
		args []any
	}{
		{"small", p.Primitives.Small, int8(-128), []any{int8(127), u(255), int16(-32768), uint16(65535)}},
		{"small", p.Primitives.Small, int8(-1), []any{int8(-128), u(0), int16(32767), uint16(0)}},
		{"large", p.Primitives.Large, int64(math.MinInt64), []any{int32(math.MinInt32), uint32(math.MaxUint32), int64(math.MinInt64), uint64(math.MaxUint64)}},
		{"large", p.Primitives.Large, int64(-1), []any{int32(-1), uint32(1 << 31), int64(math.MaxInt64), uint64(1 << 63)}},
		{"floats", p.Primitives.Floats, nan, []any{minus0, math.NaN()}},
		{"floats", p.Primitives.Floats, minus0, []any{math.Float32frombits(0x7f800001), math.Inf(1)}},
		{"floats", p.Primitives.Floats, float32(math.SmallestNonzeroFloat32), []any{float32(math.MaxFloat32), math.MaxFloat64}},
		{"strings", p.Primitives.Strings, "", []any{"", "a"}},
		{"strings", p.Primitives.Strings, "\x00", []any{"\ud7ff\ue000", "\U0010ffff\U00010000\u0800\u0080\x7f"}},
		{"strings", p.Primitives.Strings, "\ufeffßé", []any{"e\u0301", "\r\n"}},
		{"strings", p.Primitives.Strings, strings.Repeat("long", 1<<20), []any{strings.Repeat("ß", 1<<20), "b"}},
		{"keywords", p.Primitives.Keywords, u(12), []any{u(1), u(2), u(3), u(4), u(5), u(6), u(7), u(8), u(9), u(10), u(11)}},
		{"many", p.Primitives.Many, "back", []any{
			u(1), uint64(math.MaxUint64), "three", u(4), u(5), u(6), u(7), u(8), u(9), u(10), u(11), u(12), u(13), u(14), u(15), true,
		}},
		{"many", p.Primitives.Many, "", []any{
			u(255), uint64(0), "", u(0), u(1), u(0), u(1), u(0), u(1), u(0), u(1), u(0), u(1), u(0), u(255), false,
		}},
		{"old", method(p, "Old").Interface(), true, nil},

		{"numbers", p.Sequences.Numbers, []float32{minus0, nan, math.MaxFloat32, math.SmallestNonzeroFloat32}, []any{
			[]int8{math.MinInt8, -1, math.MaxInt8}, []uint16{math.MaxUint16, 0, 1}, []int32{math.MinInt32, -1, math.MaxInt32}, []uint64{math.MaxUint64, 1, 1 << 63},
		}},
		{"numbers", p.Sequences.Numbers, []float32(nil), []any{[]int8(nil), []uint16{}, []int32(nil), []uint64{}}},
		{"numbers", p.Sequences.Numbers, slicesOf[float32](100_000, 0.5), []any{
			slicesOf[int8](100_001, -1), slicesOf[uint16](100_002, 1<<15), slicesOf[int32](100_003, -2), slicesOf[uint64](100_004, 1<<40),
		}},
		{"nested", p.Sequences.Nested, [][]string{nil, {}, {""}, {"a", "ß"}}, []any{
			[][]string{{"x", ""}, nil, {"y"}}, [][]byte{nil, {0}, {}, []byte("bytes")}, [][]uint32{{1, math.MaxUint32}, nil, {2}},
		}},
		{"nested", p.Sequences.Nested, [][]string(nil), []any{[][]string{}, [][]byte(nil), [][]uint32{}}},
		{"structs", p.Sequences.Structs, []base.Position{pos}, []any{
			[]base.Position{{}, pos, {Line: 1}}, []base.Level{base.LevelError, base.LevelDebug, base.LevelInfo},
		}},

		{"flat", p.Structures.Flat, pos, []any{
			pos, base.LevelError, base.PermissionsExecute, structures.ManyFlagsF9 | structures.ManyFlagsF1, structures.FullFlagsH, structures.WideFlagsW31,
		}},
		{"in-memory", p.Structures.InMemory, four{F0: structures.ManyFlagsF9, F1: structures.WideFlagsW31, F2: structures.FullFlagsH}, []any{
			[]structures.ManyFlags{0, 0x1ff, structures.ManyFlagsF8}, []structures.WideFlags{math.MaxUint32, 0, 1 << 31},
			[]structures.FullFlags{255, 0, 1}, []base.Permissions{7, 0, 4}, []structures.Only{structures.OnlyOne, structures.OnlyOne},
		}},
		{"in-memory", p.Structures.InMemory, four{F0: 0x1ff, F1: math.MaxUint32, F2: 255}, []any{
			[]structures.ManyFlags(nil), []structures.WideFlags{}, []structures.FullFlags(nil), []base.Permissions{}, []structures.Only(nil),
		}},

		{"wrapped", p.Choices.Wrapped, choices.WrapperIt{Value: choices.ShapeExact{Value: math.NaN()}}, []any{
			choices.WrapperIt{Value: choices.ShapeLong{Value: math.MinInt64}}, shapes("long"),
		}},
		{"wrapped", p.Choices.Wrapped, choices.WrapperIt{Value: choices.ShapeWords{Value: []string{"a", "b"}}}, []any{
			choices.WrapperIt{Value: choices.ShapeText{Value: "text"}}, []choices.Shape{},
		}},
		{"float-or-int", p.Choices.FloatOrInt, nan, []any{
			cm.OK[float32, uint32](nan), cm.OK[float64, int8](math.NaN()), cm.OK[float32, uint64](minus0),
		}},
		{"float-or-int", p.Choices.FloatOrInt, minus0, []any{
			cm.Fail[float32](uint32(math.MaxUint32)), cm.Fail[float64](int8(-128)), cm.Fail[float32](uint64(math.MaxUint64)),
		}},
		{"options", p.Choices.Options, cm.None[cm.Option[bool]](), []any{
			cm.None[uint32](), cm.None[string](), cm.None[cm.Option[bool]](),
		}},
		{"options", p.Choices.Options, cm.Some(cm.None[bool]()), []any{
			cm.Some[uint32](0), cm.Some(""), cm.Some(cm.None[bool]()),
		}},
		{"options", p.Choices.Options, cm.Some(cm.Some(false)), []any{
			cm.Some[uint32](math.MaxUint32), cm.Some("ß"), cm.Some(cm.Some(false)),
		}},
		{"options", p.Choices.Options, cm.Some(cm.Some(true)), []any{
			cm.Some[uint32](1), cm.Some("some"), cm.Some(cm.Some(true)),
		}},
		{"option-position", p.Choices.OptionPosition, cm.None[base.Position](), []any{cm.Some(pos), cm.Some([]byte(nil))}},
		{"option-position", p.Choices.OptionPosition, cm.Some(base.Position{}), []any{cm.None[base.Position](), cm.None[[]byte]()}},
		{"option-position", p.Choices.OptionPosition, cm.Some(pos), []any{cm.Some(base.Position{}), cm.Some([]byte{0, 255})}},
		{"results", p.Choices.Results, []cm.Result[string, base.Position]{cm.OK[string, base.Position](""), cm.Fail[string](pos), cm.OK[string, base.Position]("ß")}, []any{
			results{F0: either{}, F1: cm.OK[uint8, empty](255), F2: cm.OK[empty, uint8](empty{}), F3: cm.OK[uint8, string](255)},
		}},
		{"results", p.Choices.Results, []cm.Result[string, base.Position](nil), []any{
			results{F0: cm.Fail[empty](empty{}), F1: cm.Fail[uint8](empty{}), F2: cm.Fail[empty](u(255)), F3: cm.Fail[uint8]("")},
		}},
		{"flat-results", p.Choices.FlatResults, cm.None[either](), []any{
			either{}, cm.OK[uint8, empty](255), cm.OK[empty, string](empty{}), cm.OK[base.Position, string](pos),
		}},
		{"flat-results", p.Choices.FlatResults, cm.Some(either{}), []any{
			cm.Fail[empty](empty{}), cm.Fail[uint8](empty{}), cm.Fail[empty](""), cm.Fail[base.Position]("no place"),
		}},
		{"flat-results", p.Choices.FlatResults, cm.Some(cm.Fail[empty](empty{})), []any{
			either{}, cm.OK[uint8, empty](0), cm.Fail[empty]("ß"), cm.OK[base.Position, string](base.Position{}),
		}},

		{"inside", p.Failures.Inside,
			[]failures.Problem{failures.ProblemNested{Value: failures.Failure{Code: math.MaxUint32, Message: "m"}}, failures.ProblemUnknown{}, failures.ProblemNotFound{Value: "n"}},
			[]any{[]failures.Failure{{}, {Code: 1, Message: "ß"}}, failures.ReasonTooLarge, failures.ProblemNotFound{Value: ""}},
		},
		{"inside", p.Failures.Inside, []failures.Problem(nil), []any{
			[]failures.Failure(nil), failures.ReasonUnknown, failures.ProblemNested{Value: failures.Failure{Code: 1 << 31}},
		}},
	} {
		t.Run(test.name, func(t *testing.T) { call(t, h, test.f, test.out, test.args...) })
	}
}

// TestNothing calls the functions without a parameter or a result.
func TestNothing(t *testing.T) {
	h := new(host)
	p := start(t, h)
	for name, f := range map[string]func() error{
		"type":    func() error { return p.Primitives.Type(t.Context()) },
		"host":    func() error { return p.Primitives.Host(t.Context()) },
		"nothing": func() error { return p.Primitives.Nothing(t.Context()) },
	} {
		calls := h.calls
		h.out = []any{nil}
		if err := f(); err != nil || h.calls != calls+1 {
			t.Errorf("%s: %v, %d calls of the host", name, err, h.calls-calls)
		}
	}
}
