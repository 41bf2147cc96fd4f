package rt

import (
	"context"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit/layout"
)

// Generated code calls an async function in one way and answers it in one way,
// however the component lifts and lowers it. What the component has is made to
// fit here, for tasks that never wait.

// awaited is the core function of an async function that the component exports.
// A call that takes the core values of the result runs the task to its end; any
// other is a call of the core function alone.
type awaited struct {
	api.Function
	in     *Instance
	lift   *plan.Lift
	result *dyn.Type // that is in memory, though task.return would take its core values; nil for others
	err    error     // why that is not known
}

func newAwaited(in *Instance, l *plan.Lift, core api.Function) *awaited {
	f := &awaited{Function: core, in: in, lift: l}
	s := layout.Lift(l.Func, layout.Options{})
	if s.ResultSpills && !layout.TaskReturn(l.Func.Result).ResultSpills {
		f.result, f.err = dyn.TypeOf(l.Func.Result)
	}
	return f
}

// CallWithStack calls the function.
func (f *awaited) CallWithStack(ctx context.Context, stack []uint64) error {
	t := ctx.(*task.Task)
	o := f.in.linked.component.plan.Options[f.lift.Options]
	if t.Result == nil || !o.Async {
		err := f.Function.CallWithStack(ctx, stack)
		if err == nil && t.Result != nil {
			err = f.handOver(t, stack)
		}
		return err
	}
	at := &asyncTask{lift: f.lift, options: &f.in.options[f.lift.Options], take: t.Result}
	f.in.tasks[o.Instance] = at
	defer func() { f.in.tasks[o.Instance] = nil }()
	if err := f.Function.CallWithStack(ctx, stack); err != nil {
		return err
	}
	var code uint32
	if len(stack) > 0 {
		code = uint32(stack[0])
	}
	return stop(t, f.in.finish(t, at, code))
}

// handOver does what task.return would, for a function that is lifted
// synchronously.
func (f *awaited) handOver(t *task.Task, stack []uint64) error {
	switch {
	case f.err != nil:
		return stop(t, f.err)
	case f.result == nil:
		return stop(t, t.Result(stack))
	}
	var m abi.Mem
	var flat [maxFlat]uint64
	m.Start(&f.in.options[f.lift.Options], t)
	dyn.Flatten(&m, uint32(stack[0]), f.result, flat[:])
	if err := m.Err(); err != nil {
		return stop(t, err)
	}
	return stop(t, t.Result(flat[:]))
}

// stop notes why a task fails that no core code ran for.
func stop(t *task.Task, err error) error {
	if err != nil {
		t.Keep(err)
	}
	return err
}

// waiting is the answer to a call that is made with the option async: it has
// returned before the guest goes on. The host function finds the core values of
// its arguments, and leaves those of its result, where a synchronous call has
// them.
func (f *importFunc) waiting(host abi.HostFunc) abi.HostFunc {
	return func(ctx context.Context, c *abi.Call) {
		lowered, err := f.lowered()
		if err != nil {
			host(ctx, c) // generated code's says what is not supported, and traps
			c.Mem.Trap(err)
			return
		}
		args, last := c.Flat, len(lowered.Signature.Params)-1
		var flat [maxFlat]uint64
		if f.sync.ParamsSpill {
			flat[0] = args[0]
		} else {
			lowered.FlattenParams(&c.Mem, args, flat[:])
		}
		if c.Mem.Err() != nil {
			return
		}
		if f.sync.ResultSpills {
			flat[len(f.sync.Params)-1] = args[last]
		}
		c.Flat = flat[:]
		host(ctx, c)
		c.Flat = args
		if f.p.Func.Result != nil && !f.sync.ResultSpills && c.Mem.Err() == nil {
			lowered.StoreResult(&c.Mem, args[last], flat[0])
		}
		args[0] = subtaskReturned
	}
}
