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
	case *wit.Map:
		return "map<" + text(t.Key) + ", " + text(t.Value) + ">"
	case *wit.Option:
		return "option<" + text(t.Elem) + ">"
	case *wit.Tuple:
		parts := make([]string, len(t.Types))
		for i, e := range t.Types {
			parts[i] = text(e)
		}
		return "tuple<" + strings.Join(parts, ", ") + ">"
	case *wit.Stream:
		return endText("stream", t.Elem, resolve)
	case *wit.Future:
		return endText("future", t.Elem, resolve)
	case *wit.Handle:
		if t.Borrow {
			return "borrow<" + text(t.Resource) + ">"
		}
		return "own<" + text(t.Resource) + ">"
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
	case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags, *wit.Resource:
		return true
	}
	return false
}

// signatureText returns a function as its interface, or resource, declares it.
func signatureText(f *wit.Func) string {
	var params []string
	for i, p := range f.Params {
		if i > 0 || f.Kind != wit.Method {
			params = append(params, p.Name+": "+sourceText(p.Type, false))
		}
	}
	s := "func("
	if f.Async {
		s = "async func("
	}
	switch f.Kind {
	case wit.Constructor:
		s = "constructor("
	case wit.Method:
		s = plainName(f) + ": " + s
	case wit.Static:
		s = plainName(f) + ": static " + s
	default:
		s = f.Name + ": " + s
	}
	s += strings.Join(params, ", ") + ")"
	if _, self := f.Result.(*wit.Handle); f.Result != nil && !(self && f.Kind == wit.Constructor) {
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
