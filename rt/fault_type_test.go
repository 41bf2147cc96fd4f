package rt_test

import (
	"fmt"
	"strings"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

// loadWorld reads a package of WIT with one world; the text of a world alone
// will do.
func loadWorld(source string) (*wit.World, error) {
	if !strings.Contains(source, "package ") {
		source = "package test:guest;\nworld guest {\n" + source + "\n}"
	}
	p, err := wit.LoadFS(fstest.MapFS{"guest.wit": {Data: []byte(source)}}, "guest.wit", wit.Options{})
	if err != nil {
		return nil, err
	}
	return p.ChooseWorld("")
}

// typeSpace encodes WIT types into an index space: that of a component, or of
// a type of instances in it.
type typeSpace struct {
	n     int // types so far
	named map[*wit.TypeDef]int
	put   func(def string) // where definitions go
	alias func(outer int)  // makes a type of the space around one of this
	outer *typeSpace
	bring func(t *wit.TypeDef) // imports a type that is missing, into a component of its own
}

// add puts a definition and returns its index.
func (s *typeSpace) add(def string) int {
	s.put(def)
	s.n++
	return s.n - 1
}

// index encodes the index of a type, where the code of one may stand too.
func index(i int) string { return sleb(i) }

// of encodes a type where it is used.
func (s *typeSpace) of(t wit.Type) string {
	switch t := t.(type) {
	case wit.Primitive:
		if t == wit.ErrorContext {
			return "\x64"
		}
		return string([]byte{byte(0x80 - int(t))}) // the codes count down in the order of package wit
	case *wit.TypeDef:
		return index(s.lookup(t))
	}
	return index(s.add(s.def(t)))
}

// optional encodes a type that may be missing.
func (s *typeSpace) optional(t wit.Type) string {
	if t == nil {
		return "\x00"
	}
	return "\x01" + s.of(t)
}

// lookup returns the index of a named type, brought from the space around if
// it is not of this one.
func (s *typeSpace) lookup(t *wit.TypeDef) int {
	i, ok := s.named[t]
	switch {
	case ok:
		return i
	case s.bring != nil:
		s.bring(t)
		return s.named[t]
	case s.outer != nil:
		s.alias(s.outer.lookup(t))
		s.named[t] = s.n
		s.n++
		return s.n - 1
	}
	panic("type " + t.Name + " has no index")
}

// def encodes the definition of a type.
func (s *typeSpace) def(t wit.Type) string {
	switch t := t.(type) {
	case wit.Primitive:
		return s.of(t)
	case *wit.Record:
		var fields []string
		for _, f := range t.Fields {
			fields = append(fields, text(f.Name)+s.of(f.Type))
		}
		return "\x72" + list(fields...)
	case *wit.Variant:
		var cases []string
		for _, c := range t.Cases {
			cases = append(cases, text(c.Name)+s.optional(c.Type)+"\x00")
		}
		return "\x71" + list(cases...)
	case *wit.Flags:
		return "\x6e" + labels(t.Flags)
	case *wit.Enum:
		return "\x6d" + labels(t.Cases)
	case *wit.Tuple:
		var types []string
		for _, e := range t.Types {
			types = append(types, s.of(e))
		}
		return "\x6f" + list(types...)
	case *wit.List:
		if t.Fixed {
			return "\x67" + s.of(t.Elem) + uleb(int(t.Len))
		}
		return "\x70" + s.of(t.Elem)
	case *wit.Map:
		return "\x63" + s.of(t.Key) + s.of(t.Value)
	case *wit.Stream:
		return "\x66" + s.optional(t.Elem)
	case *wit.Future:
		return "\x65" + s.optional(t.Elem)
	case *wit.Option:
		return "\x6b" + s.of(t.Elem)
	case *wit.Result:
		return "\x6a" + s.optional(t.OK) + s.optional(t.Err)
	case *wit.Handle:
		code := "\x69"
		if t.Borrow {
			code = "\x68"
		}
		return code + uleb(s.lookup(t.Resource))
	}
	panic(fmt.Sprintf("no encoding of %T", t))
}

func labels(ls []wit.Label) string {
	var names []string
	for _, l := range ls {
		names = append(names, text(l.Name))
	}
	return list(names...)
}

// define adds a type that is to have a name, and returns its index: the name
// is the caller's to give.
func (s *typeSpace) define(t *wit.TypeDef) int {
	if alias, ok := t.Type.(*wit.TypeDef); ok {
		return s.lookup(alias)
	}
	return s.add(s.def(t.Type))
}

// function adds a function's type.
func (s *typeSpace) function(f *wit.Func) int {
	var params []string
	for _, p := range f.Params {
		params = append(params, text(p.Name)+s.of(p.Type))
	}
	result := "\x01\x00"
	if f.Result != nil {
		result = "\x00" + s.of(f.Result)
	}
	if f.Async {
		return s.add("\x43" + list(params...) + result)
	}
	return s.add("\x40" + list(params...) + result)
}

// instanceType encodes the type of instances of an interface.
func (s *typeSpace) instanceType(iface *wit.Interface) string {
	var decls []string
	put := func(d string) { decls = append(decls, d) }
	in := &typeSpace{named: make(map[*wit.TypeDef]int), outer: s}
	in.put = func(def string) { put("\x01" + def) }
	in.alias = func(outer int) { put("\x02\x03\x02\x01" + uleb(outer)) }
	for _, t := range iface.Types {
		bound := "\x01" // a resource of its own
		if _, ok := t.Type.(*wit.Resource); !ok {
			bound = "\x00" + uleb(in.define(t))
		}
		put("\x04\x00" + text(t.Name) + "\x03" + bound)
		in.named[t] = in.n
		in.n++
	}
	for _, f := range iface.Funcs {
		i := in.function(f)
		put("\x04\x00" + text(f.Name) + "\x01" + uleb(i))
	}
	return "\x42" + list(decls...)
}
