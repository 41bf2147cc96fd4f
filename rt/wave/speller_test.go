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

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wave"
	"github.com/witgen/witgen/wit"
)

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
