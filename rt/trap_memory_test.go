package rt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

// hungry is a guest with a page of memory that wants more, and then fails or
// does not.
func hungry() *guest {
	first := []any{get(0), grow, drop}
	then := func(code ...any) body { return body{code: append(first[:len(first):len(first)], code...)} }
	return &guest{world: `
		import host: func();
		export goes-on: func(pages: u32);
		export panics: func(pages: u32);
		export reads: func(pages: u32);
		export divides: func(pages: u32);
		export asks: func(pages: u32);
		export lies: func(pages: u32) -> string;
		export takes: func(s: string);
		export fails: func();
	`, funcs: map[string]body{
		"goes-on": then(), "panics": then(trap), "reads": then(i32(-4), load(0), drop),
		"divides": then(i32(1), i32(0), "\x6d", drop), "asks": then(call("host")), "lies": then(i32(-4)),
		"takes": does(), "fails": does(trap),
	}}
}

var failingHost = hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
	"host": func([]rt.Value) (rt.Value, error) { return nil, errors.New("broken") },
})

// startHungry starts a component that imports the host of hungry.
func startHungry(t testing.TB, c *rt.Component, limits rt.Limits) *rt.Instance {
	t.Helper()
	in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Limits: limits, Host: []rt.HostInstance{failingHost}})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// TestTrapMemory: a guest that fails in a call in which it was denied memory ->
// the trap says so, and by which limit; what fails for another reason says that
// alone.
func TestTrapMemory(t *testing.T) {
	const denied = "; memory: growth to 192 KiB denied: limit of the instance 128 KiB"
	for _, test := range []struct {
		name   string
		before string // a call that comes first, and succeeds
		call   string
		pages  uint32 // that it wants; there may be one more
		kind   rt.TrapKind
		want   string
	}{
		{"unreachable", "", "panics", 2, rt.TrapMemory, "wasm trap: wasm `unreachable` instruction executed" + denied},
		{"bounds", "", "reads", 2, rt.TrapMemory, "wasm trap: out of bounds memory access" + denied},
		{"as much as there may be", "", "panics", 1, rt.TrapUnreachable, ""},
		{"arithmetic", "", "divides", 2, rt.TrapArithmetic, ""},
		{"a host function", "", "asks", 2, rt.TrapHost, "host: broken"},
		{"a result elsewhere", "", "lies", 2, rt.TrapABI, ""},
		{"the call before", "goes-on", "fails", 2, rt.TrapUnreachable, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			both(t, func(t *testing.T, e *rt.Engine) {
				c := hungry().compile(t, e)
				in, other := startHungry(t, c, rt.Limits{Memory: 2 * page}), startHungry(t, c, rt.Limits{})
				defer closeInstance(t, in)
				defer closeInstance(t, other)
				args := []rt.Value{test.pages}
				if test.before != "" {
					must(t, in, test.before, test.pages)
					args = nil
				}
				_, err := invoke(t, in, test.call, args...)
				wantTrap(t, in, err, test.kind, test.want)
				if starved := test.kind == rt.TrapMemory; errors.Is(err, rt.ErrMemory) != starved || strings.Contains(err.Error(), "denied") != starved {
					t.Errorf("ErrMemory: %v, %v", errors.Is(err, rt.ErrMemory), err)
				}
				bytes := int64(page)
				if test.pages == 1 {
					bytes = 2 * page
				}
				if trap, _ := asTrap(err); trap.Memory != bytes || trap.Fuel != 0 {
					t.Errorf("the trap has %d bytes of memory and %d of fuel, want %d and 0", trap.Memory, trap.Fuel, bytes)
				}
				_, err = invoke(t, in, "fails")
				if trap, ok := asTrap(err); !ok || trap.Kind != rt.TrapDead || trap.Memory != 0 || errors.Is(err, rt.ErrMemory) {
					t.Errorf("a call of the dead instance: %v", err)
				}
				if _, err := invoke(t, other, "fails"); errors.Is(err, rt.ErrMemory) {
					t.Errorf("another instance: %v", err)
				}
			})
		})
	}
}

