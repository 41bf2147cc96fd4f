package random_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/wit"
)

// holder makes types that have handles in them.
type holder struct {
	*rand.Rand
	in        *wit.Interface
	resources []*wit.TypeDef
	names     int
}

// Functions that no version changes: the number of a resource, and a new one that a
// guest gets from its host, or gives it, by its name.
const (
	tagName   = "tag"
	spawnName = "spawn-"
	keepName  = "keep-"
)

// The names of resources: guests is of that which guests have, and the host has one or
// two.
const (
	guests       = "e-a"
	firstOfHost  = "r-a"
	secondOfHost = "r-b"
)

// newHolding returns a random world with resources: those of the interface "things",
// which the host has, and one of "echo", which guests have too.
func newHolding(r *rand.Rand) (*wit.World, error) {
	w := echo.Random(r, echo.Shape{Funcs: 1 + r.IntN(2), Depth: 1 + r.IntN(2)})
	p, main := w.Package, w.Exports[0].Interface
	things := &wit.Interface{Package: p, Name: "things"}
	h := &holder{Rand: r, in: things}
	for _, name := range []string{firstOfHost, secondOfHost}[:1+r.IntN(2)] {
		h.resource(name)
	}
	h.declare(&wit.Record{Fields: []wit.Field{{Name: "x", Type: h.typ(1, false)}, {Name: "y", Type: h.handle(false)}}})
	h.in = main
	var used []*wit.TypeDef
	for _, d := range things.Types {
		used = append(used, &wit.TypeDef{Name: d.Name, Owner: wit.Owner{Interface: main}, Type: d})
	}
	main.Types = append(used, main.Types...)
	h.resources = nil
	for _, d := range main.Types {
		if _, ok := wit.Underlying(d).(*wit.Resource); ok {
			h.resources = append(h.resources, d)
		}
	}
	e := h.resource(guests)
	for range 1 + r.IntN(3) {
		h.define(false)
	}
	h.function(e, wit.Constructor)
	for range 1 + r.IntN(2) {
		h.function(e, wit.Method)
	}
	h.function(e, wit.Static)
	lent := h.define(true)
	for range 1 + r.IntN(3) {
		h.function(nil, wit.Freestanding)
	}
	f := main.Funcs[len(main.Funcs)-1]
	f.Params = append(f.Params, wit.Param{Name: "lent", Type: lent})
	for _, d := range h.resources {
		main.Funcs = append(main.Funcs, &wit.Func{Name: spawnName + d.Name, Result: &wit.Handle{Resource: d}},
			&wit.Func{Name: keepName + d.Name, Params: []wit.Param{{Name: "kept", Type: &wit.Handle{Resource: d}}}})
	}
	p.Interfaces = append([]*wit.Interface{things}, p.Interfaces...)
	w.Imports = append([]*wit.WorldItem{{Interface: things}}, w.Imports...)
	if r.IntN(2) == 0 {
		h.another(w, "extra", true, true)
	}
	group(main)
	return load(wit.Print(p))
}

// group has the functions of resources together, as they are written.
func group(i *wit.Interface) {
	place := func(f *wit.Func) int {
		if f.Resource == nil {
			return len(i.Types)
		}
		return slices.Index(i.Types, f.Resource)
	}
	slices.SortStableFunc(i.Funcs, func(a, b *wit.Func) int { return cmp.Compare(place(a), place(b)) })
}

// another adds an interface to a world.
func (h *holder) another(w *wit.World, name string, imported, exported bool) {
	of := h.in
	i := &wit.Interface{Package: w.Package, Name: name}
	x := &holder{Rand: h.Rand, in: i, names: h.names}
	x.function(nil, wit.Freestanding)
	for _, f := range i.Funcs {
		for n := range f.Params {
			f.Params[n].Type = &wit.Tuple{Types: []wit.Type{wit.U8, &wit.List{Elem: wit.String}}}
		}
	}
	w.Package.Interfaces = append(w.Package.Interfaces, i)
	if imported {
		w.Imports = append(w.Imports, &wit.WorldItem{Interface: i})
	}
	if exported {
		w.Exports = append(w.Exports, &wit.WorldItem{Interface: i})
	}
	h.in, h.names = of, x.names
}

func (h *holder) name() string {
	h.names++
	return fmt.Sprintf("h-n%d", h.names)
}

func (h *holder) declare(t wit.Type) *wit.TypeDef { return h.declareAs(h.name(), t) }

