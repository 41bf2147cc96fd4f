package rt

import (
	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit/layout"
)

// relayResult calls an import that the component exports as it is, and that
// has a result which goes through memory: the import wants to be told where,
// the export's caller to be told where it is.
type relayResult struct {
	p      *plan.Provided
	params int
	layout layout.Layout
	answer answer
}

func (f relayResult) call(in *Instance, t *task.Task, stack []uint64) *task.ImportError {
	var m abi.Mem
	m.Start(&in.options[f.p.Options], t)
	ptr := m.Alloc(f.layout.Size, f.layout.Align)
	if err := m.Err(); err != nil {
		return rejected(err)
	}
	var flat [maxFlat]uint64
	copy(flat[:], stack[:f.params])
	flat[f.params] = uint64(ptr)
	if err := f.answer(in, t, flat[:f.params+1]); err != nil {
		return err
	}
	stack[0] = uint64(ptr)
	return nil
}

// relayDone frees the memory of the relay after a call.
func relayDone(in *Instance, _ *task.Task, _ []uint64) *task.ImportError {
	in.freeRelay()
	return nil
}

func (in *Instance) freeRelay() {
	relay := in.modules[in.linked.component.plan.Relay]
	relay.ExportedGlobal(plan.RelayTop).(api.MutableGlobal).Set(plan.RelayStart)
}
