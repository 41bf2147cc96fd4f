package rt

import (
	"cmp"
	"context"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit/layout"
)

// providedModule is the name of the module that exports what is provided.
const providedModule = "provided"

// provide makes the module that exports the core functions that the runtime
// provides to the component. All instances share it: a function finds the
// instance that calls it through the task that wazero hands on as the call's
// context.
func (c *program) provide(ctx context.Context) error {
	if len(c.plan.Provided) == 0 {
		return nil
	}
	b := c.engine.runtime.NewHostModuleBuilder(providedModule)
	for i := range c.plan.Provided {
		p := &c.plan.Provided[i]
		fn, err := c.provided(i)
		if err != nil {
			return err
		}
		b.NewFunctionBuilder().
			WithGoModuleFunction(fn, coreTypes(p.Type.Params), coreTypes(p.Type.Results)).
			WithName(c.providedName(p)).
			Export(plan.ProvidedName(i))
	}
	var err error
	if c.hosting, err = b.Compile(ctx); err != nil {
		return err
	}
	c.host, err = c.engine.instantiate(ctx, c.hosting, coreConfig)
	return err
}

func coreTypes(ts []binary.CoreValType) []api.ValueType {
	out := make([]api.ValueType, len(ts))
	for i, t := range ts {
		out[i] = t.Code
	}
	return out
}

// providedName names a provided function in stacks and errors.
func (c *program) providedName(p *plan.Provided) string {
	switch p.Op {
	case plan.CallImport:
		return c.plan.Imports[p.Import].Text()
	case plan.CallLift:
		return c.plan.Lifts[p.Lift].Name
	case plan.Builtin:
		return p.Canon.Op.String()
	case plan.RelayResult:
		return c.providedName(&c.plan.Provided[p.Lowered])
	case plan.RelayDone:
		return "relay"
	}
	return strings.TrimSpace(p.Op.String() + " " + c.plan.Resources[p.Resource].Name)
}

// answer is what a provided function does; the error has no Import unless it
// comes from further inside.
type answer func(in *Instance, t *task.Task, stack []uint64) *task.ImportError

// answerOf returns what a provided function does.
func (c *program) answerOf(index int) (answer, error) {
	p := &c.plan.Provided[index]
	switch p.Op {
	case plan.CallLift:
		a, err := newAdapter(c.plan, p, &c.plan.Lifts[p.Lift])
		return a.call, err
	case plan.ResourceNew:
		return resourceFunc{p.Instance, p.Resource}.make, nil
	case plan.ResourceRep:
		return resourceFunc{p.Instance, p.Resource}.rep, nil
	case plan.ResourceDrop:
		return resourceFunc{p.Instance, p.Resource}.drop, nil
	case plan.Builtin:
		return newBuiltin(p).call, nil
	case plan.RelayResult:
		call, err := c.answerOf(p.Lowered)
		return relayResult{p, len(p.Type.Params), layout.Of(p.Result), call}.call, err
	case plan.RelayDone:
		return relayDone, nil
	}
	return c.importFunc(p, index).call, nil
}

// provided returns the function that does what p says. It stops the guest
// when that fails, and when the guest may not leave its instance.
func (c *program) provided(index int) (api.GoModuleFunction, error) {
	p := &c.plan.Provided[index]
	if p.Op == plan.CallImport {
		return c.importFunc(p, index), nil
	}
	answer, err := c.answerOf(index)
	name, always := c.providedName(p), anyTime(p)
	return api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
		t := ctx.(*task.Task)
		heed(t)
		in := t.Tree.Owner.(*Instance)
		var err *task.ImportError
		if !in.comps[p.Instance].MayLeave && !always {
			err = rejected(task.ErrCannotLeave)
		} else {
			err = answer(in, t, stack)
		}
		if err != nil {
			if p.Op != plan.CallLift { // the component's own affair; the frames say where
				err.Import = cmp.Or(err.Import, name)
			}
			t.Fail(err)
		}
	}), err
}

// importFunc is a call of the host.
type importFunc struct {
	p       *plan.Provided
	index   int // of p
	name    string
	async   bool
	sync    layout.Signature // as if it were not async
	lowered func() (*dyn.Lowered, error)
}

func (c *program) importFunc(p *plan.Provided, index int) *importFunc {
	lowered := sync.OnceValues(func() (*dyn.Lowered, error) { return loweredOf(c.plan, p) })
	return &importFunc{
		p: p, index: index, name: c.providedName(p), async: c.plan.Options[p.Options].Async,
		sync: layout.Lower(p.Func, layout.Options{}), lowered: lowered,
	}
}

// Call is the core function. It stops the guest when the call fails.
func (f *importFunc) Call(ctx context.Context, _ api.Module, stack []uint64) {
	t := ctx.(*task.Task)
	heed(t)
	in := t.Tree.Owner.(*Instance)
	c := in.answers[f.index]
	if c == nil || c.Busy() {
		c = f.answer(in)
	}
	if err := c.Answer(t, stack); err != nil {
		err.Import = cmp.Or(err.Import, f.name)
		t.Fail(err)
	}
}

func (f *importFunc) call(in *Instance, t *task.Task, stack []uint64) *task.ImportError {
	c := in.answers[f.index]
	if c == nil || c.Busy() {
		c = f.answer(in)
	}
	return c.Answer(t, stack)
}

// answer returns what answers calls of an instance.
func (f *importFunc) answer(in *Instance) *abi.Call {
	bound := in.bound.funcs[f.p.Import]
	fn := bound.compiled
	switch {
	case fn == nil:
		fn = f.dynamic(in, bound.dynamic)
	case f.async:
		fn = f.waiting(fn)
	}
	if in.quotas != nil {
		fn = rationed(in.quotas, f.hostName(in), fn)
	}
	if in.around != nil && !bound.stub {
		if told := in.around(f.hostName(in)); told != nil {
			fn = around(told, fn)
		}
	}
	c := abi.NewAnswer(&in.options[f.p.Options], fn)
	c.Under(bound.under)
	in.answers[f.index] = c
	return c
}

// hostName is the function's name, in the interface as the host has it: a
// component may import that under any name.
func (f *importFunc) hostName(in *Instance) string {
	place := in.linked.component.plan.Imports[f.p.Import].Place
	place.Interface = in.bound.funcs[f.p.Import].iface
	return place.Text()
}

// dynamic returns the answer of a host function that takes values: they are
// lifted by walking the types that the component has.
func (f *importFunc) dynamic(in *Instance, host HostFunc) abi.HostFunc {
	return func(ctx context.Context, c *abi.Call) {
		lowered, err := f.lowered()
		if err != nil {
			c.Mem.Trap(err)
			return
		}
		h := c.Mem.Handles()
		x := in.context(&c.Mem, &h.Scope, f.p.Types, &in.comps[f.p.Instance])
		w := crossing{h, x}
		args := lowered.LiftParams(x, c.Flat)
		if c.Mem.Err() != nil {
			return
		}
		for i, p := range f.p.Func.Params {
			args[i] = w.lift(p.Type, args[i])
		}
		result, err := host.Call(ctx, args)
		if err == nil && f.p.Func.Result != nil {
			result, err = w.lower(f.p.Func.Result, result)
		}
		if err != nil {
			c.Mem.Trap(err)
			return
		}
		c.Mem.Refresh()
		lowered.LowerResult(x, c.Flat, result)
		if f.async {
			c.Flat[0] = subtaskReturned
		}
	}
}
