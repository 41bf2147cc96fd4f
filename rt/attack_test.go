package rt_test

import (
	"context"
	"errors"
	"flag"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/rt"
)

// stops is for whoever wants to know how soon a guest stops:
// go test ./rt -run TestLimits -v -args -stops 20
var stops = flag.Int("stops", 1, "how often TestLimits stops each guest")

// raid is the world of the guests of TestLimits.
const raid = `
	import host: func();
	import ask: func() -> string;
	import swallow: func(l: list<list<u8>>);
	export run: func();
	export other: func();
	export take: func(s: string);
	export give: func() -> string;
	export lists: func() -> list<list<u8>>;
	export api: interface { resource thing { constructor(); } }
`

// attack is what a hostile guest does, and what may stop it.
type attack struct {
	what  string
	guest *guest // of the world raid, unless it has one
	wasm  []byte // in place of a guest
	// call is a function without parameters; "run" if empty. It is not called
	// if the guest does not start.
	call string
	do   func(ctx context.Context, in *rt.Instance) error // in place of call
	// host is the function of that name; again calls a function of a new
	// instance like the one that called.
	host  func(ctx context.Context, again func(ctx context.Context, f string) error) error
	stops []limit
}

// limit is what stops a guest, and how.
type limit struct {
	name   string
	limits rt.Limits
	ctx    bool        // the context of the call is done after some time, with errStopped
	none   bool        // the guest does not start
	not    bool        // the error is no trap
	kind   rt.TrapKind // of the trap
	is     []error     // in the error
	text   string      // of the error; it says which limit
	denied bool        // memory was
}

// fuel is what those guests have that have to use it up.
var fuel = uint64(race.Fewer(300_000, 30_000))

// Limits that stop whatever runs without end, and what a guest ends by itself.
var (
	byContext = limit{name: "context", ctx: true, kind: rt.TrapDeadline, is: []error{rt.ErrDeadline, errStopped}, text: "context done: that is enough"}
	byFuel    = limit{name: "fuel", limits: rt.Limits{Fuel: fuel}, kind: rt.TrapFuel, is: []error{rt.ErrFuel}, text: "fuel used up"}
	byAllFuel = limit{name: "all fuel", limits: rt.Limits{AllFuel: fuel}, kind: rt.TrapFuel, is: []error{rt.ErrFuel}, text: "fuel used up"}
	byStack   = limit{name: "call stack", kind: rt.TrapStack, is: []error{rt.ErrStack}, text: "call stack exhausted"}
	byItself  = limit{name: "itself", kind: rt.TrapUnreachable, text: "wasm `unreachable` instruction executed"}
	byReading = limit{name: "its memory's end", kind: rt.TrapABI, text: "list pointer/length out of bounds of memory"}
	byLifting = limit{name: "bytes lifted", limits: rt.Limits{Memory: 4 * page}, kind: rt.TrapLimit, is: []error{rt.ErrLimit}, text: "lifted more than 134217728 bytes"}
	byLift    = limit{name: "fewer bytes lifted", limits: rt.Limits{Memory: 4 * page, Lift: 1 << 20}, kind: rt.TrapLimit, is: []error{rt.ErrLimit}, text: "lifted more than 1048576 bytes from the guest at once (Limits.Lift)"}
	endless   = []limit{byContext, byFuel, byAllFuel}
)

// starting is a limit on guests that are stopped while they start.
func starting(limits ...limit) []limit {
	limits = slices.Clone(limits)
	for i := range limits {
		limits[i].none = true
	}
	return limits
}

// forever is code that is run again and again.
func forever(code ...any) body {
	return does(append(append([]any{loop}, code...), br(0), end)...)
}

// runs is a guest whose function does something.
func runs(b body) *guest { return &guest{funcs: map[string]body{"run": b}} }

// amplified is code that makes a list of 4,000 lists of the same 60,000 bytes.
func amplified(then ...any) body {
	return body{tI32, append([]any{
		loop, get(0), i32(page), store(heapBase), get(0), i32(60_000), store(heapBase + 4),
		get(0), i32(8), add, tee(0), i32(8 * 4000), ltU, brIf(0), end,
		i32(resultArea), i32(heapBase), store(0), i32(resultArea), i32(4000), store(4),
	}, then...)}
}

