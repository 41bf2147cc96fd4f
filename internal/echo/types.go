package echo

import "github.com/witgen/witgen/wit"

// typeSpace encodes WIT types into an index space: a component's, or that of a
// type of instances in one.
type typeSpace struct {
	n     int // types so far
	named map[*wit.TypeDef]int
	put   func(def string) // where definitions go

	// What brings a named type that has no index yet: from the space around,
	// of which alias makes one a type of this, or by an import.
	outer *typeSpace
	alias func(outer int)
	bring func(d *wit.TypeDef)
}

func newTypeSpace(put func(def string)) *typeSpace {
	return &typeSpace{named: make(map[*wit.TypeDef]int), put: put}
}

// add puts a definition and returns its index.
func (s *typeSpace) add(def string) int {
	s.put(def)
	s.n++
	return s.n - 1
}

// name gives a type the index that was just made.
func (s *typeSpace) name(d *wit.TypeDef) {
	s.named[d] = s.n
	s.n++
}

// lookup returns the index of a named type.
func (s *typeSpace) lookup(d *wit.TypeDef) int {
	if i, ok := s.named[d]; ok {
		return i
	}
	switch {
	case s.bring != nil:
		s.bring(d)
	case s.outer != nil:
		s.alias(s.outer.lookup(d))
		s.name(d)
	default: // one that is nowhere declared: every use defines it
		return s.define(d)
	}
	return s.named[d]
}

// define adds a type that is to have a name and returns its index; the name is
// the caller's to give.
func (s *typeSpace) define(d *wit.TypeDef) int {
	if alias, ok := d.Type.(*wit.TypeDef); ok {
		return s.lookup(alias)
	}
	return s.add(s.definition(d.Type))
}

// use encodes a type where it is used: the code of a primitive one, or an
// index.
func (s *typeSpace) use(t wit.Type) string {
	switch t := t.(type) {
	case wit.Primitive:
		return string([]byte{byte(0x80 - int(t))}) // codes count down in the order of package wit
	case *wit.TypeDef:
		return signed(s.lookup(t))
	}
	return signed(s.add(s.definition(t)))
}

// optional encodes a type that may be missing.
func (s *typeSpace) optional(t wit.Type) string {
	if t == nil {
		return "\x00"
	}
	return "\x01" + s.use(t)
}

// definition encodes a type, of those that [check] lets pass. See Binary.md,
// "Type Definitions".
func (s *typeSpace) definition(t wit.Type) string {
	switch t := t.(type) {
	case *wit.Record:
		var fields []string
		for _, f := range t.Fields {
			fields = append(fields, sized(f.Name)+s.use(f.Type))
		}
		return "\x72" + vector(fields...)
	case *wit.Variant:
		var cases []string
		for _, c := range t.Cases {
			cases = append(cases, sized(c.Name)+s.optional(c.Type)+"\x00")
		}
		return "\x71" + vector(cases...)
	case *wit.Enum:
		return "\x6d" + labels(t.Cases)
	case *wit.Flags:
		return "\x6e" + labels(t.Flags)
	case *wit.Tuple:
		var types []string
		for _, e := range t.Types {
			types = append(types, s.use(e))
		}
		return "\x6f" + vector(types...)
	case *wit.List:
		if t.Fixed {
			return "\x67" + s.use(t.Elem) + unsigned(int(t.Len))
		}
		return "\x70" + s.use(t.Elem)
	case *wit.Map:
		key := s.use(t.Key)
		return "\x63" + key + s.use(t.Value)
	case *wit.Option:
		return "\x6b" + s.use(t.Elem)
	case *wit.Handle:
		if t.Borrow {
			return "\x68" + unsigned(s.lookup(t.Resource))
		}
		return "\x69" + unsigned(s.lookup(t.Resource))
	case *wit.Result:
		ok := s.optional(t.OK)
		return "\x6a" + ok + s.optional(t.Err)
	}
	return s.use(t)
}

func labels(list []wit.Label) string {
	var names []string
	for _, l := range list {
		names = append(names, sized(l.Name))
	}
	return vector(names...)
}

// function adds a function's type and returns its index.
func (s *typeSpace) function(f *wit.Func) int {
	var params []string
	for _, p := range f.Params {
		params = append(params, sized(p.Name)+s.use(p.Type))
	}
	result := "\x01\x00"
	if f.Result != nil {
		result = "\x00" + s.use(f.Result)
	}
	return s.add("\x40" + vector(params...) + result)
}

// instance adds the type of instances of an interface and returns its index.
func (s *typeSpace) instance(i *wit.Interface) int {
	var decls []string
	in := newTypeSpace(func(def string) { decls = append(decls, "\x01"+def) })
	in.outer, in.alias = s, func(outer int) { decls = append(decls, "\x02\x03\x02\x01"+unsigned(outer)) }
	for _, d := range i.Types {
		bound := abstract
		if _, ok := d.Type.(*wit.Resource); !ok {
			bound = equal + unsigned(in.define(d))
		}
		decls = append(decls, "\x04"+plain(d.Name)+bound)
		in.name(d)
	}
	for _, f := range i.Funcs {
		t := in.function(f)
		decls = append(decls, "\x04"+plain(f.Name)+sortFunc+unsigned(t))
	}
	return s.add("\x42" + vector(decls...))
}
