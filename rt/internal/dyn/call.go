package dyn

import (
	"fmt"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// function is a component function with its types made ready.
type function struct {
	// Signature is the core function's.
	Signature layout.Signature

	name   string
	labels []string // of parameters
	params []*Type
	result *Type // nil when it has none
}

// Lifted is a component function that a core function implements, called
// synchronously.
type Lifted struct{ function }

// Lowered is a component function as core code calls it, synchronously.
type Lowered struct{ function }

// Lift makes a function ready to call the core function behind it. It fails
// for a function with a type that [TypeOf] fails for.
func Lift(f *wit.Func) (*Lifted, error) {
	fn, err := newFunction(f, layout.Lift(f, layout.Options{}))
	return &Lifted{fn}, err
}

// Lower makes a function ready to be called by core code. It fails for a
// function with a type that [TypeOf] fails for.
func Lower(f *wit.Func) (*Lowered, error) {
	fn, err := newFunction(f, layout.Lower(f, layout.Options{}))
	return &Lowered{fn}, err
}

func newFunction(f *wit.Func, s layout.Signature) (function, error) {
	fn := function{Signature: s, name: f.Name}
	b := builder{seen: make(map[wit.Type]*Type)}
	for _, p := range f.Params {
		t, err := b.of(p.Type)
		if err != nil {
			return fn, fmt.Errorf("function %q: parameter %q: %w", f.Name, p.Name, err)
		}
		fn.params = append(fn.params, t)
		fn.labels = append(fn.labels, p.Name)
	}
	if f.Result != nil {
		t, err := b.of(f.Result)
		if err != nil {
			return fn, fmt.Errorf("function %q: result: %w", f.Name, err)
		}
		fn.result = t
	}
	return fn, nil
}

// LowerParams lowers the arguments of a call to flat, which has
// Signature.Slots slots. x is the callee's. See definitions.py,
// lower_flat_values.
func (f *Lifted) LowerParams(x *Context, flat []uint64, args []any) {
	if err := f.room(flat); err != nil {
		x.Mem.Fail(err)
		return
	}
	if len(args) != len(f.params) {
		x.Mem.Fail(fmt.Errorf("%d arguments for %d parameters", len(args), len(f.params)))
		return
	}
	var ptr uint32
	s := &f.Signature
	if s.ParamsSpill {
		ptr = x.Mem.Alloc(s.ParamLayout.Size, s.ParamLayout.Align)
		flat[0] = uint64(ptr)
	}
	for i, t := range f.params {
		var err error
		if s.ParamsSpill {
			err = x.store(ptr+s.ParamOffsets[i], t, args[i])
		} else {
			err = x.lowerFlat(flat[s.ParamSlots[i]:], t, args[i])
		}
		if err != nil {
			x.Mem.Fail(fmt.Errorf("parameter %q: %w", f.labels[i], err))
			return
		}
	}
}

// LiftResult lifts what the core function returned in flat; it returns nil for
// a function without a result. x is the callee's.
func (f *Lifted) LiftResult(x *Context, flat []uint64) any {
	if f.result == nil {
		return nil
	}
	if err := f.room(flat); err != nil {
		x.Mem.Fail(err)
		return nil
	}
	if f.Signature.ResultSpills {
		return Load(x, uint32(flat[0]), f.result)
	}
	return x.liftFlat(flat, f.result)
}

// LiftParams lifts the arguments of a call that core code makes. x is the
// caller's. See definitions.py, lift_flat_values.
func (f *Lowered) LiftParams(x *Context, flat []uint64) []any {
	if err := f.room(flat); err != nil {
		x.Mem.Fail(err)
		return nil
	}
	var ptr uint32
	s := &f.Signature
	if s.ParamsSpill {
		ptr = x.Mem.Ptr(flat[0], s.ParamLayout.Size, s.ParamLayout.Align)
	}
	args := x.slots(len(f.params))
	for i := range args {
		if s.ParamsSpill {
			args[i] = x.load(ptr+s.ParamOffsets[i], f.params[i])
		} else {
			args[i] = x.liftFlat(flat[s.ParamSlots[i]:], f.params[i])
		}
	}
	return args
}

// LowerResult lowers the result of a call that core code made: to the memory
// that the arguments in flat, which are still there, point to, or to flat
// itself. v is nil for a function without a result. x is the caller's.
func (f *Lowered) LowerResult(x *Context, flat []uint64, v any) {
	s := &f.Signature
	err := f.room(flat)
	switch {
	case err != nil:
	case f.result == nil && v != nil:
		err = fmt.Errorf("%T for a function without one", v)
	case f.result == nil:
		return
	case s.ResultSpills:
		out := flat[len(s.Params)-1]
		err = x.store(x.Mem.Ptr(out, f.result.size, f.result.align), f.result, v)
	default:
		err = x.lowerFlat(flat, f.result, v)
	}
	if err != nil {
		x.Mem.Fail(fmt.Errorf("result: %w", err))
	}
}

// room says that flat has a slot for each core value of the function.
func (f *function) room(flat []uint64) error {
	if n := f.Signature.Slots(); len(flat) < n {
		return fmt.Errorf("function %q has %d core values, with room for %d", f.name, n, len(flat))
	}
	return nil
}
