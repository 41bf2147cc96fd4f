package rt

import (
	"context"

	"github.com/witgen/witgen/rt/abi"
)

// WithBuffer returns a context for calls of exports, in which the bytes of each
// list<u8> of a result are put in buf, one after the other, as long as they fit
// in what is left of its capacity; those that do not are allocated as ever.
// The buffer begins anew with each call, so that a result is there until the
// next call with the same context, and calls with it must not run at once.
//
// Only the context that WithBuffer returns brings the buffer, none that is
// derived from it.
func WithBuffer(ctx context.Context, buf []byte) context.Context { return abi.WithBuffer(ctx, buf) }

// WithFuelUsed returns a context for calls of exports, each of which sets used to
// the fuel that it has used, before it returns: its post-return and what calls
// between component instances use count, and so does what is used until a trap.
// See [Instance.FuelUsed]. It is 0 for engines that do not interrupt guests, and
// stays as it is for a call that does not begin. Calls with it must not run at
// once.
//
// Only the context that WithFuelUsed returns does so, or that WithBuffer makes of
// it, none that is derived from it in another way.
func WithFuelUsed(ctx context.Context, used *uint64) context.Context {
	return abi.WithFuelUsed(ctx, used)
}
