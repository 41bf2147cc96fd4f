package rt

import (
	"cmp"
	"context"
	"math"

	"github.com/witgen/witgen/rt/abi"
)

// Quota is what is left for calls of host functions. A guest that wants more
// traps, with [ErrLimit].
type Quota struct {
	Calls int64 // how many; below 0 means any number
	Bytes int64 // that their arguments may make the host allocate, as [Limits] counts them

	// Setting says in the trap where people set it; empty is the Quotas of
	// [InstanceConfig].
	Setting string
}

// rationed returns a host function whose calls take from quotas.
func rationed(quotas func(ctx context.Context, function string) []*Quota, name string, fn abi.HostFunc) abi.HostFunc {
	return func(ctx context.Context, c *abi.Call) {
		all := quotas(ctx, name)
		var least *Quota
		bytes := int64(math.MaxInt64)
		for _, q := range all {
			if q.Calls == 0 {
				c.Mem.Reject((*noCalls)(q))
				return
			}
			if q.Bytes < bytes {
				least, bytes = q, q.Bytes
			}
		}
		for _, q := range all {
			if q.Calls > 0 {
				q.Calls--
			}
		}
		lifted := c.Within(ctx, fn, bytes, (*noBytes)(least))
		for _, q := range all {
			q.Bytes -= lifted
		}
	}
}

// noCalls is the error of a call that a quota has no more of.
type noCalls Quota

func (q *noCalls) Error() string {
	return "no calls of it are left (" + cmp.Or(q.Setting, defaultSetting) + ")"
}

// Unwrap makes it one of a limit.
func (*noCalls) Unwrap() error { return ErrLimit }

// noBytes is the error of a call whose arguments take more than a quota has.
type noBytes Quota

func (q *noBytes) Error() string {
	return "its arguments take more bytes than are left (" + cmp.Or(q.Setting, defaultSetting) + ")"
}

// Unwrap makes it one of a limit.
func (*noBytes) Unwrap() error { return ErrLimit }

const defaultSetting = "InstanceConfig.Quotas"
