package rt_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/internal/binary"
)

// TestFault41Rounds: load, instantiate, call and close many times -> as many
// goroutines as before, and as much memory.
func TestFault41Rounds(t *testing.T) {
	rounds := race.Fewer(2000, 500) // a leak of 512 bytes in each shows
	e, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	wasm, err := (&guest{
		world: "import host: func(s: string) -> string; export f: func(s: string) -> string;",
		funcs: map[string]body{"f": does(passOn("host"))},
	}).encode()
	if err != nil {
		t.Fatal(err)
	}
	host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
	round := func() {
		c, err := e.Compile(t.Context(), wasm)
		if err != nil {
			t.Fatal(err)
		}
		in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{host}})
		if err != nil {
			t.Fatal(err)
		}
		if got := must(t, in, "f", "text"); got != "text" {
			t.Fatalf("f = %v", got)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 50 {
		round()
	}
	bytes, goroutines := heap(), runtime.NumGoroutine()
	for range rounds {
		round()
	}
	if grown := int64(heap()) - int64(bytes); grown > int64(rounds)*512 {
		t.Errorf("%d bytes are in use after %d rounds that were not before", grown, rounds)
	}
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > goroutines; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), goroutines)
		}
	}
}

// FuzzComponent compiles what is made of small components by changing their
// bytes, and starts what still compiles: an error, or an instance that closes.
func FuzzComponent(f *testing.F) {
	for _, g := range []*guest{&owner, &keeper, texts(latin1Text, "text"), lists("list<pair>")} {
		wasm, err := g.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wasm)
	}
	f.Add(chained(f, 3))
	files, err := filepath.Glob("../../shared/spec/*/*.wasm") // may be none
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		wasm, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(wasm) < 4<<10 {
			f.Add(wasm)
		}
	}
	ctx := context.Background()
	e, err := rt.NewEngine(ctx, rt.Config{Interpreter: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, wasm []byte) {
		if len(wasm) > 64<<10 {
			return
		}
		c, err := e.Compile(ctx, wasm)
		if err != nil {
			return
		}
		defer c.Close(ctx)
		if tree, err := binary.Decode(wasm); err != nil || !modest(tree) {
			return
		}
		in, err := c.Instantiate(ctx, rt.InstanceConfig{Stubs: true})
		if err != nil {
			return
		}
		if err := in.Close(ctx); err != nil {
			t.Error(err)
		}
	})
}

// modest reports whether a component's core modules ask for little memory, and
// run nothing when they start: such a start may not end.
func modest(c *binary.Component) bool {
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *binary.Nested:
			if !modest(d.Component) {
				return false
			}
		case *binary.CoreModule:
			if d.Module.Start != nil {
				return false
			}
			for _, m := range append(d.Module.Memories, d.Module.Tables...) {
				if m.Limits.Min > 100 {
					return false
				}
			}
		}
	}
	return true
}

// FuzzLift has a guest return, and send to its host, values of many types out
// of a memory of any contents: the call fails, or it returns a value; the host
// allocates no more than what one call may make it.
func FuzzLift(f *testing.F) {
	const world = `
		record all { a: bool, b: s8, c: u16, d: s32, e: u64, f: f32, g: f64, h: char, i: string }
		variant some { none, text(string), all(all), more(list<some-more>) }
		record some-more { a: option<string>, b: result<list<u8>, char>, c: tuple<u8, list<string>> }
		flags bits { a, b, c, d, e, f, g, h, i }
		enum which { a, b, c }
		import host: func(a: list<some>, b: bits, c: which);
		export fill: func(memory: list<u8>);
		export make: func(pointer: u32) -> tuple<list<some>, list<bits>, list<which>, list<list<list<u32>>>>;
		export send: func(pointer: u32, length: u32, bits: u32, which: u32);
	`
	ctx := context.Background()
	e, err := rt.NewEngine(ctx, rt.Config{Interpreter: true})
	if err != nil {
		f.Fatal(err)
	}
	var components []*rt.Component
	for _, encoding := range []byte{utf8Text, utf16Text, latin1Text} {
		wasm, err := (&guest{encoding: encoding, world: world, funcs: map[string]body{
			"fill": does(i32(dataBase), get(0), get(1), copyTo),
			"make": does(get(0)),
			"send": does(get(0), get(1), get(2), get(3), call("host")),
		}}).encode()
		if err != nil {
			f.Fatal(err)
		}
		c, err := e.Compile(ctx, wasm)
		if err != nil {
			f.Fatal(err)
		}
		components = append(components, c)
	}
	f.Add(uint32(dataBase), uint32(1), []byte("\x00\x04\x00\x00\x02\x00\x00\x00\x00\x04\x00\x00\x02\x00\x00\x00"))
	f.Add(uint32(dataBase), uint32(2), []byte("\x20\x04\x00\x00\x02\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x02\x00\x00\x00"))
	f.Add(uint32(1<<32-8), uint32(1<<31), []byte{})
	host := rt.HostInstance{Funcs: map[string]rt.HostFunc{"host": {Call: func(context.Context, []rt.Value) (rt.Value, error) { return nil, nil }}}}
	f.Fuzz(func(t *testing.T, pointer, length uint32, memory []byte) {
		memory = memory[:min(len(memory), 16<<10)]
		for _, c := range components {
			for _, call := range []struct {
				name string
				args []rt.Value
			}{{"make", []rt.Value{pointer}}, {"send", []rt.Value{pointer, length, length, pointer & 3}}} {
				in, err := c.Instantiate(ctx, rt.InstanceConfig{Host: []rt.HostInstance{host}})
				if err != nil {
					t.Fatal(err)
				}
				must(t, in, "fill", memory)
				bytes := allocated(func() { _, err = invoke(t, in, call.name, call.args...) })
				if trap, ok := asTrap(err); err != nil && (!ok || trap.Kind != rt.TrapABI) {
					t.Errorf("%s: %v", call.name, err)
				}
				if bytes > 160<<20 {
					t.Errorf("%s: the host allocated %d MiB", call.name, bytes>>20)
				}
				if err := in.Close(ctx); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
