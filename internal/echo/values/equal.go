package values

import (
	"math"
	"slices"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// Equal reports whether got is what want has to have become on its way: the
// same to the bit, but that a NaN is the canonical one. Both have exactly the
// Go types of [rt.Value]; nil and empty are alike.
func Equal(got, want rt.Value) bool {
	switch want := want.(type) {
	case float32:
		got, ok := got.(float32)
		return ok && bits32(got) == bits32(want) && (got == got || math.Float32bits(got) == canonical32)
	case float64:
		got, ok := got.(float64)
		return ok && bits64(got) == bits64(want) && (got == got || math.Float64bits(got) == canonical64)
	case []byte:
		got, ok := got.([]byte)
		return ok && slices.Equal(got, want)
	case []rt.Value:
		got, ok := got.([]rt.Value)
		return ok && slices.EqualFunc(got, want, Equal)
	case rt.Tuple:
		got, ok := got.(rt.Tuple)
		return ok && slices.EqualFunc(got, want, Equal)
	case rt.Map:
		got, ok := got.(rt.Map)
		return ok && slices.EqualFunc(got, want, func(a, b rt.Entry) bool { return Equal(a.Key, b.Key) && Equal(a.Value, b.Value) })
	case rt.Record:
		got, ok := got.(rt.Record)
		return ok && slices.EqualFunc(got, want, func(a, b rt.Field) bool { return a.Name == b.Name && Equal(a.Value, b.Value) })
	case rt.Flags:
		got, ok := got.(rt.Flags)
		return ok && slices.Equal(got, want)
	case rt.Variant:
		got, ok := got.(rt.Variant)
		return ok && got.Case == want.Case && Equal(got.Value, want.Value)
	case cm.Option[rt.Value]:
		got, ok := got.(cm.Option[rt.Value])
		a, some := got.Get()
		b, wanted := want.Get()
		return ok && some == wanted && Equal(a, b)
	case cm.Result[rt.Value, rt.Value]:
		got, ok := got.(cm.Result[rt.Value, rt.Value])
		return ok && equalResults(got, want)
	}
	return got == want
}

func equalResults(got, want cm.Result[rt.Value, rt.Value]) bool {
	a, ok := got.OK()
	b, wanted := want.OK()
	if ok != wanted {
		return false
	}
	if !ok {
		a, _ = got.Err()
		b, _ = want.Err()
	}
	return Equal(a, b)
}

// The canonical NaNs.
const (
	canonical32 = 0x7fc00000
	canonical64 = 0x7ff8000000000000
)

func bits32(f float32) uint32 {
	if f != f {
		return canonical32
	}
	return math.Float32bits(f)
}

func bits64(f float64) uint64 {
	if f != f {
		return canonical64
	}
	return math.Float64bits(f)
}
