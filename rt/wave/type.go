package wave

import (
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
)

// maxTypeText is how much of a type errors show, in bytes.
const maxTypeText = 120

// maxDepth is how deep values nest: twice as deep as the types of a component.
const maxDepth = 200

// typeText returns the text of a type for errors, as "list<point>" or
// "record point": a type that is declared by its own goes by its name.
func typeText(t wit.Type) string {
	w := typeWriter{}
	if kind := declared(wit.Underlying(t)); kind != "" {
		w.WriteString(kind)
		if d, ok := t.(*wit.TypeDef); ok && d.Name != "" {
			w.WriteString(" " + d.Name)
		}
	} else {
		w.write(t)
	}
	return clip(w.String(), maxTypeText)
}

// declared returns the keyword of a type that stands only in a declaration.
func declared(t wit.Type) string {
	switch t.(type) {
	case *wit.Record:
		return "record"
	case *wit.Variant:
		return "variant"
	case *wit.Enum:
		return "enum"
	case *wit.Flags:
		return "flags"
	case *wit.Resource:
		return "resource"
	}
	return ""
}

// typeWriter writes types until there is more than an error shows. Each type
// it goes into writes something, so it ends for any type.
type typeWriter struct{ strings.Builder }

func (w *typeWriter) write(t wit.Type) {
	switch t := t.(type) {
	case wit.Primitive:
		w.WriteString(t.String())
	case *wit.TypeDef:
		w.typeDef(t)
	case *wit.Tuple:
		w.args("tuple", t.Types...)
	case *wit.Option:
		w.args("option", t.Elem)
	case *wit.Result:
		switch {
		case t.Err != nil:
			w.args("result", t.OK, t.Err)
		case t.OK != nil:
			w.args("result", t.OK)
		default:
			w.WriteString("result")
		}
	case *wit.List:
		w.list(t)
	case *wit.Map:
		w.args("map", t.Key, t.Value)
	case *wit.Handle:
		if t.Borrow {
			w.args("borrow", t.Resource)
		} else {
			w.args("own", t.Resource)
		}
	case *wit.Stream:
		w.optional("stream", t.Elem)
	case *wit.Future:
		w.optional("future", t.Elem)
	default:
		if kind := declared(t); kind != "" {
			w.WriteString(kind)
		} else {
			w.WriteString("_")
		}
	}
}

func (w *typeWriter) typeDef(d *wit.TypeDef) {
	u := wit.Underlying(d)
	if declared(u) != "" && d.Name != "" {
		w.WriteString(d.Name)
		return
	}
	w.write(u)
}

func (w *typeWriter) list(l *wit.List) {
	if !l.Fixed {
		w.args("list", l.Elem)
		return
	}
	w.WriteString("list<")
	w.write(l.Elem)
	w.WriteString(", " + strconv.FormatUint(uint64(l.Len), 10) + ">")
}

func (w *typeWriter) optional(name string, elem wit.Type) {
	if elem == nil {
		w.WriteString(name)
		return
	}
	w.args(name, elem)
}

func (w *typeWriter) args(name string, types ...wit.Type) {
	w.WriteString(name + "<")
	for i, t := range types {
		if w.Len() > maxTypeText {
			return
		}
		if i > 0 {
			w.WriteString(", ")
		}
		w.write(t)
	}
	w.WriteString(">")
}

// noText says why values of a type have no text.
func noText(t wit.Type) string {
	switch u := wit.Underlying(t).(type) {
	case *wit.Handle:
		return "a handle has no text: " + typeText(t)
	case *wit.Stream:
		return "a stream has no text: " + typeText(t)
	case *wit.Future:
		return "a future has no text: " + typeText(t)
	case wit.Primitive:
		if u == wit.ErrorContext {
			return "an error context has no text"
		}
	}
	return "no value has the type " + typeText(t)
}

// isOption reports whether a value of the type may be left out as none.
func isOption(t wit.Type) bool {
	_, ok := wit.Underlying(t).(*wit.Option)
	return ok
}

// flattens reports whether some and ok may be left out before a value of the
// type, which may be nil.
func flattens(t wit.Type) bool {
	if t == nil {
		return false
	}
	switch wit.Underlying(t).(type) {
	case *wit.Option, *wit.Result:
		return false
	}
	return true
}
