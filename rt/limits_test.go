package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/witgen/witgen/golden/calls/calls"
	guestapi "github.com/witgen/witgen/golden/calls/guest"
	"github.com/witgen/witgen/rt"
)

// callsOn prepares the guest of golden/calls on an engine.
func callsOn(t testing.TB, e *rt.Engine) *calls.Prepared {
	t.Helper()
	wasm, err := os.ReadFile(callsGuest)
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	p, err := calls.Prepare(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// startLimited starts the guest of golden/calls.
func startLimited(t testing.TB, p *calls.Prepared, limits rt.Limits) *calls.Calls {
	t.Helper()
	in, err := p.Instantiate(t.Context(), calls.Imports{Host: callsHost{}}, rt.InstanceConfig{Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(context.Background()) })
	return in
}

// wantLimit wants the error of a call to be a trap that names a limit.
func wantLimit(t testing.TB, err error, texts ...string) {
	t.Helper()
	wantTrap(t, nil, err, rt.TrapLimit, texts...)
	if !errors.Is(err, rt.ErrLimit) {
		t.Errorf("%v has not ErrLimit in it", err)
	}
}

// TestLimitsOfGenerated: generated code holds each limit to the unit, each call
// has it anew, and instances that have it not are not held to it.
func TestLimitsOfGenerated(t *testing.T) {
	const host = "witgen:calls/host@0.1.0#"
	s := strings.Repeat("x", 16)
	lines := make([]guestapi.Line, 10)
	for i := range lines {
		lines[i].Text = s
	}
	linesBytes := int64(len(lines)) * (int64(unsafe.Sizeof(lines[0])) + int64(len(s)))
	adds := func(times uint32) func(*testing.T, guestapi.Guest) error {
		return func(t *testing.T, g guestapi.Guest) error {
			v, err := g.HostAdd(t.Context(), 1, times)
			if err == nil && v != 1+times {
				err = fmt.Errorf("host-add = %d", v)
			}
			return err
		}
	}
	echoes := func(times uint32) func(*testing.T, guestapi.Guest) error {
		return func(t *testing.T, g guestapi.Guest) error { _, err := g.HostEcho(t.Context(), s, times); return err }
	}
	buffered := func(n int) func(*testing.T, guestapi.Guest) error {
		return func(t *testing.T, g guestapi.Guest) error {
			_, err := g.Bytes(rt.WithBuffer(t.Context(), make([]byte, 100)), make([]byte, n))
			return err
		}
	}
	for _, test := range []struct {
		name     string
		most     rt.Limits // under which the call succeeds
		less     rt.Limits // under which it does not
		call     func(*testing.T, guestapi.Guest) error
		want, in string
	}{
		{"host calls", rt.Limits{HostCalls: 7}, rt.Limits{HostCalls: 6}, adds(7), "more than 6 calls of host functions in one call (Limits.HostCalls)", host + "add"},
		{"one host call", rt.Limits{HostCalls: 1}, rt.Limits{HostCalls: -1}, adds(1), "more than -1 calls", host + "add"},
		{"bytes of host calls", rt.Limits{HostBytes: 5 * 16}, rt.Limits{HostBytes: 5*16 - 1}, echoes(5), "host functions lifted more than 79 bytes from the guest in one call (Limits.HostBytes)", host + "echo"},
		{"no bytes", rt.Limits{HostBytes: 1}, rt.Limits{HostBytes: 1, HostCalls: 9}, adds(10), "more than 9 calls", host + "add"},
		{"each of many host calls", rt.Limits{Lift: 16}, rt.Limits{Lift: 15}, echoes(100), "lifted more than 15 bytes from the guest at once (Limits.Lift)", host + "echo"},
		{"the lower of two", rt.Limits{Lift: 16, HostBytes: 16}, rt.Limits{Lift: 14, HostBytes: 15}, echoes(1), "more than 14 bytes from the guest at once (Limits.Lift)", host + "echo"},
		{"the other of two", rt.Limits{Lift: 16, HostBytes: 32}, rt.Limits{Lift: 16, HostBytes: 31}, echoes(2), "more than 31 bytes from the guest in one call (Limits.HostBytes)", host + "echo"},
		{"text", rt.Limits{Lift: 16, HostBytes: 1}, rt.Limits{Lift: 15}, func(t *testing.T, g guestapi.Guest) error { _, err := g.Echo(t.Context(), s); return err }, "more than 15 bytes", ""},
		{"bytes", rt.Limits{Lift: 1000}, rt.Limits{Lift: 999}, func(t *testing.T, g guestapi.Guest) error {
			_, err := g.Bytes(t.Context(), make([]byte, 1000))
			return err
		}, "more than 999 bytes", ""},
		{"bytes in a buffer", rt.Limits{Lift: 1}, rt.Limits{Lift: -1}, buffered(100), "more than -1 bytes", ""},
		{"bytes beyond a buffer", rt.Limits{Lift: 101}, rt.Limits{Lift: 100}, buffered(101), "more than 100 bytes", ""},
		{"records", rt.Limits{Lift: linesBytes}, rt.Limits{Lift: linesBytes - 1}, func(t *testing.T, g guestapi.Guest) error { _, err := g.Lines(t.Context(), lines); return err }, "(Limits.Lift)", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			both(t, func(t *testing.T, e *rt.Engine) {
				p := callsOn(t, e)
				in, other := startLimited(t, p, test.most), startLimited(t, p, rt.Limits{})
				for range 3 {
					if err := test.call(t, in.Guest); err != nil {
						t.Errorf("at the limit: %v", err)
					}
				}
				if test.name != "bytes in a buffer" {
					in = startLimited(t, p, test.less)
					wantLimit(t, test.call(t, in.Guest), test.want, test.in)
					if _, err := in.Guest.Add(t.Context(), 1, 2); !errors.Is(err, rt.ErrDead) {
						t.Errorf("a call after the trap: %v", err)
					}
				}
				if err := test.call(t, other.Guest); err != nil {
					t.Errorf("another instance: %v", err)
				}
			})
		})
	}
}

// pinger is a guest that calls its host: so often as it is told, and twice as it
// starts if it is told so.
func pinger(start string) *guest {
	return &guest{start: start, world: `
		import ping: func();
		import hand: func(s: string);
		export boot: func();
		export pings: func(n: u32);
		export hands: func(n: u32);
	`, funcs: map[string]body{
		"boot":  does(call("ping"), call("ping")),
		"pings": does(loop, get(0), when, call("ping"), get(0), i32(1), sub, set(0), br(1), end, end),
		"hands": does(loop, get(0), when, i32(dataBase), i32(10), call("hand"), get(0), i32(1), sub, set(0), br(1), end, end),
	}}
}

var pingHost = hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
	"ping": func([]rt.Value) (rt.Value, error) { return nil, nil },
	"hand": func([]rt.Value) (rt.Value, error) { return nil, nil },
})

