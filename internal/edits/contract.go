package edits

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// contract is a package with a world w, and another one that it depends on.
type contract struct {
	pkg, other *pack
	ifaces     []*iface
	own        *iface // what stands in the world itself; it has no name
	items      []*item
}

// pack is the name of a package.
type pack struct{ name, version string }

func (p *pack) String() string { return p.name + "@" + p.version }

// item is an import or export of the world.
type item struct {
	export bool
	part   bool   // it stands in a world that this one includes
	label  string // of an interface that goes by another name
	docs   string
	iface  *iface // nil for a function
	fn     *function
}

// iface is an interface. One that is inline stands in the world.
type iface struct {
	name   string
	pkg    *pack
	inline bool
	types  []*def
	funcs  []*function
}

// def is a type with a name.
type def struct {
	name    string
	in      *iface
	docs    string
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

// endless reports whether a type has itself in it, or one of those that it is in.
func (d *def) endless(in ...*def) bool {
	if slices.Contains(in, d) {
		return true
	}
	in = append(slices.Clip(in), d)
	if d.from != nil {
		return d.from.endless(in...)
	}
	return d.typ.endless(in) || slices.ContainsFunc(d.members, func(m member) bool { return m.typ.endless(in) })
}

func (t *typ) endless(in []*def) bool {
	return t != nil && (t.def != nil && t.def.endless(in...) || slices.ContainsFunc(t.args, func(a *typ) bool { return a.endless(in) }))
}

// String returns the WIT of the contract.
func (c *contract) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s;\n%s", c.pkg, c.interfaces(c.pkg))
	if text := c.text(true); text != "" {
		b.WriteString("world part {\n" + text + "}\nworld w {\ninclude part;\n")
	} else {
		b.WriteString("world w {\n")
	}
	b.WriteString(c.own.body() + c.text(false) + "}\n")
	if text := c.interfaces(c.other); text != "" {
		fmt.Fprintf(&b, "package %s {\n%s}\n", c.other, text)
	}
	return b.String()
}

// interfaces returns those of a package.
func (c *contract) interfaces(of *pack) string {
	var b strings.Builder
	for _, i := range c.named() {
		if i.pkg == of {
			fmt.Fprintf(&b, "interface %s {\n%s}\n", i.name, i.body())
		}
	}
	return b.String()
}

// text returns the imports and exports of the world, or those of its part.
func (c *contract) text(part bool) string {
	var b strings.Builder
	for _, it := range c.items {
		if it.part == part {
			b.WriteString(it.text(c.pkg))
		}
	}
	return b.String()
}

func (it *item) text(in *pack) string {
	verb := it.docs + "import "
	if it.export {
		verb = it.docs + "export "
	}
	switch {
	case it.iface == nil:
		return it.fn.docs + verb + it.fn.signature()
	case it.iface.inline:
		return fmt.Sprintf("%s%s: interface {\n%s}\n", verb, it.iface.name, it.iface.body())
	case it.label != "":
		verb += it.label + ": "
	}
	return verb + it.iface.path(in) + ";\n"
}

// path returns how a package names an interface.
func (i *iface) path(in *pack) string {
	if i.pkg == in {
		return i.name
	}
	return i.pkg.name + "/" + i.name + "@" + i.pkg.version
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
		return fmt.Sprintf("%suse %s.{%s as %s};\n", d.docs, d.from.in.path(d.in.pkg), d.from.name, d.name)
	case "type":
		return d.docs + "type " + d.name + " = " + d.typ.String() + ";\n"
	case "resource":
		var b strings.Builder
		for _, f := range d.funcs {
			b.WriteString(f.text())
		}
		return d.docs + "resource " + d.name + " {\n" + b.String() + "}\n"
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
	return d.docs + d.keyword + " " + d.name + " { " + strings.Join(list, ", ") + " }\n"
}

func (f *function) text() string { return f.docs + f.signature() }

func (f *function) signature() string {
	var list []string
	for _, p := range f.params {
		list = append(list, p.name+": "+p.typ.String())
	}
	params := "(" + strings.Join(list, ", ") + ")"
	if f.kind == "constructor" {
		return "constructor" + params + ";\n"
	}
	text := f.name + ": "
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
