package pool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// instance is one of the tests.
type instance struct {
	id     int
	busy   atomic.Bool
	closed atomic.Bool
	worn   bool
}

// maker starts instances and counts them.
type maker struct {
	started, closed atomic.Int64
	live, most      atomic.Int64
	takes           time.Duration
	fail            atomic.Pointer[error]
}

func (m *maker) start(ctx context.Context) (*instance, error) {
	if m.takes > 0 {
		select {
		case <-time.After(m.takes):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if err := m.fail.Load(); err != nil {
		return nil, *err
	}
	live := m.live.Add(1)
	for most := m.most.Load(); live > most && !m.most.CompareAndSwap(most, live); most = m.most.Load() {
	}
	return &instance{id: int(m.started.Add(1))}, nil
}

func (m *maker) close(_ context.Context, in *instance) {
	if in.closed.Swap(true) {
		panic("closed twice")
	}
	m.live.Add(-1)
	m.closed.Add(1)
}

func (m *maker) config(c Config[*instance]) Config[*instance] {
	c.Start, c.Close = m.start, m.close
	return c
}

func acquire(t *testing.T, p *Pool[*instance]) *Lease[*instance] {
	t.Helper()
	l, err := p.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func closePool(t *testing.T, p *Pool[*instance], m *maker) {
	t.Helper()
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m.live.Load() != 0 || m.started.Load() != m.closed.Load() {
		t.Errorf("%d instances live, %d started, %d closed", m.live.Load(), m.started.Load(), m.closed.Load())
	}
	if u := p.Use(); u.Idle+u.Busy+u.Waiting != 0 {
		t.Errorf("closed, with %+v", u)
	}
	if _, err := p.Acquire(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("acquired of a closed pool: %v", err)
	}
}

// TestReuse says which instances serve the calls one after the other, by the
// order in which they were started.
func TestReuse(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    Config[*instance]
		does string // k keeps, d discards, w wears it, - waits a minute
		want string
	}{
		{"an instance for each call", Config[*instance]{}, "kkkk", "1 2 3 4"},
		{"the same again", Config[*instance]{Again: true}, "kkkk", "1 1 1 1"},
		{"but one that trapped", Config[*instance]{Again: true}, "kdkk", "1 1 2 2"},
		{"a number of calls", Config[*instance]{Again: true, MaxCalls: 3}, "kkkkkkk", "1 1 1 2 2 2 3"},
		{"that did not grow too much", Config[*instance]{Again: true, Worn: func(in *instance) bool { return in.worn }}, "kkwkk", "1 1 1 2 2"},
		{"and is not too old", Config[*instance]{Again: true, MaxAge: 90 * time.Second}, "k-k-k-k", "1 1 1 2"},
		{"or idle for too long", Config[*instance]{Again: true, MaxIdle: 50 * time.Second}, "kk-kk-k", "1 1 2 2 3"},
		{"but for some", Config[*instance]{Again: true, MaxIdle: 50 * time.Second, MinIdle: 1}, "kk-kk-k", "1 1 1 1 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &maker{}
				tt.c.Max = 2
				p := New(m.config(tt.c))
				var got []string
				for _, do := range tt.does {
					if do == '-' {
						time.Sleep(time.Minute)
						synctest.Wait()
						continue
					}
					l := acquire(t, p)
					got = append(got, fmt.Sprint(l.Instance.id))
					l.Instance.worn = do == 'w'
					l.Release(do != 'd')
				}
				if got := strings.Join(got, " "); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				closePool(t, p, m)
			})
		})
	}
}

// TestIdle lends what is idle, and nothing else.
func TestIdle(t *testing.T) {
	m := &maker{}
	p := New(m.config(Config[*instance]{Max: 2, Again: true}))
	if p.Idle() != nil {
		t.Error("an instance of an empty pool")
	}
	l := acquire(t, p)
	if p.Idle() != nil {
		t.Error("an instance that is busy")
	}
	l.Release(true)
	if again := p.Idle(); again != l {
		t.Errorf("got %v, want the instance that is idle", again)
	}
	if u := p.Use(); u.Idle != 0 || u.Busy != 1 || u.Started != 1 {
		t.Errorf("%+v", u)
	}
	l.Release(true)
	closePool(t, p, m)
	if p.Idle() != nil {
		t.Error("an instance of a closed pool")
	}
}

