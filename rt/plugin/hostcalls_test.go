package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// asks is code that calls host as often as the parameter says.
const asks = loop + param + "\x04\x40" + param + askHost + drop + // if it is not 0
	param + "\x41\x01\x6b\x21\x00" + "\x0c\x01\x0b\x0b" + zero // one less, and the loop again

// asker is a component that asks its host, and one thing that is worse.
func asker() core {
	return core{pages: 1, host: true, funcs: []function{{"asks", asks}, {"trap", trapped}}}
}

// hostObserver is told of calls of host functions.
type hostObserver struct {
	observer
	hostMu sync.Mutex
	began  []string
	host   []plugin.HostCalled
	inside []bool // whether the context is that of HostBegins
}

type hostMark struct{}

func (o *hostObserver) HostBegins(ctx context.Context, function string) context.Context {
	o.hostMu.Lock()
	defer o.hostMu.Unlock()
	o.began = append(o.began, function)
	return context.WithValue(ctx, hostMark{}, len(o.began))
}

func (o *hostObserver) HostCalled(ctx context.Context, c plugin.HostCalled) {
	o.hostMu.Lock()
	defer o.hostMu.Unlock()
	o.host = append(o.host, c)
	o.inside = append(o.inside, ctx.Value(hostMark{}) != nil && ctx.Value(markKey{}) == "call of "+c.Plugin)
}

// TestHostCalls counts how calls of host functions end, and tells of each who wants
// to be told; the function has the context that the observer made.
func TestHostCalls(t *testing.T) {
	stop := errors.New("the caller has left")
	entered := make(chan struct{}, 1)
	waits := func(ctx context.Context) error {
		entered <- struct{}{}
		<-ctx.Done()
		return context.Cause(ctx)
	}
	for _, tt := range []struct {
		name    string
		host    func(ctx context.Context) error
		change  func(p *policy.Policy)
		cancel  bool // the call, once it is in the function
		calls   uint32
		outcome plugin.Outcome // of the last call
	}{
		{name: "well", calls: 3, outcome: plugin.OK},
		{name: "fails", calls: 1, host: func(context.Context) error { return errors.New("broken") }, outcome: plugin.Trapped},
		{name: "panics", calls: 1, host: func(context.Context) error { panic("broken") }, outcome: plugin.Trapped},
		{name: "late", calls: 1, host: waits, change: deadline(50 * time.Millisecond), outcome: plugin.TooLate},
		{name: "cancelled", calls: 1, host: waits, change: deadline(time.Minute), cancel: true, outcome: plugin.Cancelled},
		{name: "too often", calls: 4, change: func(p *policy.Policy) {
			p.HostCalls = map[string]policy.HostCall{"host": {PerCall: 3}}
		}, outcome: plugin.Denied},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := &hostObserver{}
			for _, observer := range []plugin.Observer{seen, nil} {
				h := newHost(t)
				if observer != nil {
					h = observed(t, observer)
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				s := addRaw(t, h, "data", asker(), func(ctx context.Context, n uint32) (uint32, error) {
					if mark := ctx.Value(hostMark{}); (mark != nil) != (observer != nil) {
						t.Errorf("in a context of %v", mark)
					}
					if tt.host == nil {
						return n, nil
					}
					return n, tt.host(ctx)
				}, tt.change)
				if tt.cancel {
					go func() {
						<-entered
						cancel(stop)
					}()
				}
				_, err := call(ctx, s, "asks", tt.calls)
				if (err == nil) != (tt.outcome == plugin.OK) {
					t.Errorf("got %v", err)
				}
				select {
				case <-entered:
				default:
				}
				want := plugin.HostCalls{Function: "host"}
				want.Outcomes[plugin.OK] = uint64(tt.calls) - 1
				want.Outcomes[tt.outcome]++
				if got := s.Status().HostCalls; len(got) != 1 || got[0] != want {
					t.Errorf("counted %+v, want %+v", got, want)
				}
			}
			seen.hostMu.Lock()
			defer seen.hostMu.Unlock()
			if len(seen.began) != int(tt.calls) || len(seen.host) != int(tt.calls) {
				t.Fatalf("told of %d, %d calls", len(seen.began), len(seen.host))
			}
			for i, c := range seen.host {
				outcome := plugin.OK
				if i == len(seen.host)-1 {
					outcome = tt.outcome
				}
				if c.Plugin != "data" || c.Arm != plugin.Stable || c.Revision == "" || c.Function != "host" || c.Outcome != outcome || c.Took <= 0 || !seen.inside[i] {
					t.Errorf("told of %+v, in the context: %t", c, seen.inside[i])
				}
			}
		})
	}
}

