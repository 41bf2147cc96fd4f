package gen

import (
	"strings"

	"github.com/witgen/witgen/gen/internal/printer"
)

// ownership says who owns the resources among the arguments and in the result
// of a function; nothing if there are none.
func (m *method) ownership() printer.Comment {
	var given, lent []string
	for _, p := range m.arguments() {
		if p.typ.owns {
			given = append(given, holder(p))
		}
		if p.typ.borrows {
			lent = append(lent, holder(p))
		}
	}
	var sentences []string
	if len(given) > 0 {
		sentences = append(sentences, "It is given "+enumerate(given)+" to keep and close.")
	}
	if len(lent) > 0 {
		sentences = append(sentences, "It is lent "+enumerate(lent)+" until it returns.")
	}
	if m.result != nil && m.result.owns {
		t := m.result
		if t.kind == outcome && t.parts[0].typ != nil {
			t = t.parts[0].typ
		}
		what := "The resources in what it returns are"
		if t.kind == handle {
			what = "The resource it returns is"
		}
		sentences = append(sentences, what+" the caller's to close.")
	}
	if len(sentences) == 0 {
		return nil
	}
	return printer.Wrap(strings.Join(sentences, " "))
}

// holder names an argument that is a resource or has some in it.
func holder(p param) string {
	if p.typ.kind == handle {
		return p.name
	}
	return "the resources in " + p.name
}

// enumerate returns "a", "a and b", "a, b and c".
func enumerate(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
