package wave

import (
	"strconv"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

func (p *parser) list(t wit.Type, l *wit.List) (rt.Value, error) {
	switch {
	case l.Fixed:
		return p.fixedList(t, l)
	case wit.Underlying(l.Elem) == wit.U8:
		return p.bytes(t)
	}
	if err := p.open('[', t); err != nil {
		return nil, err
	}
	values := []rt.Value{}
	_, err := p.sequence(']', func() error {
		v, err := p.value(l.Elem)
		values = append(values, v)
		return err
	})
	return values, err
}

func (p *parser) fixedList(t wit.Type, l *wit.List) (rt.Value, error) {
	if err := p.open('[', t); err != nil {
		return nil, err
	}
	values := []rt.Value{}
	end, err := p.sequence(']', func() error {
		if uint64(len(values)) == uint64(l.Len) {
			return p.errorf("%s has no more elements: expected `]`", typeText(t))
		}
		v, err := p.value(l.Elem)
		values = append(values, v)
		return err
	})
	if err == nil && uint64(len(values)) < uint64(l.Len) {
		err = errorAt(p.text, end, "%s has more elements, found only %d", typeText(t), len(values))
	}
	return values, err
}

// bytes reads a list<u8>.
func (p *parser) bytes(t wit.Type) (rt.Value, error) {
	if err := p.open('[', t); err != nil {
		return nil, err
	}
	b := []byte{}
	_, err := p.sequence(']', func() error {
		v, err := integer[byte](p, wit.U8, 8, strconv.ParseUint)
		b = append(b, v)
		return err
	})
	return b, err
}

func (p *parser) tuple(t wit.Type, u *wit.Tuple) (rt.Value, error) {
	if err := p.open('(', t); err != nil {
		return nil, err
	}
	values := make(rt.Tuple, 0, len(u.Types))
	end, err := p.sequence(')', func() error {
		if len(values) == len(u.Types) {
			return p.errorf("%s has no more values: expected `)`", typeText(t))
		}
		v, err := p.value(u.Types[len(values)])
		values = append(values, v)
		return err
	})
	if err == nil && len(values) < len(u.Types) {
		err = errorAt(p.text, end, "%s has more values, found only %d", typeText(t), len(values))
	}
	return values, err
}

// mapping reads a map: a list of tuples, or pairs in braces.
func (p *parser) mapping(t wit.Type, m *wit.Map) (rt.Value, error) {
	entries := rt.Map{}
	switch p.tok.kind {
	case '[':
		p.next()
		entry := &wit.Tuple{Types: []wit.Type{m.Key, m.Value}}
		_, err := p.sequence(']', func() error {
			pair, err := p.value(entry)
			if err != nil {
				return err
			}
			kv := pair.(rt.Tuple)
			entries = append(entries, rt.Entry{Key: kv[0], Value: kv[1]})
			return nil
		})
		return entries, err
	case '{':
		p.next()
		if p.tok.kind == ':' {
			p.next()
			return entries, p.expect('}')
		}
		_, err := p.sequence('}', func() error {
			key, err := p.value(m.Key)
			if err == nil {
				err = p.expect(':')
			}
			if err != nil {
				return err
			}
			value, err := p.value(m.Value)
			entries = append(entries, rt.Entry{Key: key, Value: value})
			return err
		})
		return entries, err
	}
	return nil, p.mismatch(t)
}

// record reads a record. Its fields may be in any order; those that are not
// there are none.
func (p *parser) record(t wit.Type, u *wit.Record) (rt.Value, error) {
	if err := p.open('{', t); err != nil {
		return nil, err
	}
	index := p.labels.of(u)
	r := make(rt.Record, len(u.Fields)) // a field that was read has its name
	end := p.tok.from
	var err error
	switch p.tok.kind {
	case ':':
		p.next()
		end = p.tok.from
		err = p.expect('}')
	case '}':
		err = p.errorf("expected a field of %s, found `}`: a record without fields is written {:}", typeText(t))
	default:
		end, err = p.sequence('}', func() error {
			at := p.tok.from
			i, err := p.member(t, "field", index)
			if err != nil {
				return err
			}
			if r[i].Name != "" {
				return errorAt(p.text, at, "field %s is there twice", u.Fields[i].Name)
			}
			if err := p.expect(':'); err != nil {
				return err
			}
			v, err := p.value(u.Fields[i].Type)
			r[i] = rt.Field{Name: u.Fields[i].Name, Value: v}
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	for i, f := range u.Fields {
		if r[i].Name != "" {
			continue
		}
		if !isOption(f.Type) {
			return nil, errorAt(p.text, end, "%s has a field %s: %s, which is missing", typeText(t), f.Name, typeText(f.Type))
		}
		r[i] = rt.Field{Name: f.Name, Value: none}
	}
	return r, nil
}
