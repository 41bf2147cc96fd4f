package dyn

import (
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// LiftAsync makes a function ready whose core function is lifted with the
// option async: its result comes through task.return.
func LiftAsync(f *wit.Func, callback bool) (*Lifted, error) {
	fn, err := newFunction(f, layout.Lift(f, layout.Options{Async: true, Callback: callback}))
	return &Lifted{fn}, err
}

// LowerAsync makes a function ready to be called by core code that lowers it
// with the option async: the result goes to memory.
func LowerAsync(f *wit.Func) (*Lowered, error) {
	fn, err := newFunction(f, layout.Lower(f, layout.Options{Async: true}))
	return &Lowered{fn}, err
}

// LiftTaskReturn lifts what task.return is called with; t is nil for a function
// without a result. See definitions.py, canon_task_return.
func LiftTaskReturn(x *Context, flat []uint64, t *Type) any {
	switch {
	case t == nil:
		return nil
	case t.flat > layout.MaxFlatParams && len(flat) > 0:
		return Load(x, uint32(flat[0]), t)
	}
	return LiftFlat(x, flat, t)
}
