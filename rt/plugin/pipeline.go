package plugin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/internal/breaker"
	"github.com/witgen/witgen/rt/plugin/internal/pool"
	"github.com/witgen/witgen/rt/plugin/internal/store"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// StageError says at which stage a revision failed on its way to serving calls.
type StageError struct {
	Plugin   string
	Stage    Stage
	Source   string
	Revision string // the first 12 digits of its digest, once that is known
	Serving  string // those of what serves on; empty if nothing does
	Err      error
}

// Error returns the plugin, the source, the stage and why.
func (e *StageError) Error() string {
	text := fmt.Sprintf("plugin %s: %s: failed at %s: %v", e.Plugin, e.Source, e.Stage, e.Err)
	if e.Serving != "" {
		text += "; still serving " + e.Serving
	}
	return text
}

// Unwrap returns why.
func (e *StageError) Unwrap() error { return e.Err }

// pipeline brings a source to a revision that can serve calls.
type pipeline struct {
	slot     *slot
	source   Source
	policy   *policy.Policy // nil means the slot's
	file     *policy.File   // that has the ceiling; nil means the host's
	rights   *rights        // nil means those of the policy
	back     bool           // the source served before, by what was granted then
	denied   int            // how often memory was denied before that others share
	retry    bool           // of what is in quarantine
	held     chan struct{}  // that calls wait for, once what served has ended
	ended    chan struct{}  // closed once that is so; nil if it was waited for
	before   *good          // that it was
	lastGood *good          // what served before that
	state    *[]byte        // what it knew; nil if nobody asked it
	stage    Stage
	begun    time.Time // the stage
	wasm     []byte
	code     Digest
	r        *revision
	same     *revision // that serves already, if the source is unchanged
	again    bool      // what failed may pass, and nobody ended it
	staged   bool      // the revision could serve
}

// restore returns a pipeline that brings back what served: with the rights that it
// had, unless the ceiling may be another one since.
func (s *slot) restore(g *good) *pipeline {
	p := &pipeline{slot: s, source: g.source, rights: g.rights, policy: g.granted, retry: true, back: g.rights != nil}
	if g.rights != nil && g.rights.file != s.host.file.Load() {
		p.rights = nil
	}
	return p
}

// errUnchanged says that a source is what serves already.
var errUnchanged = errors.New("unchanged")

// run does the stages up to Warm. Whatever fails, nothing of the revision is
// left.
func (p *pipeline) run(ctx context.Context) (*revision, error) {
	s := p.slot
	ended := false
	defer func() {
		if !ended { // as a hook ended the goroutine, or somebody panicked who is told
			p.undo(ctx)
		}
	}()
	err := p.stages(ctx)
	if p.staged = err == nil; p.staged {
		ended = true
		p.at("")
		return p.r, nil
	}
	ended = true
	p.undo(ctx)
	if errors.Is(err, errUnchanged) {
		return nil, err
	}
	passing := p.passing(ctx, err)
	p.again = passing && ctx.Err() == nil && !errors.Is(err, ErrQuarantined)
	e := &StageError{Plugin: s.name, Stage: p.stage, Source: p.source.name, Serving: s.serving(), Err: err}
	if p.r != nil {
		e.Revision = p.r.id.Short()
		if !passing {
			s.quarantine(p.r, p.stage, err)
		}
	}
	s.happened(p.r.of(Event{Kind: StageFailed, Stage: p.stage, Took: time.Since(p.begun), Text: e.Error(), Err: err}))
	return nil, e
}

// undo leaves nothing of a revision that is not to serve.
func (p *pipeline) undo(ctx context.Context) {
	p.at("")
	if p.r == nil {
		return
	}
	p.r.users.Store(0)
	if err := p.r.free(context.WithoutCancel(ctx)); err != nil {
		p.slot.happened(p.r.of(Event{Kind: StageFailed, Stage: Retire, Err: err}))
	}
}

// passing reports whether an error may not come again with the same revision: it
// is the machine's, of what served, or of memory that others had at the time.
func (p *pipeline) passing(ctx context.Context, err error) bool {
	if _, ok := errors.AsType[*store.FaultError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return true
	}
	if errors.Is(err, ErrPassing) {
		return true
	}
	if errors.Is(err, rt.ErrMemory) && p.slot.deniedMemory() > p.denied {
		return true
	}
	return p.stage == Drain || ctx.Err() != nil || errors.Is(err, ErrQuarantined) || errors.Is(err, ErrOverloaded)
}

