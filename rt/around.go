package rt

import (
	"context"
	"errors"

	"github.com/witgen/witgen/rt/abi"
)

// HostCalls is told of the calls of one host function by one instance: see
// [InstanceConfig]. Both methods are called on the goroutine of the call, and
// what they panic with the function does.
type HostCalls interface {
	// Begins is called before the function, with the context that it would have,
	// and returns the one that it has, made of that.
	Begins(ctx context.Context) context.Context
	// Ended is called after it, with the context that Begins returned. The error is
	// why the guest does not go on: the function's own, or what was wrong with its
	// arguments. It is nil if the guest goes on, whatever result it was given.
	Ended(ctx context.Context, err error)
}

// errUnfinished is the error of a host function that panicked, or that ended its
// goroutine.
var errUnfinished = errors.New("the host function did not return")

// around returns a host function whose calls are told of.
func around(told HostCalls, fn abi.HostFunc) abi.HostFunc {
	return func(ctx context.Context, c *abi.Call) {
		ctx = told.Begins(ctx)
		over := false
		defer func() {
			if !over {
				told.Ended(ctx, errUnfinished)
			}
		}()
		fn(ctx, c)
		over = true
		told.Ended(ctx, c.Mem.Err())
	}
}
