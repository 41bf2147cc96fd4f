package abi

import (
	"context"
	"fmt"

	"github.com/witgen/witgen/rt/cm"
)

// NotSupported returns the error of a function that cannot be called, because
// its type has something in it that package rt does not support: needs says
// what, as in "streams and futures". The error is [cm.ErrNotSupported].
func NotSupported(iface, function, needs string) error {
	return fmt.Errorf("%s#%s: %w", iface, function, unsupported(needs))
}

// NotSupportedFunc answers calls of such a function: they trap the guest. The
// trap names the function.
func NotSupportedFunc(needs string) HostFunc {
	return func(_ context.Context, c *Call) { c.Mem.Trap(unsupported(needs)) }
}

func unsupported(needs string) error { return fmt.Errorf("%s are %w", needs, cm.ErrNotSupported) }
