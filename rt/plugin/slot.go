package plugin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/internal/rollout"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

// Slot is a named place for plugins of a world: what calls address, whichever
// revision serves them. It may be used from several goroutines.
type Slot[C Client] struct {
	*Control

	fallback C
}

// Do calls the plugin: f is given an instance, which nobody else has meanwhile,
// and a context for all it asks of it. The context is ctx with the deadline of
// the plugin's policy; it is done when f has returned. Neither the client nor
// what comes of it, such as resources, may be used after that.
//
// All calls in f are of one revision. If f returns an error, Do returns that. The
// instance is used again, if the policy says so, as long as it can be called,
// whatever f returns. Do returns an error without calling f, with ErrOverloaded,
// ErrUnavailable, ErrReentrant, ErrClosed or ctx's cause in it, or why no
// instance could be started. What happens where the plugin is unavailable is for
// the policy to say.
func (s *Slot[C]) Do(ctx context.Context, f func(ctx context.Context, client C) error) error {
	var c lent
	err := s.slot.begin(ctx, &c)
	if err != nil {
		return s.refused(ctx, err, f)
	}
	ended := false
	defer func() {
		if !ended { // as f panicked, or ended its goroutine
			c.abort()
		}
	}()
	err = f(c.call, c.lease.Instance.(C))
	ended = true
	c.end(err)
	return err
}

// refused does what is to be done where the plugin does not serve.
func (s *Slot[C]) refused(ctx context.Context, err error, f func(ctx context.Context, client C) error) error {
	var none C
	switch {
	case !errors.Is(err, ErrUnavailable):
	case s.slot.granted().OnUnavailable == policy.Fallback && s.fallback != none:
		return f(ctx, s.fallback)
	case s.slot.granted().OnUnavailable == policy.Open:
		return nil
	}
	return err
}

// client is an instance of a plugin.
type client interface {
	Close(ctx context.Context) error
	RT() *rt.Instance
}

// slot is what a [Slot] is without its type.
type slot struct {
	host  *Host
	name  string
	world world
	Options

	ctx  context.Context // done when the slot is closed
	end  context.CancelCauseFunc
	turn chan struct{} // of pipelines

	booted  chan struct{}          // closed when it was loaded first, or could not be
	byFile  bool                   // its policy is the host's file's
	sourced bool                   // its source is what its policy names
	moved   atomic.Pointer[Source] // what that is by now; nil if it is the first still
	route   atomic.Pointer[route]

	recent    recent
	functions functions // of the host that its plugins call

	mu       sync.Mutex // of what follows, and of changes of the route
	overtake context.CancelCauseFunc
	failed   map[Digest]*quarantined
	trial    *trial             // nil if nothing is tried out
	lastGood *good              // what served before; nil if nothing did
	byGrant  *policy.Policy     // the last that Control.Grant gave
	staged   map[*revision]bool // that could serve, and may never
	memory   *rt.Budget
	unsaved  bool               // the state on the disk is an older one
	news     []Event            // to be told when the lock is given back
	told     chan struct{}      // closed when they have been; nil if there are none
	loading  *Loading           // nil if nothing is on its way
	leaving  map[*revision]bool // replaced, with calls under way
	unwatch  func()             // its file; nil if nobody does
	begun    uint64             // how many pipelines did, that ended others
	ending   chan struct{}      // closed when what was to be replaced alone has ended; nil if nothing was
}

// Options say how a slot is used.
type Options struct {
	// Source is what is loaded first. The zero Source is the file that the policy
	// names.
	Source Source

	// Policy is what the plugin is granted; nil is what [Config.Policy] has for its
	// name, or for one that it does not have.
	Policy *policy.Policy

	// WASI, if it is not nil, may change what instances are given of WASI, beyond
	// what a policy says: a clock, a key-value store, where output goes. It is
	// called for each revision. What it changes is not part of what identifies one.
	WASI func(c *wasi.Config)

	// Key says who a call is for, by its context: calls with the same key go to
	// the same revision while one is tried out. Nil, or an empty key, is a key of
	// its own for each call.
	Key func(ctx context.Context) string

	// Learn, if it is not nil, learns what calls need: the plugin runs by the policy
	// that it was made with, but for more of the network, and [policy.Learned.YAML]
	// says in the end which policy would have been enough. Policy is not used.
	Learn *policy.Learned

	// Watch has the plugin loaded whenever the file changes that Source is. What
	// fails is told as an event, and what serves goes on; so it does where the file
	// is gone.
	Watch bool

	// Ramp, if it is not nil, has what is loaded because its file changed tried
	// out first: see [Control.Canary]. Nil is what the policy says.
	Ramp *Ramp

	// Quiesce has calls wait while a revision is replaced, until the one before it
	// has ended, for plugins of which two may not be there at a time. If the new
	// one does not start, the one before is started again. A load whose context is done
	// before that has ended returns; the one before is started again once it has,
	// which may be never if a host function does not return, and nothing else is.
	Quiesce bool
}

// route is where calls go. It never changes.
type route struct {
	stable, canary *revision // stable is nil if nothing serves
	split          rollout.Split
	held           chan struct{} // if it is not nil, calls wait until it is closed
	err            error         // why nothing serves
}

