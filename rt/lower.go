package rt

import (
	"context"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
)

// lower makes the module that exports the component's lowered functions. All
// instances share it: a function finds the instance that calls it through the
// task that wazero hands on as the call's context.
func (c *Component) lower(ctx context.Context) error {
	if len(c.plan.Lowers) == 0 {
		return nil
	}
	b := c.engine.runtime.NewHostModuleBuilder("lowered")
	for i, l := range c.plan.Lowers {
		fn := &lowered{importName: c.plan.Imports[l.Import].Text(), idx: l.Import, options: l.Options}
		b.NewFunctionBuilder().
			WithGoModuleFunction(fn, coreTypes(l.Type.Params), coreTypes(l.Type.Results)).
			WithName(fn.importName).
			Export(plan.LowerName(i))
	}
	compiled, err := b.Compile(ctx)
	if err != nil {
		return err
	}
	c.images = append(c.images, compiled)
	c.host, err = c.engine.runtime.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName(""))
	return err
}

func coreTypes(ts []binary.CoreValType) []api.ValueType {
	out := make([]api.ValueType, len(ts))
	for i, t := range ts {
		out[i] = t.Code
	}
	return out
}

// lowered is a core function that calls an import of the component.
type lowered struct {
	importName string
	idx        int // of the import
	options    int
}

// Call runs the host function for the guest of the task that is ctx.
func (l *lowered) Call(ctx context.Context, _ api.Module, stack []uint64) {
	t := ctx.(*task.Task)
	in := t.Tree.Owner.(*Instance)
	o := &in.options[l.options]
	if !o.Instance.MayLeave {
		t.Fail(&task.ImportError{Import: l.importName, Err: task.ErrCannotLeave, Guest: true})
	}
	c := in.answering()
	err := c.Answer(t, o, in.imports[l.idx], stack)
	in.answered(c)
	if err != nil {
		err.Import = l.importName
		t.Fail(err)
	}
}

// answering returns a call to answer a guest's call with. Answers nest, so
// there may be several.
func (in *Instance) answering() *abi.Call {
	if n := len(in.answers); n > 0 {
		c := in.answers[n-1]
		in.answers = in.answers[:n-1]
		return c
	}
	return new(abi.Call)
}

// answered keeps a call for the next answer.
func (in *Instance) answered(c *abi.Call) { in.answers = append(in.answers, c) }
