package layout_test

import (
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// plain is a type as the canonical ABI's definitions know it: a scalar when
// bytes is set, else a record, or a variant.
type plain struct {
	bytes   uint32
	core    []layout.CoreType
	unit    uint32 // alignment of a scalar
	variant bool
	parts   []*plain // nil for a case without payload
}

func despecialize(t wit.Type) *plain {
	scalar := func(n uint32, c layout.CoreType) *plain {
		return &plain{bytes: n, unit: n, core: []layout.CoreType{c}}
	}
	switch t := t.(type) {
	case nil:
		return nil
	case *wit.TypeDef:
		return despecialize(t.Type)
	case wit.Primitive:
		switch t {
		case wit.String:
			return &plain{bytes: 8, unit: 4, core: []layout.CoreType{layout.I32, layout.I32}}
		case wit.F32:
			return scalar(4, layout.F32)
		case wit.F64:
			return scalar(8, layout.F64)
		case wit.S64, wit.U64:
			return scalar(8, layout.I64)
		case wit.Bool, wit.U8, wit.S8:
			return scalar(1, layout.I32)
		case wit.U16, wit.S16:
			return scalar(2, layout.I32)
		}
		return scalar(4, layout.I32)
	case *wit.Flags:
		n := uint32(1)
		for int(n)*8 < len(t.Flags) {
			n *= 2
		}
		return scalar(n, layout.I32)
	case *wit.Record:
		p := &plain{}
		for _, f := range t.Fields {
			p.parts = append(p.parts, despecialize(f.Type))
		}
		return p
	case *wit.Tuple:
		p := &plain{}
		for _, e := range t.Types {
			p.parts = append(p.parts, despecialize(e))
		}
		return p
	case *wit.List: // fixed
		p := &plain{}
		for range t.Len {
			p.parts = append(p.parts, despecialize(t.Elem))
		}
		return p
	case *wit.Enum:
		return &plain{variant: true, parts: make([]*plain, len(t.Cases))}
	case *wit.Variant:
		p := &plain{variant: true}
		for _, c := range t.Cases {
			p.parts = append(p.parts, despecialize(c.Type))
		}
		return p
	case *wit.Option:
		return &plain{variant: true, parts: []*plain{nil, despecialize(t.Elem)}}
	case *wit.Result:
		return &plain{variant: true, parts: []*plain{despecialize(t.OK), despecialize(t.Err)}}
	}
	panic("no such type in this test")
}

func (p *plain) discriminant() uint32 {
	if len(p.parts) <= 256 {
		return 1
	}
	return 2
}

func (p *plain) align() uint32 {
	if p.bytes > 0 {
		return p.unit
	}
	a := uint32(1)
	if p.variant {
		a = p.discriminant()
	}
	for _, q := range p.parts {
		if q != nil {
			a = max(a, q.align())
		}
	}
	return a
}

func (p *plain) size() uint32 {
	up := func(n, a uint32) uint32 {
		for n%a != 0 {
			n++
		}
		return n
	}
	if p.bytes > 0 {
		return p.bytes
	}
	n := uint32(0)
	if p.variant {
		payload, align := uint32(0), uint32(1)
		for _, q := range p.parts {
			if q != nil {
				payload = max(payload, q.size())
				align = max(align, q.align())
			}
		}
		n = up(p.discriminant(), align) + payload
	} else {
		for _, q := range p.parts {
			n = up(n, q.align()) + q.size()
		}
	}
	return up(n, p.align())
}

func (p *plain) flat() []layout.CoreType {
	if p.bytes > 0 {
		return p.core
	}
	if !p.variant {
		var flat []layout.CoreType
		for _, q := range p.parts {
			flat = append(flat, q.flat()...)
		}
		return flat
	}
	flat := []layout.CoreType{layout.I32}
	for _, q := range p.parts {
		if q == nil {
			continue
		}
		for i, c := range q.flat() {
			switch i++; {
			case i == len(flat):
				flat = append(flat, c)
			case flat[i] != c && flat[i] != layout.I64 && c != layout.I64 && flat[i] != layout.F64 && c != layout.F64:
				flat[i] = layout.I32
			case flat[i] != c:
				flat[i] = layout.I64
			}
		}
	}
	return flat
}