// TestLine has calls wait: the first is served first, whether it gets an
// instance or the right to start one.
func TestLine(t *testing.T) {
	for _, again := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := &maker{}
			p := New(m.config(Config[*instance]{Max: 1, Queue: 10, Again: again}))
			held := acquire(t, p)
			var mu sync.Mutex
			var order []int
			for i := range 10 {
				go func() {
					l := acquire(t, p)
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
					l.Release(true)
				}()
				synctest.Wait()
			}
			if u := p.Use(); u.Waiting != 10 || u.Busy != 1 {
				t.Errorf("%+v, want 10 waiting and 1 busy", u)
			}
			_, err := p.Acquire(t.Context())
			if !errors.Is(err, ErrOverloaded) || err.Error() != "overloaded: 1 of 1 busy, 10 queued" {
				t.Errorf("one more: %v", err)
			}
			if _, ok, err := p.TryAcquire(t.Context()); ok || err != nil {
				t.Errorf("without waiting: %v, %v", ok, err)
			}
			held.Release(true)
			synctest.Wait()
			for i, got := range order {
				if got != i {
					t.Fatalf("served in the order %v", order)
				}
			}
			if len(order) != 10 || m.most.Load() != 1 {
				t.Errorf("served %v, by %d instances at a time", order, m.most.Load())
			}
			closePool(t, p, m)
		})
	}
}

// TestLeave has calls stop waiting: by their context, as time is over, or as the
// pool is closed.
func TestLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &maker{}
		p := New(m.config(Config[*instance]{Max: 1, Queue: 2000, MaxWait: 100 * time.Millisecond, Again: true}))
		held := acquire(t, p)
		why := errors.New("the caller left")
		ctx, cancel := context.WithCancelCause(t.Context())
		var left atomic.Int64
		for range 1000 {
			go func() {
				if _, err := p.Acquire(ctx); errors.Is(err, why) {
					left.Add(1)
				}
			}()
		}
		synctest.Wait()
		begin := time.Now()
		cancel(why)
		synctest.Wait()
		if left.Load() != 1000 || time.Since(begin) != 0 || p.Use().Waiting != 0 {
			t.Errorf("%d of 1000 left, %d wait", left.Load(), p.Use().Waiting)
		}
		if _, err := p.Acquire(t.Context()); !errors.Is(err, ErrOverloaded) || err.Error() != "overloaded: 1 of 1 busy, 1 queued, waited 100ms" {
			t.Errorf("waited too long: %v", err)
		}
		if waited := time.Since(begin); waited != 100*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
		closing := make(chan error)
		go func() {
			_, err := p.Acquire(t.Context())
			closing <- err
		}()
		synctest.Wait()
		done, stop := context.WithTimeoutCause(t.Context(), time.Second, why)
		defer stop()
		if err := p.Close(done); !errors.Is(err, why) {
			t.Errorf("closed with a call running: %v", err)
		}
		if err := <-closing; !errors.Is(err, ErrClosed) {
			t.Errorf("waited as the pool was closed: %v", err)
		}
		held.Release(true)
		closePool(t, p, m)
		if u := p.Use(); u.Refused != 0 || u.TimedOut != 1 || u.Started != 1 || u.Ended != 1 {
			t.Errorf("%+v", u)
		}
	})
}

// TestAhead has instances started before calls ask.
func TestAhead(t *testing.T) {
	for _, again := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := &maker{takes: time.Second}
			var mu sync.Mutex
			var failures []string
			p := New(m.config(Config[*instance]{
				Max: 4, MinIdle: 2, Again: again,
				Failed: func(err error) {
					mu.Lock()
					defer mu.Unlock()
					failures = append(failures, err.Error())
				},
			}))
			if err := p.Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			a, b := acquire(t, p), acquire(t, p)
			if waited := time.Since(begin); waited != 0 {
				t.Errorf("waited %v for warm instances", waited)
			}
			time.Sleep(3 * time.Second)
			synctest.Wait()
			if u := p.Use(); !again && (u.Idle != 2 || u.Busy != 2) {
				t.Errorf("%+v, want two of each", u)
			}
			broken := errors.New("broken")
			m.fail.Store(&broken)
			a.Release(false)
			b.Release(false)
			for range 4 {
				if l, err := p.Acquire(t.Context()); err == nil {
					l.Release(false)
				}
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			mu.Lock()
			if n := len(failures); n < 3 || n > 12 || failures[0] != "broken" {
				t.Errorf("failures in a minute: %q", failures)
			}
			mu.Unlock()
			m.fail.Store(nil)
			time.Sleep(time.Minute)
			synctest.Wait()
			if u := p.Use(); u.Idle != 2 {
				t.Errorf("%+v, want two idle again", u)
			}
			closePool(t, p, m)
		})
	}
}

