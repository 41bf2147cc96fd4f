package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

// observer is told of calls as they begin and end.
type observer struct {
	events
	mu    sync.Mutex
	calls []plugin.Called
	over  []bool // the context of each
	marks []string
}

type markKey struct{}

func (o *observer) Begins(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, markKey{}, "call of "+name)
}

func (o *observer) Called(ctx context.Context, c plugin.Called) {
	o.mu.Lock()
	defer o.mu.Unlock()
	mark, _ := ctx.Value(markKey{}).(string)
	o.calls, o.marks, o.over = append(o.calls, c), append(o.marks, mark), append(o.over, ctx.Err() != nil)
}

// TestObserver is told of each call, also of those that nothing served.
func TestObserver(t *testing.T) {
	seen := &observer{}
	h := observed(t, seen)
	var inside []string
	var fails error
	s := add(t, h, "data", func(ctx context.Context) error {
		mark, _ := ctx.Value(markKey{}).(string)
		inside = append(inside, mark)
		return fails
	})
	if _, err := process(t.Context(), s, "x"); err != nil {
		t.Fatal(err)
	}
	fails = errors.New("broken")
	for range 5 {
		_, _ = process(t.Context(), s, "x")
	}
	if _, err := process(t.Context(), s, "x"); !errors.Is(err, plugin.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	before := s.Status().Stable.Digest.Short()
	if err := s.Unload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := process(t.Context(), s, "x"); !errors.Is(err, plugin.ErrClosed) {
		t.Fatalf("got %v", err)
	}

	seen.mu.Lock()
	defer seen.mu.Unlock()
	var outcomes []string
	for i, c := range seen.calls {
		outcomes = append(outcomes, c.Outcome.String())
		ran := i < 6
		if c.Plugin != "data" || c.Arm != plugin.Stable || (c.Revision == before) != (i < 7) || c.Revision != before && c.Revision != "" {
			t.Errorf("call %d: %+v", i, c.Caller)
		}
		if ran != (c.Took > 0) || ran != (c.Memory > 0) || ran != (c.Fuel > 0) || ran != seen.over[i] {
			t.Errorf("call %d: %+v, and its context is over: %t", i, c, seen.over[i])
		}
	}
	if got := strings.Join(outcomes, " "); got != "ok trap trap trap trap trap unavailable unavailable" {
		t.Errorf("outcomes %s", got)
	}
	if len(inside) != 6 {
		t.Errorf("%d calls of the host", len(inside))
	}
	for _, mark := range append(inside, seen.marks...) {
		if mark != "call of data" {
			t.Errorf("in a context of %q", mark)
		}
	}
	for _, e := range seen.of(plugin.Reached) {
		if e.Stage == plugin.Compile && (e.Took <= 0 || e.Took > time.Minute) {
			t.Errorf("compiled in %v", e.Took)
		}
	}
}

// TestOverloaded is told of a call that waited in vain, with a context that is
// done.
func TestOverloaded(t *testing.T) {
	seen := &observer{}
	h := observed(t, seen)
	entered, leave := make(chan struct{}), make(chan struct{})
	s := add(t, h, "data", func(context.Context) error {
		entered <- struct{}{}
		<-leave
		return nil
	})
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			if _, err := process(t.Context(), s, "x"); err != nil {
				t.Error(err)
			}
		})
		<-entered
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := process(ctx, s, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	seen.mu.Lock()
	if c := seen.calls; len(c) != 1 || c[0].Outcome != plugin.Cancelled || c[0].Waited <= 0 || c[0].Memory != 0 || !seen.over[0] {
		t.Errorf("%+v", c)
	}
	seen.mu.Unlock()
	close(leave)
	calls.Wait()
}

