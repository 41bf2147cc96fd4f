package compat

import (
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
)

// typeText returns a type as WIT writes it where it is used.
func typeText(t wit.Type) string {
	switch t := t.(type) {
	case nil:
		return "_"
	case wit.Primitive:
		return t.String()
	case *wit.TypeDef:
		return t.Name
	case *wit.Handle:
		if t.Borrow {
			return "borrow<" + t.Resource.Name + ">"
		}
		return "own<" + t.Resource.Name + ">"
	case *wit.Tuple:
		return args("tuple", t.Types...)
	case *wit.Option:
		return args("option", t.Elem)
	case *wit.Result:
		switch {
		case t.Err != nil:
			return args("result", t.OK, t.Err)
		case t.OK != nil:
			return args("result", t.OK)
		}
		return "result"
	case *wit.List:
		if t.Fixed {
			return "list<" + typeText(t.Elem) + ", " + strconv.FormatUint(uint64(t.Len), 10) + ">"
		}
		return args("list", t.Elem)
	case *wit.Map:
		return args("map", t.Key, t.Value)
	case *wit.Stream:
		return optional("stream", t.Elem)
	case *wit.Future:
		return optional("future", t.Elem)
	}
	return kindOf(t).String()
}

func args(keyword string, types ...wit.Type) string {
	texts := make([]string, len(types))
	for i, t := range types {
		texts[i] = typeText(t)
	}
	return keyword + "<" + strings.Join(texts, ", ") + ">"
}

func optional(keyword string, elem wit.Type) string {
	if elem == nil {
		return keyword
	}
	return args(keyword, elem)
}

// resultText returns what a function returns.
func resultText(t wit.Type) string {
	if t == nil {
		return "nothing"
	}
	return "`" + typeText(t) + "`"
}

// funcText returns a function as WIT declares it, on one line.
func funcText(f *wit.Func) string {
	params := f.Params
	if f.Kind == wit.Method && len(params) > 0 {
		params = params[1:]
	}
	texts := make([]string, len(params))
	for i, p := range params {
		texts[i] = p.Name + ": " + typeText(p.Type)
	}
	list := "(" + strings.Join(texts, ", ") + ")"
	if f.Kind == wit.Constructor {
		if _, ok := f.Result.(*wit.Result); ok {
			list += " -> " + typeText(f.Result)
		}
		return "constructor" + list + ";"
	}
	text := memberName(f) + ": "
	if f.Kind == wit.Static {
		text += "static "
	}
	if f.Async {
		text += "async "
	}
	text += "func" + list
	if f.Result != nil {
		text += " -> " + typeText(f.Result)
	}
	return text + ";"
}

// memberName returns the name of a function without that of its resource.
func memberName(f *wit.Func) string {
	switch f.Kind {
	case wit.Constructor:
		return "constructor"
	case wit.Method, wit.Static:
		_, name, _ := strings.Cut(f.Name, ".")
		return name
	}
	return f.Name
}

// funcPath returns the name of a function within the path of an item.
func funcPath(f *wit.Func) string {
	if f.Resource == nil {
		return f.Name
	}
	return f.Resource.Name + "." + memberName(f)
}

// defText returns the declaration of a type, on one line.
func defText(d *wit.TypeDef) string {
	switch t := d.Type.(type) {
	case *wit.Record:
		return block("record", d.Name, t.Fields, fieldText)
	case *wit.Variant:
		return block("variant", d.Name, t.Cases, caseText)
	case *wit.Enum:
		return block("enum", d.Name, t.Cases, labelText)
	case *wit.Flags:
		return block("flags", d.Name, t.Flags, labelText)
	case *wit.Resource:
		return "resource " + d.Name + ";"
	case *wit.TypeDef:
		if from := t.Owner.Interface; from != nil && from != d.Owner.Interface {
			name := t.Name
			if d.Name != name {
				name += " as " + d.Name
			}
			return "use " + from.ID() + ".{" + name + "};"
		}
	}
	return "type " + d.Name + " = " + typeText(d.Type) + ";"
}

// maxMembers is how many fields, cases or flags a declaration shows. What changed
// of them is in the message.
const maxMembers = 32

func block[T any](keyword, name string, members []T, text func(T) string) string {
	texts := make([]string, min(len(members), maxMembers))
	for i := range texts {
		texts[i] = text(members[i])
	}
	if more := len(members) - len(texts); more > 0 {
		texts = append(texts, "and "+strconv.Itoa(more)+" more")
	}
	return keyword + " " + name + " { " + strings.Join(texts, ", ") + " }"
}

func fieldText(f wit.Field) string { return f.Name + ": " + typeText(f.Type) }

func caseText(c wit.Case) string {
	if c.Type == nil {
		return c.Name
	}
	return c.Name + "(" + typeText(c.Type) + ")"
}

func labelText(l wit.Label) string { return l.Name }

// itemText returns an import or export of a world, on one line.
func itemText(role Role, item *wit.WorldItem) string {
	verb := "import "
	if role == Exports {
		verb = "export "
	}
	switch {
	case item.Type != nil:
		return defText(item.Type)
	case item.Func != nil:
		return verb + funcText(item.Func)
	case item.Interface.Name == "":
		return verb + item.Label + ": interface"
	case item.Label != "":
		return verb + item.Label + ": " + item.Interface.ID() + ";"
	}
	return verb + item.Interface.ID() + ";"
}

// quoted lists things, up to a number of them.
func quoted(names []string, most int) string {
	more := len(names) - most
	if more > 0 {
		names = names[:most]
	}
	text := "`" + strings.Join(names, "`, `") + "`"
	if more > 0 {
		text += " and " + strconv.Itoa(more) + " more"
	}
	return text
}
