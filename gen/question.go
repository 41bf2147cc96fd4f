package gen

import (
	"slices"

	"github.com/witgen/witgen/gen/internal/printer"
)

// hasOptions reports whether the world's struct has a field that is an option.
func (w *world) hasOptions() bool {
	return slices.ContainsFunc(w.exports, func(s slot) bool { return s.option() && s.field != "" })
}

// lacks returns what tells of a function of the world itself; nil if components
// have to have it.
func (w *world) lacks(m *method) *lack {
	for _, s := range w.exports {
		for _, l := range s.lacks {
			if l.method == m {
				return l
			}
		}
	}
	return nil
}

// optionalFields returns the fields that tell of functions.
func (w *world) optionalFields() []printer.Field {
	var fields []printer.Field
	for _, s := range w.exports {
		for _, l := range s.lacks {
			if !l.own(&s) {
				fields = append(fields, printer.Field{Name: l.local, Type: printer.Name("bool")})
			}
		}
	}
	return fields
}

// optionalKeys sets those fields.
func (w *world) optionalKeys() []printer.Key {
	var keys []printer.Key
	for n, s := range w.exports {
		for _, l := range s.lacks {
			if !l.own(&s) {
				fn := printer.Name("in").Dot("Exports").Call(printer.Int(n)).At(printer.Int(l.index))
				keys = append(keys, printer.Key{Name: l.local, Value: fn.Dot("Exported").Call().Not()})
			}
		}
	}
	return keys
}

// questions declares the methods that tell whether a component exports a
// function.
func (w *world) questions() []printer.Code {
	var code []printer.Code
	for _, s := range w.exports {
		for _, l := range s.lacks {
			code = append(code, w.question(&s, l))
		}
	}
	return code
}

func (w *world) question(s *slot, l *lack) printer.Code {
	m := l.method
	what, call := m.what(), m.name
	switch {
	case m.isMethod():
		call = m.resource.name + "." + m.name
	case !s.iface.own:
		call = s.title() + "." + m.name
	}
	if !s.iface.own {
		what += " of " + s.note()
	}
	answer := printer.Name("p").Dot(l.local).Not()
	if l.own(s) {
		answer = printer.Name("p").Dot(m.local).Dot("Exported").Call()
	}
	doc := l.name + " reports whether the component exports the " + what + "."
	if m.needs == 0 {
		doc += " If it does not, " + call + " fails with rt.ErrNotExported."
	}
	return printer.Func{
		Doc:     printer.Wrap(doc),
		Recv:    printer.Param{Name: "p", Type: printer.Name(w.name).Pointer()},
		Name:    l.name,
		Results: []printer.Param{{Type: printer.Name("bool")}},
		Body:    []printer.Code{printer.Return(answer)},
		Short:   true,
	}.Code()
}
