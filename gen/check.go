package gen

import (
	"errors"
	"slices"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// maxTuple is the length of the longest tuple that package cm has a type for.
const maxTuple = 16

// maxArray is the size of the largest list of a fixed length, in bytes of a
// guest's memory: in Go it is an array, which the stack has to have room for,
// some copies of it at a time.
const maxArray = 1 << 20

// check reports all of a world that has no bindings, and what the component
// model refuses although WIT lets it pass.
func check(errs *ErrorList, w *wit.World, interfaces []*wit.Interface, with *existing) {
	c := checker{errs: errs, scales: make(scales)}
	invalid, _ := errors.AsType[wit.Errors](wit.Validate(w))
	for _, e := range invalid {
		c.invalid(e)
	}
	for _, item := range slices.Concat(w.Imports, w.Exports) {
		c.worldItem(item)
	}
	for _, i := range interfaces {
		for _, t := range i.Types {
			if declared(t) == t {
				c.typeDef(t)
			}
		}
		if with.has(i) {
			continue // whoever made the bindings saw to its functions
		}
		for _, f := range i.Funcs {
			c.function(f)
		}
	}
}

type checker struct {
	errs   *ErrorList
	scales scales
}

// invalid reports what the component model refuses.
func (c checker) invalid(e *wit.Error) {
	if e.Note == "" {
		c.errs.add(e.Pos, "%s", e.Msg)
		return
	}
	c.errs.add(e.Pos, "%s (%s: %s)", e.Msg, e.Note, e.NotePos)
}

// worldItem checks what stands directly in a world.
func (c checker) worldItem(item *wit.WorldItem) {
	switch {
	case item.Func != nil:
		c.function(item.Func)
	case item.Type != nil && declared(item.Type) == item.Type:
		c.typeDef(item.Type)
	}
}

func (c checker) typeDef(d *wit.TypeDef) {
	where := func(kind string) string { return kind + " " + quote(d.Name) }
	switch t := d.Type.(type) {
	case *wit.Resource:
		return
	case *wit.Record:
		for _, f := range t.Fields {
			c.typ(f.Pos, where("record")+": field "+quote(f.Name), f.Type)
		}
	case *wit.Variant:
		if len(t.Cases) == 0 {
			c.errs.add(d.Pos, "%s has no cases", where("variant"))
		}
		for _, v := range t.Cases {
			c.typ(v.Pos, where("variant")+": case "+quote(v.Name), v.Type)
		}
	case *wit.Enum:
		if len(t.Cases) == 0 {
			c.errs.add(d.Pos, "%s has no cases", where("enum"))
		}
	case *wit.Flags:
		return
	default:
		c.typ(d.Pos, where("type"), t)
	}
	if !layout.Fits(d.Type) {
		c.errs.add(d.Pos, "%s: a value does not fit into memory", where("type"))
	}
	if d.Root() == d {
		c.measured(d.Pos, where("type"), c.scales.named(d))
	}
}

func (c checker) function(f *wit.Func) {
	where := "function " + quote(f.Name)
	for _, p := range f.Params {
		c.typ(p.Pos, where+": parameter "+quote(p.Name), p.Type)
	}
	c.typ(f.Pos, where+": result", f.Result)
	c.measured(f.Pos, where, c.scales.function(f))
}

// measured reports what is too large though nothing in it is.
func (c checker) measured(pos wit.Pos, where string, w written) {
	switch {
	case w.inside:
	case w.size > maxWritten:
		c.errs.add(pos, "%s: with all that it is made of written out, it takes more than %d bytes, which no component may have", where, maxWritten)
	case w.depth > maxDepth:
		c.errs.add(pos, "%s: types nest more than %d deep in it, which no component may have", where, maxDepth)
	}
}

// typ reports what is wrong with a type where it is used. Names are checked
// where they are declared.
func (c checker) typ(pos wit.Pos, where string, t wit.Type) {
	switch t := t.(type) {
	case *wit.Tuple:
		if n := len(t.Types); n > maxTuple {
			c.errs.add(pos, "%s: a tuple of %d types; Go bindings have tuples of %d at most", where, n, maxTuple)
		}
		for _, e := range t.Types {
			c.typ(pos, where, e)
		}
	case *wit.Option:
		c.typ(pos, where, t.Elem)
	case *wit.Result:
		c.typ(pos, where, t.OK)
		c.typ(pos, where, t.Err)
	case *wit.List:
		if t.Fixed && layout.Of(t).Size > maxArray {
			c.errs.add(pos, "%s: a list of a fixed length takes more than %d bytes; Go bindings have arrays of so many at most", where, maxArray)
		}
		c.typ(pos, where, t.Elem)
	case *wit.Map:
		c.typ(pos, where, t.Value)
	case *wit.Stream:
		c.typ(pos, where, t.Elem)
	case *wit.Future:
		c.typ(pos, where, t.Elem)
	}
}
