package plugin

import (
	"context"
	"errors"

	"github.com/witgen/witgen/rt"
)

// fits says all that is amiss with what a component imports and exports, before
// any of it is compiled: it has the world and what an instance is given compared
// with a draft of it. What else may keep an instance from being started is found
// when one is.
func (p *pipeline) fits(ctx context.Context, r *revision) error {
	draft, err := p.slot.host.engine.Draft(p.wasm)
	if err != nil {
		return err
	}
	if w := p.slot.world.whole; w != nil { // as witgen targets does
		fit := draft.Fit(*w, r.config(true))
		r.world, err = fit.World, fit.Err
	}
	if err == nil {
		err = p.starts(ctx, r, draft)
	}
	link, unfit := errors.AsType[*rt.LinkError](err)
	denied := r.rights.Refused()
	switch {
	case unfit && len(link.Misfits) == 0:
		return err // the host's own mistake
	case unfit || len(denied) > 0:
		return p.misfits(r.rights, link, denied)
	}
	if _, ok := errors.AsType[*rt.NilImportError](err); ok {
		return &listed{"RT207", err}
	}
	return nil
}

// starts says why no instance of a draft would start, beside that it is one. It
// finds what the program of the host did wrong.
func (p *pipeline) starts(ctx context.Context, r *revision, draft *rt.Component) error {
	start, err := p.slot.world.link(draft)
	if err != nil {
		return err
	}
	return r.probed(ctx, func(ctx context.Context) error {
		c, err := start(ctx, r.config(true))
		if err == nil { // one that is not of the component
			r.closeInstance(ctx, c)
		}
		return err
	})
}
