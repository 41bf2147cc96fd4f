package gen

import "github.com/witgen/witgen/wit"

// Limits on types with all that they are made of written out, as often as they
// are used: that is how components and descriptions of interfaces have them, and
// a few lines of WIT can describe more than fits into memory. Validators refuse
// components with larger types: see wasmparser, MAX_TYPE_SIZE and MAX_TYPE_DEPTH.
const (
	maxWritten = 1_000_000 // in about the bytes of the text
	maxDepth   = 100
)

// written is how large a type is when it is written out. Beyond the limits the
// numbers are only large.
type written struct {
	size, depth int
	inside      bool // something in it that has a name is too large by itself
}

func (w written) tooLarge() bool { return w.size > maxWritten || w.depth > maxDepth }

// having returns what a type is that has another in it, and some bytes with it.
func (w written) having(bytes int, part written) written {
	return written{
		size:   min(w.size+bytes+part.size, 2*maxWritten),
		depth:  max(w.depth, part.depth+1),
		inside: w.inside || part.inside,
	}
}

// scales measure types, and keep what they have measured.
type scales map[*wit.TypeDef]written

func (s scales) of(t wit.Type) written {
	switch t := t.(type) {
	case *wit.TypeDef:
		w := s.named(t.Root())
		w.inside = w.inside || w.tooLarge()
		return w
	case *wit.Tuple:
		return s.all(t.Types...)
	case *wit.Option:
		return s.all(t.Elem)
	case *wit.Result:
		return s.all(t.OK, t.Err)
	case *wit.List:
		return s.all(t.Elem)
	case *wit.Map:
		return s.all(t.Key, t.Value)
	case *wit.Stream:
		return s.all(t.Elem)
	case *wit.Future:
		return s.all(t.Elem)
	case *wit.Handle:
		return written{size: 100} // with the name of the resource
	}
	return written{size: 8}
}

// named measures a type that is no other's alias.
func (s scales) named(d *wit.TypeDef) written {
	w, ok := s[d]
	if !ok {
		w = s.definition(d.Type)
		s[d] = w
	}
	return w
}

// all measures a type that is made of others.
func (s scales) all(parts ...wit.Type) written {
	w := written{size: 8}
	for _, p := range parts {
		w = w.having(2, s.of(p))
	}
	return w
}

// definition measures what a name stands for.
func (s scales) definition(t wit.Type) written {
	w := written{size: 8}
	switch t := t.(type) {
	case *wit.Record:
		for _, f := range t.Fields {
			w = w.having(len(f.Name)+4, s.of(f.Type))
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			w = w.having(len(c.Name)+4, s.of(c.Type))
		}
	case *wit.Enum:
		for _, l := range t.Cases {
			w.size += len(l.Name) + 4
		}
	case *wit.Flags:
		for _, l := range t.Flags {
			w.size += len(l.Name) + 4
		}
	default:
		return s.of(t)
	}
	return w
}

// function measures a function's type.
func (s scales) function(f *wit.Func) written {
	w := s.all(f.Result)
	for _, p := range f.Params {
		w = w.having(len(p.Name)+4, s.of(p.Type))
	}
	w.depth-- // it is no type in itself
	return w
}
