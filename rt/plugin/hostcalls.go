package plugin

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// HostObserver is an [Observer] that is told also of the calls of host functions,
// those that plugins make as they start or end among them. The host's own names of
// functions are given, as policies have them: "acme:kv/store.get".
type HostObserver interface {
	Observer
	// HostBegins returns the context of a host function, made of the context of the
	// plugin's call. HostCalled has it too.
	HostBegins(ctx context.Context, function string) context.Context
	// HostCalled is told of each call of a host function when it has ended.
	HostCalled(ctx context.Context, c HostCalled)
}

// HostCalled is a call of a host function that ended.
type HostCalled struct {
	Caller
	Function string
	Outcome  Outcome // of [OK], [Trapped], [Denied], [TooLate] and [Cancelled]
	Took     time.Duration
}

// HostCalls is how the calls ended that a slot's plugins made of a host function,
// of all revisions. What a function returns, and be it an error of its type, is
// [OK]; all else ends the plugin's call too.
type HostCalls struct {
	Function string // as policies name it: "acme:kv/store.get"
	Outcomes tally.Counts
}

// maxFunctions is how many host functions of a slot are counted each, and others
// is what all beyond that are called.
const (
	maxFunctions = 256
	others       = "others"
)

// functions counts the calls of host functions.
type functions struct {
	mu  sync.Mutex
	all map[string]*function
}

// function counts the calls of one. It is who an instance tells of them.
type function struct {
	slot     *slot
	name     string
	outcomes [tally.Outcomes]atomic.Uint64
}

// of returns the counts of a function.
func (f *functions) of(s *slot, name string) *function {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all[name] == nil && len(f.all) >= maxFunctions {
		name = others
	}
	if f.all[name] == nil {
		if f.all == nil {
			f.all = make(map[string]*function)
		}
		f.all[name] = &function{slot: s, name: name}
	}
	return f.all[name]
}

// read returns the counts, those of the function that is called most at first.
func (f *functions) read() []HostCalls {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []HostCalls
	for _, of := range f.all {
		h := HostCalls{Function: of.name}
		for o := range of.outcomes {
			h.Outcomes[o] = of.outcomes[o].Load()
		}
		all = append(all, h)
	}
	calls := func(h HostCalls) uint64 { return h.Outcomes.Sum(func(Outcome) bool { return true }) }
	slices.SortFunc(all, func(a, b HostCalls) int {
		return cmp.Or(cmp.Compare(calls(b), calls(a)), cmp.Compare(a.Function, b.Function))
	})
	return all
}

// around returns who is told of an instance's calls of a host function.
func (s *slot) around(name string) rt.HostCalls {
	iface, function, ok := strings.Cut(name, "#")
	if plain, _, _ := strings.Cut(iface, "@"); ok {
		name = plain + "." + function
	}
	f := s.functions.of(s, name)
	if s.host.hostObserver != nil {
		return observedFunction{f}
	}
	return f
}

// Begins has nothing to do.
func (*function) Begins(ctx context.Context) context.Context { return ctx }

// Ended counts a call.
func (f *function) Ended(ctx context.Context, err error) {
	if err == nil {
		f.outcomes[OK].Add(1)
		return
	}
	f.outcomes[hostOutcome(ctx, err)].Add(1)
}

// hostOutcome says how a call of a host function ended that failed.
func hostOutcome(ctx context.Context, err error) Outcome {
	c, ok := ctx.Value(callerKey{}).(*call)
	switch {
	case !ok:
	case c.rations != nil && c.rations.denied != "" && errors.Is(err, rt.ErrLimit):
		return Denied
	case c.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Cause(c))):
		return c.late()
	}
	return Trapped
}

// observedFunction tells of its calls too.
type observedFunction struct{ *function }

// hostCall is the context of a call of a host function that is told of.
type hostCall struct {
	context.Context
	begun time.Duration // by the clock of the package
}

// Begins tells that a call begins.
func (f observedFunction) Begins(ctx context.Context) context.Context {
	ctx = f.slot.host.hostObserver.HostBegins(ctx, f.name)
	return &hostCall{ctx, clock()}
}

// Ended counts a call and tells of it.
func (f observedFunction) Ended(ctx context.Context, err error) {
	h := ctx.(*hostCall)
	called := HostCalled{Function: f.name, Outcome: OK, Took: clock() - h.begun}
	if err != nil {
		called.Outcome = hostOutcome(ctx, err)
	}
	f.outcomes[called.Outcome].Add(1)
	if c, ok := ctx.Value(callerKey{}).(*call); ok {
		called.Caller = c.caller()
	}
	f.slot.host.hostObserver.HostCalled(h.Context, called)
}