func (h *holder) declareAs(name string, t wit.Type) *wit.TypeDef {
	d := &wit.TypeDef{Name: name, Owner: wit.Owner{Interface: h.in}, Type: t}
	h.in.Types = append(h.in.Types, d)
	return d
}

// resource adds a resource with its number.
func (h *holder) resource(name string) *wit.TypeDef {
	d := h.declareAs(name, &wit.Resource{})
	h.resources = append(h.resources, d)
	h.in.Funcs = append(h.in.Funcs, &wit.Func{
		Name: "[method]" + name + "." + tagName, Kind: wit.Method, Resource: d,
		Params: []wit.Param{self(d)}, Result: wit.U64,
	})
	return d
}

func self(d *wit.TypeDef) wit.Param {
	return wit.Param{Name: "self", Type: &wit.Handle{Borrow: true, Resource: d}}
}

// function adds a function, of a resource or of none.
func (h *holder) function(d *wit.TypeDef, kind wit.FuncKind) *wit.Func {
	f := &wit.Func{Name: h.name(), Kind: kind, Resource: d}
	for range h.IntN(4) {
		f.Params = append(f.Params, wit.Param{Name: h.name(), Type: h.typ(2, true)})
	}
	if h.IntN(4) > 0 {
		f.Result = h.typ(2, false)
	}
	if h.IntN(3) == 0 {
		f.Result = &wit.Result{OK: f.Result, Err: h.maybe(1, false)}
	}
	switch kind {
	case wit.Constructor:
		f.Name, f.Result = "[constructor]"+d.Name, &wit.Handle{Resource: d}
	case wit.Method:
		f.Name, f.Params = "[method]"+d.Name+"."+f.Name, slices.Insert(f.Params, 0, self(d))
	case wit.Static:
		f.Name = "[static]" + d.Name + "." + f.Name
	}
	h.in.Funcs = append(h.in.Funcs, f)
	return f
}

// handle returns a handle: one that is lent if that is allowed, as often as not.
func (h *holder) handle(lend bool) wit.Type {
	if len(h.resources) == 0 {
		return wit.S16
	}
	return &wit.Handle{Borrow: lend && h.IntN(2) == 0, Resource: h.resources[h.IntN(len(h.resources))]}
}

// typ returns a type that mostly has a handle in it.
func (h *holder) typ(depth int, lend bool) wit.Type {
	if depth <= 0 {
		return h.handle(lend)
	}
	switch h.IntN(10) {
	case 0, 1:
		return &wit.Option{Elem: h.typ(depth-1, lend)}
	case 2, 3:
		return &wit.List{Elem: h.typ(depth-1, lend)}
	case 4:
		return &wit.List{Elem: h.typ(depth-1, lend), Fixed: true, Len: 1 + h.Uint32N(2)}
	case 5:
		return &wit.Tuple{Types: []wit.Type{h.typ(depth-1, lend), h.leaf(), h.handle(lend)}}
	case 6:
		return &wit.Result{OK: h.maybe(depth-1, lend), Err: h.maybe(depth-1, lend)}
	case 7:
		return &wit.Map{Key: wit.U8, Value: h.typ(depth-1, lend)}
	case 8:
		if n := len(h.in.Types); n > 0 {
			if d := h.in.Types[h.IntN(n)]; free(d) {
				return d
			}
		}
	}
	return h.handle(lend)
}

// free reports whether a definition can be used anywhere: it is no resource, and lends
// nothing.
func free(d *wit.TypeDef) bool {
	_, resource := wit.Underlying(d).(*wit.Resource)
	return !resource && !lends(d)
}

func (h *holder) maybe(depth int, lend bool) wit.Type {
	if h.IntN(3) == 0 {
		return nil
	}
	return h.typ(depth, lend)
}

func (h *holder) leaf() wit.Type {
	leaves := []wit.Type{wit.U8, wit.S64, wit.F32, wit.F64, wit.String, wit.Bool}
	return leaves[h.IntN(len(leaves))]
}

// define adds a record or a variant.
func (h *holder) define(lend bool) *wit.TypeDef {
	if lend || h.IntN(2) == 0 {
		t := &wit.Record{}
		for k := range 1 + h.IntN(3) {
			t.Fields = append(t.Fields, wit.Field{Name: fmt.Sprintf("f%d", k), Type: h.typ(1, lend)})
		}
		if lend {
			t.Fields = append(t.Fields, wit.Field{Name: "g", Type: &wit.Handle{Borrow: true, Resource: h.resources[0]}})
		}
		return h.declare(t)
	}
	t := &wit.Variant{}
	for k := range 1 + h.IntN(4) {
		c := wit.Case{Name: fmt.Sprintf("c%d", k), Type: h.typ(1, false)}
		if h.IntN(3) == 0 {
			c.Type = []wit.Type{nil, wit.F32, wit.S64}[h.IntN(3)]
		}
		t.Cases = append(t.Cases, c)
	}
	return h.declare(t)
}

