package rt

import (
	"cmp"
	"context"
	"runtime"

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

	asyncFrom, asyncTo bool
}

func newAdapter(p *plan.Plan, from *plan.Provided, to *plan.Lift) (*adapter, error) {
	out, err := loweredOf(p, from)
	if err != nil {
		return nil, err
	}
	into, err := liftedOf(p, to)
	return &adapter{from, to, out, into, p.Options[from.Options].Async, p.Options[to.Options].Async}, err
}

// loweredOf makes a lowered function ready to be called.
func loweredOf(p *plan.Plan, from *plan.Provided) (*dyn.Lowered, error) {
	if p.Options[from.Options].Async {
		return dyn.LowerAsync(from.Func)
	}
	return dyn.Lower(from.Func)
}

// subtaskReturned is what an async lower returns for a call that has returned
// already. See definitions.py, Subtask.State.RETURNED.
const subtaskReturned = 2

// call answers a call of one component instance with a function of another:
// what the one hands over is lifted from its memory and lowered into the
// other's, and the result the other way. See CanonicalABI.md, "canon lower"
// and "canon lift".
func (a *adapter) call(in *Instance, t *task.Task, stack []uint64) *task.ImportError {
	if err := in.tree.Descend(); err != nil {
		return rejected(err)
	}
	from, to := &in.options[a.from.Options], &in.options[a.to.Options]
	caller, callee := from.Instance, to.Instance
	saved := callee.Context // of the task that runs there, if one does
	if !callee.Enter(caller) {
		return rejected(task.ErrCannotEnter)
	}
	var scope handle.Scope
	var fromMem, toMem abi.Mem
	fromMem.Start(from, t)
	toMem.Start(to, t)
	out := in.context(&fromMem, &scope, a.from.Types, caller)
	into := in.context(&toMem, &scope, a.to.Types, callee)
	out.Transfer, into.Transfer = true, true

	var flat [maxFlat]uint64
	args := a.out.LiftParams(out, stack)
	if err := fromMem.Err(); err != nil {
		return rejected(err)
	}
	a.into.LowerParams(into, flat[:], args)
	if err := toMem.Err(); err != nil {
		return rejected(err)
	}
	result, failure := a.run(in, t, into, flat[:])
	if failure != nil {
		return failure
	}
	fromMem.Refresh()
	a.out.LowerResult(out, stack, result)
	if err := fromMem.Err(); err != nil {
		return rejected(err)
	}
	if a.asyncFrom {
		stack[0] = subtaskReturned
	}
	scope.GiveBack()
	if err := in.postReturn(t, a.to, callee, flat[:]); err != nil {
		return failed(t, err, "post-return")
	}
	callee.Exit(caller)
	callee.Context = saved
	in.tree.Ascend()
	return nil
}

// run runs the callee and lifts its result.
func (a *adapter) run(in *Instance, t *task.Task, into *dyn.Context, flat []uint64) (any, *task.ImportError) {
	o := &in.options[a.to.Options]
	i := in.linked.component.plan.Options[a.to.Options].Instance
	before := in.tasks[i]
	defer func() { in.tasks[i] = before }()
	in.tasks[i] = nil
	if !a.asyncTo {
		if err := in.callCore(t, a.to.Core, flat); err != nil {
			return nil, failed(t, err, "")
		}
		into.Mem.Refresh()
		result := a.into.LiftResult(into, flat)
		return result, rejected(cmp.Or(into.Mem.Err(), into.Scope.Return()))
	}
	at := &asyncTask{lift: a.to, options: o, scope: into.Scope, transfer: true}
	in.tasks[i] = at
	if err := in.callCore(t, a.to.Core, flat); err != nil {
		return nil, failed(t, err, "")
	}
	if err := in.finish(t, at, uint32(flat[0])); err != nil {
		return nil, failed(t, err, "")
	}
	return at.result, nil
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

// aside returns a function that does what call does on a goroutine of its own,
// and waits for it. If that goroutine is ended, so is this one.
func aside(call func(context.Context, []uint64) error) func(context.Context, []uint64) error {
	return func(ctx context.Context, stack []uint64) error {
		returned := make(chan error, 1)
		go func() {
			defer close(returned)
			returned <- call(ctx, stack)
		}()
		err, ok := <-returned
		if !ok {
			runtime.Goexit()
		}
		return err
	}
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
	call := fn.CallWithStack
	if in.tree.Deep() {
		call = aside(call)
	}
	err := call(t, stack)
	if err == nil {
		in.functions[d] = append(in.functions[d], fn)
	}
	return err
}
