package plugin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// The functions that a policy's lifecycle names are looked up in what the
// component exports, and called with values by name. They are for what the
// world's hooks do not do.

// exported is a function of a component, by the interface that it is in.
type exported struct{ iface, name string }

// lifecycle is what a policy names of a component's functions.
type lifecycle struct {
	init, stop, metadata, health *exported // nil for what is not named
}

// lifecycleOf finds the functions that the policy names. The error says which are
// not there, or of which type they would have to be.
func (g *rights) lifecycleOf(exports []rt.Extern) (l lifecycle, err error) {
	var errs []error
	for _, x := range []struct {
		key, name string
		to        **exported
		params    bool // it may have one, the configuration
	}{
		{"init", g.Lifecycle.Init, &l.init, true},
		{"stop", g.Lifecycle.Stop, &l.stop, false},
		{"metadata", g.Lifecycle.Metadata, &l.metadata, false},
		{"health", g.Lifecycle.Health, &l.health, false},
	} {
		if x.name == "" {
			continue
		}
		at, fn := find(exports, x.name)
		switch {
		case fn == nil:
			errs = append(errs, fmt.Errorf("lifecycle.%s: the component exports no function %q", x.key, x.name))
		case len(fn.Params) > 1, len(fn.Params) == 1 && !(x.params && isConfig(fn.Params[0].Type)):
			errs = append(errs, fmt.Errorf("lifecycle.%s: %s takes what the host does not have: want no parameter, or one list<tuple<string, string>> for init", x.key, x.name))
		default:
			*x.to = at
		}
	}
	return l, errors.Join(errs...)
}

// find finds a function by its name: of the component itself, or of the first
// interface that has it.
func find(exports []rt.Extern, name string) (*exported, *wit.Func) {
	for _, x := range exports {
		if x.Func != nil && x.Name == name {
			return &exported{"", name}, x.Func
		}
	}
	for _, x := range exports {
		for _, f := range x.Instance {
			if f.Func != nil && f.Name == name {
				return &exported{x.Name, name}, f.Func
			}
		}
	}
	return nil, nil
}

// isConfig reports whether a type is a list of names and values, or a map.
func isConfig(t wit.Type) bool {
	text := func(t wit.Type) bool { return wit.Underlying(t) == wit.String }
	switch t := wit.Underlying(t).(type) {
	case *wit.Map:
		return text(t.Key) && text(t.Value)
	case *wit.List:
		pair, ok := wit.Underlying(t.Elem).(*wit.Tuple)
		return ok && len(pair.Types) == 2 && text(pair.Types[0]) && text(pair.Types[1])
	}
	return false
}

// call calls a function of the lifecycle; it does nothing for nil. If its result
// is the err case of a result, that is the error.
func (x *exported) call(ctx context.Context, in *rt.Instance, config map[string]string) (rt.Value, error) {
	if x == nil {
		return nil, nil
	}
	f, err := in.Func(x.iface, x.name)
	if err != nil {
		return nil, err
	}
	var args []rt.Value
	if params := f.Type().Params; len(params) == 1 {
		args = []rt.Value{configValue(params[0].Type, config)}
	}
	v, err := f.Call(ctx, args...)
	if err != nil {
		return nil, err
	}
	r, ok := v.(cm.Result[rt.Value, rt.Value])
	if !ok {
		return v, nil
	}
	if e, failed := r.Err(); failed {
		return nil, fmt.Errorf("%v", e)
	}
	v, _ = r.OK()
	return v, nil
}

// configValue returns a configuration as a value of a type, by name.
func configValue(t wit.Type, config map[string]string) rt.Value {
	names := slices.Sorted(maps.Keys(config))
	if _, ok := wit.Underlying(t).(*wit.Map); ok {
		m := make(rt.Map, len(names))
		for i, name := range names {
			m[i] = rt.Entry{Key: name, Value: config[name]}
		}
		return m
	}
	list := make([]rt.Value, len(names))
	for i, name := range names {
		list[i] = rt.Tuple{name, config[name]}
	}
	return list
}

// metadataOf reads what a plugin says of itself: a record, of which the fields
// are taken that are texts.
func metadataOf(v rt.Value) (m Metadata) {
	r, ok := v.(rt.Record)
	if !ok {
		return m
	}
	for name, to := range map[string]*string{"name": &m.Name, "version": &m.Version, "description": &m.Description} {
		*to, _ = r.Get(name).(string)
	}
	return m
}
