package random_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// thing is a resource in a value: its name in WIT, and its number.
type thing struct {
	name   string
	number uint64
}

func (t thing) String() string { return fmt.Sprintf("%s %d", t.name, t.number) }

// things are the resources of a test. Each is one of the host's: where a guest has made
// its own of it, its caller has that.
type things struct {
	make   map[string]func(uint64, func(any, string, []any) []any) any // by Go name
	answer func(self any, method string, args []any) []any

	host   map[thing]any
	caller map[thing]any          // those that are guests'
	older  map[thing]*rt.Resource // those of whoever is at an end of the older version
	ended  map[thing]int
	inside bool // values are those of the host, not of the caller
	last   uint64
}

// add makes a resource of the host's.
func (x *things) add(name string) thing {
	x.last++
	t := thing{name, x.last}
	for as, f := range x.make {
		if alike(as, name) {
			x.host[t] = f(t.number, x.answer)
		}
	}
	return t
}

// of returns what a recorder is of.
func (x *things) of(recorder any) thing {
	name, number := reflect.TypeOf(recorder).Elem().Name(), reflect.ValueOf(recorder).Elem().FieldByName("Number").Uint()
	for t := range x.host {
		if t.number == number && alike(strings.TrimSuffix(name, "Recorder"), t.name) {
			return t
		}
	}
	return thing{}
}

// isRecorder reports whether a resource is one of the host's as it made it.
func isRecorder(v any) bool {
	t := reflect.TypeOf(v)
	return t.Kind() == reflect.Pointer && strings.HasSuffix(t.Elem().Name(), "Recorder")
}

// object returns a resource as it is in Go.
func (x *things) object(t thing) any {
	if v, ok := x.caller[t]; ok && !x.inside {
		return v
	}
	return x.host[t]
}

// read returns a resource that is a Go value: if that is no recorder, its tag says what
// it is.
func (x *things) read(v any) (rt.Value, error) {
	switch {
	case v == nil:
		return nil, errors.New("nil for a resource")
	case isRecorder(v):
		return x.of(v), nil
	case x.inside:
		return nil, fmt.Errorf("the host gets %T, which it has not made", v)
	}
	out := invoke(reflect.ValueOf(v).MethodByName("Tag"), nil)
	if err, _ := out[1].(error); err != nil {
		return nil, fmt.Errorf("tag: %w", err)
	}
	t, err := x.tagged(out[0].(uint64))
	if err == nil && t.name == guests {
		x.caller[t] = v
	}
	return t, err
}

// tagged returns the resource of a number.
func (x *things) tagged(number uint64) (thing, error) {
	for t := range x.host {
		if t.number == number {
			return t, nil
		}
	}
	return thing{}, fmt.Errorf("a resource with the tag %d", number)
}

func (x *things) forget() {
	clear(x.host)
	clear(x.caller)
	clear(x.older)
	clear(x.ended)
}

// fill returns a value of a type with other resources: what a function returns for
// each, nil where there is none yet.
func fill(t wit.Type, v rt.Value, handle func(*wit.Handle, rt.Value) rt.Value) rt.Value {
	if t == nil {
		return v
	}
	all := func(types []wit.Type, list []rt.Value) []rt.Value {
		out := make([]rt.Value, len(list))
		for k, v := range list {
			out[k] = fill(types[k%len(types)], v, handle)
		}
		return out
	}
	switch t := wit.Underlying(t).(type) {
	case *wit.Handle:
		return handle(t, v)
	case *wit.List:
		if list, ok := v.([]rt.Value); ok {
			return all([]wit.Type{t.Elem}, list)
		}
	case *wit.Map:
		out := rt.Map{}
		for _, e := range v.(rt.Map) {
			out = append(out, rt.Entry{Key: e.Key, Value: fill(t.Value, e.Value, handle)})
		}
		return out
	case *wit.Record:
		out := rt.Record{}
		for k, f := range v.(rt.Record) {
			out = append(out, rt.Field{Name: f.Name, Value: fill(t.Fields[k].Type, f.Value, handle)})
		}
		return out
	case *wit.Tuple:
		return rt.Tuple(all(t.Types, v.(rt.Tuple)))
	case *wit.Variant:
		v := v.(rt.Variant)
		k := slices.IndexFunc(t.Cases, func(c wit.Case) bool { return c.Name == v.Case })
		return rt.Variant{Case: v.Case, Value: fill(t.Cases[k].Type, v.Value, handle)}
	case *wit.Option:
		if some, ok := v.(cm.Option[rt.Value]).Get(); ok {
			return cm.Some(fill(t.Elem, some, handle))
		}
	case *wit.Result:
		if ok, is := v.(cm.Result[rt.Value, rt.Value]).OK(); is {
			return cm.OK[rt.Value, rt.Value](fill(t.OK, ok, handle))
		}
		e, _ := v.(cm.Result[rt.Value, rt.Value]).Err()
		return cm.Fail[rt.Value](fill(t.Err, e, handle))
	}
	return v
}

// errorOf returns the Go type of the errors of a type, which a method fails with.
func (x *world) errorOf(t wit.Type) reflect.Type {
	for _, e := range x.errs {
		switch {
		case !isErr(e):
			if x.stands(e, t) {
				return e
			}
		case t == nil:
			if e == reflect.TypeFor[cm.Err[struct{}]]() {
				return e
			}
		case x.stands(e.Field(0).Type, t):
			return e
		}
	}
	return nil
}

// stands reports whether a Go type is that of a WIT type.
func (x *world) stands(g reflect.Type, t wit.Type) bool {
	if t == nil {
		return g == reflect.TypeFor[struct{}]()
	}
	d, _ := t.(*wit.TypeDef)
	named := d != nil && alike(g.Name(), d.Root().Name)
	get := func(method string, t wit.Type) bool {
		m, ok := g.MethodByName(method)
		return ok && x.stands(m.Type.Out(0), t)
	}
	switch t := wit.Underlying(t).(type) {
	case wit.Primitive:
		return g == primitives[t] || g.PkgPath() != "" && named && g.Kind() == primitives[t].Kind()
	case *wit.Handle:
		return alike(g.Name(), t.Resource.Root().Name)
	case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags:
		return named
	case *wit.List:
		return (g.Kind() == reflect.Slice || g.Kind() == reflect.Array && g.Len() == int(t.Len)) && x.stands(g.Elem(), t.Elem)
	case *wit.Map:
		return g.Kind() == reflect.Map && x.stands(g.Key(), t.Key) && x.stands(g.Elem(), t.Value)
	case *wit.Tuple:
		if !strings.HasPrefix(g.Name(), "Tuple") || g.NumField() != len(t.Types) {
			return false
		}
		for k, e := range t.Types {
			if !x.stands(g.Field(k).Type, e) {
				return false
			}
		}
		return true
	case *wit.Option:
		return strings.HasPrefix(g.Name(), "Option[") && get("Get", t.Elem)
	case *wit.Result:
		return strings.HasPrefix(g.Name(), "Result[") && get("OK", t.OK) && get("Err", t.Err)
	}
	return false
}
