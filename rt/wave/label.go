package wave

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// keywords are what a case cannot be called without a percent sign.
var keywords = []string{"true", "false", "some", "none", "ok", "err", "inf", "nan"}

func isKeyword(s string) bool { return slices.Contains(keywords, s) }

// caseLabel returns the name of a case as it is written.
func caseLabel(name string) string {
	if isKeyword(name) {
		return "%" + name
	}
	return name
}

// isLabel reports whether s is an identifier of WIT: words joined by -, each
// of digits and letters of one case, the first beginning with a letter.
func isLabel(s string) bool {
	for i, word := range strings.Split(s, "-") {
		if word == "" || i == 0 && isDigit(word[0]) {
			return false
		}
		lower, upper := false, false
		for _, c := range []byte(word) {
			switch {
			case c >= 'a' && c <= 'z':
				lower = true
			case c >= 'A' && c <= 'Z':
				upper = true
			case !isDigit(c):
				return false
			}
		}
		if lower && upper {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// labels finds the fields, cases and flags of types by name. It holds an index
// for each type it was asked about, so that a value of many parts takes no
// longer for a type of many labels.
type labels map[wit.Type]map[string]int

// of returns the indexes of the labels of a record, variant, enum or flags.
func (l labels) of(t wit.Type) map[string]int {
	if index, ok := l[t]; ok {
		return index
	}
	names := labelsOf(t)
	index := make(map[string]int, len(names))
	for i, name := range names {
		index[name] = i
	}
	l[t] = index
	return index
}

func labelsOf(t wit.Type) []string {
	var names []string
	switch t := t.(type) {
	case *wit.Record:
		for _, f := range t.Fields {
			names = append(names, f.Name)
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			names = append(names, c.Name)
		}
	case *wit.Enum:
		for _, c := range t.Cases {
			names = append(names, c.Name)
		}
	case *wit.Flags:
		for _, f := range t.Flags {
			names = append(names, f.Name)
		}
	}
	return names
}

// maxListed is how many labels an error lists.
const maxListed = 12

// listed returns the labels of a type for errors.
func listed(t wit.Type) string {
	names := labelsOf(t)
	if len(names) > maxListed {
		return strings.Join(names[:maxListed], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
