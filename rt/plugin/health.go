package plugin

import (
	"context"
	"errors"
	"fmt"

	"github.com/witgen/witgen/rt/plugin/internal/breaker"
)

// Ready returns nil if calls of all slots are served, else why not, as
// [Control.Ready] has it for each.
func (h *Host) Ready() error {
	if h.ctx.Err() != nil {
		return ErrClosed
	}
	var all []error
	for _, c := range h.List() {
		all = append(all, c.Ready())
	}
	return errors.Join(all...)
}

// Ready returns nil if calls of the slot are served: there is a revision, and it
// is not left alone for having failed too often. An instance that trapped says
// nothing about that.
func (c *Control) Ready() error {
	to := c.slot.route.Load()
	if to.held != nil {
		return nil // in a moment
	}
	if to.stable == nil {
		return to.err
	}
	if b := to.stable.breaker.Status(clock()); b.State == breaker.Open {
		return fmt.Errorf("plugin %s: %w: %d calls failed", c.slot.name, ErrUnavailable, b.Failed.Sum(func(Outcome) bool { return true }))
	}
	return nil
}

// Probe asks an instance of its own whether the plugin can do its work, if its
// world has a question for that; else only whether an instance starts.
func (c *Control) Probe(ctx context.Context) error {
	s := c.slot
	to := s.route.Load()
	if to.stable == nil || !to.stable.use() {
		return c.Ready()
	}
	r := to.stable
	defer r.leave()
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	in, err := r.startInstance(ctx, true)
	if err != nil {
		return fmt.Errorf("plugin %s: probe: %w", s.name, err)
	}
	defer r.closeInstance(context.WithoutCancel(ctx), in)
	if err := r.health(ctx, in); err != nil {
		return fmt.Errorf("plugin %s: %w", s.name, err)
	}
	return nil
}
