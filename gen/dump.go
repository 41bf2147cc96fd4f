package gen

import (
	"fmt"
	"strings"
)

// String returns the plan as text, for tests and for finding out why code is
// what it is.
func (p *plan) String() string {
	var b strings.Builder
	for _, i := range p.interfaces {
		i.dump(&b)
	}
	w := p.world
	if w.own != nil {
		w.own.dump(&b)
	}
	fmt.Fprintf(&b, "package %s %s\nworld %s %s\n", w.pkg.name, w.pkg.path, w.name, w.wit.ID())
	for _, s := range w.imports {
		fmt.Fprintf(&b, "  imports %s as %s\n", s.note(), orNone(s.field))
	}
	for _, s := range w.exports {
		fmt.Fprintf(&b, "  exports %s as %s", s.note(), orNone(s.field))
		if s.optional {
			b.WriteString(", optional")
		}
		b.WriteString("\n")
		for _, l := range s.lacks {
			fmt.Fprintf(&b, "    %s optional: %s\n", l.method.wit.Name, l.name)
		}
	}
	return b.String()
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (i *iface) dump(b *strings.Builder) {
	fmt.Fprintf(b, "package %s %s", i.pkg.name, i.pkg.path)
	if i.pkg.exists() {
		b.WriteString(" exists")
	}
	b.WriteString("\n")
	for _, p := range i.imports {
		fmt.Fprintf(b, "  import %s %s\n", i.names[p], p.path)
	}
	fmt.Fprintf(b, "interface %s %s", i.name, i.id)
	if i.imported {
		b.WriteString(" imported")
	}
	if i.exported {
		b.WriteString(" exported")
	}
	b.WriteString("\n")
	for _, d := range i.decls {
		d.dump(b)
	}
	for _, m := range i.funcs {
		m.dump(b)
	}
	for _, g := range i.glue {
		fmt.Fprintf(b, "  glue %s %s: %s\n", i.glueNames[g], g.typ.text, g.typ.shape())
	}
	b.WriteString("\n")
}

func (d *decl) dump(b *strings.Builder) {
	fmt.Fprintf(b, "  %s %s %s", declKindNames[d.kind], d.wit.Name, d.name)
	if d.kind == aliasDecl {
		fmt.Fprintf(b, " = %s", d.alias)
	}
	if d.isError {
		b.WriteString(" error")
	}
	b.WriteString("\n")
	for _, m := range d.members {
		fmt.Fprintf(b, "    %s %s", m.wit, m.name)
		if m.goType != nil {
			fmt.Fprintf(b, " %s", m.goType)
		}
		b.WriteString("\n")
	}
}

func (m *method) dump(b *strings.Builder) {
	name := m.name
	if m.isMethod() {
		name = m.resource.name + "." + name
	}
	fmt.Fprintf(b, "  func %s %s", m.wit.Name, name)
	if m.paramsSpill {
		fmt.Fprintf(b, ", params in memory %d/%d", m.paramsLayout.Size, m.paramsLayout.Align)
	}
	if m.resultSpills {
		fmt.Fprintf(b, ", result in memory at core value %d", m.resultSlot)
	}
	if m.needs != 0 {
		fmt.Fprintf(b, ", needs %s", m.needs)
	}
	b.WriteString("\n")
	for _, p := range m.params {
		at := p.slot
		if m.paramsSpill {
			at = int(p.offset)
		}
		fmt.Fprintf(b, "    %s (%s in glue) %s at %d: %s\n", p.name, p.local, p.goType, at, p.typ.shape())
	}
	if m.result != nil {
		fmt.Fprintf(b, "    result %s\n", m.result.shape())
	}
}

// shape returns how values of a type cross.
func (t *typ) shape() string {
	var b strings.Builder
	b.WriteString(kindNames[t.kind])
	switch t.kind {
	case primitive:
		b.WriteString(" " + t.primitive.String())
	case handle:
		b.WriteString(" " + t.text)
	}
	fmt.Fprintf(&b, ", memory %d/%d, %d flat", t.Size, t.Align, t.flat)
	if t.discriminant > 0 {
		fmt.Fprintf(&b, ", discriminant %d", t.discriminant)
	}
	for _, p := range t.parts {
		if p.typ == nil {
			fmt.Fprintf(&b, ", %s-", p.name)
			continue
		}
		fmt.Fprintf(&b, ", %s %s at %d or %d", p.name, p.typ.text, p.offset, p.slot)
	}
	return strings.ReplaceAll(b.String(), ",  ", ", ")
}
