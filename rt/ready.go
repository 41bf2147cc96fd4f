package rt

import (
	"context"
	"slices"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/plan"
)

// maxReady is how many functions [Instance.Ready] makes ready.
const maxReady = 16

// Ready makes ahead what the functions that the world exports, and the guest's
// allocator, run on: 11 KiB for each. Their first calls make that otherwise, and with
// it they may have to wait for Go's garbage collector. It does nothing if the world
// exports more than 16 functions, most of which are seldom called. It waits for the
// call that runs, if one does; the error is ctx's cause if that is done first, or
// [ErrClosed] for a closed instance.
func (in *Instance) Ready(ctx context.Context) error {
	n := 0
	for _, f := range slices.Concat(in.exports...) {
		if f.Exported() {
			n++
		}
	}
	if n > maxReady {
		return nil
	}
	return in.tree.Look(ctx, func() {
		for _, f := range slices.Concat(in.exports...) {
			f.Ready()
		}
		for slot, fn := range in.reallocs {
			if r, ok := fn.(*realloc); ok {
				in.reallocs[slot] = r.find()
			}
		}
		in.setOptions()
	})
}

// lookUpReallocs has the guest's allocators looked up at their next call.
func (in *Instance) lookUpReallocs() {
	for _, s := range in.linked.component.plan.Steps {
		if s, ok := s.(plan.ExtractRealloc); ok {
			in.reallocs[s.Slot] = &realloc{in: in, slot: s}
		}
	}
	in.setOptions()
}

// realloc is a guest's allocator before its first call. It is looked up then:
// that makes the stack it runs on, which many instances never need.
type realloc struct {
	api.Function // nil; what wazero's interface has beside CallWithStack
	in           *Instance
	slot         plan.ExtractRealloc
}

// CallWithStack calls the allocator, and lets later calls go to it directly.
func (r *realloc) CallWithStack(ctx context.Context, stack []uint64) error {
	fn := r.in.reallocs[r.slot.Slot]
	if fn == r {
		fn = r.find()
		r.in.reallocs[r.slot.Slot] = fn
		r.in.setOptions()
	}
	return fn.CallWithStack(ctx, stack)
}

// find looks the allocator up.
func (r *realloc) find() api.Function {
	return r.in.module(r.slot.From).ExportedFunction(r.slot.From.Name)
}
