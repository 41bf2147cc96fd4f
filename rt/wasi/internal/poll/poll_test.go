package poll

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/witgen/witgen/rt/wasi/p2/io/poll"
)

// event is a source that is ready when it is told to be.
type event struct {
	Signal
	ready atomic.Bool
}

func (e *event) Ready() bool { return e.ready.Load() }

func (e *event) set(ready bool) {
	e.ready.Store(ready)
	e.Wake()
}

// watchers returns how many watch the event.
func (e *event) watchers() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.Signal.watchers)
}

func TestPollReady(t *testing.T) {
	a, b := &event{}, &event{}
	a.set(true)
	pa, pb := New(a), New(b)
	for _, test := range []struct {
		name string
		in   []poll.Pollable
		want []uint32
	}{
		{"one", []poll.Pollable{pa}, []uint32{0}},
		{"the second", []poll.Pollable{pb, pa}, []uint32{1}},
		{"the same twice", []poll.Pollable{pa, pb, pa}, []uint32{0, 2}},
		{"two of one source", []poll.Pollable{New(a), pa}, []uint32{0, 1}},
		{"one that is always ready", []poll.Pollable{pb, New(Always{})}, []uint32{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Poll{}.Poll(t.Context(), test.in)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
	if got, err := (Poll{}).Poll(t.Context(), nil); err == nil {
		t.Errorf("an empty list gives %v", got)
	}
	if ready, err := pb.Ready(t.Context()); ready || err != nil {
		t.Errorf("ready: %v, %v", ready, err)
	}
}

// TestPollWaits waits for what becomes ready, which may happen again and again.
func TestPollWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := &event{}, &event{}
		in := []poll.Pollable{New(a), New(b), New(a)}
		for range 3 {
			done := make(chan []uint32)
			go func() {
				got, err := Poll{}.Poll(t.Context(), in)
				if err != nil {
					t.Error(err)
				}
				done <- got
			}()
			synctest.Wait()
			a.Wake() // for nothing
			synctest.Wait()
			select {
			case got := <-done:
				t.Fatalf("it did not wait: %v", got)
			default:
			}
			if n := a.watchers(); n != 1 {
				t.Errorf("%d watch a source that is there twice", n)
			}
			a.set(true)
			if got := <-done; !slices.Equal(got, []uint32{0, 2}) {
				t.Errorf("got %v", got)
			}
			if n := a.watchers() + b.watchers(); n != 0 {
				t.Errorf("%d watch after the wait", n)
			}
			a.set(false)
		}
	})
}

// TestPollContext ends waits with their context, and begins none after that.
func TestPollContext(t *testing.T) {
	why := errors.New("why")
	e, ready := &event{}, &event{}
	ready.set(true)
	for name, wait := range map[string]func(ctx context.Context, p *Pollable) error{
		"poll": func(ctx context.Context, p *Pollable) error {
			_, err := Poll{}.Poll(ctx, []poll.Pollable{p})
			return err
		},
		"block": func(ctx context.Context, p *Pollable) error { return p.Block(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Millisecond, func() { cancel(why) })
				start := time.Now()
				if err := wait(ctx, New(e)); !errors.Is(err, why) {
					t.Errorf("got %v", err)
				}
				if d := time.Since(start); d != time.Millisecond {
					t.Errorf("it took %v", d)
				}
				if err := wait(ctx, New(ready)); !errors.Is(err, why) {
					t.Errorf("of what is ready: %v", err)
				}
				if n := e.watchers(); n != 0 {
					t.Errorf("%d watch", n)
				}
			})
		})
	}
}

// TestPollMany polls more pollables than reflect.Select takes.
func TestPollMany(t *testing.T) {
	const n = 70_000
	in := make([]poll.Pollable, n)
	for i := range in {
		in[i] = New(&event{})
	}
	last := &event{}
	in[n-1] = New(last)
	before := runtime.NumGoroutine()
	time.AfterFunc(time.Millisecond, func() {
		if more := runtime.NumGoroutine() - before; more > 10 {
			t.Errorf("%d goroutines wait", more)
		}
		last.set(true)
	})
	got, err := Poll{}.Poll(t.Context(), in)
	if err != nil || !slices.Equal(got, []uint32{n - 1}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestWakeStorm has many wake many who wait, also for nothing: none is left
// waiting.
func TestWakeStorm(t *testing.T) {
	const sources, rounds = 8, 200
	events := make([]*event, sources)
	for i := range events {
		events[i] = &event{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var storm, waits sync.WaitGroup
	over := make(chan struct{})
	for i, e := range events {
		storm.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
					e.set((n+i)%3 == 0)
					runtime.Gosched()
				}
			}
		})
	}
	for range 4 {
		waits.Go(func() {
			for range rounds {
				in := make([]poll.Pollable, sources)
				for i, e := range events {
					in[i] = New(e)
				}
				if got, err := (Poll{}).Poll(ctx, in); err != nil || len(got) == 0 {
					t.Errorf("got %v, %v", got, err)
					return
				}
			}
		})
	}
	waits.Wait()
	close(over)
	storm.Wait()
}

// other is a pollable of another implementation.
type other struct {
	ready func() (bool, error)
	block func(ctx context.Context) error
}

