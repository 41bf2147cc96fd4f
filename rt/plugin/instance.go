package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// startInstance starts an instance and makes it ready to serve. One that is a
// probe has nothing that outlives it: no network, and no directories that it
// could write.
func (r *revision) startInstance(ctx context.Context, probe bool) (client, error) {
	g := r.rights
	var c client
	err := r.probed(ctx, func(ctx context.Context) (err error) {
		c, err = r.start(ctx, r.config(probe))
		return err
	})
	if err != nil {
		return nil, err
	}
	w := &r.slot.world
	ready := func() error {
		err := r.probed(ctx, func(ctx context.Context) error {
			if w.init != nil {
				return w.init(ctx, c, g.Config)
			}
			_, err := r.life.init.call(ctx, c.RT(), g.Config)
			return err
		})
		if err != nil {
			return fmt.Errorf("initialize: %w", err)
		}
		if state := r.inherited.Load(); state != nil && !probe && r.inherited.CompareAndSwap(state, nil) {
			if err := r.probed(ctx, func(ctx context.Context) error { return w.restore(ctx, c, *state) }); err != nil {
				return fmt.Errorf("restore: %w", err)
			}
		}
		return nil
	}
	if err := ready(); err != nil {
		r.closeInstance(context.WithoutCancel(ctx), c)
		return nil, err
	}
	return c, nil
}

// config is how an instance is made, and what it is given.
func (r *revision) config(probe bool) rt.InstanceConfig {
	g := r.rights
	config := rt.InstanceConfig{Limits: g.limits, Around: r.slot.around}
	config.Imports, config.Stubs = g.Imports(wasi.Imports(r.wasi(probe)))
	if len(g.HostCalls) > 0 || r.slot.Learn != nil {
		config.Quotas = g.quotasOf
	}
	if probe && !r.slot.host.Config.Engine.Uninterrupted && (config.Limits.Fuel == 0 || config.Limits.Fuel > probeFuel) {
		config.Limits.Fuel = probeFuel
	}
	return config
}

// probed calls a plugin on behalf of the host, within the policy's deadline.
func (r *revision) probed(ctx context.Context, f func(ctx context.Context) error) error {
	return r.asked(ctx, forHost, r.patience(), f)
}

// lastly is probed for what is left to do when the calls of the revision have
// ended, or were cancelled, within a deadline of its own.
func (r *revision) lastly(ctx context.Context, f func(ctx context.Context) error) error {
	return r.asked(ctx, forEnd, cmp.Or(time.Duration(r.rights.Lifecycle.StopDeadline), r.patience()), f)
}

// patience is how long a plugin has for what its host asks of its own accord.
func (r *revision) patience() time.Duration { return max(r.rights.deadline(), time.Second) }

// asked calls a plugin on behalf of the host.
func (r *revision) asked(ctx context.Context, as role, d time.Duration, f func(ctx context.Context) error) error {
	c := &call{parent: ctx, revision: r, begun: clock(), role: as}
	c.within(d)
	defer c.finish()
	return caught(func() error { return f(c) })
}

// caught makes an error of a panic of what the host's program has for revisions:
// it concerns one of them, and may run on a goroutine that nobody else sees.
func caught(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// wasi is what an instance has of WASI.
func (r *revision) wasi(probe bool) wasi.Config {
	c := r.rights.wasi
	if probe {
		c.Network, c.HTTP, c.KeyValue = wasi.Network{}, wasi.HTTPClient{}, nil
		dirs := c.Dirs
		c.Dirs = nil
		for _, d := range dirs {
			d.Write = false
			c.Dirs = append(c.Dirs, d)
		}
	}
	audit := c.Audit
	c.Audit = func(ctx context.Context, d wasi.Denial) {
		r.denied(d)
		if audit != nil {
			audit(ctx, d)
		}
	}
	return c
}

// stopInstance ends an instance that served calls.
func (r *revision) stopInstance(ctx context.Context, c client) {
	if c.RT().Err() == nil {
		// Those that run may have been cancelled, but this one has done nothing yet.
		err := r.lastly(ctx, func(ctx context.Context) error {
			if stop := r.slot.world.stop; stop != nil {
				return stop(ctx, c)
			}
			_, err := r.life.stop.call(ctx, c.RT(), nil)
			return err
		})
		if err != nil {
			r.slot.happened(r.of(Event{Kind: StopFailed, Err: err}))
		}
	}
	r.closeInstance(ctx, c)
}

func (r *revision) closeInstance(ctx context.Context, c client) {
	if err := c.Close(ctx); err != nil && !errors.Is(err, rt.ErrClosed) {
		r.slot.happened(r.of(Event{Kind: StopFailed, Err: err}))
	}
}
