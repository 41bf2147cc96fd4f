package types_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/everything"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// TestResults has functions that return a result go well and fail.
func TestResults(t *testing.T) {
	h := new(host)
	p := start(t, h)
	ctx := t.Context()
	f := p.Failures
	pair := func(a, b uint8) cm.Tuple2[uint8, uint8] { return cm.Tuple2[uint8, uint8]{F0: a, F1: b} }

	answers(t, h, "bare", func() (empty, error) { return empty{}, f.Bare(ctx) }, nil, cm.Err[empty]{})
	answers(t, h, "ok-only", func() (uint8, error) { return f.OKOnly(ctx, 1) }, []uint8{0, 255}, cm.Err[empty]{})
	answers(t, h, "text", func() (empty, error) { return empty{}, f.Text(ctx, 1) }, nil,
		cm.Err[string]{Value: ""}, cm.Err[string]{Value: "ß\x00"}, cm.Err[string]{Value: strings.Repeat("long", 1<<16)})
	answers(t, h, "value-or-text", func() (string, error) { return f.ValueOrText(ctx, 1) }, []string{"", "ß"},
		cm.Err[string]{Value: ""}, cm.Err[string]{Value: "no"})
	answers(t, h, "fails", func() (base.Position, error) { return f.Fails(ctx, 1) }, []base.Position{{}, {Line: math.MaxUint32, Column: 1}},
		failures.Failure{}, failures.Failure{Code: math.MaxUint32, Message: "ß"})
	answers(t, h, "fails-alias", func() ([]byte, error) { return f.FailsAlias(ctx, 1) }, [][]byte{nil, {}, {0, 255}},
		failures.FailureAlias{Code: 1, Message: "m"})
	answers(t, h, "reasons", func() (uint8, error) { return f.Reasons(ctx, 1) }, []uint8{0, 255},
		failures.ReasonUnknown, failures.ReasonNotFound, failures.ReasonTooLarge)
	answers(t, h, "only-reason", func() (empty, error) { return empty{}, f.OnlyReason(ctx, 1) }, nil,
		failures.ReasonUnknown, failures.ReasonNotFound, failures.ReasonTooLarge)
	answers[cm.Option[uint64], failures.Problem](t, h, "problems", func() (cm.Option[uint64], error) { return f.Problems(ctx, 1) },
		[]cm.Option[uint64]{{}, cm.Some[uint64](0), cm.Some[uint64](math.MaxUint64)},
		failures.ProblemUnknown{}, failures.ProblemNotFound{Value: "ß"}, failures.ProblemNested{Value: failures.Failure{Code: 1, Message: "m"}})
	answers(t, h, "foreign", func() (bool, error) { return f.Foreign(ctx, 1) }, []bool{false, true},
		cm.Err[base.Level]{Value: base.LevelDebug}, cm.Err[base.Level]{Value: base.LevelError})
	answers(t, h, "flagged", func() (base.Level, error) { return f.Flagged(ctx, 1) }, []base.Level{base.LevelDebug, base.LevelError},
		cm.Err[failures.Causes]{}, cm.Err[failures.Causes]{Value: failures.CausesUs | failures.CausesThem})
	answers(t, h, "tupled", func() (cm.Tuple2[uint8, string], error) { return f.Tupled(ctx) },
		[]cm.Tuple2[uint8, string]{{F0: 255, F1: "ß"}}, cm.Err[cm.Tuple2[uint8, uint8]]{Value: pair(1, 255)})
	answers(t, h, "float-or-int", func() (float32, error) {
		return p.Choices.FloatOrInt(ctx, cm.Result[float32, uint32]{}, cm.Result[float64, int8]{}, cm.Result[float32, uint64]{})
	}, []float32{0, -0.5}, cm.Err[uint32]{Value: 0}, cm.Err[uint32]{Value: math.MaxUint32})
}