// huge is code that says there is a list of 2^31 lists.
func huge(then ...any) body {
	return does(append([]any{i32(resultArea), i32(8), store(0), i32(resultArea), i32(-1 << 31), store(4)}, then...)...)
}

const (
	tableGrow  = "\xd0\x70\x41\x01\xfc\x0f\x00" // by 1; what it was, or -1
	tableFill  = "\x41\x00\xd0\x70\xfc\x10\x00\xfc\x11\x00"
	memorySize = "\x3f\x00\x41\x10\x74" // in bytes
	gib        = 1 << 30
	callTable  = "\x11" // a type and a table follow
)

// drops closes a resource of the guest's.
func drops(ctx context.Context, in *rt.Instance) error {
	f, err := in.Func("api", "[constructor]thing")
	if err != nil {
		return err
	}
	r, err := f.Call(ctx)
	if err != nil {
		return err
	}
	return r.(*rt.Resource).Close(ctx)
}

// takes hands a text over.
func takes(ctx context.Context, in *rt.Instance) error {
	f, err := in.Func("", "take")
	if err != nil {
		return err
	}
	_, err = f.Call(ctx, "text")
	return err
}

// within is an attack at each place where guests run.
func within(what string, b body, stops ...limit) []attack {
	done := does()
	text := does(i32(resultArea))
	thing := map[string]body{"api#[constructor]thing": does(i32(1), call("new thing")), "run": does(i32(1), call("new thing"), call("drop thing"))}
	fruitless := b
	fruitless.code = append(slices.Clone(b.code), trap) // what is to return a number never gets there
	post := fruitless
	realloc := fruitless
	return []attack{
		{what: what, guest: runs(b), stops: stops},
		{what: what + " at start", guest: &guest{funcs: map[string]body{"run": b}, start: exportName("run")}, stops: starting(stops...)},
		{what: what + " in realloc", guest: &guest{funcs: map[string]body{"take": done}, realloc: &realloc}, do: takes, stops: stops},
		{what: what + " in realloc for its host's result", guest: &guest{funcs: map[string]body{"run": does(i32(resultArea), call("ask"))}, realloc: &realloc}, stops: stops},
		{what: what + " in post-return", guest: &guest{funcs: map[string]body{"give": text}, post: map[string]body{"give": post}}, call: "give", stops: stops},
		{what: what + " in a destructor", guest: &guest{funcs: thing, dtors: map[string]body{"thing": b}}, do: drops, stops: stops},
		{what: what + " in a destructor of its own dropping", guest: &guest{funcs: thing, dtors: map[string]body{"thing": b}}, stops: stops},
	}
}