// has reports whether there is a handle in a type that is lent, or given away.
func hasHandle(t wit.Type, borrow bool) bool {
	switch t := wit.Underlying(t).(type) {
	case *wit.Handle:
		return t.Borrow == borrow
	case *wit.Record:
		return slices.ContainsFunc(t.Fields, func(f wit.Field) bool { return hasHandle(f.Type, borrow) })
	case *wit.Variant:
		return slices.ContainsFunc(t.Cases, func(c wit.Case) bool { return hasHandle(c.Type, borrow) })
	case *wit.Tuple:
		return slices.ContainsFunc(t.Types, func(e wit.Type) bool { return hasHandle(e, borrow) })
	case *wit.List:
		return hasHandle(t.Elem, borrow)
	case *wit.Option:
		return hasHandle(t.Elem, borrow)
	case *wit.Map:
		return hasHandle(t.Value, borrow)
	case *wit.Result:
		return hasHandle(t.OK, borrow) || hasHandle(t.Err, borrow)
	}
	return false
}

func lends(t wit.Type) bool { return hasHandle(t, true) }
func owns(t wit.Type) bool  { return hasHandle(t, false) }

// settled reports whether a function is one that no version changes.
func settled(f *wit.Func) bool {
	return strings.HasPrefix(f.Name, spawnName) || strings.HasPrefix(f.Name, keepName) || strings.HasSuffix(f.Name, "."+tagName)
}

// holding changes the resources of a world, and what has them, at random.
func (m *mutator) holding(w *wit.World) {
	h := &holder{Rand: m.Rand, names: 1000}
	for _, i := range w.Package.Interfaces {
		h.in, h.resources = i, nil
		for _, d := range i.Types {
			if _, ok := wit.Underlying(d).(*wit.Resource); ok {
				h.resources = append(h.resources, d)
			}
		}
		m.handles = h.resources
		for _, d := range i.Types {
			if m.IntN(3) == 0 {
				m.lend = lends(d)
				m.definition(d)
			}
		}
		m.lend = false
		for _, d := range slices.Clone(h.resources) {
			if _, alias := d.Type.(*wit.TypeDef); !alias && m.IntN(2) == 0 {
				h.function(d, []wit.FuncKind{wit.Method, wit.Static}[m.IntN(2)])
			}
		}
		for _, f := range i.Funcs {
			if !settled(f) && m.IntN(3) == 0 {
				m.member(f)
			}
		}
		i.Funcs = slices.DeleteFunc(i.Funcs, func(f *wit.Func) bool { return len(i.Funcs) > 1 && !settled(f) && m.IntN(15) == 0 })
		if len(h.resources) > 0 && m.IntN(5) == 0 {
			h.function(nil, wit.Freestanding)
		}
		if len(h.resources) > 0 && m.IntN(8) == 0 {
			h.resource("n-a")
			h.function(h.resources[len(h.resources)-1], wit.Constructor)
			h.function(nil, wit.Freestanding)
		}
		m.Shuffle(len(i.Funcs), func(a, b int) { i.Funcs[a], i.Funcs[b] = i.Funcs[b], i.Funcs[a] })
		group(i)
	}
	if m.IntN(6) == 0 {
		m.remove(w)
	}
	if m.IntN(3) == 0 {
		h.another(w, "more", m.IntN(2) == 0, m.IntN(2) == 0)
	}
	gone := func(item *wit.WorldItem) bool { return item.Interface.Name == "extra" }
	switch m.IntN(12) {
	case 0:
		w.Imports = slices.DeleteFunc(w.Imports, gone)
	case 1, 2, 3:
		w.Exports = slices.DeleteFunc(w.Exports, gone)
	}
}

// member changes a function that may be a resource's.
func (m *mutator) member(f *wit.Func) {
	if f.Kind == wit.Freestanding {
		m.function(f)
		return
	}
	fixed := 0
	if f.Kind == wit.Method {
		fixed = 1
	}
	of := *f
	of.Params = slices.Clone(f.Params[fixed:])
	m.function(&of)
	f.Params = append(slices.Clone(f.Params[:fixed]), of.Params...)
	if f.Kind != wit.Constructor {
		f.Result = of.Result
	}
}
