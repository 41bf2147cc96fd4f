package echo

import (
	"math/rand/v2"
	"strconv"

	"github.com/witgen/witgen/wit"
)

// Shape bounds what [Random] makes. The zero Shape is a world of one function
// with few and simple types.
type Shape struct {
	Funcs int // functions, one if 0
	Depth int // how deep types are nested
	// Without says that no type is of this kind: maps and lists of fixed
	// length, which not all tools know.
	WithoutMaps, WithoutFixedLists bool
}

// Random returns a world that imports and exports an interface,
// "echo:random/echo@1.0.0", of functions with random types. Those are named and
// not, of all kinds but handles, streams, futures and error contexts; some
// worlds import an interface of types that the other one uses, too. Its
// package, as wit.Print prints it, can be loaded.
//
// The same numbers give the same world.
func Random(r *rand.Rand, s Shape) *wit.World {
	p := &wit.Package{Name: wit.PackageName{Namespace: "echo", Name: "random", Version: "1.0.0"}}
	w := &wit.World{Package: p, Name: "guest"}
	main := &wit.Interface{Package: p, Name: "echo"}
	d := &draw{Rand: r, shape: s}
	if r.IntN(3) == 0 {
		d.in = &wit.Interface{Package: p, Name: "types"}
		for range 1 + r.IntN(3) {
			d.begin()
			d.declare(d.definition(max(s.Depth, 1)))
		}
		p.Interfaces, w.Imports = append(p.Interfaces, d.in), append(w.Imports, &wit.WorldItem{Interface: d.in})
		used := d.in.Types
		d.in = main
		for _, t := range used {
			if r.IntN(2) == 0 {
				main.Types = append(main.Types, &wit.TypeDef{Name: t.Name, Owner: wit.Owner{Interface: main}, Type: t})
			}
		}
	}
	d.in = main
	for range max(s.Funcs, 1) {
		main.Funcs = append(main.Funcs, d.function("f"+strconv.Itoa(len(main.Funcs))))
	}
	p.Interfaces, p.Worlds = append(p.Interfaces, main), []*wit.World{w}
	w.Imports, w.Exports = append(w.Imports, &wit.WorldItem{Interface: main}), []*wit.WorldItem{{Interface: main}}
	return w
}

// draw makes types of an interface.
type draw struct {
	*rand.Rand
	shape Shape
	in    *wit.Interface
	names int // how many types have been named
	left  int // how many types may still be nested in the current one
}

// begin begins a type that is not part of another.
func (d *draw) begin() { d.left = 40 }

// function returns a function. Its parameters go through memory more often
// than their number says, since many types have several core values.
func (d *draw) function(name string) *wit.Func {
	f := &wit.Func{Name: name}
	n := d.IntN(4)
	if d.IntN(10) == 0 {
		n = 14 + d.IntN(5) // about as many as are passed without memory
	}
	for i := range n {
		d.begin()
		f.Params = append(f.Params, wit.Param{Name: "p" + strconv.Itoa(i), Type: d.typ(d.shape.Depth / max(n/8, 1))})
	}
	d.begin()
	switch d.IntN(6) {
	case 0:
	case 1, 2, 3:
		if n > 0 {
			f.Result = f.Params[d.IntN(n)].Type
			break
		}
		fallthrough
	default:
		f.Result = d.typ(d.shape.Depth)
	}
	return f
}

// declare gives a type a name and returns that.
func (d *draw) declare(t wit.Type) *wit.TypeDef {
	words := [...]string{"t", "kind-of", "URL", "result", "x2-y", "type"} // some are keywords with a number less
	def := &wit.TypeDef{Name: words[d.IntN(len(words))] + "-a" + strconv.Itoa(d.names), Owner: wit.Owner{Interface: d.in}, Type: t}
	d.names++
	d.in.Types = append(d.in.Types, def)
	return def
}

// typ returns a type, where one is used, nested up to depth deep.
func (d *draw) typ(depth int) wit.Type {
	d.left--
	if depth <= 0 || d.left < 0 {
		return d.leaf()
	}
	switch d.IntN(14) {
	case 0, 1:
		return d.leaf()
	case 2:
		if n := len(d.in.Types); n > 0 {
			return d.in.Types[d.IntN(n)]
		}
		return d.leaf()
	case 3:
		return &wit.Option{Elem: d.typ(depth - 1)}
	case 4:
		return &wit.Result{OK: d.maybe(depth - 1), Err: d.maybe(depth - 1)}
	case 5, 6:
		return &wit.Tuple{Types: d.types(1+d.IntN(4), depth-1)}
	case 7, 8:
		return &wit.List{Elem: d.typ(depth - 1)}
	case 9:
		if !d.shape.WithoutFixedLists {
			return &wit.List{Elem: d.typ(depth - 1), Fixed: true, Len: d.length()}
		}
		return &wit.List{Elem: d.leaf()}
	case 10:
		if !d.shape.WithoutMaps {
			keys := [...]wit.Type{wit.Bool, wit.S8, wit.U8, wit.S16, wit.U16, wit.S32, wit.U32, wit.S64, wit.U64, wit.Char, wit.String}
			return &wit.Map{Key: keys[d.IntN(len(keys))], Value: d.typ(depth - 1)}
		}
		return &wit.List{Elem: wit.U8}
	}
	return d.declare(d.definition(depth))
}

// length returns a fixed length.
func (d *draw) length() uint32 {
	if d.IntN(8) == 0 {
		return 15 + d.Uint32N(4)
	}
	return 1 + d.Uint32N(4)
}

func (d *draw) leaf() wit.Type {
	if d.IntN(4) == 0 {
		return wit.String
	}
	return wit.Primitive(1 + d.IntN(int(wit.String)))
}

func (d *draw) maybe(depth int) wit.Type {
	if d.IntN(4) == 0 {
		return nil
	}
	return d.typ(depth)
}

func (d *draw) types(n, depth int) []wit.Type {
	types := make([]wit.Type, n)
	for i := range types {
		types[i] = d.typ(depth)
	}
	return types
}

// definition returns a type that has a name.
func (d *draw) definition(depth int) wit.Type {
	switch d.IntN(9) {
	case 0, 1, 2:
		t := &wit.Record{}
		for i, typ := range d.types(1+d.IntN(5), depth-1) {
			t.Fields = append(t.Fields, wit.Field{Name: label(i), Type: typ})
		}
		return t
	case 3, 4, 5:
		t := &wit.Variant{}
		for i := range 1 + d.IntN(5) {
			t.Cases = append(t.Cases, wit.Case{Name: label(i), Type: d.maybe(depth - 1)})
		}
		if d.IntN(20) == 0 {
			for len(t.Cases) < 257 { // more than a byte tells apart
				t.Cases = append(t.Cases, wit.Case{Name: label(len(t.Cases))})
			}
		}
		return t
	case 6:
		return &wit.Enum{Cases: labelsOf([]int{1, 2, 3, 7, 255, 256, 257}[d.IntN(7)])}
	case 7:
		return &wit.Flags{Flags: labelsOf([]int{1, 7, 8, 9, 15, 16, 17, 31, 32}[d.IntN(9)])}
	}
	return d.typ(depth - 1)
}

func labelsOf(n int) []wit.Label {
	list := make([]wit.Label, n)
	for i := range list {
		list[i].Name = label(i)
	}
	return list
}

// label returns the name of a field, case or flag.
func label(i int) string {
	words := [...]string{"a", "some", "ok", "b-c", "HTTP-get", "none", "err", "true", "list", "record", "d1"}
	if i < len(words) {
		return words[i]
	}
	return "l" + strconv.Itoa(i)
}