// attacks are the rows of TestLimits. More of the same: calls that go back to
// an instance which waits, in TestReentrance and TestChain; values that lie, in
// TestHostile; lengths and amplification by type, in TestFault11HugeLength and
// TestFault12Budget; what is declared, in TestDeclaredMemory and TestTables.
func attacks() []attack {
	blocks := func(ctx context.Context, _ func(context.Context, string) error) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	sleeps := func(context.Context, func(context.Context, string) error) error {
		time.Sleep(time.Millisecond)
		return nil
	}
	// What a call does in another instance is the failure of a host function.
	above := func(l limit, text string) limit {
		l.kind, l.text = rt.TrapHost, text
		return l
	}
	budget := rt.NewBudget(50 * page)
	nested := []limit{
		{name: "depth", kind: rt.TrapLimit, is: []error{rt.ErrLimit}, text: "more than 32 calls between component instances inside each other (Limits.Depth)"},
		{name: "less depth", limits: rt.Limits{Depth: 2}, kind: rt.TrapLimit, is: []error{rt.ErrLimit}, text: "more than 2 calls between"},
	}
	largest := []limit{byContext, byFuel}
	for i := range largest {
		largest[i].limits.Memory = gib
	}
	cells := make([]string, 1000)
	for i := range cells {
		cells[i] = exportName("run")
	}
	rows := slices.Concat(
		within("spin", forever(), endless...),
		within("trap", does(trap), byItself),
	)
	return append(rows, []attack{
		{what: "call exponentially", guest: &guest{table: []string{exportName("run"), exportName("other")}, funcs: map[string]body{
			// It calls itself twice, forty deep: as deep as its number says, which is in memory.
			"run": does(i32(64), i32(64), load(0), i32(1), add, store(0), i32(64), load(0), i32(40), ltU, when,
				call(exportName("run")), call(exportName("run")), end, i32(64), i32(64), load(0), i32(1), sub, store(0)),
		}}, stops: endless},
		{what: "recurse", guest: runs(does(call(exportName("run")), i32(0), drop)), stops: []limit{byStack}},
		{what: "recurse mutually", guest: &guest{funcs: map[string]body{
			"run": does(call(exportName("other")), i32(0), drop), "other": does(call(exportName("run")), i32(0), drop),
		}}, stops: []limit{byStack}},
		{what: "recurse through a table", guest: &guest{table: []string{exportName("run")}, funcs: map[string]body{
			"run": does(i32(0), callTable, "\x00\x00", i32(0), drop),
		}}, stops: []limit{byStack}},
		{what: "recurse at start", guest: &guest{start: exportName("run"), funcs: map[string]body{
			"run": does(call(exportName("run")), i32(0), drop),
		}}, stops: starting(byStack)},
		{what: "recurse through its host into another instance", guest: runs(does(call("host"))),
			host: func(ctx context.Context, again func(context.Context, string) error) error { return again(ctx, "run") },
			stops: []limit{
				{name: "memory of the group", limits: rt.Limits{Budget: budget}, kind: rt.TrapHost, is: []error{rt.ErrMemory}, text: "the instance's group has 3.1 MiB of 3.1 MiB in use"},
			}},
		{what: "recurse through its component", wasm: itself(0), call: "f", stops: nested},
		{what: "recurse through destructors", wasm: destructors(), call: "f", stops: nested},
		{what: "spin in another instance", guest: &guest{funcs: map[string]body{"run": does(call("host")), "other": forever()}},
			host:  func(ctx context.Context, again func(context.Context, string) error) error { return again(ctx, "other") },
			stops: []limit{above(byContext, "host: trap in other: wasm trap: context done: that is enough"), above(byFuel, "host: trap in other: wasm trap: fuel used up")}},
		{what: "trap in another instance", guest: &guest{funcs: map[string]body{"run": does(call("host"))}},
			host:  func(ctx context.Context, again func(context.Context, string) error) error { return again(ctx, "other") },
			stops: []limit{above(byItself, "host: trap in other: wasm trap: wasm `unreachable` instruction executed")}},
		{what: "fill memory", guest: &guest{memory: "\x00\x10", funcs: map[string]body{"run": forever(i32(0), i32(1), memorySize, "\xfc\x0b\x00")}}, stops: endless},
		{what: "copy memory", guest: &guest{memory: "\x00\x10", funcs: map[string]body{"run": forever(i32(0), i32(1), memorySize, i32(1), sub, copyTo)}}, stops: endless},
		// One instruction is half a second's work here, and more.
		{what: "fill a large memory", guest: &guest{memory: "\x00" + uleb(gib/page), funcs: map[string]body{"run": forever(i32(0), i32(1), memorySize, "\xfc\x0b\x00")}}, stops: largest},
		{what: "copy a large memory up", guest: &guest{memory: "\x00" + uleb(gib/page), funcs: map[string]body{"run": forever(i32(1), i32(0), memorySize, i32(1), sub, copyTo)}}, stops: largest},
		{what: "copy a large memory down", guest: &guest{memory: "\x00" + uleb(gib/page), funcs: map[string]body{"run": forever(i32(0), i32(1), memorySize, i32(1), sub, copyTo)}}, stops: largest},
		{what: "fill a table", guest: &guest{table: cells, funcs: map[string]body{"run": forever(tableFill)}}, stops: endless},
		{what: "grow memory", guest: runs(forever(i32(1), grow, drop)), stops: []limit{
			{name: "context", ctx: true, kind: rt.TrapDeadline, is: []error{rt.ErrDeadline}, text: "context done", denied: true},
			{name: "fuel", limits: rt.Limits{Fuel: 300_000}, kind: rt.TrapFuel, is: []error{rt.ErrFuel}, text: "fuel used up", denied: true},
		}},
		{what: "grow memory, and trap when it is not given", guest: runs(forever(i32(1), grow, i32(-1), eq, when, trap, end)), stops: []limit{
			{name: "memory", kind: rt.TrapMemory, is: []error{rt.ErrMemory}, text: "memory: growth to 1.1 MiB denied: limit of the instance 1.0 MiB", denied: true},
		}},
		{what: "grow a table", guest: &guest{table: cells, funcs: map[string]body{"run": forever(tableGrow, drop)}}, stops: endless},
		{what: "grow a table, and trap when it is not given", guest: &guest{table: cells, funcs: map[string]body{"run": forever(tableGrow, i32(-1), eq, when, trap, end)}}, stops: []limit{byItself}},
		{what: "declare memory", wasm: modules(2, memoryOf(9, -1)), stops: []limit{
			{name: "memory", none: true, not: true, is: []error{rt.ErrMemory}, text: "needs 1.1 MiB at start, limit 1.0 MiB", denied: true},
		}},
		{what: "declare tables", wasm: modules(2, tables(false, "\x70\x00"+uleb(500_001))), stops: []limit{
			{name: "tables", none: true, not: true, is: []error{rt.ErrMemory}, text: "tables may have 1000002 elements, limit 1000000"},
		}},
		{what: "block in a host call", guest: runs(does(call("host"))), host: blocks, stops: []limit{
			{name: "context", ctx: true, kind: rt.TrapHost, is: []error{errStopped}, text: "host: that is enough"},
		}},
		{what: "call the host", guest: runs(forever(call("host"))), stops: append(slices.Clone(endless),
			limit{name: "host calls", limits: rt.Limits{HostCalls: 1000}, kind: rt.TrapLimit, is: []error{rt.ErrLimit}, text: "host: more than 1000 calls of host functions in one call (Limits.HostCalls)"})},
		{what: "call a slow host", guest: runs(forever(call("host"))), host: sleeps, stops: []limit{byContext}},
		{what: "open handles", guest: runs(forever(i32(1), call("new thing"), drop)), stops: []limit{
			{name: "handles", kind: rt.TrapLimit, is: []error{rt.ErrLimit}, text: "handle table is full: 65536 handles"},
			{name: "fewer handles", limits: rt.Limits{Handles: 100}, kind: rt.TrapLimit, is: []error{rt.ErrLimit}, text: "handle table is full: 100 handles"},
		}},
		{what: "return a list of 2^31", guest: &guest{funcs: map[string]body{"lists": huge(i32(resultArea))}}, call: "lists", stops: []limit{byReading}},
		{what: "send a list of 2^31", guest: runs(huge(i32(8), i32(-1<<31), call("swallow"))), stops: []limit{byReading}},
		{what: "return the same bytes again and again", guest: &guest{memory: "\x00\x03", funcs: map[string]body{"lists": amplified(i32(resultArea))}}, call: "lists", stops: []limit{byLifting, byLift}},
		{what: "send the same bytes again and again", guest: &guest{memory: "\x00\x03", funcs: map[string]body{
			"run": amplified(i32(heapBase), i32(4000), call("swallow"))}}, stops: []limit{byLifting, byLift,
			{name: "bytes of host calls", limits: rt.Limits{Memory: 4 * page, HostBytes: 1 << 20}, kind: rt.TrapLimit, is: []error{rt.ErrLimit}, text: "swallow: host functions lifted more than 1048576 bytes"},
		}},
	}...)
}

