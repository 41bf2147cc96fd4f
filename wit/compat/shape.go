package compat

import (
	"encoding/binary"

	"github.com/witgen/witgen/wit"
)

// shape numbers types such that two are interchangeable exactly if their
// shapes are equal: they are compared by structure, names of types do not
// count, and resources go by what declares them. It takes each type once,
// however often it is shared.
type shape uint64

// shapes gives out shapes, the same ones to both sides.
type shapes struct {
	of map[string]shape
	// resource is the new resource that an old one is, by what declares it.
	resource map[*wit.TypeDef]*wit.TypeDef
}

// shape returns the shape of a type of a side; nil has one, too.
func (c *comparer) shape(s *side, t wit.Type) shape {
	if t == nil {
		return 0
	}
	if p, ok := t.(wit.Primitive); ok {
		return shape(p)
	}
	if n, ok := s.shapes[t]; ok {
		return n
	}
	var n shape
	switch t := t.(type) {
	case *wit.TypeDef:
		if _, ok := t.Type.(*wit.Resource); ok {
			n = c.resourceShape(s, t)
		} else {
			n = c.shape(s, t.Type)
		}
	default:
		n = c.compositeShape(s, t)
	}
	s.shapes[t] = n
	return n
}

// resourceShape names a resource by what declares it in the new package.
func (c *comparer) resourceShape(s *side, d *wit.TypeDef) shape {
	side := s
	if now := c.shapes.resource[d]; s == c.old && now != nil {
		d, side = now, c.now
	}
	k := shapeKey{s: c.shapes, b: []byte("resource")}
	k.text(side.key(d.Owner))
	k.text(d.Name)
	return k.shape()
}

func (c *comparer) compositeShape(s *side, t wit.Type) shape {
	k := shapeKey{s: c.shapes}
	switch t := t.(type) {
	case *wit.Record:
		k.b = append(k.b, "record"...)
		for _, f := range t.Fields {
			k.text(f.Name)
			k.number(c.shape(s, f.Type))
		}
	case *wit.Variant:
		k.b = append(k.b, "variant"...)
		for _, cs := range t.Cases {
			k.text(cs.Name)
			k.number(c.shape(s, cs.Type))
		}
	case *wit.Enum:
		k.b = append(k.b, "enum"...)
		k.labels(t.Cases)
	case *wit.Flags:
		k.b = append(k.b, "flags"...)
		k.labels(t.Flags)
	case *wit.List:
		k.b = append(k.b, "list"...)
		k.number(c.shape(s, t.Elem))
		if t.Fixed {
			k.number(shape(t.Len))
		}
	case *wit.Handle:
		if t.Borrow {
			k.b = append(k.b, "borrow"...)
		} else {
			k.b = append(k.b, "own"...)
		}
		k.number(c.shape(s, t.Resource))
	default:
		name, parts := partsOf(t)
		k.b = append(k.b, name...)
		for _, part := range parts {
			k.number(c.shape(s, part))
		}
	}
	return k.shape()
}

// partsOf returns what a type without a name of its own is and the types in
// it; a part that is not there is nil.
func partsOf(t wit.Type) (string, []wit.Type) {
	switch t := t.(type) {
	case *wit.Tuple:
		return "tuple", t.Types
	case *wit.Option:
		return "option", []wit.Type{t.Elem}
	case *wit.Result:
		return "result", []wit.Type{t.OK, t.Err}
	case *wit.List:
		return "list", []wit.Type{t.Elem}
	case *wit.Map:
		return "map", []wit.Type{t.Key, t.Value}
	case *wit.Stream:
		return "stream", []wit.Type{t.Elem}
	case *wit.Future:
		return "future", []wit.Type{t.Elem}
	case *wit.Handle:
		return "handle", []wit.Type{t.Resource}
	}
	return "", nil
}

// shapeKey is what two types have in common if their shapes are one.
type shapeKey struct {
	s *shapes
	b []byte
}

func (k *shapeKey) text(s string) {
	k.b = binary.AppendUvarint(append(k.b, 0), uint64(len(s)))
	k.b = append(k.b, s...)
}

func (k *shapeKey) number(n shape) { k.b = binary.AppendUvarint(append(k.b, 1), uint64(n)) }

func (k *shapeKey) labels(labels []wit.Label) {
	for _, l := range labels {
		k.text(l.Name)
	}
}

// firstShape is above those of primitives.
const firstShape shape = 1 << 8

func (k *shapeKey) shape() shape {
	n, ok := k.s.of[string(k.b)]
	if !ok {
		n = firstShape + shape(len(k.s.of))
		k.s.of[string(k.b)] = n
	}
	return n
}

// funcShape returns what a function is but for its name.
func (c *comparer) funcShape(s *side, f *wit.Func) shape {
	k := shapeKey{s: c.shapes, b: []byte("func")}
	k.number(shape(f.Kind))
	if f.Async {
		k.text("async")
	}
	for _, p := range f.Params {
		k.text(p.Name)
		k.number(c.shape(s, p.Type))
	}
	k.number(c.shape(s, f.Result))
	return k.shape()
}
