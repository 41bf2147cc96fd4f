// Package values has values of WIT types for tests, as package rt has them: at
// the edges of their types and random ones, and a comparison to the bit.
package values

import (
	"math"
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// Random returns a value of a type, nil for no type: that at an edge of its
// type as often as not. Lists have few elements, but now and then many if those
// are small. There are no values of handles, streams, futures and error
// contexts.
func Random(r *rand.Rand, t wit.Type) rt.Value {
	switch t := wit.Underlying(t).(type) {
	case wit.Primitive:
		if edges := Edges(t); r.IntN(2) == 0 {
			return edges[r.IntN(len(edges))]
		}
		return primitive(r, t)
	case *wit.List:
		return list(r, t)
	case *wit.Map:
		m := make(rt.Map, r.IntN(4))
		for i := range m {
			m[i] = rt.Entry{Key: Random(r, t.Key), Value: Random(r, t.Value)}
		}
		return m
	case *wit.Record:
		v := make(rt.Record, len(t.Fields))
		for i, f := range t.Fields {
			v[i] = rt.Field{Name: f.Name, Value: Random(r, f.Type)}
		}
		return v
	case *wit.Tuple:
		v := make(rt.Tuple, len(t.Types))
		for i, e := range t.Types {
			v[i] = Random(r, e)
		}
		return v
	case *wit.Variant:
		c := t.Cases[index(r, len(t.Cases))]
		return rt.Variant{Case: c.Name, Value: Random(r, c.Type)}
	case *wit.Enum:
		return rt.Enum(t.Cases[index(r, len(t.Cases))].Name)
	case *wit.Flags:
		v := rt.Flags{}
		odds := 1 + r.IntN(4)
		for _, f := range t.Flags {
			if r.IntN(odds) == 0 {
				v = append(v, f.Name)
			}
		}
		return v
	case *wit.Option:
		if r.IntN(3) == 0 {
			return cm.None[rt.Value]()
		}
		return cm.Some(Random(r, t.Elem))
	case *wit.Result:
		if r.IntN(2) == 0 {
			return cm.Fail[rt.Value, rt.Value](Random(r, t.Err))
		}
		return cm.OK[rt.Value, rt.Value](Random(r, t.OK))
	}
	return nil
}

// index returns a number less than n, the last one more often than others.
func index(r *rand.Rand, n int) int {
	if r.IntN(4) == 0 {
		return n - 1
	}
	return r.IntN(n)
}

func list(r *rand.Rand, t *wit.List) rt.Value {
	n := r.IntN(4)
	p, small := wit.Underlying(t.Elem).(wit.Primitive)
	if small && r.IntN(20) == 0 {
		n = r.IntN(3000)
	}
	if t.Fixed {
		n = int(t.Len)
	} else if p == wit.U8 {
		v := make([]byte, n)
		for i := range v {
			v[i] = byte(r.Uint32())
		}
		return v
	}
	v := make([]rt.Value, n)
	for i := range v {
		v[i] = Random(r, t.Elem)
	}
	return v
}

func primitive(r *rand.Rand, p wit.Primitive) rt.Value {
	n := r.Uint64() >> r.IntN(64)
	if r.IntN(2) == 0 {
		n = -n
	}
	switch p {
	case wit.Bool:
		return n&1 == 1
	case wit.U8:
		return uint8(n)
	case wit.S8:
		return int8(n)
	case wit.U16:
		return uint16(n)
	case wit.S16:
		return int16(n)
	case wit.U32:
		return uint32(n)
	case wit.S32:
		return int32(n)
	case wit.U64:
		return n
	case wit.S64:
		return int64(n)
	case wit.F32:
		return math.Float32frombits(r.Uint32())
	case wit.F64:
		return math.Float64frombits(r.Uint64())
	case wit.Char:
		return char(r)
	}
	var b strings.Builder
	widest := 1 + r.IntN(len(alphabets)) // what characters decides how a string is encoded
	for range r.IntN(12) {
		b.WriteRune(alphabets[r.IntN(widest)](r))
	}
	return b.String()
}

// alphabets are the characters that take as many bytes in one encoding and
// another: of ASCII, Latin-1, those of two bytes of UTF-8, of two of UTF-16, and
// all.
var alphabets = []func(r *rand.Rand) rune{
	func(r *rand.Rand) rune { return r.Int32N(0x80) },
	func(r *rand.Rand) rune { return r.Int32N(0x100) },
	func(r *rand.Rand) rune { return r.Int32N(0x800) },
	func(r *rand.Rand) rune { return r.Int32N(0xd800) },
	char,
}

func char(r *rand.Rand) rune {
	if c := r.Int32N(utf8.MaxRune + 1); utf8.ValidRune(c) {
		return c
	}
	return 0xe000 + r.Int32N(0x2000)
}
