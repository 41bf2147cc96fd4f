package wave_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wave"
	"github.com/witgen/witgen/wit"
)

// names are those of fields, cases and flags.
var names = []string{"a", "b-2", "URL", "http-GET", "true", "false", "some", "none", "ok", "err", "inf", "nan", "list", "e1"}

func someNames(rnd *rand.Rand) []string {
	shuffled := slices.Clone(names)
	rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	return shuffled[:1+rnd.IntN(5)]
}

func someLabels(rnd *rand.Rand) []wit.Label {
	var labels []wit.Label
	for _, name := range someNames(rnd) {
		labels = append(labels, wit.Label{Name: name})
	}
	return labels
}

// randomType returns a type whose values have texts, nested up to depth deep.
func randomType(rnd *rand.Rand, depth int) wit.Type {
	next := func() wit.Type { return randomType(rnd, depth-1) }
	maybe := func() wit.Type {
		if rnd.IntN(3) == 0 {
			return nil
		}
		return next()
	}
	named := func(t wit.Type) wit.Type {
		d := &wit.TypeDef{Name: "t", Type: t}
		if rnd.IntN(4) == 0 {
			d = &wit.TypeDef{Name: "alias", Type: d}
		}
		return d
	}
	kinds := 15
	if depth == 0 {
		kinds = 6
	}
	switch rnd.IntN(kinds) {
	case 0, 1, 2, 3:
		return wit.Primitive(1 + rnd.IntN(int(wit.String)))
	case 4:
		return named(&wit.Enum{Cases: someLabels(rnd)})
	case 5:
		return named(&wit.Flags{Flags: someLabels(rnd)})
	case 6:
		return &wit.List{Elem: next()}
	case 7:
		return &wit.List{Elem: next(), Fixed: true, Len: uint32(1 + rnd.IntN(4))}
	case 8:
		keys := []wit.Type{wit.Bool, wit.S16, wit.Char, wit.String}
		return &wit.Map{Key: keys[rnd.IntN(len(keys))], Value: next()}
	case 9, 10:
		r := &wit.Record{}
		for _, name := range someNames(rnd) {
			r.Fields = append(r.Fields, wit.Field{Name: name, Type: next()})
		}
		return named(r)
	case 11:
		v := &wit.Variant{}
		for _, name := range someNames(rnd) {
			v.Cases = append(v.Cases, wit.Case{Name: name, Type: maybe()})
		}
		return named(v)
	case 12:
		u := &wit.Tuple{}
		for range 1 + rnd.IntN(3) {
			u.Types = append(u.Types, next())
		}
		return u
	case 13:
		return &wit.Result{OK: maybe(), Err: maybe()}
	}
	return named(&wit.Option{Elem: next()})
}

func randomPrimitive(rnd *rand.Rand, t wit.Primitive) rt.Value {
	bits := rnd.Uint64() >> rnd.IntN(64)
	switch t {
	case wit.Bool:
		return bits&1 == 1
	case wit.U8:
		return uint8(bits)
	case wit.U16:
		return uint16(bits)
	case wit.U32:
		return uint32(bits)
	case wit.U64:
		return bits
	case wit.S8:
		return int8(bits)
	case wit.S16:
		return int16(bits)
	case wit.S32:
		return int32(bits)
	case wit.S64:
		return int64(bits)
	case wit.F32:
		if f := math.Float32frombits(rnd.Uint32()); f == f {
			return f
		}
		return float32(math.Inf(1))
	case wit.F64:
		if f := math.Float64frombits(rnd.Uint64()); f == f {
			return f
		}
		return math.Inf(-1)
	case wit.Char:
		return randomChar(rnd)
	}
	var b strings.Builder
	for range rnd.IntN(8) {
		b.WriteRune(randomChar(rnd))
	}
	return b.String()
}

func randomChar(rnd *rand.Rand) rune {
	const special = "\"'\\\n\r\t {}/%\u0301\u200d\ufeff\u202e☃🌊"
	switch rnd.IntN(3) {
	case 0:
		all := []rune(special)
		return all[rnd.IntN(len(all))]
	case 1:
		return rune(rnd.IntN(128))
	}
	r := rune(rnd.IntN(utf8.MaxRune + 1))
	if !utf8.ValidRune(r) {
		return '\U0010ffff'
	}
	return r
}

