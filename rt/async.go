package rt

import (
	"context"
	"errors"
	"fmt"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// asyncTask is a call of a function that is lifted with the option async. It
// runs to its end before its caller goes on: nothing here waits for anything.
type asyncTask struct {
	lift     *plan.Lift
	options  *task.Options
	scope    *handle.Scope
	transfer bool // the result is for another component instance, not for the host
	// take takes the core values of the result, for generated code; nil where the
	// result is lifted here.
	take func(flat []uint64) error

	returned bool
	result   any
}

// The traps of tasks.
var (
	errTaskReturn = errors.New("invalid `task.return` signature and/or options for current task")
	errTwice      = errors.New("`task.return` or `task.cancel` called more than once for current task")
	errNoResult   = errors.New("async-lifted export failed to produce a result")
	errDeadlock   = errors.New("deadlock detected: event loop cannot make further progress")
	errCallback   = errors.New("unsupported callback code")
	errOverflow   = errors.New("backpressure counter overflow")
)

// maxBackpressure is how often an instance may ask for it. See definitions.py,
// canon_backpressure_inc.
const maxBackpressure = 1<<16 - 1

// What a callback returns in its low bits. See definitions.py, CallbackCode.
const (
	callbackExit  = 0
	callbackYield = 1
	callbackWait  = 2
)

// finish runs a task whose core function has returned to its end: as long as
// its callback yields, it is called again, until the caller's context is done.
// Nothing can happen that a task waits for, so that it would wait for ever.
func (in *Instance) finish(t *task.Task, at *asyncTask, code uint32) error {
	for at.lift.Callback != nil && code&0xf != callbackExit {
		switch code & 0xf {
		case callbackYield:
			if t.Caller.Err() != nil {
				return &task.Interrupted{Why: task.ErrDeadline, Cause: context.Cause(t.Caller)}
			}
			stack := [3]uint64{} // the event NONE
			if err := in.callCore(t, *at.lift.Callback, stack[:]); err != nil {
				return &task.CoreError{Err: err, During: "callback"}
			}
			code = uint32(stack[0])
		case callbackWait:
			return errDeadlock
		default:
			return errCallback
		}
	}
	if !at.returned {
		return errNoResult
	}
	return nil
}

// builtinFunc is a canonical built-in about tasks.
type builtinFunc struct {
	p      *plan.Provided
	result *dyn.Type // of task.return; nil for none
	err    error     // why that is not known
}

func newBuiltin(p *plan.Provided) builtinFunc {
	b := builtinFunc{p: p}
	if p.Result != nil {
		b.result, b.err = dyn.TypeOf(p.Result)
	}
	return b
}

// anyTime reports whether a provided function may be called while realloc and
// post-return run. See definitions.py, may_leave.
func anyTime(p *plan.Provided) bool {
	switch p.Op {
	case plan.ResourceRep, plan.RelayDone:
		return true
	case plan.Builtin:
		switch p.Canon.Op {
		case binary.CanonContextGet, binary.CanonContextSet, binary.CanonBackpressureInc, binary.CanonBackpressureDec:
			return true
		}
	}
	return false
}

func (b builtinFunc) call(in *Instance, t *task.Task, stack []uint64) *task.ImportError {
	c := &in.comps[b.p.Instance]
	switch b.p.Canon.Op {
	case binary.CanonContextGet:
		stack[0] = uint64(c.Context[b.p.Canon.Slot])
		return nil
	case binary.CanonContextSet:
		c.Context[b.p.Canon.Slot] = uint32(stack[0])
		return nil
	case binary.CanonBackpressureInc:
		c.Backpressure++
	case binary.CanonBackpressureDec:
		c.Backpressure--
	case binary.CanonTaskReturn:
		return rejected(b.taskReturn(in, t, stack))
	default:
		return rejected(fmt.Errorf("canonical built-in %s is %w", b.p.Canon.Op, ErrNotSupported))
	}
	if c.Backpressure < 0 || c.Backpressure > maxBackpressure {
		return rejected(errOverflow)
	}
	return nil
}

// taskReturn is canon task.return: it hands over the result of the task that
// runs in the instance.
func (b builtinFunc) taskReturn(in *Instance, t *task.Task, stack []uint64) error {
	at, o := in.tasks[b.p.Instance], &in.options[b.p.Options]
	switch {
	case at == nil || !sameResult(at.lift.Func.Result, b.p.Result) || o.Encoding != at.options.Encoding || o.Memory != at.options.Memory:
		return errTaskReturn
	case at.returned:
		return errTwice
	}
	at.returned = true
	if at.take != nil {
		return at.take(stack)
	}
	if b.err != nil {
		return b.err
	}
	var m abi.Mem
	m.Start(o, t)
	x := in.context(&m, at.scope, b.p.Types, o.Instance)
	x.Transfer = at.transfer
	at.result = dyn.LiftTaskReturn(x, stack, b.result)
	if err := m.Err(); err != nil {
		return err
	}
	return at.scope.Return()
}

// sameResult compares the results of a function and of a task.return. Both are
// of one component, in which a resource has one definition.
func sameResult(a, b wit.Type) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return wit.TypeText(a) == wit.TypeText(b)
}
