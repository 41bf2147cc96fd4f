package dyn

import (
	"errors"
	"fmt"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// What the host's own form of values takes, in bytes: see package rt, Value.
const (
	shownParts = 24 // a slice's header
	shownField = 32 // a name and a value: of a record; a key and a value, of a map
	shownCase  = 48 // a variant, enum, option or result
	shownLabel = 16 // of flags, each that can be set
	shownOwner = 96 // a resource
)

const (
	maxHeight = 200     // of a type: decoding allows 100
	maxDepth  = 1000    // of a type with its names
	maxSize   = 1 << 28 // of a value, in bytes: validation wants less
)

// builder makes types ready, each once however often it is shared.
type builder struct {
	seen  map[wit.Type]*Type // nil for one that is being built
	depth int
}

func (b *builder) of(t wit.Type) (*Type, error) {
	if got, ok := b.seen[t]; ok {
		if got == nil {
			return nil, errors.New("type contains itself")
		}
		return got, nil
	}
	if b.depth == maxDepth {
		return nil, errNesting
	}
	b.seen[t] = nil
	b.depth++
	got, err := b.build(t)
	b.depth--
	if err != nil {
		return nil, err
	}
	switch {
	case got.size >= maxSize:
		return nil, fmt.Errorf("%s of %d bytes: a value has less than %d", got.name, got.size, maxSize)
	case got.height > maxHeight:
		return nil, errNesting
	}
	b.seen[t] = got
	return got, nil
}

var errNesting = fmt.Errorf("type nests deeper than %d levels", maxHeight)

// within says where in a type an error is, unless that would be everywhere.
func within(label string, err error) error {
	if errors.Is(err, errNesting) {
		return err
	}
	return fmt.Errorf("%s: %w", label, err)
}

func (b *builder) build(t wit.Type) (*Type, error) {
	switch t := t.(type) {
	case wit.Primitive:
		return primitive(t)
	case *wit.TypeDef:
		return b.of(t.Type)
	case *wit.Flags:
		return flags(t)
	case *wit.Handle:
		return handleType(t)
	case *wit.List:
		return b.list(t)
	case *wit.Map:
		m, err := b.listOf("map", &wit.Tuple{Types: []wit.Type{t.Key, t.Value}})
		if err == nil {
			m.elem.shown += shownField
		}
		return m, err
	case *wit.Record:
		labels := make([]string, len(t.Fields))
		types := make([]wit.Type, len(t.Fields))
		for i, f := range t.Fields {
			labels[i], types[i] = f.Name, f.Type
		}
		r, err := b.record("record", labels, types)
		if err == nil {
			r.shown += int64(shownField * len(types))
		}
		return r, err
	case *wit.Tuple:
		return b.record("tuple", nil, t.Types)
	case *wit.Enum:
		return b.variant(t, "enum", len(t.Cases), nil, nil)
	case *wit.Variant:
		labels := make([]string, len(t.Cases))
		types := make([]wit.Type, len(t.Cases))
		for i, c := range t.Cases {
			labels[i], types[i] = c.Name, c.Type
		}
		return b.variant(t, "variant", len(types), labels, types)
	case *wit.Option:
		return b.variant(t, "option", 2, []string{"none", "some"}, []wit.Type{nil, t.Elem})
	case *wit.Result:
		return b.variant(t, "result", 2, []string{"ok", "err"}, []wit.Type{t.OK, t.Err})
	case *wit.Stream:
		return nil, fmt.Errorf("no dynamic values of this type: streams are %w", cm.ErrNotSupported)
	case *wit.Future:
		return nil, fmt.Errorf("no dynamic values of this type: futures are %w", cm.ErrNotSupported)
	}
	return nil, errors.New("no dynamic values of this type")
}

func primitive(p wit.Primitive) (*Type, error) {
	l := layout.Of(p)
	switch {
	case p == wit.ErrorContext:
		return nil, fmt.Errorf("no dynamic values of type %s: error contexts are %w", p, cm.ErrNotSupported)
	case l.Size == layout.Unbounded:
		return nil, fmt.Errorf("no dynamic values of type %s", p)
	}
	t := &Type{kind: scalar, name: p.String(), size: l.Size, align: l.Align, flat: 1, height: 1, primitive: p}
	if p == wit.String {
		t.kind, t.flat = text, 2
	}
	return t, nil
}

func flags(f *wit.Flags) (*Type, error) {
	n := len(f.Flags)
	if n == 0 || n > 32 {
		return nil, fmt.Errorf("flags with %d labels", n)
	}
	l := layout.Of(f)
	return &Type{kind: scalar, name: "flags", size: l.Size, align: l.Align, flat: 1, height: 1, mask: uint32(1<<n - 1), shown: int64(shownParts + shownLabel*n)}, nil
}

func handleType(h *wit.Handle) (*Type, error) {
	t := &Type{kind: scalar, name: "own", size: 4, align: 4, flat: 1, height: 1, borrow: h.Borrow, shown: shownOwner}
	if h.Borrow {
		t.name = "borrow"
	}
	def := h.Resource
	for range maxHeight {
		if def == nil {
			break
		}
		if _, ok := def.Type.(*wit.Resource); ok {
			t.resource = def
			return t, nil
		}
		def, _ = def.Type.(*wit.TypeDef)
	}
	return nil, fmt.Errorf("%s of what is no resource", t.name)
}

func (b *builder) list(l *wit.List) (*Type, error) {
	if !l.Fixed {
		return b.listOf("list", l.Elem)
	}
	elem, err := b.of(l.Elem)
	if err != nil {
		return nil, err
	}
	size := uint64(elem.size) * uint64(l.Len)
	if l.Len == 0 || size >= maxSize {
		return nil, fmt.Errorf("fixed list of %d elements", l.Len)
	}
	return &Type{
		kind: fixed, name: "list", size: uint32(size), align: elem.align,
		flat: min(elem.flat*int(min(l.Len, layout.MaxFlat)), layout.MaxFlat), height: elem.height + 1,
		elem: elem, n: l.Len,
	}, nil
}

func (b *builder) listOf(name string, elem wit.Type) (*Type, error) {
	e, err := b.of(elem)
	if err != nil {
		return nil, err
	}
	t := &Type{kind: list, name: name, size: 8, align: 4, flat: 2, height: e.height + 1, elem: e}
	if e.primitive == wit.U8 {
		t.kind = octets
	}
	return t, nil
}

// record follows definitions.py elem_size_record and flatten_record.
func (b *builder) record(name string, labels []string, types []wit.Type) (*Type, error) {
	if len(types) == 0 {
		return nil, fmt.Errorf("%s without fields", name)
	}
	r := &Type{kind: record, name: name, align: 1, labels: labels, shown: shownParts}
	end := uint64(0)
	for i, t := range types {
		f, err := b.of(t)
		if err != nil {
			return nil, within(r.label(i), err)
		}
		at := alignTo(end, f.align)
		end = at + uint64(f.size)
		if end >= maxSize {
			return nil, fmt.Errorf("%s: a value has less than %d bytes", r.label(i), maxSize)
		}
		r.parts = append(r.parts, f)
		r.offsets = append(r.offsets, uint32(at))
		r.flat = min(r.flat+f.flat, layout.MaxFlat)
		r.align = max(r.align, f.align)
		r.height = max(r.height, f.height+1)
	}
	r.size = uint32(alignTo(end, r.align))
	return r, nil
}

// variant follows definitions.py elem_size_variant and flatten_variant.
func (b *builder) variant(of wit.Type, name string, n int, labels []string, types []wit.Type) (*Type, error) {
	if n == 0 {
		return nil, fmt.Errorf("%s without cases", name)
	}
	v := &Type{kind: variant, name: name, height: 1, labels: labels, n: uint32(n), shown: shownCase}
	align, size, flat := uint32(1), uint32(0), 0
	for i, t := range types {
		var p *Type
		if t != nil {
			var err error
			if p, err = b.of(t); err != nil {
				return nil, within(v.label(i), err)
			}
			align, size, flat = max(align, p.align), max(size, p.size), max(flat, p.flat)
			v.height = max(v.height, p.height+1)
		}
		v.parts = append(v.parts, p)
	}
	v.disc = layout.DiscriminantSize(of)
	v.align = max(v.disc, align)
	v.payload = uint32(alignTo(uint64(v.disc), align))
	v.size = uint32(alignTo(uint64(v.payload)+uint64(size), v.align))
	v.flat = min(1+flat, layout.MaxFlat)
	return v, nil
}

func alignTo(n uint64, align uint32) uint64 {
	a := uint64(align)
	return (n + a - 1) / a * a
}
