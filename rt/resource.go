package rt

import (
	"context"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// makeResources makes the instance's resource types: each instance has its own.
func (in *Instance) makeResources() {
	p := in.linked.component.plan
	in.resources = make([]handle.Resource, len(p.Resources))
	for i, r := range p.Resources {
		in.resources[i] = handle.Resource{Name: r.Name, Owner: &in.comps[r.Instance]}
		if r.Dtor != nil {
			in.resources[i].Drop = func(ctx context.Context, rep uint32) error {
				return in.callCore(ctx.(*task.Task), *r.Dtor, []uint64{uint64(rep)})
			}
		}
	}
}

// resourceOf returns what resource types stand for as a component sees them.
func (in *Instance) resourceOf(types plan.ResourceTypes) func(*wit.TypeDef) *handle.Resource {
	return func(t *wit.TypeDef) *handle.Resource {
		i, ok := types[t.Root()]
		if !ok {
			return nil
		}
		return &in.resources[i]
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
	i, err := in.comps[f.instance].Handles.NewOwn(&in.resources[f.resource], uint32(stack[0]))
	stack[0] = uint64(i)
	return rejected(err)
}

// rep is canon resource.rep: handle in, representation out.
func (f resourceFunc) rep(in *Instance, _ *task.Task, stack []uint64) *task.ImportError {
	rep, err := in.comps[f.instance].Handles.Rep(&in.resources[f.resource], uint32(stack[0]))
	stack[0] = uint64(rep)
	return rejected(err)
}

// drop is canon resource.drop. The destructor is a call into the instance that
// defines the resource; it may always come from there itself.
func (f resourceFunc) drop(in *Instance, t *task.Task, stack []uint64) *task.ImportError {
	caller := &in.comps[f.instance]
	r := &in.resources[f.resource]
	rep, owned, err := caller.Handles.Drop(r, uint32(stack[0]))
	if err != nil || !owned || r.Drop == nil {
		return rejected(err)
	}
	owner := r.Owner.(*task.Instance)
	if owner != caller && !owner.Enter(caller) {
		return rejected(task.ErrCannotEnter)
	}
	if err := r.Drop(t, rep); err != nil {
		return failed(t, err, "destructor")
	}
	if owner != caller {
		owner.Exit(caller)
	}
	return nil
}

// failed is the error of a guest that called other code of its component,
// which trapped: the cause is what stopped that.
func failed(t *task.Task, err error, during string) *task.ImportError {
	if cause := t.Failure(); cause != nil {
		err = cause
	} else {
		err = &task.CoreError{Err: err, During: during}
	}
	return &task.ImportError{Err: err, Guest: true}
}
