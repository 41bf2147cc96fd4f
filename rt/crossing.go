package rt

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/wit"
)

// crossing is a dynamic call's way between the host's values and those of
// package dyn, which go by position instead of by name.
type crossing struct {
	handles *abi.Handles
	x       *dyn.Context
}

// lift returns the host's value for one that was lifted.
func (w crossing) lift(t wit.Type, v any) Value {
	switch t := wit.Underlying(t).(type) {
	case *wit.List:
		if list, ok := v.([]any); ok {
			for i := range list {
				list[i] = w.lift(t.Elem, list[i])
			}
		}
		return v
	case *wit.Map:
		entries := v.([]any)
		m := slices.Grow(Map(nil), len(entries))
		for _, e := range entries {
			pair := e.([]any)
			m = append(m, Entry{w.lift(t.Key, pair[0]), w.lift(t.Value, pair[1])})
		}
		return m
	case *wit.Record:
		r := make(Record, len(t.Fields))
		for i, part := range v.([]any) {
			r[i] = Field{t.Fields[i].Name, w.lift(t.Fields[i].Type, part)}
		}
		return r
	case *wit.Tuple:
		parts := v.([]any)
		for i := range parts {
			parts[i] = w.lift(t.Types[i], parts[i])
		}
		return Tuple(parts)
	case *wit.Variant:
		c := v.(dyn.Variant)
		return Variant{t.Cases[c.Case].Name, w.payload(t.Cases[c.Case].Type, c)}
	case *wit.Enum:
		return Enum(t.Cases[v.(dyn.Variant).Case].Name)
	case *wit.Option:
		c := v.(dyn.Variant)
		if c.Case == 0 {
			return cm.None[Value]()
		}
		return cm.Some[Value](w.lift(t.Elem, c.Value))
	case *wit.Result:
		c := v.(dyn.Variant)
		if c.Case == 0 {
			return cm.OK[Value, Value](w.payload(t.OK, c))
		}
		return cm.Fail[Value, Value](w.payload(t.Err, c))
	case *wit.Flags:
		set := make(Flags, 0, bits.OnesCount32(v.(uint32)))
		for i, f := range t.Flags {
			if v.(uint32)&(1<<i) != 0 {
				set = append(set, f.Name)
			}
		}
		return set
	}
	switch v := v.(type) {
	case dyn.Own:
		return w.handles.Own(v.Resource, v.Rep)
	case dyn.Borrow:
		return w.handles.Borrow(v.Resource, v.Rep)
	}
	return v
}

func (w crossing) payload(t wit.Type, c dyn.Variant) Value {
	if t == nil {
		return nil
	}
	return w.lift(t, c.Value)
}

// lowerAll returns the values of package dyn for arguments.
func (w crossing) lowerAll(params []wit.Param, args []Value) ([]any, error) {
	raw := make([]any, len(args))
	for i, p := range params {
		var err error
		if raw[i], err = w.lower(p.Type, args[i]); err != nil {
			return nil, fmt.Errorf("parameter %q: %w", p.Name, err)
		}
	}
	return raw, nil
}

// lower returns the value of package dyn for one of the host's. Numbers and
// the like are left to that package to look at.
func (w crossing) lower(t wit.Type, v Value) (any, error) {
	switch t := wit.Underlying(t).(type) {
	case *wit.List:
		return w.lowerList(t, v)
	case *wit.Map:
		return w.lowerMap(t, v)
	case *wit.Record:
		return w.lowerRecord(t, v)
	case *wit.Tuple:
		return w.lowerTuple(t, v)
	case *wit.Variant:
		c, err := as[Variant](t, v)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(t.Cases, func(x wit.Case) bool { return x.Name == c.Case })
		if i < 0 {
			return nil, fmt.Errorf("variant has no case %q", c.Case)
		}
		return w.lowerCase(i, c.Case, t.Cases[i].Type, c.Value)
	case *wit.Enum:
		c, err := as[Enum](t, v)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(t.Cases, func(x wit.Label) bool { return x.Name == string(c) })
		if i < 0 {
			return nil, fmt.Errorf("enum has no case %q", c)
		}
		return dyn.Variant{Case: uint32(i)}, nil
	case *wit.Option:
		o, err := as[cm.Option[Value]](t, v)
		if err != nil {
			return nil, err
		}
		if some, ok := o.Get(); ok {
			return w.lowerCase(1, "some", t.Elem, some)
		}
		return dyn.Variant{}, nil
	case *wit.Result:
		r, err := as[cm.Result[Value, Value]](t, v)
		if err != nil {
			return nil, err
		}
		if ok, is := r.OK(); is {
			return w.lowerCase(0, "ok", t.OK, ok)
		}
		e, _ := r.Err()
		return w.lowerCase(1, "err", t.Err, e)
	case *wit.Flags:
		return lowerFlags(t, v)
	case *wit.Handle:
		return w.lowerHandle(t, v)
	}
	return v, nil
}