func (a *attack) compile(t *testing.T, e *rt.Engine, l limit) *attacked {
	t.Helper()
	x := &attacked{attack: a}
	if wasm := a.wasm; wasm != nil {
		var err error
		if x.c, err = e.Compile(t.Context(), wasm); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { x.c.Close(context.Background()) })
	} else {
		g := *a.guest
		if g.world == "" {
			g.world = raid
		}
		x.c = g.compile(t, e)
	}
	x.config.Limits = l.limits
	if l.limits.Memory == 0 {
		x.config.Limits.Memory = 16 * page
	}
	nothing := func(context.Context, []rt.Value) (rt.Value, error) { return nil, nil }
	host := rt.HostFunc{Call: nothing}
	if a.host != nil {
		host.Call = func(ctx context.Context, _ []rt.Value) (rt.Value, error) { return nil, a.host(ctx, x.again) }
	}
	x.config.Host = []rt.HostInstance{{Funcs: map[string]rt.HostFunc{
		"host": host, "swallow": {Call: nothing},
		"ask": {Call: func(context.Context, []rt.Value) (rt.Value, error) { return "text", nil }},
	}}}
	return x
}

// check wants an attack to have ended as its limit has it.
func (l limit) check(t *testing.T, in *rt.Instance, err error) {
	t.Helper()
	trap, ok := asTrap(err)
	if ok == l.not || ok && trap.Kind != l.kind {
		t.Fatalf("it ended with %v, want a trap of kind %v: %v", err, l.kind, !l.not)
	}
	for _, want := range l.is {
		if !errors.Is(err, want) {
			t.Errorf("%v has not %q in it", err, want)
		}
	}
	if !strings.Contains(err.Error(), l.text) {
		t.Errorf("%q lacks %q", err, l.text)
	}
	if in == nil {
		return
	}
	if err := in.Err(); !errors.Is(err, rt.ErrDead) {
		t.Errorf("after it the instance is %v", err)
	}
	if f, ferr := in.Func("", trap.Export); ferr == nil { // it was no destructor
		if _, err := f.Call(t.Context(), make([]rt.Value, len(f.Type().Params))...); !errors.Is(err, rt.ErrDead) {
			t.Errorf("a call after it: %v", err)
		}
	}
	if use := in.Memory(); use.Peak > max(l.limits.Memory, 16*page) || l.denied != (use.Denied > 0) || l.denied && !errors.Is(use.Last, rt.ErrMemory) {
		t.Errorf("it had memory %+v", use)
	}
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLimits has guests do the worst they can, each under every limit that
// stops it: it stops, soon after its context is done if that is the limit; the
// error says which limit it was; its instance is dead. Another instance of the
// engine, in the meantime, has lost nothing, and once all is over the engine,
// the heap and the goroutines are as they were.
func TestLimits(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		b := newBystander(t, e)
		all := attacks()
		all[0].under(t, e, byFuel) // whatever is made once, by the first attack of all
		before, goroutines := heap(), runtime.NumGoroutine()
		calls := 0
		for _, a := range all {
			for _, l := range a.stops {
				t.Run(a.what+", stopped by "+l.name, func(t *testing.T) {
					a.under(t, e, l)
					calls++
					b.check(t, calls)
				})
			}
		}
		if got := must(t, b.Instance, "grow", uint32(1)); got != int32(1) {
			t.Errorf("the bystander grows: %v", got)
		}
		if use := e.Memory(); use.Bytes != 3*page { // the bystander's, and what measured its fuel
			t.Errorf("the engine has %d bytes in use", use.Bytes)
		}
		// A stack that recursion grew is 50 MiB at least, a memory 64 KiB.
		if grown := int64(heap()) - int64(before); grown > 1<<20 {
			t.Errorf("%d KiB are in use that were not before", grown>>10)
		}
		for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > goroutines; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), goroutines)
			}
		}
	})
}

// under lets a guest attack under a limit.
func (a *attack) under(t *testing.T, e *rt.Engine, l limit) {
	t.Helper()
	x := a.compile(t, e, l)
	var times []time.Duration
	// A few milliseconds are what it takes; on a machine with much else to do, more at times.
	late := func() bool { return len(times) == 0 || slices.Min(times) > time.Second }
	for len(times) < *stops || late() && len(times) < *stops+3 {
		in, took, err := x.run(t, l)
		l.check(t, in, err)
		times = append(times, took)
	}
	if b := l.limits.Budget; b != nil && b.Memory().Bytes != 0 {
		t.Errorf("the group still has %d bytes in use", b.Memory().Bytes)
	}
	if !l.ctx {
		return
	}
	slices.Sort(times)
	least, median, most := times[0], times[len(times)/2], times[len(times)-1]
	t.Logf("stopped %v, %v, %v after the signal: least, median, most of %d", least, median, most, len(times))
	if late() {
		t.Errorf("stopped %v after the signal", least)
	}
}
