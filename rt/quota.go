package rt

import (
	"context"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/handle"
)

// Quota is what is left for calls of host functions. Several functions may share
// one. A guest that wants more traps, with [ErrLimit].
type Quota struct {
	Calls int64 // how many; below 0 means any number
	Bytes int64 // that their arguments may make the host allocate, as [Limits] counts them
}

// rationed returns a host function whose calls take from a quota.
func rationed(quota func(ctx context.Context, function string) *Quota, name string, fn abi.HostFunc) abi.HostFunc {
	none := handle.LimitError(name + ": no calls of it are left (InstanceConfig.Quota)")
	over := handle.LimitError(name + ": its arguments take more bytes than are left (InstanceConfig.Quota)")
	return func(ctx context.Context, c *abi.Call) {
		q := quota(ctx, name)
		if q == nil {
			fn(ctx, c)
			return
		}
		if q.Calls == 0 {
			c.Mem.Reject(none)
			return
		}
		if q.Calls > 0 {
			q.Calls--
		}
		q.Bytes -= c.Within(ctx, fn, q.Bytes, over)
	}
}
