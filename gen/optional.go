package gen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// lack is a function that components of the world may lack.
type lack struct {
	method *method
	index  int    // among the functions of the export
	name   string // of the method that tells
	local  string // of the field that does, unless there is one of the function's own
	older  bool   // only those of an older version do
	told   bool   // the field tells even where there is one of the function's own
}

// own reports whether the world's struct has a field of the function's own, which
// tells.
func (l *lack) own(s *slot) bool { return s.iface.own && l.method.needs == 0 && !l.told }

// Optional returns what components of a world may lack by some
// Options.OptionalExports, as the linker names it: interfaces as the world
// exports them, "acme:kv/extra@0.2.1", and functions, "acme:kv/handler@0.2.1#flush"
// or "reset". The error is an [ErrorList] if something is no export of the world.
func Optional(w *wit.World, exports []string) ([]string, error) {
	var errs ErrorList
	p, _ := nameAll(w, Options{OptionalExports: exports}, "", newExisting(w.Package.Name, nil, &errs), &errs)
	wrong := slices.DeleteFunc(errs, func(e *Error) bool { return e.Rule.Option != optionalExport })
	return p.world.optional(), wrong.err()
}

// optionalExport is the option that Options.OptionalExports is for.
const optionalExport = "optional-export"

// mayLack marks what components may lack of a world's exports, by
// Options.OptionalExports and Options.Older, and names what tells. Fields are the
// names that the world's struct has given.
func (w *world) mayLack(n *namer, fields scope, o Options) {
	for _, path := range o.OptionalExports {
		if wrong := w.mark(n.home, path); wrong != "" {
			n.errs.addRule(Rule{Option: optionalExport, Value: path}, "%s", wrong)
		}
	}
	w.markOlder(o.Older)
	var unnamed []*lack
	names := []string{"instance", "older"}
	if w.own != nil {
		for _, m := range w.own.calls {
			names = append(names, m.local)
		}
	}
	for i := range w.exports {
		s := &w.exports[i]
		slices.SortFunc(s.lacks, func(a, b *lack) int { return cmp.Compare(a.index, b.index) })
		for _, l := range s.lacks {
			l.told = len(o.Older) > 0
			l.name = "Has" + s.title() + l.method.owner() + l.method.name
			n.claim(fields, l.method.asked(s.iface), l.name)
			unnamed = append(unnamed, l)
			names = append(names, "no"+strings.TrimPrefix(l.name, "Has"))
		}
	}
	for k, name := range locals(names, func(string) bool { return false }, "Func")[len(names)-len(unnamed):] {
		unnamed[k].local = name
	}
}

// mark marks what a path is of, or says what is wrong with it.
func (w *world) mark(home wit.PackageName, path string) (wrong string) {
	of, in, inside := strings.Cut(path, "#")
	p, ok := parsePath(home, of)
	if !ok || inside && in == "" {
		return "want an export of the world, as in acme:kv/extra for an interface, acme:kv/handler#flush for a function of one, or " +
			w.wit.Name + "#NAME for what the world calls by a name of its own"
	}
	switch {
	case p.names(w.wit.Package.Name, w.wit.Name) && !inside:
		return "that is the world: say what of it is optional, as in " + path + "#NAME"
	case p.names(w.wit.Package.Name, w.wit.Name):
		return w.markOwn(in)
	}
	found, named := false, []string(nil)
	for i := range w.exports {
		s := &w.exports[i]
		if s.iface.own || s.iface.wit.Name == "" || !p.names(s.iface.wit.Package.Name, s.iface.wit.Name) {
			continue
		}
		if s.label != "" {
			named = append(named, w.wit.Name+"#"+s.label)
			continue
		}
		found = true
		wrong = cmp.Or(wrong, s.mark(in))
	}
	imported := slices.ContainsFunc(w.wit.Imports, func(item *wit.WorldItem) bool {
		i := item.Interface
		return i != nil && i.Name != "" && p.names(i.Package.Name, i.Name)
	})
	switch {
	case found:
		return wrong
	case len(named) > 0:
		return "the world has names of its own for that: say " + strings.Join(named, ", ")
	case imported:
		return "the world imports that: only what it exports is optional"
	}
	return "the world exports no such interface"
}

