package gen

import (
	"strings"

	"github.com/witgen/witgen/gen/internal/printer"
)

// declareRecord declares a struct.
func declareRecord(d *decl) []printer.Code {
	fields := make([]printer.Field, len(d.members))
	for i, m := range d.members {
		fields[i] = printer.Field{Doc: printer.Lines(string(m.docs)), Name: m.name, Type: m.goType.code()}
	}
	code := []printer.Code{printer.Struct(d.doc(), d.name, fields...)}
	if d.isError {
		code = append(code, d.errorMethod())
	}
	return code
}

// errorMethod makes a record an error, whose text names the fields: all but
// those with resources and the like, which have no text.
func (d *decl) errorMethod() printer.Code {
	var format []string
	var args []printer.Code
	v := d.receiver()
	for _, m := range d.members {
		if m.holds {
			continue
		}
		format = append(format, m.wit+" %v")
		args = append(args, printer.Name(v).Dot(m.name))
	}
	text := printer.String(d.wit.Name + ": " + strings.Join(format, ", "))
	f := printer.Func{
		Doc:     printer.Wrap("Error returns the record as text, field by field."),
		Recv:    printer.Param{Name: v, Type: printer.Name(d.name)},
		Name:    "Error",
		Results: []printer.Param{{Type: printer.Name("string")}},
		Body:    []printer.Code{printer.Return(printer.Qual("fmt", "Sprintf").Call(append([]printer.Code{text}, args...)...))},
	}
	if len(args) == 0 {
		f.Doc = printer.Wrap("Error returns the name of the record.")
		f.Recv.Name = ""
		f.Body = []printer.Code{printer.Return(printer.String(d.wit.Name))}
	}
	return f.Code()
}

// readFields reads a record or tuple.
func (b *body) readFields(t *typ, p place) {
	keys := make([]printer.Key, len(t.parts))
	for i, q := range t.parts {
		keys[i] = printer.Key{Name: q.name, Value: b.read(q.typ, p.of(q))}
	}
	b.add(printer.Return(t.goType.code().KeyedLines(keys...)))
}

// writeFields writes a record or tuple.
func (b *body) writeFields(t *typ, p place) {
	for _, q := range t.parts {
		b.write(q.typ, p.of(q), valName.Dot(q.name))
	}
}
