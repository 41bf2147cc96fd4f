package gen

import (
	"strconv"
	"strings"

	"github.com/witgen/witgen/gen/internal/printer"
)

// declareVariant declares a sealed interface and a struct for each case.
func declareVariant(d *decl) []printer.Code {
	mark := "is" + d.name
	var embedded []printer.Code
	if d.isError {
		embedded = append(embedded, printer.Name("error"))
	}
	code := []printer.Code{printer.Interface(d.doc().And(d.casesDoc()), d.name, embedded, printer.Func{Name: mark})}
	for _, m := range d.members {
		var fields []printer.Field
		if m.goType != nil {
			fields = append(fields, printer.Field{Name: "Value", Type: m.goType.code()})
		}
		doc := printer.Wrap(m.name + " is the case " + m.wit + " of " + d.name + ".").
			And(printer.Lines(string(m.docs)))
		code = append(code, printer.ShortStruct(doc, m.name, fields...))
	}
	marks := make([]printer.Code, len(d.members))
	for i, m := range d.members {
		marks[i] = printer.Func{Recv: printer.Param{Type: printer.Name(m.name)}, Name: mark}.Code()
	}
	code = append(code, printer.Together(marks...))
	if d.isError {
		for _, m := range d.members {
			code = append(code, d.caseError(m))
		}
	}
	return code
}

func (d *decl) casesDoc() printer.Comment {
	if len(d.members) == 1 {
		return printer.Wrap("Its only case is " + d.members[0].name + ".")
	}
	var text strings.Builder
	text.WriteString("Its cases are ")
	for i, m := range d.members {
		switch {
		case i == len(d.members)-1:
			text.WriteString(" and ")
		case i > 0:
			text.WriteString(", ")
		}
		text.WriteString(m.name)
	}
	return printer.Wrap(text.String() + ".")
}

// caseError makes a case an error.
func (d *decl) caseError(m member) printer.Code {
	f := printer.Func{
		Name:    "Error",
		Results: []printer.Param{{Type: printer.Name("string")}},
		Short:   true,
	}
	if m.goType == nil || m.holds {
		f.Doc = printer.Wrap("Error returns the name of the case.")
		f.Recv = printer.Param{Type: printer.Name(m.name)}
		f.Body = []printer.Code{printer.Return(printer.String(m.wit))}
		return f.Code()
	}
	v := d.receiver()
	f.Doc = printer.Wrap("Error returns the name of the case and its value.")
	f.Recv = printer.Param{Name: v, Type: printer.Name(m.name)}
	f.Body = []printer.Code{printer.Return(
		printer.Qual("fmt", "Sprintf").Call(printer.String(m.wit+": %v"), printer.Name(v).Dot("Value")))}
	return f.Code()
}

// readCase returns the checked discriminant of a type with n cases.
func (b *body) readCase(t *typ, n int, p place) printer.Code {
	var v printer.Code
	switch {
	case !p.memory:
		v = convert("uint32", p.core(0))
	case t.discriminant == 4:
		v = b.call("LoadU32", p.addr())
	default:
		v = convert("uint32", b.call("LoadU"+strconv.Itoa(int(8*t.discriminant)), p.addr()))
	}
	return b.call("Discriminant", v, printer.Int(n))
}

// writeCase writes the discriminant of a type.
func (b *body) writeCase(t *typ, p place, v printer.Code) {
	if !p.memory {
		b.add(printer.Set(p.core(0), v))
		return
	}
	b.add(b.call("StoreU"+strconv.Itoa(int(8*t.discriminant)), p.addr(), v))
}

// readVariant reads a variant. After its cases it returns nil, which no
// discriminant leads to once it is checked.
func (b *body) readVariant(t *typ, p place) {
	on := b.readCase(t, len(t.parts), p)
	if len(t.parts) == 1 {
		b.add(on)
		b.add(b.returnCase(t, t.parts[0], p)...)
		return
	}
	cases := make([]printer.Code, len(t.parts))
	for i, q := range t.parts {
		cases[i] = printer.Case(printer.Int(i), b.returnCase(t, q, p)...)
	}
	b.add(printer.Switch(on, cases...), printer.Return(nilName))
}

// smallCase is the size of a payload, in bytes of a guest's memory, up to which
// what a case allocates is not charged.
const smallCase = 64

// returnCase returns a case with its payload, if there may be room for it.
func (b *body) returnCase(t *typ, q part, p place) []printer.Code {
	value := printer.Return(b.caseValue(t, q, p))
	if q.typ == nil || q.typ.Size <= smallCase {
		return []printer.Code{value}
	}
	room := abi("ChargeFor").Of(printer.Qual(t.goType.pkg, q.name)).Call(b.mem())
	return []printer.Code{printer.If(room.Not(), printer.Return(nilName)), value}
}

// caseValue returns a case with its payload.
func (b *body) caseValue(t *typ, q part, p place) printer.Code {
	value := printer.Qual(t.goType.pkg, q.name)
	if q.typ == nil {
		return value.List()
	}
	return value.Keyed(printer.Key{Name: "Value", Value: b.read(q.typ, p.of(q))})
}

// writeVariant writes a variant. What is no case of it fails the call.
func (b *body) writeVariant(t *typ, p place) {
	cases := make([]printer.Code, len(t.parts), len(t.parts)+1)
	for i, q := range t.parts {
		cases[i] = printer.Case(printer.Qual(t.goType.pkg, q.name), b.block(func(in *body) {
			in.writeCase(t, p, printer.Int(i))
			if q.typ != nil {
				in.write(q.typ, p.of(q), valName.Dot("Value"))
			}
		})...)
	}
	cases = append(cases, printer.Default(b.call("NoCase", printer.String(t.decl.wit.Name), valName)))
	b.add(printer.Switch(printer.Define(valName.Cast(printer.Name("type")), "v"), cases...))
}
