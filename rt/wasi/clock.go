package wasi

import (
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/internal/clock"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/monotonicclock"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/timezone"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/wallclock"
)

// Clock is where a guest's time comes from. Its methods may be called from any
// goroutine. What a guest sees of Monotonic begins with its instance.
type Clock = clock.Clock

// clocks returns the time.
func (h *host) clocks() []rt.Import {
	c, place := h.config.Clock, h.config.Location
	if c == nil {
		c = clock.Real{}
	}
	if place == nil {
		place = time.UTC
	}
	h.monotonic = clock.NewMonotonic(c)
	return []rt.Import{
		monotonicclock.Import(h.monotonic),
		wallclock.Import(clock.Wall{Clock: c}),
		timezone.Import(clock.Timezone{Location: place}),
	}
}
