package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// footprint is what a process has that grows if something is left behind.
type footprint struct {
	heap                 uint64
	goroutines, mappings int
}

// measure returns what the process has, once goroutines that end have ended.
func measure(t testing.TB, most int) (f footprint) {
	t.Helper()
	for begin := time.Now(); runtime.NumGoroutine() > most && time.Since(begin) < 20*time.Second; {
		time.Sleep(time.Millisecond)
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f.heap, f.goroutines = m.HeapAlloc, runtime.NumGoroutine()
	if maps, err := os.ReadFile("/proc/self/maps"); err == nil {
		f.mappings = strings.Count(string(maps), "\n")
	}
	return f
}

// steady fails a test if there is more than there was.
func steady(t testing.TB, before footprint) {
	t.Helper()
	after := measure(t, before.goroutines)
	t.Logf("before %+v, after %+v", before, after)
	if after.goroutines > before.goroutines {
		t.Errorf("%d goroutines, %d before", after.goroutines, before.goroutines)
	}
	if after.heap > before.heap+4<<20 {
		t.Errorf("%d bytes of heap, %d before", after.heap, before.heap)
	}
	if after.mappings > before.mappings+40 {
		t.Errorf("%d mappings of memory, %d before", after.mappings, before.mappings)
	}
}

// TestManyReloads replaces a revision again and again, with a call of each: the
// process has no more in the end than after the first hundred.
func TestManyReloads(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	h := newHost(t)
	c := various()
	s := addRaw(t, h, "data", c, nil, nil)
	reload := func(from, to int) {
		for i := from; i < to; i++ {
			c.mark = fmt.Sprint(i)
			if _, err := s.Load(t.Context(), c.source()); err != nil {
				t.Fatal(err)
			}
			if m, err := call(t.Context(), s, "ask", 7); err != nil || m != 7 {
				t.Fatalf("%d, %v", m, err)
			}
		}
	}
	goroutines := runtime.NumGoroutine()
	reload(0, 100)
	before := measure(t, goroutines)
	reload(100, 100+race.Fewer(2000, 500))
	steady(t, before)
	if m := h.Engine().Memory(); m.Bytes > 64<<10 {
		t.Errorf("%d bytes of linear memory for one instance of a page", m.Bytes)
	}
}

// TestMatched has as many instances started for a revision that takes over as the
// one before has, before calls come to it: for what is loaded, staged and brought
// back. It takes over all the same where there is no room for as many.
func TestMatched(t *testing.T) {
	const page = 64 << 10
	for _, tt := range []struct {
		name string
		room int64 // of the host's, in instances
		want int   // that are idle after each
	}{{"room", 100, 3}, {"little room", 5, 2}} {
		t.Run(tt.name, func(t *testing.T) {
			h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Engine: rt.Config{Memory: tt.room * page}})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := h.Close(context.Background()); err != nil {
					t.Error(err)
				}
			}()
			c := various()
			s := addRaw(t, h, "data", c, nil, nil)
			var nested func(n int) error
			nested = func(n int) error {
				if n == 0 {
					return nil
				}
				return s.Do(t.Context(), func(context.Context, raw) error { return nested(n - 1) })
			}
			if err := nested(3); err != nil {
				t.Fatal(err)
			}
			matched := func(what string, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				if u := s.Status().Stable.Pool; u.Idle != tt.want || u.Busy != 0 {
					t.Errorf("%s: %+v, want %d idle", what, u, tt.want)
				}
				for m := h.Engine().Memory(); m.Bytes > int64(tt.want)*page; m = h.Engine().Memory() {
					time.Sleep(time.Millisecond) // the one before is on its way out
				}
				if err := nested(3); err != nil {
					t.Fatal(err)
				}
			}
			c.mark = "loaded"
			_, err = s.Load(t.Context(), c.source())
			matched("loaded", err)
			c.mark = "staged"
			r, err := s.Stage(t.Context(), c.source())
			if err != nil {
				t.Fatal(err)
			}
			matched("staged", s.Swap(r))
			matched("rolled back", s.Rollback(t.Context(), "worse"))
			tryOut := func(mark string) {
				t.Helper()
				c.mark = mark
				r, err := s.Stage(t.Context(), c.source())
				if err == nil {
					err = s.Canary(r, plugin.Ramp{Steps: []float64{1e-9}})
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			tryOut("promoted")
			matched("promoted", s.Promote())
			tryOut("tried out and loaded")
			_, err = s.Load(t.Context(), c.source())
			matched("tried out and loaded", err)
		})
	}
}

