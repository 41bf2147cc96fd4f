package rt_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/rt"
)

// spinner is a guest that runs for long, in some ways.
var spinner = &guest{
	world: `
		import host: func(n: u32) -> u32;
		export count: func(n: u32) -> u32;
		export spin: func();
		export recurse: func(n: u32) -> u32;
		export ask: func(n: u32) -> u32;
	`,
	funcs: map[string]body{
		"count": does(loop, get(0), i32(1), sub, tee(0), brIf(0), end, i32(7)),
		"spin":  does(loop, br(0), end),
		// It calls itself twice, as often as n is, which takes 2^n calls.
		"recurse": does(get(0), when, get(0), i32(1), sub, call("export recurse"), drop,
			get(0), i32(1), sub, call("export recurse"), drop, end, i32(0)),
		"ask": does(get(0), call("host"), get(0), i32(1), add, call("host"), add),
	},
}

// stopped is why the contexts of these tests end.
var errStopped = errors.New("that is enough")

// TestFault35Interruption: a guest runs past the deadline of its context -> it
// stops, with the context's error. What else guests do without end, and when,
// is in the table of TestLimits.
func TestFault35Interruption(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		in := startFrom(t, spinner.compile(t, e), hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue}))
		deadline, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := invokeWith(deadline, t, in, "spin")
		wantTrap(t, in, err, rt.TrapDeadline, "context done: context deadline exceeded")
		if !errors.Is(err, rt.ErrDeadline) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("past its deadline: %v", err)
		}
	})
}

// TestSlowHost: a guest calls its host on and on, which takes its time, and does
// not heed its context -> it is stopped before it is called the next time, be it a
// function or a destructor of the host.
func TestSlowHost(t *testing.T) {
	ends := &guest{world: `
		package test:slow;
		interface host { resource file; }
		world slow { import host; use host.{file}; export end: func(files: list<file>); }
	`, funcs: map[string]body{
		"end": does(loop, get(0), load(0), call("drop file"), get(0), i32(4), add, set(0), get(1), i32(1), sub, tee(1), brIf(0), end),
	}}
	wait := func([]rt.Value) (rt.Value, error) { time.Sleep(time.Millisecond); return nil, nil }
	both(t, func(t *testing.T, e *rt.Engine) {
		for name, start := range map[string]func() (in *rt.Instance, f string, args []rt.Value){
			"function": func() (*rt.Instance, string, []rt.Value) {
				in := startFrom(t, (&guest{world: "import host: func(); export f: func();", funcs: map[string]body{
					"f": does(loop, call("host"), br(0), end),
				}}).compile(t, e), hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": wait}))
				return in, "f", nil
			},
			"destructor": func() (*rt.Instance, string, []rt.Value) {
				typ := rt.NewResourceType("file", func(context.Context, any) error { time.Sleep(time.Millisecond); return nil })
				in := startFrom(t, ends.compile(t, e), rt.HostInstance{Name: "test:slow/host", Resources: map[string]*rt.ResourceType{"file": typ}})
				files := make([]rt.Value, 500)
				for i := range files {
					files[i] = typ.New(i)
				}
				return in, "end", []rt.Value{files}
			},
		} {
			in, f, args := start()
			ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errStopped)
			defer cancel()
			_, err := invokeWith(ctx, t, in, f, args...)
			trap, ok := asTrap(err)
			if !ok || trap.Kind != rt.TrapDeadline || !errors.Is(err, rt.ErrDeadline) || !errors.Is(err, errStopped) || !errors.Is(in.Err(), rt.ErrDead) {
				t.Errorf("%s: %v, after which the instance is %v", name, err, in.Err())
			}
		}
	})
}

// TestInterruptedCollection has garbage collected while a guest runs: it does
// not hold that up.
func TestInterruptedCollection(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		in := startFrom(t, spinner.compile(t, e), hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue}))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := invokeWith(ctx, t, in, "spin")
			done <- err
		}()
		for range 5 {
			runtime.GC()
		}
		cancel()
		wantTrap(t, in, <-done, rt.TrapDeadline)
	})
}