// TestHostCallsByName: host functions that take values count as generated ones
// do; the start of an instance is a call like others.
func TestHostCallsByName(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c := pinger("").compile(t, e)
		start := func(c *rt.Component, l rt.Limits) (*rt.Instance, error) {
			return c.Instantiate(t.Context(), rt.InstanceConfig{Limits: l, Host: []rt.HostInstance{pingHost}})
		}
		run := func(l rt.Limits, f string, n int) error {
			in, err := start(c, l)
			if err != nil {
				t.Fatal(err)
			}
			defer closeInstance(t, in)
			for range 2 {
				if _, err = invoke(t, in, f, uint32(n)); err != nil {
					break
				}
			}
			return err
		}
		if err := run(rt.Limits{HostCalls: 4}, "pings", 4); err != nil {
			t.Error(err)
		}
		wantLimit(t, run(rt.Limits{HostCalls: 4}, "pings", 5), "ping: more than 4 calls")
		// What one call takes, so many take together.
		one := least(func(n int64) bool { return run(rt.Limits{HostBytes: n}, "hands", 1) == nil })
		if err := run(rt.Limits{HostBytes: 5 * one}, "hands", 5); err != nil || one < 10 {
			t.Errorf("5 calls of %d bytes: %v", one, err)
		}
		wantLimit(t, run(rt.Limits{HostBytes: 5*one - 1}, "hands", 5), fmt.Sprintf("hand: host functions lifted more than %d bytes", 5*one-1))
		if got := least(func(n int64) bool { return run(rt.Limits{Lift: n}, "hands", 3) == nil }); got != one {
			t.Errorf("each of 3 calls takes %d bytes, one alone %d", got, one)
		}

		boots := pinger(exportName("boot")).compile(t, e)
		in, err := start(boots, rt.Limits{HostCalls: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := invoke(t, in, "pings", uint32(2)); err != nil {
			t.Errorf("the first call after the start: %v", err)
		}
		closeInstance(t, in)
		_, err = start(boots, rt.Limits{HostCalls: 1})
		wantLimit(t, err, "ping: more than 1 calls")
	})
}

