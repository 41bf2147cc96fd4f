package gen

import (
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
)

// sourceText returns a type as WIT writes it, by the names of its definitions.
// Aliases keep their names too, unless they are to be resolved.
func sourceText(t wit.Type, resolve bool) string {
	text := func(t wit.Type) string { return sourceText(t, resolve) }
	switch t := t.(type) {
	case wit.Primitive:
		return t.String()
	case *wit.TypeDef:
		if root := t.Root(); resolve {
			if named(root.Type) {
				return root.Name
			}
			return text(root.Type)
		}
		return t.Name
	case *wit.List:
		if t.Fixed {
			return "list<" + text(t.Elem) + ", " + strconv.FormatUint(uint64(t.Len), 10) + ">"
		}
		return "list<" + text(t.Elem) + ">"
	case *wit.Option:
		return "option<" + text(t.Elem) + ">"
	case *wit.Tuple:
		parts := make([]string, len(t.Types))
		for i, e := range t.Types {
			parts[i] = text(e)
		}
		return "tuple<" + strings.Join(parts, ", ") + ">"
	case *wit.Result:
		switch {
		case t.OK == nil && t.Err == nil:
			return "result"
		case t.Err == nil:
			return "result<" + text(t.OK) + ">"
		case t.OK == nil:
			return "result<_, " + text(t.Err) + ">"
		}
		return "result<" + text(t.OK) + ", " + text(t.Err) + ">"
	}
	return "invalid"
}

// named reports whether a type has a definition that is more than an alias.
func named(t wit.Type) bool {
	switch t.(type) {
	case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags:
		return true
	}
	return false
}

// signatureText returns a function as its interface declares it.
func signatureText(f *wit.Func) string {
	params := make([]string, len(f.Params))
	for i, p := range f.Params {
		params[i] = p.Name + ": " + sourceText(p.Type, false)
	}
	s := f.Name + ": func(" + strings.Join(params, ", ") + ")"
	if f.Result != nil {
		s += " -> " + sourceText(f.Result, false)
	}
	return s
}

// article puts "a" or "an" before WIT text.
func article(text string) string {
	if strings.ContainsRune("aeio", rune(text[0])) {
		return "an " + text
	}
	return "a " + text
}