// granted returns the policy that the revision is to have.
func (p *pipeline) granted() *policy.Policy {
	if p.policy != nil {
		return p.policy
	}
	return p.slot.granted()
}

// at says which stage the pipeline is at; empty is none.
func (p *pipeline) at(stage Stage) {
	p.slot.mu.Lock()
	defer p.slot.mu.Unlock()
	if p.slot.loading = nil; stage != "" {
		p.stage, p.begun = stage, time.Now()
		p.slot.loading = &Loading{Source: p.source.name, Stage: stage, Since: p.begun}
	}
}

func (p *pipeline) stages(ctx context.Context) error {
	for _, do := range []struct {
		stage Stage
		run   func(ctx context.Context) error
	}{
		{Settle, p.settle}, {Verify, p.verify}, {Check, p.check}, {Keep, p.keep}, {Compile, p.compile},
		{Drain, p.quiesce}, {Probing, p.probe}, {Warm, p.warm},
	} {
		if do.stage == Drain && !p.slot.Quiesce {
			continue
		}
		p.at(do.stage)
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if fail := p.slot.host.fault; fail != nil {
			if err := fail(p.slot.name, do.stage); err != nil {
				return err
			}
		}
		if err := caught(func() error { return do.run(ctx) }); err != nil {
			return err
		}
		if p.r != nil {
			p.slot.happened(p.r.of(Event{Kind: Reached, Stage: do.stage, Took: time.Since(p.begun)}))
		}
	}
	return nil
}

// settle reads the code.
func (p *pipeline) settle(ctx context.Context) (err error) {
	if p.wasm, err = p.source.read(ctx, p.slot.host); err != nil {
		return err
	}
	size := int64(len(p.wasm))
	if most := p.slot.host.MaxSize; size > most {
		return tooLarge(most)
	}
	for _, l := range []policy.Limits{p.granted().Limits, p.ceiling().Ceiling.Limits} {
		if err := l.CheckSize(size); err != nil {
			return err
		}
	}
	p.code = sha256.Sum256(p.wasm)
	return nil
}

// verify asks whether the code may be used at all.
func (p *pipeline) verify(ctx context.Context) error {
	s := p.slot
	if err := p.pinned(ctx); err != nil {
		return err
	}
	if verify := s.host.Verify; verify != nil {
		if err := verify(ctx, s.name, p.code, p.wasm); err != nil {
			return err
		}
	}
	by, from, err := p.verifier()
	if err != nil || by == nil {
		return err
	}
	if err := by(ctx, s.name, from.Identity, p.code, p.wasm); err != nil {
		return fmt.Errorf("%s: %w", from.Verify, err)
	}
	return nil
}

// verifier returns who the policy has verify the code; nil if nobody does. What has
// rights already was verified when it got them.
func (p *pipeline) verifier() (by Verifier, from policy.Source, err error) {
	if from = p.granted().Source; from.Verify == "" || p.back {
		return nil, from, nil
	}
	if by = p.slot.host.Verifiers[from.Verify]; by == nil {
		err = fmt.Errorf("source.verify: the host has no verifier %q: see Config.Verifiers", from.Verify)
	}
	return by, from, err
}

// pinned looks whether the code is what the policy says, if it does, and whether
// there is who verifies it.
func (p *pipeline) pinned(context.Context) error {
	if err := p.granted().Source.CheckDigest(p.code.String()); err != nil && !p.back {
		return &listed{"RT105", err}
	}
	_, _, err := p.verifier()
	return err
}

// check looks at what the component asks for, before any of it is compiled, and
// says what revision that makes.
func (p *pipeline) check(ctx context.Context) error {
	s := p.slot
	info, err := p.info()
	if err != nil {
		return err
	}
	g := p.rights
	if g == nil {
		if g, err = s.resolve(info, p.granted(), p.ceiling()); err != nil {
			return err
		}
		if most := int64(g.Limits.PluginMemory); most > 0 {
			g.limits.Budget = s.budget(most)
		}
	}
	r := &revision{
		slot: s, world: s.world.only(), source: Bytes(p.source.name, p.wasm), code: p.code, rights: g, granted: p.granted(), staged: time.Now(),
		id: identity(p.code, g, s.world.contract), unused: make(chan struct{}), breaker: breaker.New(breaker.Config{}, start, clock()),
	}
	r.users.Store(1)
	r.ending, r.endCall = context.WithCancelCause(context.Background())
	r.short = r.id.Short()
	if p.same = s.serves(r.id); p.same != nil {
		return errUnchanged
	}
	p.r, p.denied = r, s.deniedMemory()
	if !p.retry {
		if err := s.quarantined(r.id); err != nil {
			return err
		}
	}
	return p.fits(ctx, r)
}

