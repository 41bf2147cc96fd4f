package plugin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/internal/breaker"
	"github.com/witgen/witgen/rt/plugin/internal/pool"
	"github.com/witgen/witgen/rt/plugin/internal/store"
	"github.com/witgen/witgen/rt/plugin/internal/tally"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

// Digest is a SHA-256 digest. Its String is in the form of "sha256:9f12".
type Digest [sha256.Size]byte

// String returns the digest in hexadecimal, after "sha256:".
func (d Digest) String() string { return "sha256:" + hex.EncodeToString(d[:]) }

// Short returns the first twelve digits.
func (d Digest) Short() string { return hex.EncodeToString(d[:6]) }

// revision is what a slot runs: a component under a policy. It never changes.
// What counts its users closes it, and nothing else does.
type revision struct {
	slot     *slot
	id, code Digest
	short    string // of id
	world    string // that it is of: an older version of the slot's for a plugin of that
	source   Source
	rights   *rights
	granted  *policy.Policy // that the rights are of
	staged   time.Time
	hold     *store.Hold // on the code in the store; nil if it is not there
	metadata Metadata
	life     lifecycle

	component *rt.Component
	start     func(ctx context.Context, config rt.InstanceConfig) (client, error)
	pool      *pool.Pool[client]
	breaker   *breaker.Breaker
	meter     tally.Meter

	// users are the calls under way, and one for the slot as long as it may take
	// calls. None can come when there are none.
	users   atomic.Int64
	unused  chan struct{} // closed when there are none
	ending  context.Context
	endCall context.CancelCauseFunc
	retired atomic.Bool // there is somebody who waits for the users
	stuck   atomic.Bool // some of them were cancelled, and do not end

	inherited atomic.Pointer[[]byte] // of the revision before, for the first instance
	served    bool                   // calls went to it; the slot's lock is for it
}

// use counts a user more, unless the revision has ended.
func (r *revision) use() bool {
	for n := r.users.Load(); n > 0; n = r.users.Load() {
		if r.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
	return false
}

// leave counts a user less.
func (r *revision) leave() {
	if r.users.Add(-1) == 0 {
		close(r.unused)
	}
}

// of makes an event one of the revision; of none, if it is nil.
func (r *revision) of(e Event) Event {
	if r != nil {
		e.Revision, e.World = r.short, r.world
	}
	return e
}

// ended reports whether the revision takes no more calls.
func (r *revision) ended() bool { return r.users.Load() <= 0 || r.retired.Load() }

// denied tells that a guest was denied something, and what of its policy would
// grant it.
func (r *revision) denied(d wasi.Denial) {
	r.told(d.Capability, r.rights.Explain(r.rights.file, r.slot.name, d))
}

func (r *revision) told(capability string, why *policy.Denied) {
	r.slot.happened(r.of(Event{Kind: DeniedUse, Denied: capability, Text: why.Error(), Err: why}))
}

// drain waits for the calls under way, which are cancelled when they take longer
// than patience. It reports how many it cancelled, and tells of those that do not
// end all the same, after what led to it was told. The slot has left.
func (r *revision) drain(patience time.Duration, told <-chan struct{}) (cancelled int64) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-r.unused:
		return 0
	case <-timer.C:
	}
	cancelled = r.users.Load()
	r.endCall(ErrDrained)
	timer.Reset(stuckAfter)
	select {
	case <-r.unused:
	case <-timer.C:
		r.stuck.Store(true)
		<-told
		r.slot.happened(r.of(Event{Kind: Stuck, Stage: Drain, Text: fmt.Sprintf("%d calls do not end, though they were cancelled", r.users.Load())}))
		<-r.unused
	}
	return cancelled
}

// stuckAfter is how long a call that was cancelled may take to end before it is
// called stuck.
const stuckAfter = time.Second

// free closes what nobody uses any more.
func (r *revision) free(ctx context.Context) error {
	r.endCall(ErrDrained)
	if r.hold != nil {
		r.hold.Release()
	}
	if r.pool != nil {
		if err := r.pool.Close(ctx); err != nil {
			return err
		}
	}
	if r.component != nil {
		return r.component.Close(ctx)
	}
	return nil
}
