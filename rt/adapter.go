package rt

import (
	"cmp"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
)

// maxFlat is the most core values a call passes.
const maxFlat = 17

// adapter is a call from one component instance to another, made ready once
// for each component.
type adapter struct {
	from *plan.Provided
	to   *plan.Lift
	out  *dyn.Lowered // the function as the caller has it
	into *dyn.Lifted  // the function as the callee has it
}

func newAdapter(from *plan.Provided, to *plan.Lift) (*adapter, error) {
	out, err := dyn.Lower(from.Func)
	if err != nil {
		return nil, err
	}
	into, err := dyn.Lift(to.Func)
	return &adapter{from, to, out, into}, err
}

// call answers a call of one component instance with a function of another:
// what the one hands over is lifted from its memory and lowered into the
// other's, and the result the other way. See CanonicalABI.md, "canon lower"
// and "canon lift".
func (a *adapter) call(in *Instance, t *task.Task, stack []uint64) *task.ImportError {
	from, to := &in.options[a.from.Options], &in.options[a.to.Options]
	caller, callee := from.Instance, to.Instance
	if !callee.Enter(caller) {
		return rejected(task.ErrCannotEnter)
	}
	var scope handle.Scope
	var fromMem, toMem abi.Mem
	fromMem.Start(from, t)
	toMem.Start(to, t)
	out := &dyn.Context{Mem: &fromMem, Table: &caller.Handles, Scope: &scope, Resource: in.resourceOf(a.from.Types)}
	into := &dyn.Context{Mem: &toMem, Table: &callee.Handles, Scope: &scope, Resource: in.resourceOf(a.to.Types)}

	var flat [maxFlat]uint64
	args := a.out.LiftParams(out, stack)
	if err := fromMem.Err(); err != nil {
		return rejected(err)
	}
	a.into.LowerParams(into, flat[:], args)
	if err := toMem.Err(); err != nil {
		return rejected(err)
	}
	if err := in.callCore(t, a.to.Core, flat[:]); err != nil {
		return failed(t, err, "")
	}
	toMem.Refresh()
	result := a.into.LiftResult(into, flat[:])
	if err := cmp.Or(toMem.Err(), scope.Return()); err != nil {
		return rejected(err)
	}
	fromMem.Refresh()
	a.out.LowerResult(out, stack, result)
	if err := fromMem.Err(); err != nil {
		return rejected(err)
	}
	scope.GiveBack()
	if err := in.postReturn(t, a.to, callee, flat[:]); err != nil {
		return failed(t, err, "post-return")
	}
	callee.Exit(caller)
	return nil
}

func (in *Instance) postReturn(t *task.Task, l *plan.Lift, callee *task.Instance, flat []uint64) error {
	if l.PostReturn == nil {
		return nil
	}
	callee.MayLeave = false
	err := in.callCore(t, *l.PostReturn, flat)
	callee.MayLeave = true
	return err
}

// callCore calls a core function of the instance. A looked-up function runs
// one call at a time and is dear to look up, so those that no call is under
// way in are kept.
func (in *Instance) callCore(t *task.Task, d plan.CoreDef, stack []uint64) error {
	var fn api.Function
	if free := in.functions[d]; len(free) > 0 {
		fn, in.functions[d] = free[len(free)-1], free[:len(free)-1]
	} else {
		fn = in.module(d).ExportedFunction(d.Name)
	}
	err := fn.CallWithStack(t, stack)
	if err == nil {
		in.functions[d] = append(in.functions[d], fn)
	}
	return err
}
