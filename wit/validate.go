package wit

import (
	"cmp"
	"slices"
	"strings"
)

// maxFlags is how many flags a type may have.
const maxFlags = 32

// Validate reports what WIT lets pass in a world, and the validation of
// components refuses: records, flags and tuples without parts, more than 32
// flags, lists of the fixed length 0, streams and futures of borrows, streams
// of char, and names that differ by case alone. It looks at all that the world
// imports and exports and at what that depends on. The error is [Errors].
//
// See Explainer.md and Binary.md of the component model, on type definitions.
func Validate(w *World) error {
	v := &validator{
		origin:  w.Package.origin,
		seen:    make(map[*Interface]bool),
		borrows: make(map[*TypeDef]bool),
	}
	v.world(w)
	if len(v.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(v.errs, func(a, b *Error) int {
		return cmp.Or(strings.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return v.errs
}

// validator looks through a world.
type validator struct {
	origin  *origin
	errs    Errors
	seen    map[*Interface]bool
	borrows map[*TypeDef]bool // whether a borrow is anywhere in the type
}

func (v *validator) add(pos Pos, msg string) *Error {
	e := &Error{Pos: pos, Msg: msg}
	if src := v.origin.source(pos); src != nil {
		if line := src.Line(pos.Line); len(line) <= maxQuoted {
			e.Line, e.Len = line, 1
		}
	}
	v.errs = append(v.errs, e)
	return e
}

func (v *validator) world(w *World) {
	for _, items := range [][]*WorldItem{w.Imports, w.Exports} {
		n := newLabels(v)
		for _, item := range items {
			n.extern(item.Name(), item.Pos)
			switch {
			case item.Func != nil:
				v.function(item.Func)
			case item.Type != nil:
				v.typeDef(item.Type)
			default:
				v.iface(item.Interface)
			}
		}
	}
}

func (v *validator) iface(i *Interface) {
	if v.seen[i] {
		return
	}
	v.seen[i] = true
	n := newLabels(v)
	for _, d := range i.Types {
		n.extern(d.Name, d.Pos)
		v.typeDef(d)
	}
	for _, f := range i.Funcs {
		n.extern(f.Name, f.Pos)
		v.function(f)
	}
}

// typeDef looks at a type, or at the interface that it is used from.
func (v *validator) typeDef(d *TypeDef) {
	if from := usedFrom(d); from != nil {
		v.iface(from)
		return
	}
	n := newLabels(v)
	switch t := d.Type.(type) {
	case *Record:
		if len(t.Fields) == 0 {
			v.add(d.Pos, "record `"+d.Name+"` has no fields, and has to have one")
		}
		for _, f := range t.Fields {
			n.add("field", f.Name, f.Pos)
			v.typ(f.Pos, f.Type)
		}
	case *Variant:
		for _, c := range t.Cases {
			n.add("case", c.Name, c.Pos)
			v.typ(c.Pos, c.Type)
		}
	case *Enum:
		for _, c := range t.Cases {
			n.add("case", c.Name, c.Pos)
		}
	case *Flags:
		if len(t.Flags) == 0 {
			v.add(d.Pos, "flags `"+d.Name+"` are none, and there has to be one")
		}
		for i, f := range t.Flags {
			n.add("flag", f.Name, f.Pos)
			if i == maxFlags {
				v.add(f.Pos, "flag `"+f.Name+"` is one too many: there may be 32").note(d.Pos, "in these flags")
			}
		}
	default:
		v.typ(d.Pos, t)
	}
}

func (v *validator) function(f *Func) {
	n := newLabels(v)
	for _, p := range f.Params {
		n.add("parameter", p.Name, p.Pos)
		v.typ(p.Pos, p.Type)
	}
	v.typ(f.Pos, f.Result)
}

// typ looks at a type where it is used. Named ones are looked at where they
// are declared.
func (v *validator) typ(at Pos, t Type) {
	switch t := t.(type) {
	case *Tuple:
		if len(t.Types) == 0 {
			v.add(at, "a tuple without types, and it has to have one")
		}
		for _, e := range t.Types {
			v.typ(at, e)
		}
	case *List:
		if t.Fixed && t.Len == 0 {
			v.add(at, "a list of the fixed length 0, and it has to be 1 at least")
		}
		v.typ(at, t.Elem)
	case *Option:
		v.typ(at, t.Elem)
	case *Result:
		v.typ(at, t.OK)
		v.typ(at, t.Err)
	case *Map:
		v.typ(at, t.Key)
		v.typ(at, t.Value)
	case *Stream:
		if Underlying(t.Elem) == Char {
			v.add(at, "a stream of `char`, which there are none of: take `string`s, or bytes")
		}
		v.ended(at, "stream", t.Elem)
	case *Future:
		v.ended(at, "future", t.Elem)
	}
}

// ended looks at the type of what a stream or future carries, which may go on
// when the call has ended.
func (v *validator) ended(at Pos, what string, elem Type) {
	if hasBorrow(elem, v.borrow) {
		v.add(at, "a "+what+" of what has a `borrow` in it, and a borrow ends with the call")
	}
	v.typ(at, elem)
}

// borrow reports whether a named type has a borrow in it.
func (v *validator) borrow(d *TypeDef) bool {
	has, ok := v.borrows[d]
	if !ok {
		has = hasBorrow(d.Type, v.borrow)
		v.borrows[d] = has
	}
	return has
}

// labels are names that have to differ by more than case.
type labels struct {
	v    *validator
	seen map[string]labelled
}

type labelled struct {
	name string
	pos  Pos
}

func newLabels(v *validator) *labels { return &labels{v, make(map[string]labelled)} }

// extern adds a name of a world or interface. Functions of resources share
// their names with the rest, without what says that they are, but
// constructors; and a function that is called as its resource counts as that.
func (n *labels) extern(name string, pos Pos) {
	label := name
	if !strings.HasPrefix(label, "[constructor]") {
		if end := strings.IndexByte(label, ']'); end >= 0 {
			label = label[end+1:]
			if resource, f, _ := strings.Cut(label, "."); strings.EqualFold(resource, f) {
				label = resource
			}
		}
	}
	n.claim("", label, name, pos)
}

// add adds a name that is part of a type or function.
func (n *labels) add(what, name string, pos Pos) { n.claim(what+" ", name, name, pos) }

func (n *labels) claim(what, label, name string, pos Pos) {
	key := strings.ToLower(label)
	prior, taken := n.seen[key]
	if !taken {
		n.seen[key] = labelled{name, pos}
		return
	}
	msg := what + "`" + name + "` differs from `" + prior.name + "` by case alone, which is not enough"
	if !strings.EqualFold(name, prior.name) {
		msg = "`" + name + "` and `" + prior.name + "` count as one name"
	}
	n.v.add(pos, msg).note(prior.pos, "the other")
}