func (o other) Ready(context.Context) (bool, error) { return o.ready() }
func (o other) Block(ctx context.Context) error     { return o.block(ctx) }
func (other) Close(context.Context) error           { return nil }
func notReady() (bool, error)                       { return false, nil }
func untilDone(ctx context.Context) error           { <-ctx.Done(); return ctx.Err() }
func after(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func TestForeign(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name string
		in   []poll.Pollable
		want []uint32
		err  string
	}{
		{name: "ready", in: []poll.Pollable{other{func() (bool, error) { return true, nil }, untilDone}}, want: []uint32{0}},
		{name: "later", in: []poll.Pollable{other{notReady, untilDone}, other{notReady, after(time.Second)}}, want: []uint32{1}},
		{name: "beside one of ours", in: []poll.Pollable{other{notReady, untilDone}, New(Always{})}, want: []uint32{1}},
		{name: "fails", in: []poll.Pollable{other{func() (bool, error) { return false, broken }, untilDone}}, err: "broken"},
		{name: "fails to wait", in: []poll.Pollable{other{notReady, func(context.Context) error { return broken }}}, err: "broken"},
		{name: "panics", in: []poll.Pollable{other{notReady, func(context.Context) error { panic("boo") }}}, err: "a pollable of another implementation panicked: boo"},
		{
			name: "ends the goroutine", in: []poll.Pollable{other{notReady, func(context.Context) error { runtime.Goexit(); return nil }}},
			err: "a pollable of another implementation ended the goroutine",
		},
		{name: "never", in: []poll.Pollable{other{notReady, untilDone}}, err: "context deadline exceeded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // no goroutine is left
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				got, err := Poll{}.Poll(ctx, test.in)
				if !slices.Equal(got, test.want) || (err != nil || test.err != "") && (err == nil || err.Error() != test.err) {
					t.Errorf("got %v, %v, want %v, %s", got, err, test.want, test.err)
				}
			})
		})
	}
}

func TestParent(t *testing.T) {
	var p Parent
	var life Life
	if err := p.Check(&life); err != nil {
		t.Errorf("without children: %v", err)
	}
	child := p.Pollable(Always{})
	p.Adopt()
	if err := p.Check(&life); !errors.Is(err, ErrChildren) {
		t.Errorf("with two: %v", err)
	}
	if err := child.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := p.Check(nil); !errors.Is(err, ErrChildren) {
		t.Errorf("with one, of no life: %v", err)
	}
	if err := life.End(t.Context()); err != nil {
		t.Error(err)
	}
	if err := p.Check(&life); err != nil {
		t.Errorf("at the end: %v", err)
	}
	p.Release()
	if err := p.Check(nil); err != nil {
		t.Errorf("after all: %v", err)
	}
}

func TestLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var life Life
		stop := make(chan struct{})
		ended := 0
		life.OnEnd(func() { ended++; close(stop) })
		life.OnEnd(func() { ended += 10 })()
		worked := false
		if !life.Go(func() { <-stop; time.Sleep(time.Second); worked = true }) {
			t.Error("it did not begin")
		}
		if life.Over() {
			t.Error("it is over")
		}
		if err := life.End(t.Context()); err != nil || !worked || ended != 1 {
			t.Errorf("end: %v, worked %v, told %d times", err, worked, ended)
		}
		if !life.Over() || life.Go(func() { t.Error("it ran") }) {
			t.Error("it is not over")
		}
		life.OnEnd(func() { ended++ })
		if ended != 2 {
			t.Error("what comes late is not told")
		}
		if err := life.End(t.Context()); err != nil {
			t.Errorf("again: %v", err)
		}
	})
}

// TestLifeContext ends a life whose goroutine does not end.
func TestLifeContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var life Life
		stop := make(chan struct{})
		life.Go(func() { <-stop })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := life.End(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(stop)
	})
}

// TestLifeEndWith does something after the goroutines, however late they are.
func TestLifeEndWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var life Life
		stop, worked := make(chan struct{}), false
		life.Go(func() { <-stop; worked = true })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		late := false
		if err := life.EndWith(ctx, func() error { late = worked; return nil }); !errors.Is(err, context.DeadlineExceeded) || late {
			t.Errorf("got %v, done: %v", err, late)
		}
		close(stop)
		synctest.Wait()
		if !late {
			t.Error("it is not done")
		}
	})
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		last func() error
		want string
	}{
		"fails":  {func() error { return broken }, "broken"},
		"panics": {func() error { panic("boo") }, "the end panicked: boo"},
		"exits":  {func() error { runtime.Goexit(); return nil }, "the end ended the goroutine"},
	} {
		var life Life
		if err := life.EndWith(t.Context(), test.last); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// TestPollSame polls one pollable very often at once, which costs a guest four
// bytes each time.
func TestPollSame(t *testing.T) {
	const n = 1 << 20
	e := &event{}
	in := slices.Repeat([]poll.Pollable{New(e)}, n)
	time.AfterFunc(20*time.Millisecond, func() { e.set(true) })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := Poll{}.Poll(t.Context(), in)
	runtime.ReadMemStats(&after)
	if err != nil || len(got) != n {
		t.Fatalf("%d are ready, %v", len(got), err)
	}
	// 16 for what to ask, and 4 for what is ready.
	if each := (after.TotalAlloc - before.TotalAlloc) / n; each > 24 {
		t.Errorf("%d bytes for each", each)
	}
}

// TestLifeEndPanics has all that a life ends with called, whatever panics.
func TestLifeEndPanics(t *testing.T) {
	l := &Life{}
	called := 0
	for range 3 {
		l.OnEnd(func() { called++; panic("host") })
	}
	err := l.End(t.Context())
	if called != 3 || err == nil || !strings.Contains(err.Error(), "host") {
		t.Errorf("%d of 3 are called, error %v", called, err)
	}
}