// TestFuel has calls use fuel: as much for the same work, also on the other
// engine, and no more than they may.
func TestFuel(t *testing.T) {
	uses := make(map[string]bool)
	both(t, func(t *testing.T, e *rt.Engine) {
		c := spinner.compile(t, e)
		host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
		in := startFrom(t, c, host)
		use := func(f string, n uint32) uint64 {
			before, err := in.FuelUsed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			must(t, in, f, n)
			after, err := in.FuelUsed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return after - before
		}
		far := uint32(race.Fewer(3_000_000, 300_000))
		one, thousand, most := use("count", 1), use("count", 1000), use("count", far)
		if thousand <= one || (most-one)*999 != (thousand-one)*uint64(far-1) {
			t.Errorf("to count to 1, a thousand and %d takes %d, %d, %d", far, one, thousand, most)
		}
		if a, b := use("recurse", 10), use("recurse", 10); a != b || a < 1<<10 {
			t.Errorf("the same call takes %d, then %d", a, b)
		}
		uses[fmt.Sprint(one, thousand, most, use("recurse", 12), use("ask", 3))] = true

		for _, test := range []struct {
			limits rt.Limits
			calls  []bool // whether each succeeds that counts to a thousand
		}{
			{rt.Limits{Fuel: thousand}, []bool{true, true, true}},
			{rt.Limits{Fuel: thousand - 1}, []bool{false}},
			{rt.Limits{AllFuel: 2 * thousand}, []bool{true, true, false}},
			{rt.Limits{AllFuel: 2*thousand - 1}, []bool{true, false}},
			{rt.Limits{AllFuel: 2 * thousand, Fuel: thousand - 1}, []bool{false}},
		} {
			in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Limits: test.limits, Host: []rt.HostInstance{host}})
			if err != nil {
				t.Fatal(err)
			}
			for i, ok := range test.calls {
				_, err := invoke(t, in, "count", uint32(1000))
				if (err == nil) != ok {
					t.Errorf("%+v: call %d: %v", test.limits, i, err)
				}
				if !ok {
					wantTrap(t, in, err, rt.TrapFuel, "fuel used up")
					if !errors.Is(err, rt.ErrFuel) {
						t.Errorf("%v has not ErrFuel in it", err)
					}
				}
			}
			if err := in.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := in.FuelUsed(t.Context()); !errors.Is(err, rt.ErrClosed) {
				t.Errorf("a closed instance: %v", err)
			}
		}
	})
	if len(uses) != 1 {
		t.Errorf("fuel differs between engines: %v", uses)
	}
}

// TestFuelOfHost lets a host function see what the instance that called it has
// used.
func TestFuelOfHost(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	var in *rt.Instance
	var seen []uint64
	in = startFrom(t, spinner.compile(t, e), rt.HostInstance{Funcs: map[string]rt.HostFunc{
		"host": {Call: func(ctx context.Context, args []rt.Value) (rt.Value, error) {
			used, err := in.FuelUsed(ctx)
			seen = append(seen, used)
			return args[0], err
		}},
	}})
	must(t, in, "ask", uint32(1))
	if len(seen) != 2 || seen[0] == 0 {
		t.Errorf("seen %v", seen)
	}
}

