package rt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/guests"
)

// tiny is a component with an instance of a core module that has a memory. The
// name of a custom section tells one from another.
func tiny(name string) []byte {
	return fmt.Appendf(nil, "\x00asm\x0d\x00\x01\x00\x00%c%c%s"+
		"\x01\x0d\x00asm\x01\x00\x00\x00\x05\x03\x01\x00\x02\x02\x04\x01\x00\x00\x00", len(name)+1, len(name), name)
}

func testEngine(t *testing.T, config Config) *Engine {
	t.Helper()
	e, err := NewEngine(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

func mustCompile(t *testing.T, e *Engine, wasm []byte) *Component {
	t.Helper()
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustClose(t *testing.T, c interface{ Close(context.Context) error }) {
	t.Helper()
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestShared: components of the same bytes have the same code, until the last
// of them and the last instance are gone, in whatever order.
func TestShared(t *testing.T) {
	ctx := t.Context()
	e := testEngine(t, Config{})
	first, second := mustCompile(t, e, tiny("a")), mustCompile(t, e, tiny("a"))
	other := mustCompile(t, e, tiny("b"))
	if first.program != second.program || first.program == other.program {
		t.Fatalf("programs are %p, %p and %p of another", first.program, second.program, other.program)
	}
	in, err := first.Instantiate(ctx, InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, first)
	mustClose(t, first)
	if _, err := first.Instantiate(ctx, InstanceConfig{}); !errors.Is(err, ErrClosed) {
		t.Errorf("instantiate a closed component: %v", err)
	}
	in2, err := second.Instantiate(ctx, InstanceConfig{})
	if err != nil {
		t.Fatalf("the other component of the same bytes: %v", err)
	}
	mustClose(t, second)
	mustClose(t, in2)
	third := mustCompile(t, e, tiny("a"))
	if third.program != second.program {
		t.Error("an instance has the code, yet it was compiled again")
	}
	mustClose(t, in)
	mustClose(t, third)
	if len(e.programs.all) != 1 {
		t.Errorf("%d programs are left, want that of the other component", len(e.programs.all))
	}
	fourth := mustCompile(t, e, tiny("a"))
	if fourth.program == third.program {
		t.Error("freed code is used again")
	}
	if _, err := fourth.Instantiate(ctx, InstanceConfig{}); err != nil {
		t.Error(err)
	}
}

// TestKept: of what nobody has, as many bytes stay as may, and those that were
// in use last.
func TestKept(t *testing.T) {
	size := int64(len(tiny("a")))
	e := testEngine(t, Config{Keep: 2 * size})
	again := func(name string) bool {
		t.Helper()
		c, _ := e.programs.find(sha256.Sum256(tiny(name)))
		if c == nil {
			return false
		}
		if err := e.programs.drop(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		return true
	}
	use := func(name string) { t.Helper(); mustClose(t, mustCompile(t, e, tiny(name))) }
	pinned := mustCompile(t, e, tiny("p"))
	use("a")
	use("b")
	use("a")
	use("c") // b goes
	for name, want := range map[string]bool{"p": true, "a": true, "b": false, "c": true} {
		if got := again(name); got != want {
			t.Errorf("after a, b, a, c: %s is kept: %v", name, got)
		}
	}
	use("long enough to be larger than what is kept of all of them") // it goes
	if !again("a") || !again("c") {
		t.Error("what is too large to stay pushed out others")
	}
	again("a")
	mustClose(t, pinned) // c goes
	if !again("p") || !again("a") || again("c") {
		t.Error("after a and then p, it is not those that are kept")
	}
	if e.programs.kept != 2*size || e.programs.idle.Len() != 2 || len(e.programs.all) != 2 {
		t.Errorf("%d bytes of %d programs are kept, %d in all; want %d of 2", e.programs.kept, e.programs.idle.Len(), len(e.programs.all), 2*size)
	}
	mustClose(t, e)
	if e.programs.kept != 0 || len(e.programs.all) != 0 {
		t.Error("a closed engine keeps code")
	}
}

// TestCompileError: what cannot be compiled is looked at again each time.
func TestCompileError(t *testing.T) {
	e := testEngine(t, Config{Keep: 1 << 20})
	for range 2 {
		if _, err := e.Compile(t.Context(), tiny("a")[:30]); !errors.Is(err, ErrNotComponent) {
			t.Fatalf("compile = %v", err)
		}
	}
	if len(e.programs.all)+len(e.programs.flights) > 0 {
		t.Error("something is left of it")
	}
	e.programs.build = func(context.Context, digest, []byte) (*program, error) { panic("a fault") }
	if _, err := e.Compile(t.Context(), tiny("a")); err == nil || !bytes.Contains([]byte(err.Error()), []byte("panicked: a fault")) {
		t.Errorf("compile = %v", err)
	}
}

// slow makes the engine compile only when told to, and counts how often it
// begins.
type slow struct {
	began chan context.Context
	goOn  chan struct{}
}

func slowly(e *Engine) *slow {
	s := &slow{make(chan context.Context, 100), make(chan struct{})}
	build := e.programs.build
	e.programs.build = func(ctx context.Context, key digest, wasm []byte) (*program, error) {
		s.began <- ctx
		select {
		case <-s.goOn:
		case <-ctx.Done():
		}
		return build(ctx, key, wasm)
	}
	return s
}

// waiters waits until so many wait for a component.
func waiters(t *testing.T, e *Engine, wasm []byte, n int) {
	t.Helper()
	for range 1000 {
		e.programs.mu.Lock()
		f := e.programs.flights[sha256.Sum256(wasm)]
		ok := f != nil && f.waiters == n
		e.programs.mu.Unlock()
		if ok {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("there are never %d who wait", n)
}

// TestCompileTogether: who compiles the same bytes at the same time waits for
// one compilation, and may leave.
func TestCompileTogether(t *testing.T) {
	e := testEngine(t, Config{})
	s := slowly(e)
	left := errors.New("left")
	wasm, buffer := tiny("a"), tiny("a")
	leader, leave := context.WithCancelCause(t.Context())
	errs := make(chan error)
	go func() {
		_, err := e.Compile(leader, buffer)
		errs <- err
	}()
	began := <-s.began
	var wg sync.WaitGroup
	got := make([]*Component, 8)
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], err = e.Compile(t.Context(), wasm); err != nil {
				t.Error(err)
			}
		})
	}
	waiters(t, e, wasm, 1+len(got))
	leave(left)
	if err := <-errs; !errors.Is(err, left) {
		t.Errorf("who left got %v", err)
	}
	clear(buffer) // its bytes are its own again
	if began.Err() != nil {
		t.Fatal("the compilation ended with the first who wanted it")
	}
	close(s.goOn)
	wg.Wait()
	if len(s.began) > 0 {
		t.Error("it was compiled more than once")
	}
	for _, c := range got {
		if c == nil || c.program != got[0].program {
			t.Fatalf("components do not share their code: %v", got)
		}
	}
	if n := got[0].refs; n != len(got) {
		t.Errorf("%d references for %d components", n, len(got))
	}
	for _, c := range got {
		mustClose(t, c)
	}
	if len(e.programs.all) > 0 {
		t.Error("code is left that nobody has")
	}
}

// TestCompileAbandoned: a compilation stops when nobody waits for it any more,
// and does not stand in the way of the next. The engine waits for it.
func TestCompileAbandoned(t *testing.T) {
	e := testEngine(t, Config{Keep: 1 << 20})
	build := e.programs.build
	began, goOn := make(chan struct{}), make(chan struct{})
	e.programs.build = func(ctx context.Context, key digest, wasm []byte) (*program, error) {
		close(began)
		<-ctx.Done()
		<-goOn
		return build(context.WithoutCancel(ctx), key, wasm) // it had all but ended
	}
	ctx, leave := context.WithCancelCause(t.Context())
	errs := make(chan error)
	go func() {
		_, err := e.Compile(ctx, tiny("a"))
		errs <- err
	}()
	<-began
	left := errors.New("left")
	leave(left)
	if err := <-errs; !errors.Is(err, left) {
		t.Errorf("who left got %v", err)
	}
	if _, err := e.Compile(ctx, tiny("b")); !errors.Is(err, left) {
		t.Errorf("who had left before got %v", err)
	}
	e.programs.build = build
	c := mustCompile(t, e, tiny("a"))
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := e.Close(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close with a compilation under way = %v", err)
	}
	close(goOn)
	mustClose(t, e)
	mustClose(t, c)
}

// TestLandTwice: two flights of the same bytes may land in any order, with
// somebody waiting for either.
func TestLandTwice(t *testing.T) {
	for _, keep := range []int64{0, 1 << 20} {
		for waiting := range 2 {
			e := testEngine(t, Config{Keep: keep})
			wasm := tiny("a")
			land := func(waiters int) *flight {
				p, err := e.build(t.Context(), sha256.Sum256(wasm), wasm)
				if err != nil {
					t.Fatal(err)
				}
				f := &flight{done: make(chan struct{}), waiters: waiters}
				e.programs.land(t.Context(), f, sha256.Sum256(wasm), int64(len(wasm)), p, nil)
				return f
			}
			e.programs.all = make(map[digest]*program)
			a, b := land(1-waiting), land(waiting)
			c := &Component{program: []*flight{a, b}[waiting].program}
			in, err := c.Instantiate(t.Context(), InstanceConfig{})
			if err != nil {
				t.Fatal(err)
			}
			mustClose(t, in)
			if c.refs != 1 || e.programs.idle.Len() != 0 {
				t.Errorf("keep %d: %d references, %d idle", keep, c.refs, e.programs.idle.Len())
			}
		}
	}
}

// TestCompileMany compiles, instantiates and closes a few components on many
// goroutines while little is kept.
func TestCompileMany(t *testing.T) {
	e := testEngine(t, Config{Keep: 2 * int64(len(tiny("a")))})
	rust, err := os.ReadFile(guests.Plugin("rust/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	all := [][]byte{tiny("a"), tiny("b"), tiny("c"), rust}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				ctx, cancel := context.WithCancel(t.Context())
				if (i+j)%5 == 0 {
					time.AfterFunc(time.Duration(j)*50*time.Microsecond, cancel)
				}
				c, err := e.Compile(ctx, all[(i*j)%len(all)])
				if err == nil {
					var in *Instance
					if in, err = c.Instantiate(t.Context(), InstanceConfig{Stubs: true}); err == nil {
						err = errors.Join(c.Close(t.Context()), in.Close(t.Context()))
					}
				}
				cancel()
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	e.programs.mu.Lock()
	defer e.programs.mu.Unlock()
	for _, p := range e.programs.all {
		if p.refs != 0 || p.place == nil {
			t.Errorf("%d references are left", p.refs)
		}
	}
	if e.programs.kept > e.programs.budget {
		t.Errorf("%d bytes are kept, limit %d", e.programs.kept, e.programs.budget)
	}
}

// TestJobs has components compiled at the same time, each time by another engine, which
// has none of their modules yet, and looks again and again at how many modules are: no
// more than may be, and more if nothing limits them.
func TestJobs(t *testing.T) {
	var all [][]byte
	for _, name := range []string{"c/data-processor", "c/image-processor", "rust/data-processor", "rust/image-processor"} {
		wasm, err := os.ReadFile(guests.Plugin(name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, wasm)
	}
	for jobs, rounds := range []int{500, 5} {
		most := 0
		for round := 0; most < 2 && round < rounds && !t.Failed(); round++ {
			e := testEngine(t, Config{Jobs: jobs})
			var work sync.WaitGroup
			for _, wasm := range all {
				work.Go(func() {
					c, err := e.Compile(t.Context(), wasm)
					if err == nil {
						err = c.Close(t.Context())
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			done := make(chan struct{})
			go func() { work.Wait(); close(done) }()
			stacks := make([]byte, 1<<20)
			for over := false; !over; {
				select {
				case <-done:
					over = true
				case <-time.After(time.Millisecond): // the dump stops all of them
					most = max(most, bytes.Count(stacks[:runtime.Stack(stacks, true)], []byte("(*Engine).compileImage(")))
				}
			}
			if err := e.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if jobs == 0 && most < 2 || jobs == 1 && most > 1 {
			t.Errorf("Jobs %d: %d modules at a time", jobs, most)
		}
	}
}
