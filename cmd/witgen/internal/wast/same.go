package wast

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// same reports whether a call returned what a script wants: floats are
// compared bit by bit, and a *nan is each of its NaNs.
func same(want, got rt.Value) bool {
	switch w := want.(type) {
	case float32:
		g, ok := got.(float32)
		return ok && math.Float32bits(w) == math.Float32bits(g)
	case float64:
		g, ok := got.(float64)
		return ok && math.Float64bits(w) == math.Float64bits(g)
	case *nan:
		switch g := got.(type) {
		case float32:
			return w.f32(g)
		case float64:
			return w.f64(g)
		}
		return false
	case []byte:
		g, ok := got.([]byte)
		return ok && bytes.Equal(w, g)
	case []rt.Value:
		g, ok := got.([]rt.Value)
		return ok && slices.EqualFunc(w, g, same)
	case rt.Tuple:
		g, ok := got.(rt.Tuple)
		return ok && slices.EqualFunc(w, g, same)
	case rt.Record:
		g, ok := got.(rt.Record)
		return ok && slices.EqualFunc(w, g, func(a, b rt.Field) bool { return a.Name == b.Name && same(a.Value, b.Value) })
	case rt.Map:
		g, ok := got.(rt.Map)
		return ok && slices.EqualFunc(w, g, func(a, b rt.Entry) bool { return same(a.Key, b.Key) && same(a.Value, b.Value) })
	case rt.Flags:
		g, ok := got.(rt.Flags)
		return ok && slices.Equal(w, g)
	}
	return sameChoice(want, got)
}

// sameChoice compares values of types that have cases, and the rest.
func sameChoice(want, got rt.Value) bool {
	switch w := want.(type) {
	case rt.Variant:
		g, ok := got.(rt.Variant)
		return ok && w.Case == g.Case && same(w.Value, g.Value)
	case cm.Option[rt.Value]:
		g, ok := got.(cm.Option[rt.Value])
		return ok && w.IsSome() == g.IsSome() && same(w.Or(nil), g.Or(nil))
	case cm.Result[rt.Value, rt.Value]:
		g, ok := got.(cm.Result[rt.Value, rt.Value])
		wv, wok := w.OK()
		gv, gok := g.OK()
		we, _ := w.Err()
		ge, _ := g.Err()
		return ok && wok == gok && same(wv, gv) && same(we, ge)
	case nil, bool, rune, string, rt.Enum, uint8, uint16, uint32, uint64, int8, int16, int64: // a rune is an int32
		return want == got
	}
	return false
}

// show returns a value for a message, with its Go type, which tells those of
// WIT apart.
func show(v rt.Value) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("string %q", v)
	}
	return fmt.Sprintf("%T %+v", v, v)
}