// TestFuelWhileClosing asks what instances have used while they are closed.
func TestFuelWhileClosing(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := spinner.compile(t, e)
	host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
	for range 50 {
		in := startFrom(t, c, host)
		must(t, in, "count", uint32(10))
		asked := make(chan error, 1)
		go func() {
			for {
				if used, err := in.FuelUsed(context.Background()); err != nil || used == 0 {
					asked <- err
					return
				}
			}
		}()
		if err := in.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-asked; !errors.Is(err, rt.ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
}

// TestInterruptedStart starts guests whose start function does not end.
func TestInterruptedStart(t *testing.T) {
	module := "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x00\x00") + wasmSection(3, "\x00") +
		"\x08\x01\x00" + wasmSection(10, text("\x00\x03\x40\x0c\x00\x0b\x0b")) // loop br 0 end
	component := "\x00asm\x0d\x00\x01\x00\x01" + text(module) + wasmSection(2, "\x00\x00\x00")
	both(t, func(t *testing.T, e *rt.Engine) {
		c, err := e.Compile(t.Context(), []byte(component))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Instantiate(t.Context(), rt.InstanceConfig{Limits: rt.Limits{Fuel: uint64(race.Fewer(5_000_000, 500_000))}})
		if trap, ok := asTrap(err); !ok || trap.Kind != rt.TrapFuel {
			t.Errorf("with limited fuel: %v", err)
		}
		var trap *rt.Trap
		for d, ok := 10*time.Millisecond, false; !ok && d < time.Minute; d *= 10 { // it may be over before the guest begins
			ctx, cancel := context.WithTimeout(t.Context(), d)
			_, err = c.Instantiate(ctx, rt.InstanceConfig{})
			cancel()
			trap, ok = asTrap(err)
		}
		if trap == nil || trap.Kind != rt.TrapDeadline {
			t.Errorf("with a deadline: %v", err)
		}
	})
}

// TestStartTraps starts a guest whose start function traps, and is so small that
// no check is in it: the trap says what happened, as any other.
func TestStartTraps(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		for _, test := range []struct {
			code string
			kind rt.TrapKind
			text string
		}{
			{trap, rt.TrapUnreachable, "wasm trap: wasm `unreachable` instruction executed (at $0)"},
			{i32(-1) + load(0) + drop, rt.TrapBounds, "wasm trap: out of bounds memory access (at $0)"},
		} {
			c, err := e.Compile(t.Context(), modules(1, atStart(test.code)))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(t.Context())
			_, err = c.Instantiate(t.Context(), rt.InstanceConfig{})
			wantTrap(t, nil, err, test.kind, test.text)
		}
	})
}

// TestUninterrupted has an engine that trusts its guests.
func TestUninterrupted(t *testing.T) {
	e, err := rt.NewEngine(t.Context(), rt.Config{Uninterrupted: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	in := startFrom(t, spinner.compile(t, e), hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue}))
	if v := must(t, in, "count", uint32(100)); v != uint32(7) {
		t.Errorf("counts %v", v)
	}
	if used, err := in.FuelUsed(t.Context()); err != nil || used != 0 {
		t.Errorf("it used %d, %v", used, err)
	}
	host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
	for _, limits := range []rt.Limits{{Fuel: 1}, {AllFuel: 1}} { // which cannot hold
		_, err := spinner.compile(t, e).Instantiate(t.Context(), rt.InstanceConfig{Limits: limits, Host: []rt.HostInstance{host}})
		if !says(err, "limits of fuel do not hold in an engine that is Uninterrupted") {
			t.Errorf("%+v: %v", limits, err)
		}
	}
}

// TestContextWhileStarting has a component of many core instances, each of which
// is filled with far more than its memory holds: its start ends soon after its
// context is done.
func TestContextWhileStarting(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	segment := "\x00" + i32(0) + end + text(strings.Repeat("x", 60_000))
	segments := make([]string, 400)
	for i := range segments {
		segments[i] = segment
	}
	module := "\x00asm\x01\x00\x00\x00" + wasmSection(5, "\x00\x01") + wasmSection(11, segments...)
	cores := make([]string, 1000)
	for i := range cores {
		cores[i] = "\x00\x00\x00"
	}
	wasm := "\x00asm\x0d\x00\x01\x00" + "\x01" + text(module) + wasmSection(2, cores...)
	c, err := e.Compile(t.Context(), []byte(wasm))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errStopped)
	defer cancel()
	in, err := c.Instantiate(ctx, rt.InstanceConfig{})
	if !errors.Is(err, errStopped) {
		t.Errorf("it started: %v", err)
	}
	if in != nil {
		closeInstance(t, in)
	}
}
