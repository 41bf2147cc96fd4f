package wave

import (
	"fmt"
	"strconv"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// comma separates the parts of a value.
func (f *formatter) comma(i int) {
	if i > 0 {
		f.text(", ")
	}
}

func (f *formatter) list(t wit.Type, l *wit.List, v rt.Value) error {
	if !l.Fixed && wit.Underlying(l.Elem) == wit.U8 {
		b, ok := v.([]byte)
		if !ok {
			return mismatch(t, v)
		}
		f.text("[")
		for i, c := range b {
			f.comma(i)
			f.b = strconv.AppendUint(f.b, uint64(c), 10)
		}
		f.text("]")
		return nil
	}
	values, ok := v.([]rt.Value)
	if !ok {
		return mismatch(t, v)
	}
	if l.Fixed && uint64(len(values)) != uint64(l.Len) {
		return fmt.Errorf("%d elements are no %s", len(values), typeText(t))
	}
	f.text("[")
	for i, v := range values {
		f.comma(i)
		if err := f.value(l.Elem, v); err != nil {
			return within(fmt.Sprintf("element %d", i), err)
		}
	}
	f.text("]")
	return nil
}

func (f *formatter) mapping(t wit.Type, m *wit.Map, v rt.Value) error {
	entries, ok := v.(rt.Map)
	if !ok {
		return mismatch(t, v)
	}
	f.text("[")
	for i, e := range entries {
		f.comma(i)
		f.text("(")
		if err := f.value(m.Key, e.Key); err != nil {
			return within(fmt.Sprintf("key %d", i), err)
		}
		f.text(", ")
		if err := f.value(m.Value, e.Value); err != nil {
			return within(fmt.Sprintf("value %d", i), err)
		}
		f.text(")")
	}
	f.text("]")
	return nil
}

func (f *formatter) tuple(t wit.Type, u *wit.Tuple, v rt.Value) error {
	values, ok := v.(rt.Tuple)
	if !ok {
		return mismatch(t, v)
	}
	if len(values) != len(u.Types) {
		return fmt.Errorf("%d values are no %s", len(values), typeText(t))
	}
	f.text("(")
	for i, v := range values {
		f.comma(i)
		if err := f.value(u.Types[i], v); err != nil {
			return within(fmt.Sprintf("value %d", i), err)
		}
	}
	f.text(")")
	return nil
}

func (f *formatter) record(t wit.Type, u *wit.Record, v rt.Value) error {
	r, ok := v.(rt.Record)
	if !ok {
		return mismatch(t, v)
	}
	fields, err := f.inOrder(t, u, r)
	if err != nil {
		return err
	}
	f.text("{")
	written := 0
	for i, field := range u.Fields {
		v := fields[i]
		if o, ok := v.(cm.Option[rt.Value]); ok && !o.IsSome() && isOption(field.Type) {
			continue
		}
		f.comma(written)
		written++
		f.text(field.Name + ": ")
		if err := f.value(field.Type, v); err != nil {
			return within("field "+field.Name, err)
		}
	}
	if written == 0 {
		f.text(":")
	}
	f.text("}")
	return nil
}

// inOrder returns the values of the fields in the order of the type.
func (f *formatter) inOrder(t wit.Type, u *wit.Record, r rt.Record) ([]rt.Value, error) {
	index := f.labels.of(u)
	values := make([]rt.Value, len(u.Fields))
	found := make([]bool, len(u.Fields))
	for _, field := range r {
		i, ok := index[field.Name]
		switch {
		case !ok:
			return nil, fmt.Errorf("%s has no field %q: it has %s", typeText(t), field.Name, listed(u))
		case found[i]:
			return nil, fmt.Errorf("field %s is there twice", field.Name)
		}
		values[i], found[i] = field.Value, true
	}
	for i, field := range u.Fields {
		if !found[i] {
			return nil, fmt.Errorf("%s has a field %s, which is missing", typeText(t), field.Name)
		}
	}
	return values, nil
}

func (f *formatter) variant(t wit.Type, u *wit.Variant, v rt.Value) error {
	x, ok := v.(rt.Variant)
	if !ok {
		return mismatch(t, v)
	}
	i, ok := f.labels.of(u)[x.Case]
	if !ok {
		return fmt.Errorf("%s has no case %q: it has %s", typeText(t), x.Case, listed(u))
	}
	f.text(caseLabel(x.Case))
	return f.payload(x.Case, u.Cases[i].Type, x.Value)
}

// payload writes what a case holds, of type t, which is nil if that is nothing.
func (f *formatter) payload(name string, t wit.Type, v rt.Value) error {
	if t == nil {
		if v != nil {
			return fmt.Errorf("case %s holds nothing, not a value of Go type %T", name, v)
		}
		return nil
	}
	f.text("(")
	if err := f.value(t, v); err != nil {
		return within("case "+name, err)
	}
	f.text(")")
	return nil
}

func (f *formatter) enum(t wit.Type, u *wit.Enum, v rt.Value) error {
	x, ok := v.(rt.Enum)
	if !ok {
		return mismatch(t, v)
	}
	if _, ok := f.labels.of(u)[string(x)]; !ok {
		return fmt.Errorf("%s has no case %q: it has %s", typeText(t), string(x), listed(u))
	}
	f.text(caseLabel(string(x)))
	return nil
}

func (f *formatter) flags(t wit.Type, u *wit.Flags, v rt.Value) error {
	flags, ok := v.(rt.Flags)
	if !ok {
		return mismatch(t, v)
	}
	index := f.labels.of(u)
	set := make([]bool, len(u.Flags))
	for _, name := range flags {
		i, ok := index[name]
		if !ok {
			return fmt.Errorf("%s has no flag %q: it has %s", typeText(t), name, listed(u))
		}
		set[i] = true
	}
	f.text("{")
	written := 0
	for i, flag := range u.Flags {
		if set[i] {
			f.comma(written)
			written++
			f.text(flag.Name)
		}
	}
	f.text("}")
	return nil
}

func (f *formatter) option(t wit.Type, u *wit.Option, v rt.Value) error {
	o, ok := v.(cm.Option[rt.Value])
	if !ok {
		return mismatch(t, v)
	}
	x, some := o.Get()
	if !some {
		f.text("none")
		return nil
	}
	f.text("some")
	return f.payload("some", u.Elem, x)
}

func (f *formatter) result(t wit.Type, u *wit.Result, v rt.Value) error {
	r, ok := v.(cm.Result[rt.Value, rt.Value])
	if !ok {
		return mismatch(t, v)
	}
	if x, ok := r.OK(); ok {
		f.text("ok")
		return f.payload("ok", u.OK, x)
	}
	x, _ := r.Err()
	f.text("err")
	return f.payload("err", u.Err, x)
}
