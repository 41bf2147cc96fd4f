package compat

import (
	"slices"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// sameCore reports whether core modules cannot tell two functions of one name
// apart: those that import them see the same core types, and those that export
// them do.
func sameCore(a, b *wit.Func) bool {
	if a.Async != b.Async {
		return false
	}
	import1, import2 := layout.Lower(a, layout.Options{Async: a.Async}), layout.Lower(b, layout.Options{Async: b.Async})
	callback := layout.Options{Async: a.Async, Callback: a.Async}
	export1, export2 := layout.Lift(a, callback), layout.Lift(b, callback)
	if !sameSignature(import1, import2) || !sameSignature(export1, export2) {
		return false
	}
	return !a.Async || sameSignature(layout.TaskReturn(a.Result), layout.TaskReturn(b.Result))
}

func sameSignature(a, b layout.Signature) bool {
	return slices.Equal(a.Params, b.Params) && slices.Equal(a.Results, b.Results)
}

// sameFlat reports whether values of two types are the same core values when
// they are not in memory.
func sameFlat(a, b wit.Type) bool { return slices.Equal(layout.Flat(a), layout.Flat(b)) }
