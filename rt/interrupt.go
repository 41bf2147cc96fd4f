package rt

import (
	"context"
	"time"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/task"
)

// refillName is how core modules name the function that they call when they have
// no fuel left.
var refillName = core.Binding{Module: "rt", Name: "refill"}

// makeRefill makes the function that core modules call when they have no fuel
// left, for all instances of the engine: one finds the instance by the task that
// is the call's context. See [core.Instrument].
func (e *Engine) makeRefill(ctx context.Context) error {
	refill := api.GoModuleFunc(func(ctx context.Context, mod api.Module, _ []uint64) {
		t := ctx.(*task.Task)
		t.Tree.Owner.(*Instance).refill(t, mod)
	})
	compiled, err := e.runtime.NewHostModuleBuilder(refillName.Module).
		NewFunctionBuilder().WithGoModuleFunction(refill, nil, nil).Export(refillName.Name).Compile(ctx)
	if err != nil {
		return err
	}
	host, err := e.instantiate(ctx, compiled, coreConfig)
	if err != nil {
		return err
	}
	code, err := e.compile(ctx, core.Reference(refillName))
	if err != nil {
		return err
	}
	ctx = experimental.WithImportResolver(ctx, func(string) api.Module { return host })
	m, err := e.instantiate(ctx, code, coreConfig)
	if err != nil {
		return err
	}
	e.refill = m.ExportedGlobal(core.ReferenceExport).Get()
	return nil
}

// heed stops a guest whose call's context is done. Guests are asked to as they
// run out of fuel, and as they leave their instance: host functions take time,
// and no fuel.
func heed(t *task.Task) {
	if t.Caller.Err() != nil {
		interrupt(t)
	}
}

// heedClock waits for the context of a guest's call to be done where its
// deadline is over. What ends contexts needs a processor, and Go does not take
// one from the code of guests before its scheduler's next look at them, which is
// every 10 ms.
func heedClock(t *task.Task) {
	deadline, ok := t.Caller.Deadline()
	if !ok || time.Now().Before(deadline) {
		return
	}
	patience := time.NewTimer(time.Millisecond)
	defer patience.Stop()
	select {
	case <-t.Caller.Done():
	case <-patience.C: // its Deadline is not all that its Done says
	}
}

func interrupt(t *task.Task) {
	t.Fail(&task.Interrupted{Why: task.ErrDeadline, Cause: context.Cause(t.Caller)})
}

// adopt takes in a new core instance, before any of its code runs.
func (in *Instance) adopt(m api.Module, im image) {
	in.modules = append(in.modules, m)
	if im.Checked {
		m.ExportedGlobal(im.Interrupt).(api.MutableGlobal).Set(in.linked.component.engine.refill)
		in.stack.adopt(m, im)
		if !in.linked.component.engine.uninterrupted {
			in.meter.tanks = append(in.meter.tanks, tank{m, m.ExportedGlobal(im.Fuel).(api.MutableGlobal)})
		}
	}
}
