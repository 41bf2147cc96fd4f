package rt_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestQuota bounds calls of each host function by what the host says of the call
// that runs.
func TestQuota(t *testing.T) {
	type key struct{}
	both(t, func(t *testing.T, e *rt.Engine) {
		c := pinger("").compile(t, e)
		run := func(q map[string]*rt.Quota, f string, n int) error {
			in, err := c.Instantiate(t.Context(), rt.InstanceConfig{
				Host: []rt.HostInstance{pingHost},
				Quotas: func(ctx context.Context, function string) []*rt.Quota {
					if q := ctx.Value(key{}).(map[string]*rt.Quota)[function]; q != nil {
						return []*rt.Quota{q, {Calls: -1, Bytes: math.MaxInt64}}
					}
					return nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer closeInstance(t, in)
			_, err = invokeWith(context.WithValue(t.Context(), key{}, q), t, in, f, uint32(n))
			return err
		}
		one := least(func(n int64) bool {
			return run(map[string]*rt.Quota{"hand": {Calls: -1, Bytes: n}}, "hands", 1) == nil
		})
		for _, tt := range []struct {
			name  string
			quota rt.Quota
			f     string
			n     int
			want  string // the error's text; empty for none
			left  rt.Quota
		}{
			{"calls", rt.Quota{Calls: 5, Bytes: 1}, "pings", 5, "", rt.Quota{Bytes: 1}},
			{"one more", rt.Quota{Calls: 5, Bytes: 1}, "pings", 6, "trap in pings: wasm trap: ping: no calls of it are left (InstanceConfig.Quotas)", rt.Quota{Bytes: 1}},
			{"any number", rt.Quota{Calls: -1}, "pings", 100, "", rt.Quota{Calls: -1}},
			{"bytes", rt.Quota{Calls: 9, Bytes: 3 * one}, "hands", 3, "", rt.Quota{Calls: 6}},
			{"one less", rt.Quota{Calls: 9, Bytes: 3*one - 1}, "hands", 3, "trap in hands: wasm trap: hand: its arguments take more bytes than are left (InstanceConfig.Quotas)", rt.Quota{Calls: 6}},
			{"none", rt.Quota{Calls: 9, Bytes: math.MinInt64}, "hands", 1, "hand: its arguments take more bytes than are left", rt.Quota{Calls: 8, Bytes: math.MinInt64}},
			{"any amount", rt.Quota{Calls: 9, Bytes: math.MaxInt64}, "hands", 3, "", rt.Quota{Calls: 6, Bytes: math.MaxInt64 - 3*one}},
		} {
			q := tt.quota
			err := run(map[string]*rt.Quota{"ping": &q, "hand": &q}, tt.f, tt.n)
			if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, rt.ErrLimit) || !says(err, tt.want)) {
				t.Errorf("%s: got %v", tt.name, err)
			}
			if q.Calls != tt.left.Calls || tt.want == "" && q.Bytes != tt.left.Bytes || q.Bytes > tt.quota.Bytes {
				t.Errorf("%s: left %+v, want %+v", tt.name, q, tt.left)
			}
		}
		if err := run(nil, "hands", 3); err != nil {
			t.Errorf("no quota: %v", err)
		}
	})
}