// TestStuck says so of a call that does not end though it was cancelled.
func TestStuck(t *testing.T) {
	seen := &events{}
	h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Observer: seen, DrainTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	entered, leave := make(chan struct{}), make(chan struct{})
	s := add(t, h, "data", func(context.Context) error {
		close(entered)
		<-leave
		return nil
	})
	var call sync.WaitGroup
	call.Go(func() { _, _ = process(t.Context(), s, "x") })
	<-entered
	if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err != nil {
		t.Fatal(err)
	}
	if st := s.Status(); st.Draining != 1 {
		t.Errorf("%d calls of what was replaced", st.Draining)
	}
	if e := seen.wait(t, plugin.Stuck); e.Text != "1 calls do not end, though they were cancelled" {
		t.Errorf("%+v", e)
	}
	if st := s.Status(); st.Stuck != 1 {
		t.Errorf("%d calls are stuck", st.Stuck)
	}
	close(leave)
	call.Wait()
	seen.wait(t, plugin.Retired)
	for begin := time.Now(); s.Status().Draining != 0 || s.Status().Stuck != 0; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("%+v", s.Status())
		}
	}
}

// command is a command as a plugin.
type command struct {
	in  *rt.Instance
	run string // its interface
}

func (c command) Close(ctx context.Context) error { return c.in.Close(ctx) }
func (c command) RT() *rt.Instance                { return c.in }

// commands are the world of commands.
func commands() plugin.World[command] {
	return plugin.World[command]{Link: func(c *rt.Component) (plugin.Start[command], error) {
		exports := c.Exports()
		run := exports[slices.IndexFunc(exports, func(e rt.Extern) bool { return strings.HasPrefix(e.Name, "wasi:cli/run@") })].Name
		return func(ctx context.Context, config rt.InstanceConfig) (command, error) {
			in, err := c.Instantiate(ctx, config)
			return command{in, run}, err
		}, nil
	}}
}

// testCommand is a command of package wasi's tests.
func testCommand(t testing.TB, name string) plugin.Source {
	t.Helper()
	wasm, err := os.ReadFile("../wasi/testdata/" + name + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	return plugin.Bytes(name, wasm)
}

// run runs a command.
func run(ctx context.Context, s *plugin.Slot[command]) error {
	return s.Do(ctx, func(ctx context.Context, c command) error {
		run, err := c.in.Func(c.run, "run")
		if err != nil {
			return err
		}
		_, err = run.Call(ctx)
		return err
	})
}

// TestDenied says which capability a plugin was denied.
func TestDenied(t *testing.T) {
	if e := deniedAsk(t, "192.0.2.1:80", nil); len(e) == 0 || e[0].Denied != "tcp" {
		t.Errorf("denials %+v", e)
	}
}

// deniedAsk returns what a plugin is denied that asks for an address, under a policy.
func deniedAsk(t *testing.T, address string, p *policy.Policy) []plugin.Event {
	t.Helper()
	seen := &events{}
	h := observed(t, seen)
	s, err := plugin.Add(t.Context(), h, "net", commands(), plugin.Options{
		Source: testCommand(t, "net"),
		WASI:   func(c *wasi.Config) { c.Args = []string{"net", "ask", address} },
		Policy: p,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), s); err != nil {
		t.Log(err) // as it ends without an answer
	}
	return seen.of(plugin.DeniedUse)
}

// keyed is an observer that adds to contexts what calls go by.
type keyed struct{ events }

func (*keyed) Begins(ctx context.Context, _ string) context.Context {
	return context.WithValue(plugin.OnStable(ctx), userKey{}, "added")
}

// TestKeyOfCaller has calls go where their callers say, whatever an observer adds to
// their contexts.
func TestKeyOfCaller(t *testing.T) {
	h := observed(t, &keyed{})
	var keys []string
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor"), Key: func(ctx context.Context) string {
		k, _ := ctx.Value(userKey{}).(string)
		keys = append(keys, k)
		return k
	}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Stage(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, plugin.Ramp{Steps: []float64{1 - 1e-9, 1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := metadata(context.WithValue(t.Context(), userKey{}, "caller"), s); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(keys) != "[caller]" {
		t.Errorf("keys %v", keys)
	}
	if n := s.Status().Canary.Outcomes[plugin.OK]; n != 1 {
		t.Errorf("%d calls of what is tried out", n)
	}
}
