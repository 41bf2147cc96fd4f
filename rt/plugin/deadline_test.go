package plugin_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// deadline is a policy's.
func deadline(d time.Duration) func(p *policy.Policy) {
	return func(p *policy.Policy) { p.Limits.Deadline = policy.Duration(d) }
}

// starved says whether what ended late had no time before: the machine did
// something else from when it began until its deadline.
func starved(err error, begin time.Time, d time.Duration) bool {
	return errors.Is(err, context.DeadlineExceeded) && time.Since(begin) >= d
}

// answers has a plugin answer before its deadline.
func answers(t *testing.T, s *plugin.Slot[raw], d time.Duration) {
	t.Helper()
	begin := time.Now()
	m, err := call(t.Context(), s, "answer", 7)
	for starved(err, begin, d) {
		begin = time.Now()
		m, err = call(t.Context(), s, "answer", 7)
	}
	if err != nil || m != 7 {
		t.Errorf("the next call: %d, %v", m, err)
	}
}

// blocked is a host function that waits for the end of its call.
func blocked(ctx context.Context, _ uint32) (uint32, error) {
	<-ctx.Done()
	return 0, context.Cause(ctx)
}

// TestDeadlines stops guests that do not end, in each way not to end, by the
// deadline of either side alone. The next call is served.
func TestDeadlines(t *testing.T) {
	h := newHost(t)
	for _, f := range []string{"spin", "chain", "nag", "ask"} {
		for _, by := range []struct {
			name    string
			policy  time.Duration
			caller  time.Duration
			outcome plugin.Outcome
		}{
			{"policy", 50 * time.Millisecond, 0, plugin.TooLate},
			{"caller", time.Hour, 50 * time.Millisecond, plugin.Cancelled},
		} {
			t.Run(f+" by "+by.name, func(t *testing.T) {
				host := blocked
				if f == "nag" {
					host = nil
				}
				s := addRaw(t, h, f+by.name, various(), host, deadline(by.policy))
				ctx, begin := context.Background(), time.Now()
				if by.caller > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, by.caller)
					defer cancel()
				}
				_, err := call(ctx, s, f, 1)
				if took := time.Since(begin); took < 50*time.Millisecond {
					t.Errorf("it took %v", took)
				}
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
				if st := s.Status().Stable; st.Outcomes[by.outcome] != 1 || st.Calls != 0 || st.Pool.Busy != 0 {
					t.Errorf("%+v", st)
				}
				answers(t, s, by.policy)
			})
		}
	}
}

// TestDeadlineOfLaterCall has an instance run into its deadline at a call that is
// not its first.
func TestDeadlineOfLaterCall(t *testing.T) {
	h := newHost(t)
	const d = 50 * time.Millisecond
	s := addRaw(t, h, "data", various(), nil, deadline(d))
	lost := uint64(0)
	for started, n := range []uint32{2, 100} {
		for i := uint32(1); i < n; i++ {
			begin := time.Now()
			m, err := call(t.Context(), s, "count", 0)
			if starved(err, begin, d) {
				lost++
				i = 0
			} else if err != nil || m != i {
				t.Fatalf("call %d: %d, %v", i, m, err)
			}
		}
		if _, err := call(t.Context(), s, "spin", 0); !errors.Is(err, rt.ErrDeadline) {
			t.Errorf("call %d: %v", n, err)
		}
		if st := s.Status().Stable; st.Pool.Started != uint64(started)+1+lost {
			t.Errorf("%+v", st.Pool)
		}
	}
}

// TestStopsAtOnce stops a guest at deadlines of any length, within 10 ms as far
// as the machine lets it run: that is the least of some.
func TestStopsAtOnce(t *testing.T) {
	h := newHost(t)
	for _, d := range []time.Duration{20 * time.Millisecond, 200 * time.Millisecond, 2 * time.Second} {
		s := addRaw(t, h, d.String(), various(), nil, deadline(d))
		least := time.Hour
		for begin := time.Now(); least > 10*time.Millisecond && time.Since(begin) < 60*time.Second; {
			begin := time.Now()
			_, err := call(t.Context(), s, "chain", 0)
			if !errors.Is(err, rt.ErrDeadline) && !errors.Is(err, plugin.ErrUnavailable) {
				t.Fatal(err)
			}
			if took := time.Since(begin); errors.Is(err, rt.ErrDeadline) {
				least = min(least, took-d)
			}
		}
		if least < 0 || least > 10*time.Millisecond {
			t.Errorf("a deadline of %v is %v late at best", d, least)
		}
	}
}

// TestLoadContext ends the context of Add and of Load: that is nothing to calls.
func TestLoadContext(t *testing.T) {
	h := newHost(t)
	ctx, cancel := context.WithCancel(t.Context())
	p := pooled()
	p.Limits.MinIdle = 1
	s, err := plugin.Add(ctx, h, "data", rawWorld(nil), plugin.Options{Policy: p, Source: various().source()})
	cancel()
	if err != nil {
		t.Fatal(err)
	}
	serves := func() {
		t.Helper()
		for range 3 {
			if m, err := call(t.Context(), s, "ask", 7); err != nil || m != 7 {
				t.Errorf("%d, %v", m, err)
			}
		}
	}
	serves()
	ctx, cancel = context.WithCancel(t.Context())
	c := various()
	c.mark = "2"
	_, err = s.Load(ctx, c.source())
	cancel()
	if err != nil {
		t.Fatal(err)
	}
	serves()
}

