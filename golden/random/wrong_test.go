package random_test

import (
	"math/rand/v2"
	"regexp"

	"github.com/witgen/witgen/internal/echo/values"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// complaints are what errors have to say of wrong parts of values, by their
// kind. Variants have a nil in Go, which there is no dynamic value for.
var complaints = map[string]*regexp.Regexp{
	"string":  regexp.MustCompile("is not valid UTF-8"),
	"char":    regexp.MustCompile("char 0xdabc is not a Unicode scalar value"),
	"enum":    regexp.MustCompile(`enum has no case ""|enum \S+ has no case \d+`),
	"variant": regexp.MustCompile(`variant has no case ""|variant \S+ is nil`),
}

// wrong makes one part of a value one that its type does not have.
type wrong struct {
	at   int    // the part that becomes wrong, of those that can; none if negative
	seen int    // parts that can
	what string // the kind of the part that is wrong now
}

// wrongValues returns values of types, one of which is wrong in one part, and
// the kind of that part: empty if no part can be wrong.
func wrongValues(r *rand.Rand, types []wit.Type) (list []rt.Value, what string) {
	for _, t := range types {
		list = append(list, values.Settled(values.Random(r, t)))
	}
	count := wrong{at: -1}
	count.all(types, list)
	if count.seen == 0 {
		return list, ""
	}
	w := wrong{at: r.IntN(count.seen)}
	return w.all(types, list), w.what
}

func (w *wrong) hit(what string) bool {
	w.seen++
	if w.seen-1 != w.at {
		return false
	}
	w.what = what
	return true
}

func (w *wrong) all(types []wit.Type, list []rt.Value) []rt.Value {
	out := make([]rt.Value, len(list))
	for i, v := range list {
		out[i] = w.value(types[i%len(types)], v)
	}
	return out
}

// value returns a copy of a value with the part wrong, if that is in it.
func (w *wrong) value(t wit.Type, v rt.Value) rt.Value {
	if t == nil {
		return v
	}
	switch t := wit.Underlying(t).(type) {
	case wit.Primitive:
		switch {
		case t == wit.String && w.hit("string"):
			return "a\xff"
		case t == wit.Char && w.hit("char"):
			return rune(0xdabc)
		}
	case *wit.Enum:
		if n := len(t.Cases); n != 256 && w.hit("enum") { // a byte of Go has no number for it
			return rt.Enum("")
		}
	case *wit.List:
		if list, ok := v.([]rt.Value); ok {
			return w.all([]wit.Type{t.Elem}, list)
		}
	case *wit.Map:
		out := rt.Map{}
		for _, e := range v.(rt.Map) {
			out = append(out, rt.Entry{Key: w.value(t.Key, e.Key), Value: w.value(t.Value, e.Value)})
		}
		return out
	case *wit.Record:
		out := rt.Record{}
		for i, f := range v.(rt.Record) {
			out = append(out, rt.Field{Name: f.Name, Value: w.value(t.Fields[i].Type, f.Value)})
		}
		return out
	case *wit.Tuple:
		return rt.Tuple(w.all(t.Types, v.(rt.Tuple)))
	case *wit.Variant:
		return w.variant(t, v.(rt.Variant))
	case *wit.Option:
		if some, ok := v.(cm.Option[rt.Value]).Get(); ok {
			return cm.Some(w.value(t.Elem, some))
		}
	case *wit.Result:
		if ok, is := v.(cm.Result[rt.Value, rt.Value]).OK(); is {
			return cm.OK[rt.Value, rt.Value](w.value(t.OK, ok))
		}
		e, _ := v.(cm.Result[rt.Value, rt.Value]).Err()
		return cm.Fail[rt.Value](w.value(t.Err, e))
	}
	return v
}

func (w *wrong) variant(t *wit.Variant, v rt.Variant) rt.Value {
	if w.hit("variant") {
		return rt.Variant{}
	}
	for _, c := range t.Cases {
		if c.Name == v.Case {
			return rt.Variant{Case: v.Case, Value: w.value(c.Type, v.Value)}
		}
	}
	return v
}
