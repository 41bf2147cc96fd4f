package random_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/internal/echo/values"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// ownership is the resources in values.
type ownership struct{ given, lent []thing }

// errGone is of a resource that the newest version lacks: there are none then.
var errGone = errors.New("the resource is gone")

// spawn returns a resource that is the caller's.
func (x *passage) spawn(ctx context.Context, h *wit.Handle) (thing, error) {
	name := h.Resource.Root().Name
	switch {
	case x.fromOlder():
		before := x.things.last
		v, err := x.callFunc(ctx, "echo", spawnName+name)
		if err != nil && strings.Contains(err.Error(), "this function is yours") {
			return thing{}, errGone
		}
		if err != nil || x.things.last != before+1 {
			return thing{}, fmt.Errorf("spawn: %w", orNone(err))
		}
		t := thing{name, x.things.last}
		x.things.older[t] = v.(*rt.Resource)
		return t, nil
	case name != guests: // the host's, or one that came later, which the guest has none of
		return x.things.add(name), nil
	}
	out := invoke(methodOf(x.field("echo"), spawnName+name), nil)
	if err, _ := out[1].(error); err != nil {
		return thing{}, fmt.Errorf("spawn: %w", err)
	}
	v, err := x.things.read(out[0])
	if err != nil {
		return thing{}, err
	}
	return v.(thing), nil
}

// arguments returns random arguments, with resources that are the caller's.
func (x *passage) arguments(ctx context.Context, params []wit.Param, of *ownership) (args []rt.Value, err error) {
	for _, p := range params {
		v := values.Settled(values.Random(x.r, p.Type))
		args = append(args, fill(p.Type, v, func(h *wit.Handle, _ rt.Value) rt.Value {
			if h.Borrow && len(of.lent) > 0 && x.r.IntN(4) == 0 {
				if t := of.lent[x.r.IntN(len(of.lent))]; t.name == h.Resource.Root().Name {
					return t
				}
			}
			t, failure := x.spawn(ctx, h)
			err = errors.Join(err, failure)
			if h.Borrow {
				of.lent = append(of.lent, t)
			} else {
				of.given = append(of.given, t)
			}
			return t
		}))
	}
	return args, err
}

// results returns a random result, with resources that are the host's.
func (x *passage) results(t wit.Type, of *ownership) (v rt.Value, err error) {
	v = fill(t, values.Settled(values.Random(x.r, t)), func(h *wit.Handle, _ rt.Value) rt.Value {
		t := x.things.add(h.Resource.Root().Name)
		if x.toOlder() {
			err = errors.Join(err, x.keep(t))
		}
		of.given = append(of.given, t)
		return t
	})
	return v, err
}

// keep has a host of the older version have a resource: one that guests get of it, or
// one that it has been given by a host of the newest.
func (x *passage) keep(t thing) error {
	if t.name == guests {
		x.things.host[t] = nil
		x.things.older[t] = x.ofGuests().New(t)
		return nil
	}
	m := methodOf(x.field("echo"), keepName+t.name)
	if !m.IsValid() {
		return errGone
	}
	out := invoke(m, []reflect.Value{reflect.ValueOf(x.things.host[t])})
	if err, _ := out[0].(error); err != nil {
		return fmt.Errorf("keep: %w", err)
	}
	if x.things.older[t] == nil {
		return fmt.Errorf("%v was not kept", t)
	}
	return nil
}

func (x *passage) ofGuests() *rt.ResourceType { return x.hosts[0].Resources[guests] }

// hostOlder has a host of the older version, and returns the world of guests that call
// that. It has what guests export too; the host of the newest has the other resources.
func (x *passage) hostOlder() *wit.World {
	w := echo.Apart(x.old)
	x.hosts = nil
	drop := func(_ context.Context, v any) error {
		x.things.ended[v.(thing)]++
		return nil
	}
	for k, item := range w.Imports {
		switch name := strings.TrimSuffix(item.Interface.Name, "-apart"); {
		case name == "things":
			w.Imports[k] = x.old.Imports[k]
		case len(item.Interface.Funcs) > 0:
			host := rt.HostInstance{Name: item.Name(), Funcs: make(map[string]rt.HostFunc)}
			if name == "echo" {
				host.Resources = map[string]*rt.ResourceType{guests: rt.NewResourceType(guests, drop)}
				x.hosts = slices.Insert(x.hosts, 0, host)
			} else {
				x.hosts = append(x.hosts, host)
			}
			for _, fn := range item.Interface.Funcs {
				host.Funcs[fn.Name] = rt.HostFunc{Call: func(_ context.Context, args []rt.Value) (rt.Value, error) { return x.answerOlder(fn, args) }}
			}
		}
	}
	return w
}

// answerOlder is the host of the older version.
func (x *passage) answerOlder(fn *wit.Func, args []rt.Value) (rt.Value, error) {
	var all []rt.Value
	for k, p := range fn.Params {
		v, err := x.fromDynamic(p.Type, args[k])
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	switch {
	case strings.HasSuffix(fn.Name, "."+tagName):
		return all[0].(thing).number, nil
	case strings.HasPrefix(fn.Name, spawnName):
		t := x.things.add(fn.Result.(*wit.Handle).Resource.Root().Name)
		err := x.keep(t)
		return x.things.older[t], err
	case strings.HasPrefix(fn.Name, keepName):
		return nil, nil
	}
	if fn.Kind == wit.Method {
		x.self, all = all[0].(thing), all[1:]
	}
	x.called, x.gotOld = append(x.called, methodName(fn)), all
	return x.giveOld, nil
}

// dynamic returns a value for a dynamic call, or of one.
func (x *passage) dynamic(t wit.Type, v rt.Value) rt.Value {
	return fill(t, v, func(_ *wit.Handle, v rt.Value) rt.Value { return x.things.older[v.(thing)] })
}

// fromDynamic returns what such a value is.
func (x *passage) fromDynamic(t wit.Type, v rt.Value) (_ rt.Value, err error) {
	v = fill(t, v, func(h *wit.Handle, v rt.Value) rt.Value {
		r := v.(*rt.Resource)
		t, failure := x.identify(r)
		err = errors.Join(err, failure)
		if !h.Borrow {
			x.things.older[t] = r
		}
		return t
	})
	return v, err
}

func (x *passage) identify(r *rt.Resource) (thing, error) {
	switch v := r.Value().(type) {
	case thing:
		return v, nil
	case nil:
		number, err := x.callFunc(context.Background(), "echo", "[method]"+guests+"."+tagName, r)
		if err != nil {
			return thing{}, err
		}
		return x.things.tagged(number.(uint64))
	default:
		t, err := x.things.read(v)
		if err != nil {
			return thing{}, err
		}
		return t.(thing), nil
	}
}

// callFunc calls a function of the guest as that exports it.
func (x *passage) callFunc(ctx context.Context, iface, name string, args ...rt.Value) (rt.Value, error) {
	for _, item := range x.old.Exports {
		if item.Interface.Name == iface {
			f, err := x.in.Func(item.Name(), name)
			if err != nil {
				return nil, err
			}
			return f.Call(ctx, args...)
		}
	}
	return nil, fmt.Errorf("no export %q", iface)
}