// least returns the least number from 1 to 2^30 that is enough.
func least(enough func(int64) bool) int64 {
	low, high := int64(0), int64(1)
	for high < 1<<30 && !enough(high) {
		low, high = high, 2*high
	}
	for high-low > 1 {
		if mid := (low + high) / 2; enough(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

// TestHostCallsOfResources: the end of a host's resource is a call of the host,
// but for one that the guest only borrowed.
func TestHostCallsOfResources(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := keeper.compile(t, e)
	for _, test := range []struct {
		limit int64
		call  string
		ok    bool
	}{
		{1, "end", true}, {-1, "end", false}, {1, "borrowed-well", true}, {-1, "borrowed-well", false},
	} {
		h := newFiles()
		in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Limits: rt.Limits{HostCalls: test.limit}, Host: []rt.HostInstance{h.instance()}})
		if err != nil {
			t.Fatal(err)
		}
		var arg rt.Value = h.typ.New("a")
		if test.call == "end" {
			arg = must(t, in, "take", arg)
		}
		_, err = invoke(t, in, test.call, arg)
		switch {
		case test.ok && err != nil:
			t.Errorf("%s with %d calls: %v", test.call, test.limit, err)
		case !test.ok:
			wantLimit(t, err, "calls of host functions in one call")
			if h.drops["a"] != 0 || len(h.used) != 0 {
				t.Errorf("%s: the host was called", test.call)
			}
		}
		closeInstance(t, in)
		if test.call == "end" && h.drops["a"] != 1 {
			t.Errorf("the resource ended %d times", h.drops["a"])
		}
	}
}

// TestLiftInside: what crosses from one component instance to another counts,
// each crossing alone.
func TestLiftInside(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), chained(t, 5))
	if err != nil {
		t.Fatal(err)
	}
	run := func(l rt.Limits, s string) error {
		in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Limits: l, Host: []rt.HostInstance{
			hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"g": func([]rt.Value) (rt.Value, error) { return "", nil }}),
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer closeInstance(t, in)
		_, err = invoke(t, in, "f", s)
		return err
	}
	long := strings.Repeat("x", 1<<16)
	most := least(func(n int64) bool { return run(rt.Limits{Lift: n}, long) == nil })
	if most < 1<<16 || most > 1<<16+1000 {
		t.Errorf("a string of 64 KiB takes %d bytes", most)
	}
	wantLimit(t, run(rt.Limits{Lift: most - 1}, long), fmt.Sprintf("more than %d bytes", most-1))
	if err := run(rt.Limits{HostBytes: most, HostCalls: 1}, long); err != nil { // of which one is of the host
		t.Error(err)
	}
}