// answers has the host answer a call with each value, then with each error, as
// it is and inside another one.
func answers[T any, E error](t *testing.T, h *host, name string, f func() (T, error), values []T, errs ...E) {
	t.Run(name, func(t *testing.T) {
		for _, v := range values {
			h.out = []any{v, nil}
			got, err := f()
			if err != nil || fmt.Sprint(got) != fmt.Sprint(v) {
				t.Errorf("got %v, %v; want %v", got, err, v)
			}
		}
		if values == nil {
			h.out = []any{nil}
			if _, err := f(); err != nil {
				t.Errorf("got %v, want success", err)
			}
		}
		for _, e := range errs {
			for _, err := range []error{e, fmt.Errorf("with more to say: %w", e)} {
				h.out = []any{nil, err}
				if values == nil {
					h.out = []any{err}
				}
				v, got := f()
				if asked, ok := errors.AsType[E](got); !ok || any(asked) != any(e) {
					t.Errorf("got %v of type %T, want %v", got, got, e)
				}
				var zero T
				if fmt.Sprint(v) != fmt.Sprint(zero) {
					t.Errorf("got %v beside an error", v)
				}
			}
		}
	})
}

// method returns a function by its name in Go.
func method(p *everything.Everything, name string) reflect.Value {
	for _, x := range []any{p.Primitives, p.Sequences, p.Structures, p.Choices, p.Failures} {
		if m := reflect.ValueOf(x).MethodByName(name); m.IsValid() {
			return m
		}
	}
	panic("no method " + name)
}

// try calls a function and returns its error. Arguments that are nil or not
// there are zero values.
func try(t *testing.T, f reflect.Value, args ...any) error {
	in := []reflect.Value{reflect.ValueOf(t.Context())}
	for i := range f.Type().NumIn() - 1 {
		v := reflect.New(f.Type().In(i + 1)).Elem()
		if i < len(args) && args[i] != nil {
			v.Set(reflect.ValueOf(args[i]))
		}
		in = append(in, v)
	}
	out := f.Call(in)
	err, _ := out[len(out)-1].Interface().(error)
	return err
}

func isTrap(err error, kind rt.TrapKind) bool {
	trap, ok := errors.AsType[*rt.Trap](err)
	return ok && trap.Kind == kind
}

// TestHostErrors has the host return errors that are no value of the
// function's result: they stop the guest.
func TestHostErrors(t *testing.T) {
	cause := errors.New("out of paper")
	for _, test := range []struct {
		name, method, export string
		err                  error
	}{
		{"no result", "Nothing", "primitives@1.2.3#nothing", cause},
		{"no result type", "Bools", "primitives@1.2.3#bools", cm.Errorf("text")},
		{"no result type but the same error type", "Inside", "failures@1.2.3#inside", failures.Failure{Code: 1}},
		{"no error type", "Bare", "failures@1.2.3#bare", cause},
		{"another type", "Text", "failures@1.2.3#text", cm.Err[empty]{}},
		{"not the record", "Fails", "failures@1.2.3#fails", failures.ReasonUnknown},
		{"not the enum itself", "Reasons", "failures@1.2.3#reasons", cm.Err[failures.Reason]{Value: failures.ReasonNotFound}},
		{"not the variant", "Problems", "failures@1.2.3#problems", failures.Failure{Code: 1}},
		{"not a done context", "OKOnly", "failures@1.2.3#ok-only", context.Canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := new(host)
			p := start(t, h)
			f := method(p, test.method)
			h.out = []any{nil, test.err}[2-f.Type().NumOut():]
			err := try(t, f, right[test.method]...)
			trap, ok := errors.AsType[*rt.Trap](err)
			if !ok || trap.Kind != rt.TrapHost || !errors.Is(err, test.err) || trap.Export != "golden:types/"+test.export {
				t.Fatalf("got %v, want a trap of the host's error in %s", err, test.export)
			}
			if err := p.Primitives.Nothing(t.Context()); !isTrap(err, rt.TrapDead) {
				t.Errorf("after it: %v, want a dead instance", err)
			}
		})
	}
}

// right are arguments of the functions for which zero values will not do.
var right = map[string][]any{
	"Shapes":  {choices.ShapeNothing{}},
	"Wrapped": {choices.WrapperIt{Value: choices.ShapeNothing{}}},
	"Inside":  {[]failures.Failure{}, failures.ReasonUnknown, failures.ProblemUnknown{}},
}

