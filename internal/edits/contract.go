package edits

import (
	"fmt"
	"strconv"
	"strings"
)

// contract is a package with a world w.
type contract struct {
	version string
	ifaces  []*iface
	own     *iface // what stands in the world itself; it has no name
	items   []*item
}

// item is an import or export of the world.
type item struct {
	export bool
	iface  *iface // nil for a function
	fn     *function
}

// iface is an interface. One that is inline stands in the world.
type iface struct {
	name   string
	inline bool
	types  []*def
	funcs  []*function
}

// def is a type with a name.
type def struct {
	name    string
	in      *iface
	keyword string // "record", "variant", "enum", "flags", "resource", "type" or "use"
	members []member
	typ     *typ        // of a type
	from    *def        // of a use
	funcs   []*function // of a resource
}

// member is a field, a case, a flag or a parameter.
type member struct {
	name string
	typ  *typ // nil where there is none
}

// typ is a type where it is used: a name, or a keyword with arguments.
type typ struct {
	def     *def
	keyword string // "u8", "list", "own"
	args    []*typ // nil stands for _
	length  int    // of a list of fixed length
}

// function is a function. One of a resource may be static, or its constructor.
type function struct {
	name   string
	kind   string // "", "static" or "constructor"
	async  bool
	docs   string
	params []member
	result *typ
}

// root follows uses and aliases.
func (d *def) root() *def {
	for {
		switch {
		case d.from != nil:
			d = d.from
		case d.typ != nil && d.typ.def != nil:
			d = d.typ.def
		default:
			return d
		}
	}
}

// String returns the WIT of the contract.
func (c *contract) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "package edits:random%s;\n", c.version)
	for _, i := range c.ifaces {
		if !i.inline {
			fmt.Fprintf(&b, "interface %s {\n%s}\n", i.name, i.body())
		}
	}
	b.WriteString("world w {\n" + c.own.body())
	for _, it := range c.items {
		verb := "import "
		if it.export {
			verb = "export "
		}
		switch {
		case it.iface == nil:
			b.WriteString(verb + it.fn.text())
		case it.iface.inline:
			fmt.Fprintf(&b, "%s%s: interface {\n%s}\n", verb, it.iface.name, it.iface.body())
		default:
			b.WriteString(verb + it.iface.name + ";\n")
		}
	}
	b.WriteString("}\n")
	return b.String()
}

func (i *iface) body() string {
	var b strings.Builder
	for _, d := range i.types {
		b.WriteString(d.text())
	}
	for _, f := range i.funcs {
		b.WriteString(f.text())
	}
	return b.String()
}

func (d *def) text() string {
	switch d.keyword {
	case "use":
		return fmt.Sprintf("use %s.{%s as %s};\n", d.from.in.name, d.from.name, d.name)
	case "type":
		return "type " + d.name + " = " + d.typ.String() + ";\n"
	case "resource":
		var b strings.Builder
		for _, f := range d.funcs {
			b.WriteString(f.text())
		}
		return "resource " + d.name + " {\n" + b.String() + "}\n"
	}
	var list []string
	for _, m := range d.members {
		switch {
		case m.typ == nil:
			list = append(list, m.name)
		case d.keyword == "variant":
			list = append(list, m.name+"("+m.typ.String()+")")
		default:
			list = append(list, m.name+": "+m.typ.String())
		}
	}
	return d.keyword + " " + d.name + " { " + strings.Join(list, ", ") + " }\n"
}

func (f *function) text() string {
	var list []string
	for _, p := range f.params {
		list = append(list, p.name+": "+p.typ.String())
	}
	params := "(" + strings.Join(list, ", ") + ")"
	if f.kind == "constructor" {
		return f.docs + "constructor" + params + ";\n"
	}
	text := f.docs + f.name + ": "
	if f.kind == "static" {
		text += "static "
	}
	if f.async {
		text += "async "
	}
	text += "func" + params
	if f.result != nil {
		text += " -> " + f.result.String()
	}
	return text + ";\n"
}

// String returns the type as WIT writes it.
func (t *typ) String() string {
	switch {
	case t == nil:
		return "_"
	case t.def != nil:
		return t.def.name
	case len(t.args) == 0 || t.keyword == "result" && t.args[0] == nil && t.args[1] == nil:
		return t.keyword
	}
	var list []string
	for _, a := range t.args {
		list = append(list, a.String())
	}
	if t.keyword == "result" && t.args[1] == nil {
		list = list[:1]
	}
	if t.length > 0 {
		list = append(list, strconv.Itoa(t.length))
	}
	return t.keyword + "<" + strings.Join(list, ", ") + ">"
}
