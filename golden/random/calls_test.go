package random_test

import (
	"context"
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// call calls a function with random values, as the newest version has it.
func (x *passage) call(ctx context.Context, i *wit.Interface, fn *wit.Func) (err error) {
	field := x.field(i.Name)
	before := itemOf(x.old.Exports, i.Name)
	if field.IsValid() != (before != nil) {
		return fmt.Errorf("the older version exports the interface %v, its field is set %v", before != nil, field.IsValid())
	}
	if before == nil || fn.Kind == wit.Method && fn.Resource.Name != guests {
		x.done["not exported"]++
		return nil
	}
	u, m := &use{now: fn, old: funcOf(before, fn.Name), route: x.route}, field
	if fn.Kind == wit.Method {
		if u.self, err = x.spawn(ctx, fn.Params[0].Type.(*wit.Handle)); err != nil {
			return err
		}
		u.asked.lent = append(u.asked.lent, u.self)
		m = reflect.ValueOf(x.things.object(u.self))
	}
	if m = methodOf(m, methodName(fn)); !m.IsValid() {
		return errors.New("there is no such method")
	}
	params := unbound(fn).Params
	if u.args, err = x.arguments(ctx, params, &u.asked); err != nil {
		return err
	}
	if err := x.prepare(u, m.Type()); err != nil {
		return err
	}
	u.got, u.err = x.invoke(m, params, u)
	return x.judged(ctx, u)
}

// callOlder calls a function with random values, as the older version has it.
func (x *passage) callOlder(ctx context.Context, i *wit.Interface, fn *wit.Func) (err error) {
	u := &use{now: funcOf(itemOf(x.now.Imports, i.Name), fn.Name), old: fn, route: x.route}
	var args []rt.Value
	if fn.Kind == wit.Method {
		if u.self, err = x.spawn(ctx, fn.Params[0].Type.(*wit.Handle)); err != nil {
			return err
		}
		u.asked.lent = append(u.asked.lent, u.self)
		args = append(args, x.things.older[u.self])
	}
	params := unbound(fn).Params
	if u.args, err = x.arguments(ctx, params, &u.asked); err != nil {
		return err
	}
	for k, p := range params {
		args = append(args, x.dynamic(p.Type, u.args[k]))
	}
	if err := x.prepare(u, x.hostMethod(i, u.now)); err != nil {
		return err
	}
	if u.got, u.err = x.callFunc(ctx, i.Name, fn.Name, args...); u.err == nil {
		u.got, u.err = x.fromDynamic(fn.Result, u.got)
	}
	return x.judged(ctx, u)
}

// hostMethod returns the type of a method of the host's; nil if there is none.
func (x *passage) hostMethod(i *wit.Interface, fn *wit.Func) reflect.Type {
	if fn == nil {
		return nil
	}
	recorders := x.recorders
	if fn.Kind == wit.Method {
		recorders = nil
		for as, f := range x.things.make {
			if alike(as, fn.Resource.Name) {
				recorders = append(recorders, func(answer) any { return f(0, nil) })
			}
		}
	}
	for _, f := range recorders {
		v := reflect.ValueOf(f(nil))
		if t := reflect.Indirect(v).Type(); fn.Kind == wit.Method || path.Base(t.PkgPath()) == i.Name {
			if m := methodOf(v, methodName(fn)); m.IsValid() {
				return m.Type()
			}
		}
	}
	return nil
}

// prepare settles what the host returns.
func (x *passage) prepare(u *use, m reflect.Type) (err error) {
	if fn := u.host(); fn != nil {
		if u.result, err = x.results(fn.Result, &u.answered); err != nil {
			return err
		}
		if x.toOlder() {
			x.giveOld = x.dynamic(fn.Result, u.result)
		} else if x.give, err = x.answerOf(fn, m, u.result); err != nil {
			return err
		}
	}
	x.called, x.self, x.got, x.gotOld = nil, thing{}, nil, nil
	return nil
}

// answerOf returns what a method of the host's returns.
func (x *passage) answerOf(fn *wit.Func, m reflect.Type, v rt.Value) ([]any, error) {
	x.things.inside = true
	defer func() { x.things.inside = false }()
	if t, fails := wit.Underlying(fn.Result).(*wit.Result); fails {
		out := x.outcomeInGo(t, v, m, x.errorOf(t.Err))
		if out == nil {
			return nil, errors.New("no Go type is known of its errors")
		}
		return out, nil
	}
	if fn.Result == nil {
		return []any{nil}, nil
	}
	return []any{x.write(fn.Result, v, m.Out(0)).Interface(), nil}, nil
}

// invoke calls a method, whose panics are errors, and reads what it returns.
func (x *passage) invoke(m reflect.Value, params []wit.Param, u *use) (v rt.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	in := []reflect.Value{}
	for k, a := range u.args {
		in = append(in, x.write(params[k].Type, a, m.Type().In(k+1)))
	}
	c := &chain{world: &x.world, errs: make(map[string]reflect.Type)}
	c.middle.out = invoke(m, in)
	failure, _ := c.middle.out[len(c.middle.out)-1].(error)
	if _, trapped := errors.AsType[*rt.Trap](failure); trapped || errors.Is(failure, rt.ErrLossy) || errors.Is(failure, rt.ErrNotExported) {
		return nil, failure
	}
	if v, err = c.readResult(u.now); err != nil && failure != nil {
		err = fmt.Errorf("%w (%w)", err, failure)
	}
	return v, err
}

func (x *passage) judged(ctx context.Context, u *use) error {
	if err := x.judge(ctx, u); err != nil {
		return fmt.Errorf("called with %v, answered %v, returned %v, %w: %w", u.args, u.result, u.got, orNone(u.err), err)
	}
	return nil
}

// judge compares a call with what oracles say of it, and has who owns resources in the
// end close them.
func (x *passage) judge(ctx context.Context, u *use) error {
	if u.old == nil {
		if !errors.Is(u.err, rt.ErrNotExported) || len(x.called) > 0 {
			return errors.New("the older version lacks it")
		}
		x.done["not exported"]++
		return x.settle(ctx, u.asked.given, u.asked.lent, nil, nil)
	}
	p := foresee(u)
	lost := p.lost()
	switch {
	case u.err != nil && p.yours && strings.Contains(u.err.Error(), "this function is yours"):
		x.done["yours"]++
		err := x.again(ctx) // whose resources are whose then is the user's affair
		x.things.forget()
		return err
	case u.err != nil && lost >= 0 && errors.Is(u.err, rt.ErrLossy):
		x.done["lossy as "+stages[lost]]++
	case u.err != nil || !p.sure():
		return fmt.Errorf("want lossy %v, the user's %v", lost >= 0, p.yours)
	default:
		x.done["through"]++
	}
	if called := lost < 0 || lost > 1; called {
		if err := x.compare(u, p); err != nil {
			return err
		}
	} else if len(x.called) > 0 {
		return fmt.Errorf("the host was called: %q", x.called)
	}
	switch lost {
	case 0:
		return x.settle(ctx, u.asked.given, u.asked.lent, nil, nil)
	case 1:
		return x.settle(ctx, nil, u.asked.lent, nil, u.asked.given)
	case 2, 3:
		return x.settle(ctx, nil, u.asked.lent, u.asked.given, u.answered.given)
	}
	if !same(u.got, p.result) {
		return fmt.Errorf("want %v", p.result)
	}
	return x.settle(ctx, u.answered.given, u.asked.lent, u.asked.given, nil)
}

// compare compares what the host got with what it was to get.
func (x *passage) compare(u *use, p *passed) error {
	fn := u.host()
	if len(x.called) != 1 || !alike(strings.ReplaceAll(x.called[0], "-", ""), methodName(fn)) {
		return fmt.Errorf("the host's methods %q were called", x.called)
	}
	if x.self != u.self {
		return fmt.Errorf("called as %v, not %v", x.self, u.self)
	}
	got := x.gotOld
	if !x.toOlder() {
		x.things.inside = true
		defer func() { x.things.inside = false }()
		for k, a := range x.got {
			v, err := x.read(unbound(fn).Params[k].Type, reflect.ValueOf(a))
			if err != nil {
				return fmt.Errorf("the host got %v: %w", a, err)
			}
			got = append(got, v)
		}
	}
	if !same(rt.Tuple(got), rt.Tuple(p.args)) {
		return fmt.Errorf("the host got %v, want %v", got, p.args)
	}
	return nil
}

// settle has the caller close what it owns and what it lent, and the host what it got.
// Each has to be closed once by then, and nothing before but what was lost on its way.
func (x *passage) settle(ctx context.Context, callers, lent, hosts, lost []thing) error {
	for t, n := range x.things.ended {
		if !slices.Contains(lost, t) || n != 1 {
			return fmt.Errorf("%v was closed %d times on the way", t, n)
		}
	}
	for _, t := range lost {
		if x.things.ended[t] != 1 {
			return fmt.Errorf("%v got lost, and nobody closed it", t)
		}
	}
	dead := x.in.Err() != nil
	for _, t := range slices.Concat(callers, lent) {
		if err := x.end(ctx, t, false); err != nil && !dead {
			return fmt.Errorf("%v: %w", t, err)
		}
	}
	for _, t := range hosts {
		if err := x.end(ctx, t, true); err != nil {
			return fmt.Errorf("%v: %w", t, err)
		}
	}
	if n := alive(x.in); n != 0 && !dead {
		return fmt.Errorf("the instance has %d handles or values", n)
	}
	if dead {
		if err := x.again(ctx); err != nil {
			return err
		}
	}
	for _, t := range slices.Concat(callers, lent, hosts, lost) {
		if n := x.things.ended[t]; n != 1 {
			return fmt.Errorf("%v was closed %d times", t, n)
		}
	}
	x.things.forget()
	return nil
}

// end closes a resource, as the host or its caller.
func (x *passage) end(ctx context.Context, t thing, host bool) error {
	if host && x.toOlder() || !host && x.fromOlder() {
		return x.things.older[t].Close(ctx)
	}
	x.things.inside = host
	defer func() { x.things.inside = false }()
	return x.things.object(t).(interface{ Close(context.Context) error }).Close(ctx)
}

// again starts another instance.
func (x *passage) again(ctx context.Context) error {
	x.in.Close(ctx)
	_, err := x.begin(ctx)
	return err
}

// alive counts the handles of an instance, and the host's values behind them.
func alive(in *rt.Instance) int {
	v := reflect.ValueOf(in).Elem()
	of := v.FieldByName("tree").FieldByName("Values")
	n := of.FieldByName("list").Len() - of.FieldByName("free").Len()
	comps := v.FieldByName("comps")
	for k := range comps.Len() {
		table := comps.Index(k).FieldByName("Handles")
		n += max(table.FieldByName("entries").Len()-1, 0) - table.FieldByName("free").Len()
	}
	return n
}