// TestMatchedByRamp has as many instances started for a revision when its ramp gets to
// all calls.
func TestMatchedByRamp(t *testing.T) {
	promoted := make(chan struct{})
	h := observed(t, listener(func(e plugin.Event) {
		if e.Kind == plugin.Promoted {
			close(promoted)
		}
	}))
	c := various()
	s := addRaw(t, h, "data", c, nil, nil)
	var nested func(ctx context.Context, n int) error
	nested = func(ctx context.Context, n int) error {
		if n == 0 {
			return nil
		}
		return s.Do(ctx, func(context.Context, raw) error { return nested(ctx, n-1) })
	}
	c.mark = "tried out"
	r, err := s.Stage(t.Context(), c.source())
	if err == nil {
		err = s.Canary(r, plugin.Ramp{Steps: []float64{0.5, 1}, MinSamples: 1, Windows: 1, Window: 100 * time.Millisecond, Slower: 1000})
	}
	if err != nil {
		t.Fatal(err)
	}
	for done := false; !done; {
		if err := errors.Join(nested(plugin.OnStable(t.Context()), 3), nested(t.Context(), 1)); err != nil {
			t.Fatal(err)
		}
		select {
		case <-promoted:
			done = true
		default:
		}
	}
	if u := s.Status().Stable.Pool; s.Status().Stable.Digest != r.Digest() || u.Idle < 3 {
		t.Errorf("%+v, want as many idle as what served before had", u)
	}
}

// TestManyInstances has 10,000 calls with an instance each.
func TestManyInstances(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	h := newHost(t)
	s := addRaw(t, h, "data", various(), nil, func(p *policy.Policy) { p.Reuse = policy.PerCall })
	calls := func(n int) {
		for range n {
			if m, err := call(t.Context(), s, "count", 0); err != nil || m != 1 {
				t.Fatalf("%d, %v", m, err)
			}
		}
	}
	calls(100)
	before := measure(t, runtime.NumGoroutine())
	calls(10_000)
	steady(t, before)
	if st := s.Status().Stable.Pool; st.Started != 10_100 || st.Ended != 10_100 {
		t.Errorf("%+v", st)
	}
}

