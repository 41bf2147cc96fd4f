package wit

import (
	"strconv"
	"strings"
)

// used writes the types at the beginning of a list that are used from one
// interface, all in one use, and returns how many those are.
func (p *printer) used(types []*TypeDef) int {
	from := usedFrom(types[0])
	if from == nil {
		return 0
	}
	stability := types[0].Stability
	n := 0
	var names []string
	for n < len(types) && usedFrom(types[n]) == from && types[n].Stability == stability {
		d := types[n]
		name := escape(d.Type.(*TypeDef).Name)
		if as := escape(d.Name); as != name {
			name += " as " + as
		}
		names = append(names, name)
		n++
	}
	k := useEntry
	if stability != (Stability{}) {
		k = loneEntry
	}
	p.entry(k)
	p.gates(stability, "")
	p.line("use " + p.path(from) + ".{" + strings.Join(names, ", ") + "};")
	return n
}

// typeDef writes the declaration of a type; funcs are those of a resource.
func (p *printer) typeDef(d *TypeDef, funcs []*Func) {
	var members []member
	keyword := "type"
	block := false
	switch t := d.Type.(type) {
	case *Record:
		keyword, block = "record", true
		for _, f := range t.Fields {
			members = append(members, member{f.Docs, escape(f.Name) + ": " + p.typ(f.Type)})
		}
	case *Variant:
		keyword, block = "variant", true
		for _, c := range t.Cases {
			text := escape(c.Name)
			if c.Type != nil {
				text += "(" + p.typ(c.Type) + ")"
			}
			members = append(members, member{c.Docs, text})
		}
	case *Enum:
		keyword, block, members = "enum", true, labelMembers(t.Cases)
	case *Flags:
		keyword, block, members = "flags", true, labelMembers(t.Flags)
	case *Resource:
		keyword, block = "resource", len(funcs) > 0
	}
	k := typeEntry
	if block || !plain(d.Docs, d.Stability, d.ExternalID) {
		k = loneEntry
	}
	p.entry(k)
	p.docs(d.Docs)
	p.gates(d.Stability, d.ExternalID)
	head := keyword + " " + escape(d.Name)
	switch {
	case keyword == "type":
		p.line(head + " = " + p.aliased(d.Type) + ";")
	case len(funcs) > 0:
		p.open(head)
		for _, f := range funcs {
			p.resourceFunc(f)
		}
		p.close()
	case !block:
		p.line(head + ";")
	case len(members) == 0:
		p.line(head + " {}")
	default:
		p.members(head, members)
	}
}

// member is a field, a case or a flag.
type member struct {
	docs Docs
	text string
}

func labelMembers(labels []Label) []member {
	members := make([]member, len(labels))
	for i, l := range labels {
		members[i] = member{l.Docs, escape(l.Name)}
	}
	return members
}

func (p *printer) members(head string, members []member) {
	p.open(head)
	for _, m := range members {
		p.docs(m.docs)
		p.line(m.text + ",")
	}
	p.close()
}

// aliased returns the right side of `type a = …`, where the bare name of a
// resource gives that another name and is no handle.
func (p *printer) aliased(t Type) string {
	if h, ok := t.(*Handle); ok && !h.Borrow {
		return "own<" + escape(h.Resource.Name) + ">"
	}
	return p.typ(t)
}

// typ returns a type where it is used.
func (p *printer) typ(t Type) string {
	switch t := t.(type) {
	case Primitive:
		return t.String()
	case *TypeDef:
		return escape(t.Name)
	case *Handle:
		if t.Borrow {
			return "borrow<" + escape(t.Resource.Name) + ">"
		}
		return escape(t.Resource.Name)
	case *Tuple:
		return p.args("tuple", t.Types...)
	case *Option:
		return p.args("option", t.Elem)
	case *Result:
		switch {
		case t.Err != nil:
			return p.args("result", t.OK, t.Err)
		case t.OK != nil:
			return p.args("result", t.OK)
		}
		return "result"
	case *List:
		if t.Fixed {
			return "list<" + p.typ(t.Elem) + ", " + strconv.FormatUint(uint64(t.Len), 10) + ">"
		}
		return p.args("list", t.Elem)
	case *Map:
		return p.args("map", t.Key, t.Value)
	case *Stream:
		return p.optional("stream", t.Elem)
	case *Future:
		return p.optional("future", t.Elem)
	}
	return "_" // the ok type of a result that has none
}

func (p *printer) args(keyword string, types ...Type) string {
	texts := make([]string, len(types))
	for i, t := range types {
		texts[i] = p.typ(t)
	}
	return keyword + "<" + strings.Join(texts, ", ") + ">"
}

func (p *printer) optional(keyword string, elem Type) string {
	if elem == nil {
		return keyword
	}
	return p.args(keyword, elem)
}

// resourceFunc writes a function of a resource.
func (p *printer) resourceFunc(f *Func) {
	k := funcEntry
	if !plain(f.Docs, f.Stability, f.ExternalID) {
		k = loneEntry
	}
	p.entry(k)
	p.docs(f.Docs)
	p.gates(f.Stability, f.ExternalID)
	switch f.Kind {
	case Constructor:
		text := "constructor(" + p.params(f.Params) + ")"
		if _, ok := f.Result.(*Result); ok {
			text += " -> " + p.typ(f.Result)
		}
		p.line(text + ";")
	case Static:
		p.line(escape(f.memberName()) + ": static " + p.signature(f) + ";")
	default:
		p.line(escape(f.memberName()) + ": " + p.signature(f) + ";")
	}
}

// memberName returns the name of a method or static within its resource.
func (f *Func) memberName() string {
	_, name, _ := strings.Cut(f.Name, ".")
	return name
}

// signature returns `[async] func(…) [-> T]`. The self parameter of a method
// is not written.
func (p *printer) signature(f *Func) string {
	text := "func("
	if f.Async {
		text = "async func("
	}
	params := f.Params
	if f.Kind == Method {
		params = params[1:]
	}
	text += p.params(params) + ")"
	if f.Result != nil {
		text += " -> " + p.typ(f.Result)
	}
	return text
}

func (p *printer) params(params []Param) string {
	texts := make([]string, len(params))
	for i, param := range params {
		texts[i] = escape(param.Name) + ": " + p.typ(param.Type)
	}
	return strings.Join(texts, ", ")
}
