package rt

import (
	"context"
	"fmt"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// Func is an exported function of an instance, for calls with values whose
// types are not known when the program is compiled. It may be called from any
// number of goroutines, which take turns.
type Func struct {
	in     *Instance
	fn     *abi.Func
	lift   *plan.Lift
	typ    *wit.Func
	lifted *dyn.Lifted
}

// Func returns a function that the component exports: of an interface,
// "ns:pkg/interface@1.0.0", that is found like those of a world, or of the
// component itself if the name of the interface is empty.
func (in *Instance) Func(iface, name string) (*Func, error) {
	c := in.linked.component
	e := c.named(iface)
	if e == nil {
		return nil, fmt.Errorf("%w %q", ErrNotExported, iface)
	}
	f, ok := e.Func(name)
	if !ok {
		return nil, fmt.Errorf("%w function %q", ErrNotExported, plan.Place{Interface: e.Name, Name: name}.Text())
	}
	return in.function(e.Name, f)
}

// function returns an exported function of the instance of that name.
func (in *Instance) function(path string, f *plan.ExportFunc) (*Func, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if x := in.funcs[f]; x != nil {
		return x, nil
	}
	name := plan.Place{Interface: path, Name: f.Name}.Text()
	l := &in.linked.component.plan.Lifts[f.Lift]
	lifted, err := liftedOf(in.linked.component.plan, l)
	if err != nil {
		return nil, fmt.Errorf("function %q: %w", name, err)
	}
	x := &Func{in: in, fn: in.export(name, f.Lift), lift: l, typ: f.Func, lifted: lifted}
	if in.funcs == nil {
		in.funcs = make(map[*plan.ExportFunc]*Func)
	}
	in.funcs[f] = x
	return x, nil
}

// liftedOf makes a lift ready for dynamic calls.
func liftedOf(p *plan.Plan, l *plan.Lift) (*dyn.Lifted, error) {
	if p.Options[l.Options].Async {
		return dyn.LiftAsync(l.Func, l.Callback != nil)
	}
	return dyn.Lift(l.Func)
}

// Name returns the function's name with its interface's: "ns:pkg/iface#f".
func (f *Func) Name() string { return f.fn.Name() }

// Type returns the function's type. It must not be changed.
func (f *Func) Type() *wit.Func { return f.typ }

// Call calls the function with a value for each parameter and returns its
// result, nil if it has none. It waits for the instance's turn. The error is a
// [*Trap] if the guest was stopped, and the instance is dead then; it says what
// is wrong of an argument that does not fit its type, or is the context's cause
// or [ErrClosed]. A result<T, E> is a value like any other: its err case is no
// error.
//
// An own argument is the guest's from then on, unless another argument does not
// fit its type: then the call is not made, and gives nothing away.
func (f *Func) Call(ctx context.Context, args ...Value) (Value, error) {
	if len(args) != len(f.typ.Params) {
		return nil, fmt.Errorf("%s: %d arguments for %d parameters", f.Name(), len(args), len(f.typ.Params))
	}
	c, err := f.fn.Enter(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // ours, since those of host functions do not get here: nobody shall wait for this call
			c.Abandon()
			panic(p)
		}
	}()
	h := c.Mem.Handles()
	x := f.in.context(&c.Mem, &h.Scope, f.lift.Types, f.in.options[f.lift.Options].Instance)
	w := crossing{h, x}
	if raw, err := w.lowerAll(f.lift.Func.Params, args); err != nil {
		c.Mem.Fail(err)
	} else {
		f.lifted.LowerParams(x, c.Flat, raw)
	}
	raw := f.run(c, x)
	var result Value
	if c.Mem.Err() == nil && f.lift.Func.Result != nil {
		result = w.lift(f.lift.Func.Result, raw)
	}
	if err := c.Leave(); err != nil {
		return nil, err
	}
	return result, nil
}

// run runs the guest and lifts its result.
func (f *Func) run(c *abi.Call, x *dyn.Context) any {
	o := f.lift.Options
	if !f.in.linked.component.plan.Options[o].Async {
		c.Invoke()
		return f.lifted.LiftResult(x, c.Flat)
	}
	i := f.in.linked.component.plan.Options[o].Instance
	at := &asyncTask{lift: f.lift, options: &f.in.options[o], scope: x.Scope}
	f.in.tasks[i] = at
	defer func() { f.in.tasks[i] = nil }()
	c.Invoke()
	if c.Mem.Err() != nil {
		return nil
	}
	var code uint32
	if len(c.Flat) > 0 {
		code = uint32(c.Flat[0])
	}
	if err := f.in.finish(c.Task(), at, code); err != nil {
		c.Mem.Reject(err)
	}
	return at.result
}

// context returns where the values of a call live in a component instance.
func (in *Instance) context(m *abi.Mem, s *handle.Scope, types plan.ResourceTypes, c *task.Instance) *dyn.Context {
	return &dyn.Context{Mem: m, Table: &c.Handles, Scope: s, Resource: in.resourceOf(types)}
}

// Export returns what the component exports under a name, which is found like
// that of an interface, as what a host offers: for an import of another
// component. The empty name is for all that the component exports. Types are
// compared when that is instantiated.
func (in *Instance) Export(name string) (*HostInstance, error) {
	e := in.linked.component.named(name)
	if e == nil {
		return nil, fmt.Errorf("%w %q", ErrNotExported, name)
	}
	return in.exportOf(e.Name, e)
}

func (in *Instance) exportOf(path string, e *plan.Exports) (*HostInstance, error) {
	h := &HostInstance{
		Name: e.Name, Funcs: make(map[string]HostFunc), Resources: make(map[string]*ResourceType),
		Modules: make(map[string]*Module), Instances: make(map[string]*HostInstance),
	}
	for i := range e.Funcs {
		f, err := in.function(path, &e.Funcs[i])
		if err != nil {
			return nil, err
		}
		h.Funcs[e.Funcs[i].Name] = HostFunc{Type: f.typ, Call: func(ctx context.Context, args []Value) (Value, error) {
			return f.Call(ctx, args...)
		}}
	}
	for _, r := range e.Resources {
		h.Resources[r.Name] = in.types[r.Resource]
	}
	for _, m := range e.Modules {
		if m.Import >= 0 {
			h.Modules[m.Name] = in.given[m.Import]
			continue
		}
		x, err := NewModule(m.Module)
		if err != nil {
			return nil, err
		}
		h.Modules[m.Name] = x
	}
	for i := range e.Instances {
		inner, err := in.exportOf(plan.Place{Interface: path, Name: e.Instances[i].Name}.Text(), &e.Instances[i])
		if err != nil {
			return nil, err
		}
		h.Instances[inner.Name] = inner
	}
	return h, nil
}

// Instantiate starts an instance whose functions are called by their names: see
// [Instance.Func]. It is Link with a world that has nothing in it, and
// [Linked.Instantiate].
func (c *Component) Instantiate(ctx context.Context, config InstanceConfig) (*Instance, error) {
	l, err := c.Link(World{})
	if err != nil {
		return nil, err
	}
	return l.Instantiate(ctx, nil, config)
}