// info returns what the component is made of.
func (p *pipeline) info() (*rt.Info, error) {
	info, err := rt.Inspect(p.wasm)
	switch {
	case err != nil && !bytes.HasPrefix(p.wasm, []byte("\x00asm")):
		return nil, &listed{"RT102", err}
	case err != nil:
		return nil, err
	case info.Err != nil:
		return nil, &listed{"RT205", info.Err}
	}
	return info, nil
}

// keep puts the code in the store.
func (p *pipeline) keep(ctx context.Context) error {
	h, r := p.slot.host, p.r
	if h.store == nil {
		return nil
	}
	hold, err := h.store.Put(ctx, p.wasm)
	if err != nil {
		return err
	}
	r.hold, r.source = hold, stored(r.source.name, r.code)
	return nil
}

func tooLarge(limit int64) error {
	return fmt.Errorf("more than %d bytes: see Config.MaxSize", limit)
}

// identity is what a revision is: its code, what it may do, and what it has been
// agreed on with the host.
func identity(code Digest, r *rights, contract Digest) (id Digest) {
	h := sha256.New()
	h.Write([]byte("rev1"))
	h.Write(code[:])
	policy := sha256.Sum256(r.Canonical())
	h.Write(policy[:])
	h.Write(contract[:])
	h.Sum(id[:0])
	return id
}

// compile compiles the component and links it with the world.
func (p *pipeline) compile(ctx context.Context) error {
	h, r := p.slot.host, p.r
	select {
	case h.jobs <- struct{}{}:
		defer func() { <-h.jobs }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	var err error
	if err = r.rights.makeDirs(); err != nil {
		return err
	}
	if r.component, err = h.engine.Compile(ctx, p.wasm); err != nil {
		return err
	}
	if r.start, err = p.slot.world.link(r.component); err != nil {
		return err
	}
	r.life, err = r.rights.lifecycleOf(r.component.Exports())
	return err
}

// The limits of a probe.
const (
	probeTime = 10 * time.Second
	probeFuel = 10_000_000_000
)

// probe starts an instance that serves no calls, and asks it what it is and how
// it is.
func (p *pipeline) probe(ctx context.Context) error {
	r, w := p.r, &p.slot.world
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	c, err := r.startInstance(ctx, true)
	if err != nil {
		return err
	}
	defer r.closeInstance(context.WithoutCancel(ctx), c)
	err = r.probed(ctx, func(ctx context.Context) (err error) {
		if w.metadata != nil {
			r.metadata, err = w.metadata(ctx, c)
			return err
		}
		v, err := r.life.metadata.call(ctx, c.RT(), nil)
		r.metadata = metadataOf(v)
		return err
	})
	if err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	return r.health(ctx, c)
}

// health asks an instance whether the plugin can do its work, if there is a
// question for that.
func (r *revision) health(ctx context.Context, c client) error {
	err := r.probed(ctx, func(ctx context.Context) error {
		if ask := r.slot.world.health; ask != nil {
			return ask(ctx, c)
		}
		_, err := r.life.health.call(ctx, c.RT(), nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	return nil
}

// warm makes the revision ready to serve.
func (p *pipeline) warm(ctx context.Context) error {
	r, g := p.r, p.r.rights
	l := g.Limits
	c := pool.Config[client]{
		Start: func(ctx context.Context) (client, error) { return r.startInstance(ctx, false) },
		Close: r.stopInstance,
		Ready: func(c client) { _ = c.RT().Ready(r.ending) }, // or calls do it themselves
		Max:   g.instances(), MinIdle: min(int(l.MinIdle), g.instances()), Queue: int(l.Queue), MaxWait: time.Duration(l.MaxWait),
		Again: g.Reuse != policy.PerCall, MaxCalls: int(l.MaxCalls), MaxAge: time.Duration(l.MaxAge), MaxIdle: time.Duration(l.MaxIdle),
		Failed: func(err error) {
			p.slot.happened(r.of(Event{Kind: WarmFailed, Err: err}))
		},
	}
	if l.HighWater > 0 {
		c.Worn = func(c client) bool { return c.RT().Memory().Bytes > int64(l.HighWater) }
	}
	r.pool = pool.New(c)
	if p.state != nil && g.Reuse != policy.PerCall {
		// Whether it takes what the one before knew is known before that is gone.
		r.inherited.Store(p.state)
		l, err := r.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		l.Release(true)
	}
	return r.pool.Warm(ctx)
}