// markOwn marks what the world exports by a name of its own: a function, an
// interface, or a function of one.
func (w *world) markOwn(name string) (wrong string) {
	export, in, inside := strings.Cut(name, ".")
	for i := range w.exports {
		s := &w.exports[i]
		switch {
		case s.iface.own && !inside:
			if s.mark(name) == "" {
				return ""
			}
		case export != "" && s.plain() == export && inside == (in != ""):
			return s.mark(in)
		}
	}
	for _, item := range w.wit.Imports {
		switch {
		case item.Type != nil && item.Type.Name == name:
			return "that is a type: only functions and interfaces are optional"
		case item.Func != nil && item.Func.Name == name, item.Interface != nil && export != "" && item.Label == export:
			return "the world imports that: only what it exports is optional"
		}
	}
	return "the world exports nothing of that name"
}

// mark marks the interface, or the function of that name.
func (s *slot) mark(name string) (wrong string) {
	if name == "" {
		s.optional = true
		return ""
	}
	for k, m := range s.functions() {
		if m.inside() != name {
			continue
		}
		if known := slices.ContainsFunc(s.lacks, func(l *lack) bool { return l.index == k }); !known {
			s.lacks = append(s.lacks, &lack{method: m, index: k})
		}
		return ""
	}
	if slices.ContainsFunc(s.iface.wit.Types, func(t *wit.TypeDef) bool { return t.Name == name }) {
		return "that is a type: only functions and interfaces are optional"
	}
	return "interface " + quote(s.iface.id) + " has no function " + quote(name)
}

// functions returns the functions of the export, in the order of its description.
func (s *slot) functions() []*method {
	if s.iface.own {
		return s.iface.calls
	}
	return s.iface.funcs
}

// plain returns the world's own name for the interface; empty if it has none.
func (s *slot) plain() string {
	if s.iface.wit.Name == "" {
		return s.iface.link
	}
	return s.label
}

// title is what the export adds to the names of what tells of its functions.
func (s *slot) title() string {
	switch {
	case s.iface.own:
		return ""
	case s.field != "":
		return s.field
	case s.label != "":
		return exportedName(s.label)
	}
	return s.iface.name
}

// inside returns the function's path in its interface: "f", "r.m",
// "r.constructor".
func (m *method) inside() string {
	f := m.wit
	switch f.Kind {
	case wit.Freestanding:
		return f.Name
	case wit.Constructor:
		return f.Resource.Name + ".constructor"
	}
	return f.Resource.Name + "." + plainName(f)
}

// owner returns the name of the resource whose method it is in Go.
func (m *method) owner() string {
	if m.isMethod() {
		return m.resource.name
	}
	return ""
}

// asked returns the item of what tells whether there is the function, which
// another name of the function settles.
func (m *method) asked(of *iface) item {
	it := of.item
	name := m.wit.Name
	if m.resource != nil {
		it, name = m.resource.item(it), plainName(m.wit)
		if m.wit.Kind == wit.Constructor {
			name = "constructor"
		}
	}
	it = it.of("function", name, m.wit.Pos)
	it.what = "the question for " + it.what
	return it
}

// optional returns what components may lack, as the linker names it.
func (w *world) optional() []string {
	var names []string
	for _, s := range w.exports {
		link := cmp.Or(s.label, s.iface.link)
		if s.optional {
			names = append(names, link)
		}
		in := ""
		if !s.iface.own {
			in = link + "#"
		}
		for _, d := range s.iface.resources {
			if s.lacksAll(d) {
				names = append(names, in+d.wit.Name)
			}
		}
		for _, l := range s.lacks {
			if !l.older {
				names = append(names, in+l.method.wit.Name)
			}
		}
	}
	return names
}

// lacksAll reports whether components may lack all functions of a resource, so
// that they need not have the resource.
func (s *slot) lacksAll(d *decl) bool {
	all, lacks := 0, 0
	for _, m := range s.functions() {
		if m.resource == d {
			all++
		}
	}
	for _, l := range s.lacks {
		if l.method.resource == d && !l.older {
			lacks++
		}
	}
	return all > 0 && all == lacks
}