// TestStartsWithoutEnd stops guests that do not end as they start: what served
// goes on.
func TestStartsWithoutEnd(t *testing.T) {
	h := newHost(t)
	w := rawWorld(nil)
	var init atomic.Bool
	w.Init = func(ctx context.Context, r raw, _ map[string]string) error {
		if !init.Load() {
			return nil
		}
		_, err := r.call(ctx, "spin", 0)
		return err
	}
	p := pooled()
	deadline(time.Second)(p)
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: various().source()})
	if err != nil {
		t.Fatal(err)
	}
	fails := func(c core, inside string) {
		t.Helper()
		_, err := s.Load(context.Background(), c.source())
		if !errors.Is(err, rt.ErrDeadline) || !strings.Contains(err.Error(), "failed at probe: "+inside) {
			t.Errorf("got %v", err)
		}
		answers(t, s, time.Second)
	}
	c := various()
	c.start = "spin"
	fails(c, "")
	init.Store(true)
	c = various()
	c.mark = "2"
	fails(c, "initialize: ")
}

// TestQueueTimeIsFree has a call wait for an instance: all of its time is left when
// it gets one.
func TestQueueTimeIsFree(t *testing.T) {
	h := newHost(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	s := addRaw(t, h, "data", various(), func(_ context.Context, n uint32) (uint32, error) {
		close(entered)
		<-leave
		return n, nil
	}, func(p *policy.Policy) {
		p.Limits.Instances, p.Limits.Deadline = 1, policy.Duration(time.Hour)
	})
	var calls sync.WaitGroup
	calls.Go(func() {
		if _, err := call(t.Context(), s, "ask", 0); err != nil {
			t.Error(err)
		}
	})
	<-entered
	var end time.Time
	calls.Go(func() {
		if err := s.Do(t.Context(), func(ctx context.Context, _ raw) error { end, _ = ctx.Deadline(); return nil }); err != nil {
			t.Error(err)
		}
	})
	for s.Status().Stable.Pool.Waiting == 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(10 * time.Millisecond) // so that it has waited
	free := time.Now()
	close(leave)
	calls.Wait()
	if left := end.Sub(free); left < time.Hour {
		t.Errorf("it had %v when an instance became free", left)
	}
}

// TestTwoDeadlines has two plugins of one host wait for the same, which is too
// late for one of them, and only for that.
func TestTwoDeadlines(t *testing.T) {
	h := newHost(t)
	ended := make(chan struct{})
	wait := func(ctx context.Context, n uint32) (uint32, error) {
		select {
		case <-ended:
			return n, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	short := addRaw(t, h, "short", various(), wait, deadline(50*time.Millisecond))
	long := addRaw(t, h, "long", various(), wait, deadline(time.Minute))
	var calls sync.WaitGroup
	calls.Go(func() {
		defer close(ended)
		if _, err := call(t.Context(), short, "ask", 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("short: %v", err)
		}
	})
	calls.Go(func() {
		if _, err := call(t.Context(), long, "ask", 0); err != nil {
			t.Errorf("long: %v", err)
		}
	})
	calls.Wait()
}

// TestNothingAfterDeadline has a guest that calls its host again and again: when
// its call has ended, it does not any more.
func TestNothingAfterDeadline(t *testing.T) {
	h := newHost(t)
	var calls atomic.Int64
	s := addRaw(t, h, "data", various(), func(context.Context, uint32) (uint32, error) {
		return uint32(calls.Add(1)), nil
	}, deadline(50*time.Millisecond))
	for range 4 {
		if _, err := call(t.Context(), s, "nag", 0); !errors.Is(err, rt.ErrDeadline) {
			t.Errorf("got %v", err)
		}
		n := calls.Load()
		time.Sleep(50 * time.Millisecond)
		if more := calls.Load() - n; more != 0 {
			t.Errorf("%d calls of the host, and %d after the end", n, more)
		}
	}
	if calls.Load() == 0 {
		t.Error("no call of the host")
	}
}

// TestLateOnce has one call be late: what comes after it is served, at once.
func TestLateOnce(t *testing.T) {
	h := newHost(t)
	s := addRaw(t, h, "data", various(), blocked, deadline(50*time.Millisecond))
	for range 3 {
		if _, err := call(t.Context(), s, "ask", 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		answers(t, s, 50*time.Millisecond)
	}
	if err := s.Ready(); err != nil {
		t.Error(err)
	}
}

// TestUnavailable fails calls of a plugin that is left alone, leaves them out, or
// has the host serve them, as its policy says. Work that needs the plugin goes on
// only where the policy wants that.
func TestUnavailable(t *testing.T) {
	for _, tt := range []struct {
		mode   policy.Unavailable
		want   error
		called bool
	}{
		{"", plugin.ErrUnavailable, false},
		{policy.Closed, plugin.ErrUnavailable, false},
		{policy.Open, nil, false},
		{policy.Fallback, nil, true},
	} {
		t.Run(string(tt.mode), func(t *testing.T) {
			h := newHost(t)
			w := rawWorld(nil)
			w.Fallback = raw{&rt.Instance{}}
			p := pooled()
			p.OnUnavailable = tt.mode
			s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: various().source()})
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				if _, err := call(t.Context(), s, "trap", 0); !strings.Contains(err.Error(), "unreachable") {
					t.Errorf("got %v", err)
				}
			}
			called := false
			err = s.Do(t.Context(), func(_ context.Context, r raw) error {
				called = true
				if r != w.Fallback {
					t.Error("called with an instance of what failed")
				}
				return nil
			})
			if !errors.Is(err, tt.want) || called != tt.called {
				t.Errorf("got %v, called: %v", err, called)
			}
		})
	}
}
