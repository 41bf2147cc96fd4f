package rt_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/calls/calls"
	"github.com/witgen/witgen/golden/types/everything"
	"github.com/witgen/witgen/golden/types/primitives"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// TestFault16PostReturn: call a function with a post-return -> it runs once
// after each call that succeeds, whether that returns an error of WIT or not,
// by dynamic calls and by generated code. If it traps, the instance is dead.
func TestFault16PostReturn(t *testing.T) {
	g := &guest{world: `
		export text: func() -> string;
		export fails: func() -> result<u32, string>;
		export flat: func(a: u32) -> u32;
		export nothing: func();
		export bad: func() -> string;
		export count: func() -> u32;
	`, funcs: map[string]body{
		"text": does(i32(0)), "flat": does(get(0)), "nothing": does(), "bad": does(i32(0)), "count": does(i32(64), load(0)),
		"fails": does(i32(512), i32(1), store(0), i32(512)),
	}, post: map[string]body{"text": counts(64), "fails": counts(64), "flat": counts(64), "nothing": counts(64), "bad": does(trap)}}
	in := g.run(t)
	for range 2 {
		must(t, in, "text")
		if _, ok := must(t, in, "fails").(cm.Result[rt.Value, rt.Value]).OK(); ok {
			t.Error("the call did not return an error")
		}
		must(t, in, "flat", uint32(1))
		must(t, in, "nothing")
	}
	if n := must(t, in, "count"); n != uint32(8) {
		t.Errorf("post-return ran %v times for 8 calls", n)
	}
	_, err := invoke(t, in, "bad")
	wantTrap(t, in, err, rt.TrapUnreachable, "post-return")

	p, err := calls.Instantiate(t.Context(), callsOf(t, utf8Text), calls.Imports{Host: callsHost{}}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(t.Context())
	for range 3 {
		if _, err := p.Guest.Echo(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := p.Guest.HostAdd(t.Context(), 0, 0); err != nil || n != 3 {
		t.Errorf("generated code: post-return ran %d times for 3 calls, %v", n, err)
	}
}

// TestFault17Arguments: pass arguments -> the host has the guest allocate each
// of them once, and never again touches one, nor frees it.
func TestFault17Arguments(t *testing.T) {
	realloc := bump
	realloc.code = append(slices.Concat(counts(64).code,
		does(i32(68), i32(68), load(0), get(0), "\x72", get(1), "\x72", store(0)).code), // or old and was
		realloc.code...)
	g := &guest{realloc: &realloc, world: `
		export take: func(a: string, b: list<u8>, c: list<string>);
		export reallocs: func() -> u32;
		export olds: func() -> u32;
	`, funcs: map[string]body{"take": does(), "reallocs": does(i32(64), load(0)), "olds": does(i32(68), load(0))}}
	in := g.run(t)
	for range 3 {
		must(t, in, "take", "text", []byte("bytes"), []rt.Value{"one", "two"})
	}
	if n := must(t, in, "reallocs"); n != uint32(3*5) {
		t.Errorf("realloc ran %v times, want 5 for each of 3 calls", n)
	}
	if n := must(t, in, "olds"); n != uint32(0) {
		t.Errorf("realloc was given something that it allocated before: %#x", n)
	}
}

// TestFault18Lookups: call functions, also such that call the host with
// strings -> no core function is looked up for a call, which would cost 11 KB
// each time.
func TestFault18Lookups(t *testing.T) {
	const times, most = 200, 4 << 10 // bytes per call
	measure := func(name string, f func() error) {
		t.Helper()
		run := func() {
			if err := f(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		run() // the first call looks up
		bytes := allocated(func() {
			for range times {
				run()
			}
		})
		if bytes/times > most {
			t.Errorf("%s: %d bytes for a call", name, bytes/times)
		}
	}
	g := startCalls(t)
	measure("numbers", func() error { _, err := g.Add(t.Context(), 1, 2); return err })
	measure("strings", func() error { _, err := g.Echo(t.Context(), "text"); return err })
	measure("host calls", func() error { _, err := g.HostAdd(t.Context(), 1, 3); return err })
	measure("host calls with strings", func() error { _, err := g.HostEcho(t.Context(), "text", 3); return err })

	x := &guest{world: `import host: func(s: list<string>) -> list<string>; export through: func(s: list<string>) -> list<string>;`,
		realloc: &body{tI32, []any{ // forgets all at the first page's end
			"\x23\x00", i32(60_000), "\x4b", when, i32(heapBase), "\x24\x00", end, "\x23\x00", i32(7), add, i32(-8), and, tee(4), get(3), add, "\x24\x00", get(4),
		}},
		funcs: map[string]body{"through": does(passOn("host"))}, post: map[string]body{"through": does()}}
	in := x.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue}))
	f, err := in.Func("", "through")
	if err != nil {
		t.Fatal(err)
	}
	measure("dynamic", func() error { _, err := f.Call(t.Context(), []rt.Value{"one", "two"}); return err })

	// Between component instances.
	n := chain(t, 2)
	measure("nested", func() error { _, err := n.Call(t.Context(), "text"); return err })
}

// TestFault20NoResult: a guest traps in a function that has no result to put an
// error in -> a Go error.
func TestFault20NoResult(t *testing.T) {
	in := (&guest{world: "export f: func();"}).run(t)
	_, err := invoke(t, in, "f")
	wantTrap(t, in, err, rt.TrapUnreachable)

	h := primitivesHost{err: errors.New("stop it")}
	p := startEverything(t, everything.Imports{Primitives: h})
	if err := p.Primitives.Nothing(t.Context()); !errors.Is(err, h.err) {
		t.Errorf("generated code: %v", err)
	} else if _, ok := asTrap(err); !ok {
		t.Errorf("generated code: %v is no trap", err)
	}
}

// primitivesHost fails.
type primitivesHost struct {
	primitives.UnimplementedPrimitives
	err error
}

func (h primitivesHost) Nothing(context.Context) error { return h.err }

// TestFault21Goroutines: several goroutines call one instance -> one call after
// the other, each with its own arguments.
func TestFault21Goroutines(t *testing.T) {
	// The guest traps if a call begins while another one is under way.
	enter := does(i32(64), load(0), when, trap, end, i32(64), i32(1), store(0)).code
	leave := does(i32(64), i32(0), store(0)).code
	g := &guest{world: `
		import host: func(s: string) -> string;
		export one: func(s: string) -> string;
		export two: func(s: string) -> string;
	`, funcs: map[string]body{}}
	for _, f := range []string{"one", "two"} {
		g.funcs[f] = body{code: slices.Concat(enter, does(get(0), get(1), i32(512), call("host")).code, leave, does(i32(512)).code)}
	}
	in := g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
		"host": func(args []rt.Value) (rt.Value, error) { runtime.Gosched(); return args[0], nil },
	}))
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			f, err := in.Func("", []string{"one", "two"}[n%2])
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 50 {
				want := fmt.Sprintf("%d of goroutine %d", i, n)
				if got, err := f.Call(t.Context(), want); err != nil || got != want {
					t.Errorf("got %v, %v, want %v", got, err, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestFault22Reentrance: a host function calls the guest that waits for it.
// With its own context -> trap; with another, which looks like one more caller
// -> it ends with that context. The waiting guest goes on as if nothing was.
func TestFault22Reentrance(t *testing.T) {
	g := &guest{world: `
		import host: func();
		export f: func(a: u32, b: string) -> u32;
	`, funcs: map[string]body{"f": {tI32, []any{ // its locals and its memory are as they were
		get(0), set(3), call("host"), get(3), get(1), load8(0), add,
	}}}}
	var in *rt.Instance
	var inner error
	var again func(ctx context.Context)
	in = g.run(t, rt.HostInstance{Funcs: map[string]rt.HostFunc{"host": {Call: func(ctx context.Context, _ []rt.Value) (rt.Value, error) {
		again(ctx)
		return nil, nil
	}}}})
	check := func() {
		t.Helper()
		if got := must(t, in, "f", uint32(1000), "x"); got != uint32(1000+'x') {
			t.Errorf("the outer call = %v", got)
		}
	}
	again = func(ctx context.Context) { _, inner = invokeWith(ctx, t, in, "f", uint32(5), "y") }
	check()
	if trap, ok := asTrap(inner); !ok || !strings.Contains(inner.Error(), "cannot enter component instance") || trap.Kind != rt.TrapReentry {
		t.Errorf("the same context: %v", inner)
	}
	again = func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		_, inner = invokeWith(ctx, t, in, "f", uint32(5), "y")
	}
	check()
	if inner == nil || !strings.Contains(inner.Error(), "cannot enter component instance") {
		t.Errorf("a context made of it: %v", inner)
	}
	again = func(context.Context) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		_, inner = invokeWith(ctx, t, in, "f", uint32(5), "y")
	}
	check()
	if !errors.Is(inner, context.DeadlineExceeded) {
		t.Errorf("another context: %v", inner)
	}
	again = func(context.Context) {}
	check()
}
