// Package coreabi says what core modules see of a WIT package, as text that is
// compared and reviewed: the core signatures of its functions, and how values
// of its types lie in memory.
//
// It says nothing of names of fields' types or of what values mean: that is in
// the WIT. What differs in WIT and is alike here is what no core module sees.
package coreabi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// Lines returns a line for each function and each type of a package, sorted.
// Items go by their path, "acme:kv/store#get", without the package's version.
//
//	func PATH import (CORE TYPES) -> (CORE TYPES)
//	func PATH export (CORE TYPES) -> (CORE TYPES)
//	type PATH KIND size N align N flat (CORE TYPES) ...
//
// An import is what a guest calls, an export what it offers. Async functions are
// imported with the option async, exported with async and callback, and have a
// line for their task.return too. Behind a type stand the bytes of its
// discriminant and where a payload begins, or its fields with their offsets.
// Of more than 16 core values, which never are passed as such, it says "many".
func Lines(p *wit.Package) []string {
	w := writer{prefix: p.Name.Namespace + ":" + p.Name.Name + "/"}
	for _, i := range p.Interfaces {
		w.inside(i.Name, i)
	}
	for _, world := range p.Worlds {
		w.world(world)
	}
	slices.Sort(w.lines)
	return slices.Compact(w.lines)
}

// writer collects lines.
type writer struct {
	prefix string
	lines  []string
}

func (w *writer) line(words ...string) {
	w.lines = append(w.lines, strings.Join(words, " "))
}

// inside writes what is in an interface.
func (w *writer) inside(path string, i *wit.Interface) {
	for _, t := range i.Types {
		w.typeDef(path, t)
	}
	for _, f := range i.Funcs {
		w.function(path, f)
	}
}

// world writes what is in a world itself. An interface that is written in it on
// both sides is one on each.
func (w *writer) world(world *wit.World) {
	for _, role := range []struct {
		name  string
		items []*wit.WorldItem
	}{{"imports", world.Imports}, {"exports", world.Exports}} {
		for _, item := range role.items {
			switch {
			case item.Func != nil:
				w.function(world.Name+"."+role.name, item.Func)
			case item.Type != nil:
				w.typeDef(world.Name, item.Type)
			case item.Interface.Name == "":
				w.inside(world.Name+"."+role.name+"."+item.Label, item.Interface)
			}
		}
	}
}

func (w *writer) function(in string, f *wit.Func) {
	name := f.Name
	if f.Resource != nil {
		_, name, _ = strings.Cut(f.Name, "]")
	}
	if f.Kind == wit.Constructor {
		name += ".constructor"
	}
	path := w.prefix + in + "#" + name
	async := layout.Options{Async: f.Async}
	w.line("func", path, "import", signature(layout.Lower(f, async)))
	async.Callback = f.Async
	w.line("func", path, "export", signature(layout.Lift(f, async)))
	if f.Async {
		w.line("func", path, "task.return", signature(layout.TaskReturn(f.Result)))
	}
}

func (w *writer) typeDef(in string, t *wit.TypeDef) {
	of := layout.Of(t)
	words := []string{
		"type", w.prefix + in + "#" + t.Name, kind(t),
		"size", number(of.Size), "align", number(of.Align), "flat", flat(t),
	}
	if n := layout.DiscriminantSize(t); n > 0 {
		words = append(words, "discriminant", number(n))
	}
	if of.Size > layout.DiscriminantSize(t) && layout.PayloadOffset(t) > 0 {
		words = append(words, "payload", number(layout.PayloadOffset(t)))
	}
	offsets := layout.Fields(t)
	if r, ok := wit.Underlying(t).(*wit.Record); ok {
		for i, f := range r.Fields {
			words = append(words, f.Name, number(offsets[i]))
		}
		offsets = nil
	}
	for i, offset := range offsets {
		words = append(words, strconv.Itoa(i), number(offset))
	}
	if _, ok := wit.Underlying(t).(*wit.Resource); ok {
		words = words[:3] // only handles are values
	}
	w.line(words...)
}

// kind returns what a type is, by whatever name it goes.
func kind(t wit.Type) string {
	switch t := wit.Underlying(t).(type) {
	case wit.Primitive:
		return t.String()
	case *wit.Record:
		return "record"
	case *wit.Variant:
		return "variant"
	case *wit.Enum:
		return "enum"
	case *wit.Flags:
		return "flags"
	case *wit.Tuple:
		return "tuple"
	case *wit.Option:
		return "option"
	case *wit.Result:
		return "result"
	case *wit.List:
		return "list"
	case *wit.Map:
		return "map"
	case *wit.Resource:
		return "resource"
	case *wit.Handle:
		if t.Borrow {
			return "borrow"
		}
		return "own"
	case *wit.Stream:
		return "stream"
	}
	return "future"
}

func signature(s layout.Signature) string { return list(s.Params) + " -> " + list(s.Results) }

func flat(t wit.Type) string {
	types := layout.Flat(t)
	if len(types) >= layout.MaxFlat {
		return "many"
	}
	return list(types)
}

func list(types []layout.CoreType) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	return "(" + strings.Join(names, " ") + ")"
}

func number(n uint32) string {
	if n == layout.Unbounded {
		return "unbounded"
	}
	return strconv.FormatUint(uint64(n), 10)
}