// begin begins a call: it chooses a revision and has an instance of it.
func (s *slot) begin(ctx context.Context, c *lent) error {
	c.call = &call{parent: ctx}
	if b := s.host.beginner; b != nil {
		c.parent = b.Begins(ctx, s.name)
	}
	if err := s.choose(ctx, c.call); err != nil {
		return s.refuse(c.call, err)
	}
	r := c.revision
	c.begun = clock()
	var err error
	if c.permit, err = r.breaker.Allow(c.begun); err != nil {
		defer r.leave()
		return s.refuse(c.call, fmt.Errorf("plugin %s: %w", s.name, &unavailable{err}))
	}
	if c.lease = r.pool.Idle(); c.lease == nil {
		err = c.wait(ctx)
	}
	c.within(r.rights.deadline())
	if err != nil {
		defer r.leave() // also if somebody panics who is told
		c.finish()
		c.record(failure(ctx, err))
		return fmt.Errorf("plugin %s: %w", s.name, err)
	}
	if s.host.Observer != nil || s.Learn != nil {
		c.fuel = c.fuelUsed()
	}
	return nil
}

// refuse tells of a call that no revision is asked to serve, and returns why.
func (s *slot) refuse(c *call, err error) error {
	k := failure(c.parent, err)
	if c.revision != nil {
		c.revision.meter.Record(k, 0)
	}
	if o := s.host.Observer; o != nil {
		called := Called{Caller: Caller{Plugin: s.name, Arm: c.role.arm()}, Outcome: k.Outcome}
		if c.revision != nil {
			called.Revision, called.World = c.revision.short, c.revision.world
		}
		o.Called(c.parent, called)
	}
	return err
}

// choose has the revision that a call of a caller goes to, with the call as its user.
func (s *slot) choose(ctx context.Context, c *call) error {
	for {
		to := s.route.Load()
		if to.held != nil {
			if s.calls(ctx) { // and what it waits for, waits for it
				return fmt.Errorf("plugin %s: %w", s.name, ErrReentrant)
			}
			if err := s.hold(ctx, to.held); err != nil {
				return err
			}
			continue
		}
		c.revision, c.role = to.stable, forStable
		if to.canary != nil && ctx.Value(stableKey{}) == nil && to.split.Canary(s.key(ctx)) {
			c.revision, c.role = to.canary, forCanary
		}
		if c.revision == nil {
			return to.err
		}
		if c.revision.use() {
			return nil
		}
		// It was replaced since; there is another route now.
	}
}

// key returns who a call is for.
func (s *slot) key(ctx context.Context) string {
	if s.Key != nil {
		if key := s.Key(ctx); key != "" {
			return key
		}
	}
	return strconv.FormatUint(rand.Uint64(), 16)
}

// happened tells of an event of the slot's. The caller has no lock.
func (s *slot) happened(e Event) {
	if e.Plugin = s.name; e.Time.IsZero() {
		e.Time = time.Now()
	}
	if logs, unlogged := s.recent.add(e); logs {
		s.host.log(e, unlogged)
	}
	s.host.tell(e)
}

// note has an event told by unlock. The caller has the lock.
func (s *slot) note(e Event) {
	e.Time = time.Now()
	s.news = append(s.news, e)
}

func (s *slot) lock() { s.mu.Lock() }

// unlock gives the lock back, and tells of what happened meanwhile: who is told
// may use the slot.
func (s *slot) unlock() {
	news, told := s.news, s.told
	s.news, s.told = nil, nil
	s.mu.Unlock()
	if told != nil {
		defer close(told)
	}
	for _, e := range news {
		s.happened(e)
	}
}

// noted returns a channel that is closed when all has been told that happened up
// to now. The caller has the lock.
func (s *slot) noted() <-chan struct{} {
	if s.told == nil {
		s.told = make(chan struct{})
	}
	return s.told
}

// tripped tells that a revision's breaker opened or closed.
func (s *slot) tripped(r *revision) {
	s.happened(r.of(Event{Kind: BreakerMoved, Text: "breaker " + r.breaker.Status(clock()).State.String()}))
}

// quarantined says why a revision is not tried again, or that it may be.
func (s *slot) quarantined(id Digest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.failed[id]; q != nil {
		return fmt.Errorf("%w: failed at %s: %s", ErrQuarantined, q.stage, q.reason)
	}
	return nil
}

// quarantine keeps a revision from being tried again.
func (s *slot) quarantine(r *revision, stage Stage, err error) {
	s.lock()
	defer s.unlock()
	s.quarantineLocked(r.id, r.code, stage, err.Error())
	s.persist()
}

func (s *slot) quarantineLocked(id, code Digest, stage Stage, reason string) {
	if s.failed == nil {
		s.failed = make(map[Digest]*quarantined)
	}
	if s.failed[id] == nil && len(s.failed) >= maxQuarantined {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(s.failed)), func(a, b Digest) int { return s.failed[a].at.Compare(s.failed[b].at) })
		delete(s.failed, oldest)
	}
	s.failed[id] = &quarantined{code, stage, reason, time.Now()}
}

const maxQuarantined = 32

type quarantined struct {
	code   Digest
	stage  Stage
	reason string
	at     time.Time
}