// TestHostCallsNamed counts by names without versions, over revisions, the most
// called first, and keeps no more names than that.
func TestHostCallsNamed(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", func(context.Context) error { return nil })
	for i := range 3 {
		if _, err := process(t.Context(), s, "x"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context(), another(t, "c/data-processor", byte(i))); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Status().HostCalls
	i := slices.IndexFunc(got, func(c plugin.HostCalls) bool { return c.Function == "witgen:plugins/host-api.emit-event" })
	if i < 0 || got[i].Outcomes[plugin.OK] != 3 {
		t.Errorf("counted %+v", got)
	}
	if !slices.IsSortedFunc(got, func(a, b plugin.HostCalls) int { return int(b.Outcomes[plugin.OK]) - int(a.Outcomes[plugin.OK]) }) {
		t.Errorf("in the order of %+v", got)
	}
	for i := range 300 {
		s.Around(fmt.Sprintf("acme:kv/store@0.1.%d#get", i)).Ended(t.Context(), nil)
		s.Around(fmt.Sprintf("f%d", i)).Ended(t.Context(), nil)
	}
	got = s.Status().HostCalls
	if len(got) != 257 || got[0].Function != "acme:kv/store.get" || got[0].Outcomes[plugin.OK] != 300 {
		t.Errorf("%d functions, of which the first is %+v", len(got), got[0])
	}
	if got[1].Function != "others" || got[1].Outcomes[plugin.OK] < 40 {
		t.Errorf("the second is %+v", got[1])
	}
}

// BenchmarkHostCall is what a call of a host function costs a plugin in a bare
// instance, in a slot, and in one whose observer is told of it, by turns, so that
// all have the same machine.
func BenchmarkHostCall(b *testing.B) {
	const turn = 1000
	h := newHost(b)
	s := addRaw(b, h, "data", asker(), nil, deadline(time.Minute))
	told := addRaw(b, observed(b, discard{}), "data", asker(), nil, deadline(time.Minute))
	component, err := h.Engine().Compile(b.Context(), asker().encode())
	if err != nil {
		b.Fatal(err)
	}
	start, err := rawWorld(nil).Link(component)
	if err != nil {
		b.Fatal(err)
	}
	bare, err := start(b.Context(), rt.InstanceConfig{Limits: pooled().Limits.RT()})
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	ways := []struct {
		name string
		call func() error
	}{
		{"bare", func() error { _, err := bare.call(ctx, "asks", turn); return err }},
		{"slot", func() error { _, err := call(ctx, s, "asks", turn); return err }},
		{"told", func() error { _, err := call(ctx, told, "asks", turn); return err }},
	}
	took := make([][]time.Duration, len(ways))
	for b.Loop() {
		for i, w := range ways {
			begin := time.Now()
			if err := w.call(); err != nil {
				b.Fatal(err)
			}
			took[i] = append(took[i], time.Since(begin))
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, w := range ways {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2])/turn, "ns/"+w.name)
		b.ReportMetric(float64(took[i][0])/turn, "least-ns/"+w.name)
	}
}

// discard is told of everything, and does nothing.
type discard struct{}

func (discard) Called(context.Context, plugin.Called)                           {}
func (discard) Happened(plugin.Event)                                           {}
func (discard) HostBegins(ctx context.Context, function string) context.Context { return ctx }
func (discard) HostCalled(context.Context, plugin.HostCalled)                   {}
