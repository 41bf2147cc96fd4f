package rt

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// makeResources makes the instance's resource types: each instance has its own,
// but for those that it imports.
func (in *Instance) makeResources() {
	p := in.linked.component.plan
	in.resources = make([]*handle.Resource, len(p.Resources))
	own := make([]handle.Resource, len(p.Resources))
	for i, r := range p.Resources {
		if t := in.bound.resources[i]; t != nil {
			in.resources[i] = t.Outside()
			in.see(i, t)
			continue
		}
		own[i] = handle.Resource{Name: r.Name, Owner: &in.comps[r.Instance]}
		in.resources[i] = &own[i]
		if r.Dtor != nil {
			own[i].Drop = func(ctx context.Context, rep uint32) error {
				return in.callCore(ctx.(*task.Task), *r.Dtor, []uint64{uint64(rep)})
			}
		}
	}
	in.seeExports(&p.Exports)
}

// seeExports makes the types of the resources that the component exports.
func (in *Instance) seeExports(e *plan.Exports) {
	for _, r := range e.Resources {
		if in.types[r.Resource] == nil {
			in.see(r.Resource, abi.GuestResourceType(in.resources[r.Resource], in.destructor(r.Resource)))
		}
	}
	for i := range e.Instances {
		in.seeExports(&e.Instances[i])
	}
}

func (in *Instance) see(i int, t *ResourceType) {
	if in.types == nil {
		in.types = make(map[int]*ResourceType)
	}
	in.types[i] = t
}

// destructor returns how the host ends a resource of the component's that it
// owns: by a call of the destructor, if there is one.
func (in *Instance) destructor(i int) func(ctx context.Context, rep uint32) error {
	r := in.linked.component.plan.Resources[i]
	if r.Dtor == nil {
		return func(context.Context, uint32) error { return nil }
	}
	name := "[resource-drop]" + r.Name
	f := abi.NewFunc(name, 1, false, &task.Options{Instance: &in.comps[r.Instance]}, func() (fn, post api.Function) {
		return in.module(*r.Dtor).ExportedFunction(r.Dtor.Name), nil
	})
	in.dtors = append(in.dtors, f)
	return func(ctx context.Context, rep uint32) error {
		c, err := f.Enter(ctx)
		if err != nil {
			return err
		}
		c.Flat[0] = uint64(rep)
		c.Invoke()
		return c.Leave()
	}
}

// open opens the imports that have something of their own for the instance.
func (in *Instance) open(ctx context.Context, imports []Import) error {
	for _, im := range imports {
		if im.Open != nil {
			if err := end(ctx, im.Open); err != nil {
				return fmt.Errorf("import %q: %w", im.Interface.Name, err)
			}
		}
		if im.Close != nil {
			in.closers = append(in.closers, im.Close)
		}
		if in.stderr == nil {
			in.stderr = im.Stderr
		}
	}
	return nil
}

// endAll calls what ends what the instance has of the host's: all of it, even
// if one ends the goroutine.
func endAll(ctx context.Context, ends []func(context.Context) error) (errs []error) {
	n := 0
	defer func() {
		if n < len(ends) {
			errs = append(errs, endAll(ctx, ends[n:])...)
		}
	}()
	for n < len(ends) {
		n++
		if err := end(ctx, ends[n-1]); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// ended ends a resource whose owner is gone.
func ended(ctx context.Context, r *Resource) error {
	if err := end(ctx, r.Ended); err != nil {
		return fmt.Errorf("resource %q: %w", r.Type().Name(), err)
	}
	return nil
}

// end calls a function of the host's: if that panics, the others are called all
// the same.
func end(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &task.PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return f(ctx)
}

// resourceOf returns what resource types stand for as a component sees them.
func (in *Instance) resourceOf(types plan.ResourceTypes) func(*wit.TypeDef) *handle.Resource {
	return func(t *wit.TypeDef) *handle.Resource {
		i, ok := types[t.Root()]
		if !ok {
			return nil
		}
		return in.resources[i]
	}
}

// rejected is the error of a guest that used a handle against the rules.
func rejected(err error) *task.ImportError {
	if err == nil {
		return nil
	}
	return &task.ImportError{Err: err, Guest: true}
}

// resourceFunc is a built-in function of a resource type, for a component
// instance that has handles to it.
type resourceFunc struct{ instance, resource int }

// make is canon resource.new: representation in, handle out.
func (f resourceFunc) make(in *Instance, _ *task.Task, stack []uint64) *task.ImportError {
	i, err := in.comps[f.instance].Handles.NewOwn(in.resources[f.resource], uint32(stack[0]))
	stack[0] = uint64(i)
	return rejected(err)
}

// rep is canon resource.rep: handle in, representation out.
func (f resourceFunc) rep(in *Instance, _ *task.Task, stack []uint64) *task.ImportError {
	rep, err := in.comps[f.instance].Handles.Rep(in.resources[f.resource], uint32(stack[0]))
	stack[0] = uint64(rep)
	return rejected(err)
}

// drop is canon resource.drop. The destructor is a call into the instance that
// defines the resource; it may always come from there itself.
func (f resourceFunc) drop(in *Instance, t *task.Task, stack []uint64) *task.ImportError {
	caller := &in.comps[f.instance]
	r := in.resources[f.resource]
	rep, owned, err := caller.Handles.Drop(r, uint32(stack[0]))
	if err != nil || !owned {
		return rejected(err)
	}
	owner, ok := r.Owner.(*task.Instance)
	if !ok { // it ends in the host, or in another tree
		if host := in.tree.Host; host != nil {
			if err := host.Call(); err != nil {
				return rejected(err)
			}
		}
		if err := r.Drop(t, rep); err != nil {
			return &task.ImportError{Err: err}
		}
		return nil
	}
	if err := in.tree.Descend(); err != nil {
		return rejected(err)
	}
	i := in.linked.component.plan.Resources[f.resource].Instance
	saved, before := owner.Context, in.tasks[i] // of the task that runs there, if one does
	if !owner.Enter(caller) {
		return rejected(task.ErrCannotEnter)
	}
	in.tasks[i] = nil
	if r.Drop != nil { // else it is as if it did nothing
		if err := r.Drop(t, rep); err != nil {
			return failed(t, err, "destructor")
		}
	}
	owner.Exit(caller)
	owner.Context, in.tasks[i] = saved, before
	in.tree.Ascend()
	return nil
}

// failed is the error of a guest that called other code of its component,
// which trapped: the cause is what stopped that.
func failed(t *task.Task, err error, during string) *task.ImportError {
	if cause := t.Failure(); cause != nil {
		t.Pass(err)
		err = cause
	} else {
		err = &task.CoreError{Err: err, During: during}
	}
	return &task.ImportError{Err: err, Guest: true}
}