// wrong are values of Go that are no values of WIT, as an argument and as what
// the host returns.
var wrong = []struct {
	method, want string
	args         []any
	out          any
	err          error
}{
	{"Strings", "is not valid UTF-8", []any{"", "a\xff"}, "\xed\xa0\x80", nil},
	{"Many", "is not valid UTF-8", []any{nil, nil, "\xff"}, "\xf4\x90\x80\x80", nil},
	{"Texts", "is not valid UTF-8", []any{[]string{"a", "\x80"}}, []string{"", "", "\xc0\x80"}, nil},
	{"Chars", "is not a Unicode scalar value", []any{rune(0xd800)}, rune(-1), nil},
	{"Runes", "char 0x110000 is not a Unicode scalar value", []any{[]rune{'a', 0x110000}}, []rune{0x110000}, nil},
	{"LevelOf", "enum level has no case 3", []any{base.Level(3)}, base.Level(3), nil},
	{"Structs", "enum level has no case 255", []any{nil, []base.Level{255}}, nil, nil},
	{"Shapes", "variant shape is nil", nil, nil, nil},
	{"Shapes", "variant shape has no case *choices.ShapeSmall", []any{&choices.ShapeSmall{}}, &choices.ShapeSmall{}, nil},
	{"Wrapped", "variant shape is nil", []any{choices.WrapperIt{}}, choices.WrapperIt{}, nil},
	{"Wrapped", "variant shape is nil", []any{choices.WrapperIt{Value: choices.ShapeNothing{}}, []choices.Shape{nil}}, nil, nil},
	{"Text", "is not valid UTF-8", nil, nil, cm.Errorf("\xff")},
	{"Fails", "is not valid UTF-8", nil, nil, failures.Failure{Message: "\xff"}},
	{"Reasons", "enum reason has no case 3", nil, nil, failures.Reason(3)},
	{"Problems", "variant problem has no case *failures.ProblemUnknown", nil, nil, &failures.ProblemUnknown{}},
}

// TestWrongArguments passes values that have no form in WIT: the call fails
// before the guest runs, and the instance lives on.
func TestWrongArguments(t *testing.T) {
	h := new(host)
	p := start(t, h)
	for _, test := range wrong {
		if test.err != nil || test.args == nil && test.out != nil {
			continue
		}
		t.Run(test.method, func(t *testing.T) {
			err := try(t, method(p, test.method), test.args...)
			if _, ok := errors.AsType[*rt.Trap](err); ok || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q and no trap", err, test.want)
			}
		})
	}
	if h.calls != 0 {
		t.Errorf("the guest called its host %d times", h.calls)
	}
	h.out = []any{nil}
	if err := p.Primitives.Nothing(t.Context()); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// TestWrongResults has the host return values that have no form in WIT: the
// guest that asked for them is stopped.
func TestWrongResults(t *testing.T) {
	for _, test := range wrong {
		if test.out == nil && test.err == nil && test.method != "Shapes" {
			continue
		}
		t.Run(test.method, func(t *testing.T) {
			h := new(host)
			p := start(t, h)
			f := method(p, test.method)
			h.out = []any{test.out, test.err}[2-f.Type().NumOut():]
			err := try(t, f, right[test.method]...)
			if !isTrap(err, rt.TrapHost) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a trap with %q", err, test.want)
			}
			if err := p.Primitives.Nothing(t.Context()); !isTrap(err, rt.TrapDead) {
				t.Errorf("after it: %v, want a dead instance", err)
			}
		})
	}
}

// TestUnknownFlags passes flags that the type does not have: they are dropped.
func TestUnknownFlags(t *testing.T) {
	h := new(host)
	p := start(t, h)
	h.out = []any{base.Permissions(0xfa), nil}
	got, err := p.Structures.RightsOf(t.Context(), 0xf9)
	if err != nil || got != 2 || h.args[0] != base.Permissions(1) {
		t.Errorf("the host got %v, the caller %v, %v", h.args, got, err)
	}
}