// TestReuse says what a counter in a guest counts: calls of one instance, which
// are all calls of a plugin that has only one.
func TestReuse(t *testing.T) {
	h := newHost(t)
	for _, tt := range []struct {
		reuse policy.Reuse
		want  func(counts map[uint32]int) bool
	}{
		{policy.PerCall, func(c map[uint32]int) bool { return c[1] == 40 }},
		{policy.Pooled, func(c map[uint32]int) bool { return c[1] == 4 && c[40] == 0 }},
		{policy.Single, func(c map[uint32]int) bool { return len(c) == 40 && c[40] == 1 }},
	} {
		t.Run(string(tt.reuse), func(t *testing.T) {
			s := addRaw(t, h, string(tt.reuse), various(), nil, func(p *policy.Policy) { p.Reuse, p.Limits.Instances = tt.reuse, 4 })
			var mu sync.Mutex
			counts := make(map[uint32]int)
			together := make(chan struct{}) // closed when four calls are under way, unless there can be only one
			if tt.reuse == policy.Single {
				close(together)
			}
			var under atomic.Int64
			var calls sync.WaitGroup
			for range 40 {
				calls.Go(func() {
					err := s.Do(t.Context(), func(ctx context.Context, r raw) error {
						if under.Add(1) == 4 && tt.reuse != policy.Single {
							close(together)
						}
						<-together
						n, err := r.call(ctx, "count", 0)
						mu.Lock()
						defer mu.Unlock()
						counts[n]++
						return err
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			calls.Wait()
			if !tt.want(counts) {
				t.Errorf("counted %v", counts)
			}
		})
	}
}

// TestHighWater has a guest that never frees: another instance takes its place
// before it has no memory left, and no call fails.
func TestHighWater(t *testing.T) {
	h := newHost(t)
	s := addRaw(t, h, "data", various(), nil, func(p *policy.Policy) {
		p.Reuse, p.Limits.Memory, p.Limits.HighWater = policy.Single, 1<<20, 512<<10
	})
	for i := range 100 {
		if was, err := call(t.Context(), s, "grow", 1); err != nil || was == 0xffff_ffff {
			t.Fatalf("call %d: memory was %d pages, %v", i, int32(was), err)
		}
	}
	// It begins with a page, and the eighth call makes it nine.
	if st := s.Status().Stable.Pool; st.Started != 13 || st.Ended != 12 {
		t.Errorf("%+v", st)
	}
}

// TestBalance calls a guest that counts what it allocates for its host 10,000
// times: post-return has run once for each, and its memory has not grown.
func TestBalance(t *testing.T) {
	h := newHost(t)
	p := pooled()
	p.Reuse = policy.Single
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: p, Source: guest(t, "broken/hostile")})
	if err != nil {
		t.Fatal(err)
	}
	had := int64(0)
	for i := range 10_000 {
		out, err := process(t.Context(), s, "counts")
		var posts, reallocs int
		if _, scan := fmt.Sscanf(out, "%d,%d", &posts, &reallocs); err != nil || scan != nil || posts != i || reallocs != 2*(i+1) { // of the input and of the options
			t.Fatalf("call %d: %q, %v", i, out, err)
		}
		if i == 0 {
			had = h.Engine().Memory().Bytes
		}
	}
	if has := h.Engine().Memory().Bytes; has != had {
		t.Errorf("%d bytes after 10,000 calls, %d after one", has, had)
	}
}

// TestWaiters cancels 1,000 calls that wait for an instance: all leave at once,
// and nothing of them stays.
func TestWaiters(t *testing.T) {
	h := newHost(t)
	entered := make(chan struct{})
	leave := make(chan struct{})
	s := addRaw(t, h, "data", various(), func(context.Context, uint32) (uint32, error) {
		close(entered)
		<-leave
		return 0, nil
	}, func(p *policy.Policy) {
		p.Limits.Instances, p.Limits.Queue, p.Limits.Deadline = 1, 1000, policy.Duration(time.Minute)
	})
	before := measure(t, runtime.NumGoroutine())
	var busy, waiters sync.WaitGroup
	busy.Go(func() {
		if _, err := call(t.Context(), s, "ask", 0); err != nil {
			t.Error(err)
		}
	})
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	for range 1000 {
		waiters.Go(func() {
			if _, err := call(ctx, s, "answer", 0); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	for s.Status().Stable.Pool.Waiting < 1000 {
		time.Sleep(time.Millisecond)
	}
	if _, err := call(t.Context(), s, "answer", 0); !errors.Is(err, plugin.ErrOverloaded) {
		t.Errorf("one more: %v", err)
	}
	cancel()
	waiters.Wait() // though nothing that they wait for has ended
	if st := s.Status().Stable; st.Pool.Waiting != 0 || st.Calls != 1 {
		t.Errorf("%+v", st)
	}
	close(leave)
	busy.Wait()
	steady(t, before)
}

// TestHostMemory has ten plugins want all the memory that each of them may have:
// together they have no more than the ceiling says.
func TestHostMemory(t *testing.T) {
	h := withPolicy(t, &policy.File{Version: policy.Version, Ceiling: policy.Ceiling{HostMemory: 16 << 20}})
	slots := make([]*plugin.Slot[raw], 10)
	for i := range slots {
		slots[i] = addRaw(t, h, fmt.Sprint("plugin-", i), various(), nil, func(p *policy.Policy) {
			p.Reuse, p.Limits.Memory, p.Limits.MinIdle = policy.Single, 4<<20, 1
		})
	}
	for i, s := range slots {
		for was := uint32(0); was != 0xffff_ffff; {
			var err error
			if was, err = call(t.Context(), s, "grow", 1); err != nil {
				t.Fatal(err)
			}
		}
		if m := h.Engine().Memory(); m.Bytes > 16<<20 || m.Peak > 16<<20 {
			t.Fatalf("%d plugins have %d bytes, and had %d", i+1, m.Bytes, m.Peak)
		}
	}
	if m := h.Engine().Memory(); m.Bytes != 16<<20 || !errors.Is(m.Last, rt.ErrMemory) {
		t.Errorf("%+v", m)
	}
}

// withPolicy returns a host with a policy file.
func withPolicy(t testing.TB, f *policy.File) *plugin.Host {
	t.Helper()
	h, err := plugin.New(t.Context(), plugin.Config{Policy: f, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close(context.Background()) })
	return h
}

// TestSecondStart starts a host again with the compiled code of the one before:
// nothing is compiled, neither then nor at the first call.
func TestSecondStart(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	var compiled int
	for i := range 2 {
		h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Engine: rt.Config{CacheDir: cache}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "go/data-processor")})
		if err != nil {
			t.Fatal(err)
		}
		warm := h.Engine().Cache()
		if _, err := metadata(t.Context(), s); err != nil {
			t.Error(err)
		}
		use := h.Engine().Cache()
		if i == 0 {
			compiled = use.Misses
		}
		if use != warm || compiled == 0 || i == 1 && (use.Misses != 0 || use.Hits < compiled) {
			t.Errorf("start %d: %+v, after the call %+v", i, warm, use)
		}
		if err := h.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