// TestReady has instances made ready that are started ahead, as many as are asked
// for and may be, and not those that calls wait for.
func TestReady(t *testing.T) {
	m := &maker{}
	ready := make(map[int]bool)
	p := New(m.config(Config[*instance]{Max: 4, MinIdle: 1, Again: true, Ready: func(in *instance) { ready[in.id] = true }}))
	if err := p.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	a, b := acquire(t, p), acquire(t, p)
	for _, n := range []int{2, 1, 9} {
		if err := p.Ahead(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if u := p.Use(); u.Idle != 2 || u.Busy != 2 {
		t.Errorf("%+v, want two of each", u)
	}
	if !ready[a.Instance.id] || ready[b.Instance.id] || len(ready) != 3 {
		t.Errorf("ready are %v, the call started %d", ready, b.Instance.id)
	}
	a.Release(true)
	b.Release(true)
	closePool(t, p, m)
	if err := p.Ahead(t.Context(), 9); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed pool: %v", err)
	}
}

// TestStartFails passes on errors of starting, and lets others start.
func TestStartFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &maker{takes: time.Second}
		p := New(m.config(Config[*instance]{Max: 1, Queue: 10}))
		broken := errors.New("broken")
		m.fail.Store(&broken)
		for range 5 {
			go func() {
				if _, err := p.Acquire(t.Context()); !errors.Is(err, broken) {
					t.Errorf("got %v", err)
				}
			}()
		}
		time.Sleep(5500 * time.Millisecond)
		m.fail.Store(nil)
		synctest.Wait()
		acquire(t, p).Release(true)
		closePool(t, p, m)
	})
}

// TestStartPanics leaves the place of an instance whose start panics free.
func TestStartPanics(t *testing.T) {
	m := &maker{}
	c := m.config(Config[*instance]{Max: 1})
	panics := true
	c.Start = func(ctx context.Context) (*instance, error) {
		if panics {
			panic("start")
		}
		return m.start(ctx)
	}
	p := New(c)
	func() {
		defer func() { _ = recover() }()
		_, _ = p.Acquire(t.Context())
	}()
	panics = false
	acquire(t, p).Release(true)
	closePool(t, p, m)
}

// TestMany has many goroutines do all of it at once: an instance never has two
// calls, there are never more than may be, and none is left.
func TestMany(t *testing.T) {
	for _, again := range []bool{false, true} {
		m := &maker{}
		p := New(m.config(Config[*instance]{
			Max: 5, MinIdle: 2, Queue: 40, MaxWait: 20 * time.Millisecond, Again: again,
			MaxCalls: 50, MaxIdle: time.Millisecond,
		}))
		var served, refused atomic.Int64
		var callers sync.WaitGroup
		for g := range 64 {
			callers.Go(func() {
				r := rand.New(rand.NewPCG(uint64(g), 1))
				for range 300 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(1000))*time.Microsecond)
					l, err := p.Acquire(ctx)
					cancel()
					if err != nil {
						if !errors.Is(err, ErrOverloaded) && !errors.Is(err, context.DeadlineExceeded) {
							t.Error(err)
						}
						refused.Add(1)
						continue
					}
					if l.Instance.busy.Swap(true) || l.Instance.closed.Load() {
						t.Error("an instance has two calls, or is closed")
					}
					if r.IntN(4) == 0 {
						time.Sleep(time.Duration(r.IntN(50)) * time.Microsecond)
					}
					l.Instance.busy.Store(false)
					served.Add(1)
					l.Release(r.IntN(10) > 0)
				}
			})
		}
		callers.Wait()
		if m.most.Load() > 5 {
			t.Errorf("%d instances at once", m.most.Load())
		}
		if served.Load()+refused.Load() != 64*300 || served.Load() == 0 {
			t.Errorf("%d served, %d refused", served.Load(), refused.Load())
		}
		closePool(t, p, m)
	}
}

func BenchmarkAcquire(b *testing.B) {
	m := &maker{}
	p := New(m.config(Config[*instance]{Max: 64, Again: true}))
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			l, err := p.Acquire(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			l.Release(true)
		}
	})
	b.Run("many", func(b *testing.B) {
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				l, err := p.Acquire(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				l.Release(true)
			}
		})
	})
}