// randomValue returns a value of type t; nil for no type.
func randomValue(rnd *rand.Rand, t wit.Type) rt.Value {
	if t == nil {
		return nil
	}
	next := func(t wit.Type) rt.Value { return randomValue(rnd, t) }
	switch t := wit.Underlying(t).(type) {
	case wit.Primitive:
		return randomPrimitive(rnd, t)
	case *wit.List:
		n := rnd.IntN(4)
		if t.Fixed {
			n = int(t.Len)
		} else if wit.Underlying(t.Elem) == wit.U8 {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(rnd.Uint32())
			}
			return b
		}
		values := make([]rt.Value, n)
		for i := range values {
			values[i] = next(t.Elem)
		}
		return values
	case *wit.Map:
		m := make(rt.Map, rnd.IntN(3))
		for i := range m {
			m[i] = rt.Entry{Key: next(t.Key), Value: next(t.Value)}
		}
		return m
	case *wit.Tuple:
		values := make(rt.Tuple, len(t.Types))
		for i := range values {
			values[i] = next(t.Types[i])
		}
		return values
	case *wit.Record:
		r := make(rt.Record, len(t.Fields))
		for i, f := range t.Fields {
			r[i] = rt.Field{Name: f.Name, Value: next(f.Type)}
		}
		return r
	case *wit.Variant:
		c := t.Cases[rnd.IntN(len(t.Cases))]
		return rt.Variant{Case: c.Name, Value: next(c.Type)}
	case *wit.Enum:
		return rt.Enum(t.Cases[rnd.IntN(len(t.Cases))].Name)
	case *wit.Flags:
		flags := rt.Flags{}
		for _, f := range t.Flags {
			if rnd.IntN(2) == 0 {
				flags = append(flags, f.Name)
			}
		}
		return flags
	case *wit.Option:
		if rnd.IntN(2) == 0 {
			return none
		}
		return some(next(t.Elem))
	case *wit.Result:
		if rnd.IntN(2) == 0 {
			return fail(next(t.Err))
		}
		return ok(next(t.OK))
	}
	panic(fmt.Sprintf("no values of %T", t))
}

func TestRandomRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		typ := randomType(rnd, 4)
		want := randomValue(rnd, typ)
		text, err := wave.Format(typ, want)
		if err != nil {
			t.Fatalf("Format(%s, %#v): %v", wit.TypeText(typ), want, err)
		}
		if strings.ContainsAny(text, "\n\r") {
			t.Fatalf("more than one line: %s", text)
		}
		got, err := wave.Parse(typ, text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n%s\n got %#v, %v\nwant %#v", wit.TypeText(typ), text, got, err, want)
		}
	}
}

// FuzzParse reads a text as a value of a type that the seed decides on. What
// it reads it writes, and reads again.
func FuzzParse(f *testing.F) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		typ := randomType(rnd, 3)
		s := &speller{Rand: rnd}
		s.value(typ, randomValue(rnd, typ))
		f.Add(s.String(), seed)
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		typ := randomType(rand.New(rand.NewPCG(seed, 0)), 3)
		v, err := wave.Parse(typ, text)
		if err != nil {
			return
		}
		once, err := wave.Format(typ, v)
		if err != nil {
			t.Fatalf("%q is the value %#v of %s, but: %v", text, v, wit.TypeText(typ), err)
		}
		again, err := wave.Parse(typ, once)
		if err != nil {
			t.Fatalf("%q is written %q, but: %v", text, once, err)
		}
		twice, err := wave.Format(typ, again)
		if err != nil || twice != once {
			t.Fatalf("%q is written %q, then %q, %v", text, once, twice, err)
		}
	})
}

// FuzzParseCall reads a call of a function whose parameters the seed decides on.
func FuzzParseCall(f *testing.F) {
	for _, name := range []string{"f", "iface.f", "ns:pkg/iface@1.0.0#f", "ns:pkg/iface.[method]r.m@1.0.0", `"f"`, "a:b/c.{f}"} {
		for _, args := range []string{"()", "(1)", `("a", none,)`, "([1, 2], {a: 1}) // end"} {
			f.Add(name+args, uint64(len(name)))
		}
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		fn := &wit.Func{Name: "f"}
		for range rnd.IntN(4) {
			fn.Params = append(fn.Params, wit.Param{Name: "p", Type: randomType(rnd, 2)})
		}
		name, args, err := wave.ParseCall(text, anyName(fn))
		if err != nil {
			return
		}
		if len(args) != len(fn.Params) {
			t.Fatalf("%q: %d arguments for %d parameters", text, len(args), len(fn.Params))
		}
		for i, arg := range args {
			if _, err := wave.Format(fn.Params[i].Type, arg); err != nil {
				t.Fatalf("%q: argument %d: %v", text, i, err)
			}
		}
		if strings.Contains(text, `"`) {
			return // the name may be quoted
		}
		again, _, err := wave.ParseCall(name+"()", anyName(&wit.Func{}))
		if err != nil || again != name {
			t.Fatalf("%q names %q, which names %q, %v", text, name, again, err)
		}
	})
}
