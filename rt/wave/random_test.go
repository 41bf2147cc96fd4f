package wave_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
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

// speller writes values in any of the ways in which they may be written. It
// knows nothing of Format.
type speller struct {
	*rand.Rand
	strings.Builder
}

func (s *speller) chance() bool { return s.IntN(2) == 0 }

// put writes a token, with space around it.
func (s *speller) put(token string) {
	for range s.IntN(3) {
		spaces := []string{" ", "\n", "\t", "\r\n", "// comment \"{[(\n", "//\n"}
		s.WriteString(spaces[s.IntN(len(spaces))])
	}
	s.WriteString(token)
	// Two words need something between them, wherever they come from.
	s.WriteString([]string{"", " ", "\n"}[s.IntN(3)])
}

// label writes a label that no keyword can be mistaken for.
func (s *speller) label(name string) {
	if s.chance() {
		name = "%" + name
	}
	s.put(name)
}

func (s *speller) caseLabel(name string) {
	switch name {
	case "true", "false", "some", "none", "ok", "err", "inf", "nan":
		s.put("%" + name)
	default:
		s.label(name)
	}
}

// parts writes n parts, in the order in which write is called for them.
func (s *speller) parts(open, end string, order []int, write func(i int)) {
	s.put(open)
	for n, i := range order {
		if n > 0 {
			s.put(",")
		}
		write(i)
	}
	if len(order) > 0 && s.chance() {
		s.put(",")
	}
	s.put(end)
}

func inOrder(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

func (s *speller) payload(t wit.Type, v rt.Value) {
	if t != nil {
		s.put("(")
		s.value(t, v)
		s.put(")")
	}
}

func (s *speller) quoted(quote string, text string) {
	b := quote
	for _, r := range text {
		switch {
		case string(r) == quote || r == '\\' || r == '\n':
			if r == '\n' {
				b += `\n`
			} else {
				b += `\` + string(r)
			}
		case s.IntN(4) == 0:
			b += fmt.Sprintf(`\u{%0*X}`, 1+s.IntN(6), r)
		default:
			b += string(r)
		}
	}
	s.put(b + quote)
}

// lines writes a string over several lines.
func (s *speller) lines(text string) {
	indent := strings.Repeat(" ", s.IntN(3))
	end := []string{"\n", "\r\n"}[s.IntN(2)]
	b := `"""` + end
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\r", `\r`).Replace(line)
		b += indent + line + end
	}
	s.put(b + indent + `"""`)
}

func (s *speller) flat(t wit.Type) bool {
	if t == nil {
		return false
	}
	switch wit.Underlying(t).(type) {
	case *wit.Option, *wit.Result:
		return false
	}
	return s.chance()
}

func (s *speller) primitive(v rt.Value) {
	switch v := v.(type) {
	case rune:
		s.put(strconv.Itoa(int(v))) // an s32: of char, see value
	case string:
		if s.chance() {
			s.lines(v)
		} else {
			s.quoted(`"`, v)
		}
	case float32:
		s.float(float64(v), 32)
	case float64:
		s.float(v, 64)
	default:
		s.put(fmt.Sprint(v))
	}
}

func (s *speller) float(v float64, bits int) {
	switch {
	case math.IsInf(v, 1):
		s.put("inf")
	case math.IsInf(v, -1):
		s.put("-inf")
	default:
		s.put(strconv.FormatFloat(v, "feE"[s.IntN(3)], -1, bits))
	}
}

func (s *speller) value(t wit.Type, v rt.Value) {
	switch t := wit.Underlying(t).(type) {
	case wit.Primitive:
		if t == wit.Char {
			s.quoted("'", string(v.(rune)))
		} else {
			s.primitive(v)
		}
	case *wit.List:
		if b, ok := v.([]byte); ok {
			s.parts("[", "]", inOrder(len(b)), func(i int) { s.primitive(b[i]) })
			return
		}
		values := v.([]rt.Value)
		s.parts("[", "]", inOrder(len(values)), func(i int) { s.value(t.Elem, values[i]) })
	case *wit.Map:
		m := v.(rt.Map)
		if s.chance() {
			s.parts("{", "}", inOrder(len(m)), func(i int) {
				s.value(t.Key, m[i].Key)
				s.put(":")
				s.value(t.Value, m[i].Value)
			})
			return
		}
		s.parts("[", "]", inOrder(len(m)), func(i int) {
			s.value(&wit.Tuple{Types: []wit.Type{t.Key, t.Value}}, rt.Tuple{m[i].Key, m[i].Value})
		})
	case *wit.Tuple:
		s.parts("(", ")", inOrder(len(t.Types)), func(i int) { s.value(t.Types[i], v.(rt.Tuple)[i]) })
	case *wit.Record:
		s.record(t, v.(rt.Record))
	case *wit.Variant:
		x := v.(rt.Variant)
		s.caseLabel(x.Case)
		i := slices.IndexFunc(t.Cases, func(c wit.Case) bool { return c.Name == x.Case })
		s.payload(t.Cases[i].Type, x.Value)
	case *wit.Enum:
		s.caseLabel(string(v.(rt.Enum)))
	case *wit.Flags:
		flags := v.(rt.Flags)
		s.parts("{", "}", s.Perm(len(flags)), func(i int) { s.label(flags[i]) })
	case *wit.Option:
		x, some := v.(cm.Option[rt.Value]).Get()
		switch {
		case !some:
			s.put("none")
		case s.flat(t.Elem):
			s.value(t.Elem, x)
		default:
			s.put("some")
			s.payload(t.Elem, x)
		}
	case *wit.Result:
		s.result(t, v.(cm.Result[rt.Value, rt.Value]))
	}
}

func (s *speller) record(t *wit.Record, r rt.Record) {
	var order []int
	for _, i := range s.Perm(len(r)) {
		if r[i].Value == none && s.chance() {
			continue
		}
		order = append(order, i)
	}
	if len(order) == 0 {
		s.put("{")
		s.put(":")
		s.put("}")
		return
	}
	s.parts("{", "}", order, func(i int) {
		s.label(r[i].Name)
		s.put(":")
		s.value(t.Fields[i].Type, r[i].Value)
	})
}

func (s *speller) result(t *wit.Result, r cm.Result[rt.Value, rt.Value]) {
	if e, failed := r.Err(); failed {
		s.put("err")
		s.payload(t.Err, e)
		return
	}
	x, _ := r.OK()
	if s.flat(t.OK) {
		s.value(t.OK, x)
		return
	}
	s.put("ok")
	s.payload(t.OK, x)
}

func TestRandomSpellings(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		typ := randomType(rnd, 4)
		want := randomValue(rnd, typ)
		s := &speller{Rand: rnd}
		s.value(typ, want)
		got, err := wave.Parse(typ, s.String())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n%s\n got %#v, %v\nwant %#v", wit.TypeText(typ), s.String(), got, err, want)
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
