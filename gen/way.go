package gen

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// way says where values go between two versions of a world, and what they are.
type way struct {
	up       bool // from the older version to the newest
	answer   bool // what a call returns, not what it is given
	exported bool // of an interface that guests export
}

func (w way) String() string {
	if w.up {
		return "up"
	}
	return "down"
}

// conversion carries values of a type from one version to the other. Nil stands
// for none: the type is one in Go.
type conversion struct {
	name     string // of its function; empty for what is written out in place
	from, to *typ
	way
	fails   bool   // the function returns an error too
	asks    bool   // what it does depends on whether it is for an answer
	makes   bool   // it has the user make resources of what has none
	missing string // why the function is the user's to write; empty else
	yours   string // the user's, if name is of one that checks what that is given and makes

	parts []*conversion // of the parts of to, in their order
	of    []int         // which part of from each of those is; -1 for none
	gone  []int         // parts of from that to has none for
	// wrapper is of a handle.
	wrapper *wrapper
}

// integer reports whether a type is an integer, and its range.
func (t *typ) integer() (width int, signed, ok bool) {
	if t.kind != primitive || !number(t.primitive) || t.primitive == wit.F32 || t.primitive == wit.F64 {
		return 0, false, false
	}
	width, signed = bits(t.primitive)
	return width, signed, true
}

// absent reports whether the zero value in Go of a type stands for nothing, as
// none and an empty list do: a version that lacks such a thing means that.
func (t *typ) absent() bool {
	switch t.kind {
	case option, bytes, numbers, list, mapping, flags:
		return true
	case record, tuple:
		for _, p := range t.parts {
			if !p.typ.absent() {
				return false
			}
		}
		return true
	}
	return false
}

// passes reports whether a resource is lent as one type and given away as the
// other: no conversion can make one of that who owns it.
func (t *typ) passes(other *typ) bool {
	return t.borrows && !t.owns && other.owns && !other.borrows || t.owns && !t.borrows && other.borrows && !other.owns
}

// identical reports whether an older type and one of the newest version are one in
// Go, and own and lend the same.
func (s *same) identical(older, newest *typ) bool {
	return s.renamed(older.goType).String() == newest.goType.String() && sameHandles(older, newest)
}

// sameHandles reports whether types that are one in Go own and lend the same of what
// is in them.
func sameHandles(a, b *typ) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.borrow == b.borrow && slices.EqualFunc(a.parts, b.parts, func(p, q part) bool { return sameHandles(p.typ, q.typ) })
}

// renamed returns a type of the older version by the names of the newest, as far as
// those are aliases.
func (s *same) renamed(g goType) goType {
	for d, e := range s.decls {
		if g.pkg == d.pkg.path && g.name == d.name {
			return goType{pkg: e.pkg.path, name: e.name}
		}
	}
	args := make([]goType, len(g.args))
	for k, a := range g.args {
		args[k] = s.renamed(a)
	}
	g.args = args
	return g
}
