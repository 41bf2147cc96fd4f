package plugin

import (
	"context"
	"math/rand/v2"
	"time"
)

// How long what failed waits until it is tried again: at first, and at most.
const (
	againAfter  = time.Second
	againAtMost = time.Minute
)

// again does something until it need not be done again, after longer and longer
// waits, or ctx is done, or the host closed.
func (h *Host) again(ctx context.Context, do func() (again bool)) {
	wait := h.pause
	for do() {
		timer := time.NewTimer(wait/2 + rand.N(wait/2+1)) // so that not all come at once
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-h.ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil || h.ctx.Err() != nil {
			return
		}
		wait = min(2*wait, againAtMost)
	}
}

// againUnless does something with the slot again, as long as it is asked to, and
// nobody else has loaded anything meanwhile: what somebody decided since stays.
func (s *slot) againUnless(ctx context.Context, do func() (again bool)) {
	var tried uint64
	s.host.again(ctx, func() bool {
		if now := s.tried(); tried == 0 {
			tried = now
		} else if now != tried || s.ctx.Err() != nil {
			return false
		}
		tried++
		return do() && s.tried() == tried
	})
}

// tried is how often anything began to be loaded.
func (s *slot) tried() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}
