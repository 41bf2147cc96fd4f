package rt

import (
	"context"
	"math"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/handle"
)

// Quota is what is left for calls of host functions. A guest that wants more
// traps, with [ErrLimit].
type Quota struct {
	Calls int64 // how many; below 0 means any number
	Bytes int64 // that their arguments may make the host allocate, as [Limits] counts them
}

// rationed returns a host function whose calls take from quotas.
func rationed(quotas func(ctx context.Context, function string) []*Quota, name string, fn abi.HostFunc) abi.HostFunc {
	none := handle.LimitError(name + ": no calls of it are left (InstanceConfig.Quotas)")
	over := handle.LimitError(name + ": its arguments take more bytes than are left (InstanceConfig.Quotas)")
	return func(ctx context.Context, c *abi.Call) {
		all := quotas(ctx, name)
		bytes := int64(math.MaxInt64)
		for _, q := range all {
			if q.Calls == 0 {
				c.Mem.Reject(none)
				return
			}
			bytes = min(bytes, q.Bytes)
		}
		for _, q := range all {
			if q.Calls > 0 {
				q.Calls--
			}
		}
		lifted := c.Within(ctx, fn, bytes, over)
		for _, q := range all {
			q.Bytes -= lifted
		}
	}
}