// TestLiftCounts: by name too, the host allocates little more than what is
// counted, whatever the values are.
func TestLiftCounts(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	const many = 20_000
	labels := make([]string, 32)
	for i := range labels {
		labels[i] = fmt.Sprint("flag", i)
	}
	for typ, fill := range map[string]uint32{
		"list<small>": 1, "list<wide>": 0xff, "list<tuple<u8, u8>>": 0xff, "list<option<u8>>": 1, "list<result<u8, u8>>": 1, "list<result>": 1,
		"list<shape>": 1, "list<color>": 0, "list<set>": 0xff, "map<u8, u8>": 0xff, "list<list<u8>>": 0, "list<string>": 0,
		"list<list<bool, 4>>": 1, "list<char>": 0, "list<f64>": 0x3f, "list<tuple<set, option<option<wide>>>>": 1,
	} {
		t.Run(typ, func(t *testing.T) {
			g := &guest{memory: "\x00\x40", world: strings.ReplaceAll(`
				record small { a: u8 }
				record wide { a: u8, b: u8, c: bool, d: s8 }
				variant shape { none, some(u32) }
				enum color { red }
				flags set { FLAGS }
				export make: func(byte: u32, length: u32) -> TYPE;
			`, "FLAGS", strings.Join(labels, ", ")), funcs: map[string]body{
				"make": does(i32(1<<16), get(0), i32(63<<16), "\xfc\x0b\x00", i32(512), i32(1<<16), store(0), i32(512), get(1), store(4), i32(512)),
			}}
			g.world = strings.Replace(g.world, "TYPE", typ, 1)
			c := g.compile(t, e)
			run := func(limit int64) (bytes uint64, err error) {
				in := startWith(t, c, rt.Limits{Lift: limit})
				defer closeInstance(t, in)
				bytes = allocated(func() { _, err = invoke(t, in, "make", fill, uint32(many)) })
				return bytes, err
			}
			most := least(func(n int64) bool { _, err := run(n); return err == nil })
			bytes, err := run(most)
			t.Logf("allocated %d bytes, counted %d", bytes, most)
			if err != nil || bytes > uint64(most+most/4+64<<10) {
				t.Errorf("allocated %d bytes, and counted %d, %v", bytes, most, err)
			}
			bytes, err = run(most / 2)
			if wantLimit(t, err, "(Limits.Lift)"); bytes > uint64(most/2+most/8+64<<10) {
				t.Errorf("allocated %d bytes for a limit of %d", bytes, most/2)
			}
		})
	}
}

// TestHandlesNegative: a limit below zero leaves nothing.
func TestHandlesNegative(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := (&guest{
		world: "export f: func(); export api: interface { resource thing { constructor(); } }",
		funcs: map[string]body{"f": does(i32(1), call("new thing"), drop)},
	}).compile(t, e)
	in := startWith(t, c, rt.Limits{Handles: -1})
	_, err = invoke(t, in, "f")
	wantLimit(t, err, "(Limits.Handles)")
}

// TestHandlesTogether has components inside make handles at their start, each of
// them fewer than there may be: together they are bounded, and so is the memory
// that they take.
func TestHandlesTogether(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	const each = 10_000
	inner, err := (&guest{
		world: "export f: func(); export api: interface { resource thing { constructor(); } }",
		funcs: map[string]body{"f": does(loop, i32(1), call("new thing"), drop,
			i32(64), i32(64), load(0), i32(1), add, store(0), i32(64), load(0), i32(each), ltU, brIf(0), end)},
		start: exportName("f"),
	}).encode()
	if err != nil {
		t.Fatal(err)
	}
	compile := func(n int) *rt.Component {
		wasm := "\x00asm\x0d\x00\x01\x00\x04" + text(string(inner)) + wasmSection(5, slices.Repeat([]string{"\x00\x00\x00"}, n)...)
		c, err := e.Compile(t.Context(), []byte(wasm))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, test := range []struct {
		components, limit int
		fits              bool
	}{
		{1, each, true}, {1, each - 1, false}, {3, 3 * each, true}, {3, 3*each - 1, false}, {6, 0, true}, {7, 0, false}, {100, 0, false},
	} {
		c := compile(test.components)
		var in *rt.Instance
		bytes := allocated(func() {
			in, err = c.Instantiate(t.Context(), rt.InstanceConfig{Limits: rt.Limits{Handles: test.limit}})
		})
		if err == nil {
			closeInstance(t, in)
		}
		if test.fits && err != nil || !test.fits && (!errors.Is(err, rt.ErrLimit) || !strings.Contains(err.Error(), "(Limits.Handles)")) {
			t.Errorf("%d components, limit %d: %v", test.components, test.limit, err)
		}
		if bytes > 32<<20 {
			t.Errorf("%d components, limit %d: %d bytes were allocated", test.components, test.limit, bytes)
		}
	}
}