// TestTrapMemoryLimits: each limit that memory is denied by is told by its name.
func TestTrapMemoryLimits(t *testing.T) {
	e := ownEngine(t, rt.Config{Memory: 4 * page})
	c := hungry().compile(t, e)
	for _, test := range []struct {
		limits rt.Limits
		want   string
	}{
		{rt.Limits{Memory: 2 * page}, "growth to 192 KiB denied: limit of the instance 128 KiB"},
		{rt.Limits{Budget: rt.NewBudget(2 * page)}, "growth to 192 KiB denied: the instance's group has 64 KiB of 128 KiB in use"},
		{rt.Limits{}, "growth to 320 KiB denied: the engine has 64 KiB of 256 KiB in use"},
	} {
		in := startHungry(t, c, test.limits)
		pages := uint32(2)
		if test.limits == (rt.Limits{}) {
			pages = 4
		}
		_, err := invoke(t, in, "panics", pages)
		wantTrap(t, in, err, rt.TrapMemory, test.want)
		closeInstance(t, in)
	}
}

// TestTrapMemoryRealloc: a guest that cannot take what it is given, as it was
// denied memory -> the same, whether its realloc traps or returns nothing that
// can be used.
func TestTrapMemoryRealloc(t *testing.T) {
	broken := body{code: []any{get(3), i32(16), "\x76", grow, drop, i32(-1)}} // grows by size >> 16 pages, and returns -1
	for _, test := range []struct {
		name    string
		realloc *body
		want    string
	}{
		{"traps", nil, "realloc: wasm `unreachable` instruction executed; memory: growth to"},
		{"returns nothing", &broken, "realloc return: beyond end of memory; memory: growth to"},
	} {
		t.Run(test.name, func(t *testing.T) {
			both(t, func(t *testing.T, e *rt.Engine) {
				g := hungry()
				g.realloc = test.realloc
				in := startHungry(t, g.compile(t, e), rt.Limits{Memory: 2 * page})
				defer closeInstance(t, in)
				_, err := invoke(t, in, "takes", strings.Repeat("x", 4*page))
				wantTrap(t, in, err, rt.TrapMemory, test.want)
				if !errors.Is(err, rt.ErrMemory) {
					t.Errorf("%v has not ErrMemory in it", err)
				}
				if test.realloc == nil {
					return
				}
				in = startHungry(t, g.compile(t, e), rt.Limits{})
				defer closeInstance(t, in)
				_, err = invoke(t, in, "takes", "short") // for which it does not grow
				wantTrap(t, in, err, rt.TrapABI, "realloc return: beyond end of memory")
			})
		})
	}
}

// TestTrapMemoryStart: an instance does not start, as its start function wants
// more than there may be, and traps.
func TestTrapMemoryStart(t *testing.T) {
	e := ownEngine(t, rt.Config{})
	for pages, kind := range map[int]rt.TrapKind{1: rt.TrapUnreachable, 2: rt.TrapMemory} {
		_, err := instantiate(t, e, modules(1, atStart(i32(pages), grow, drop, trap)), rt.Limits{Memory: 2 * page})
		wantTrap(t, nil, err, kind)
		if errors.Is(err, rt.ErrMemory) != (kind == rt.TrapMemory) {
			t.Errorf("growing by %d pages: %v", pages, err)
		}
	}
}

// TestTrapFuel: a trap tells what fuel its call has used, and no other one.
func TestTrapFuel(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c := hungry().compile(t, e)
		use := func(limits rt.Limits) (told, used uint64) {
			in := startHungry(t, c, limits)
			defer closeInstance(t, in)
			must(t, in, "goes-on", uint32(0))
			before, err := in.FuelUsed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = invoke(t, in, "panics", uint32(0))
			after, failed := in.FuelUsed(t.Context())
			if failed != nil {
				t.Fatal(failed)
			}
			trap, ok := asTrap(err)
			if !ok {
				t.Fatal(err)
			}
			return trap.Fuel, after - before
		}
		told, used := use(rt.Limits{Fuel: 1_000_000})
		if told != used || used == 0 {
			t.Errorf("a trap tells of %d of fuel, and %d was used", told, used)
		}
		if told, used = use(rt.Limits{AllFuel: 1_000_000}); told != used {
			t.Errorf("with a limit on all calls: a trap tells of %d of fuel, and %d was used", told, used)
		}
		if told, _ = use(rt.Limits{}); told != 0 {
			t.Errorf("without a limit: a trap tells of %d of fuel", told)
		}
		in := startLimited(t, callsOn(t, e), rt.Limits{Fuel: 10_000})
		_, err := in.Guest.HostAdd(t.Context(), 1, 1_000_000)
		wantTrap(t, nil, err, rt.TrapFuel)
		if trap, ok := asTrap(err); ok && trap.Fuel != 10_000 {
			t.Errorf("a trap for 10,000 of fuel tells of %d", trap.Fuel)
		}
	})
}