// as returns a value as the Go type that its WIT type goes by.
func as[T any](t wit.Type, v Value) (T, error) {
	got, ok := v.(T)
	if !ok {
		return got, fmt.Errorf("%T is no value of type %s", v, clip(wit.TypeText(t)))
	}
	return got, nil
}

func (w crossing) lowerCase(i int, name string, t wit.Type, v Value) (any, error) {
	if t == nil {
		if v != nil {
			return nil, fmt.Errorf("case %q has no payload, not a %T", name, v)
		}
		return dyn.Variant{Case: uint32(i)}, nil
	}
	payload, err := w.lower(t, v)
	if err != nil {
		return nil, fmt.Errorf("case %q: %w", name, err)
	}
	return dyn.Variant{Case: uint32(i), Value: payload}, nil
}

func (w crossing) lowerList(t *wit.List, v Value) (any, error) {
	if b, ok := v.([]byte); ok && !t.Fixed {
		return b, nil
	}
	list, err := as[[]Value](t, v)
	if err != nil {
		return nil, err
	}
	raw := make([]any, len(list))
	for i, e := range list {
		if raw[i], err = w.lower(t.Elem, e); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return raw, nil
}

func (w crossing) lowerMap(t *wit.Map, v Value) (any, error) {
	m, err := as[Map](t, v)
	if err != nil {
		return nil, err
	}
	raw := make([]any, len(m))
	for i, e := range m {
		key, err := w.lower(t.Key, e.Key)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		value, err := w.lower(t.Value, e.Value)
		if err != nil {
			return nil, fmt.Errorf("value of key %v: %w", e.Key, err)
		}
		raw[i] = []any{key, value}
	}
	return raw, nil
}

func (w crossing) lowerRecord(t *wit.Record, v Value) (any, error) {
	r, err := as[Record](t, v)
	if err != nil {
		return nil, err
	}
	raw := make([]any, len(t.Fields))
	for i, f := range t.Fields {
		j := slices.IndexFunc(r, func(x Field) bool { return x.Name == f.Name })
		if j < 0 {
			return nil, fmt.Errorf("field %q is missing", f.Name)
		}
		if raw[i], err = w.lower(f.Type, r[j].Value); err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Name, err)
		}
	}
	if len(r) != len(t.Fields) {
		return nil, fmt.Errorf("%d fields for a record of %d", len(r), len(t.Fields))
	}
	return raw, nil
}

func (w crossing) lowerTuple(t *wit.Tuple, v Value) (any, error) {
	parts, err := as[Tuple](t, v)
	if err != nil {
		return nil, err
	}
	if len(parts) != len(t.Types) {
		return nil, fmt.Errorf("%d values for a tuple of %d", len(parts), len(t.Types))
	}
	raw := make([]any, len(parts))
	for i, p := range parts {
		if raw[i], err = w.lower(t.Types[i], p); err != nil {
			return nil, fmt.Errorf("field %d: %w", i, err)
		}
	}
	return raw, nil
}

func lowerFlags(t *wit.Flags, v Value) (any, error) {
	set, err := as[Flags](t, v)
	if err != nil {
		return nil, err
	}
	var bits uint32
	for _, name := range set {
		i := slices.IndexFunc(t.Flags, func(f wit.Label) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("flags have no %q", name)
		}
		bits |= 1 << i
	}
	return bits, nil
}

func (w crossing) lowerHandle(t *wit.Handle, v Value) (any, error) {
	r, err := as[*Resource](t, v)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, fmt.Errorf("nil is no value of type %s", wit.TypeText(t))
	}
	want := w.x.Resource(t.Resource)
	if t.Borrow {
		rep, err := w.handles.Lend(want, r)
		return dyn.Borrow{Resource: want, Rep: rep}, err
	}
	rep, err := w.handles.Offer(want, r)
	return dyn.Own{Resource: want, Rep: rep}, err
}
