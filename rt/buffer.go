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
