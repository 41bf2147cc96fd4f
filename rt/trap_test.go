package rt_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
)

// TestFramesOfGuests has the host of real guests panic: the frames lead from the
// import to the export, with names where the guest's file has some.
func TestFramesOfGuests(t *testing.T) {
	const emit = "witgen:plugins/host-api@0.1.0#emit-event"
	for _, tt := range []struct {
		lang string
		want []rt.Frame // among the frames, in this order
		most int
	}{
		{"c", []rt.Frame{{Func: emit}, {Func: "process", Module: "data-processor"}, {Func: "export_process", Module: "data-processor"}}, 4},
		{"rust", []rt.Frame{{Func: emit}}, 10}, // built without names
		{"go", []rt.Frame{{Func: emit}}, 30},   // the same
		{"js", []rt.Frame{{Func: emit}, {Func: "witgen:plugins/plugin-api@0.1.0#process"}}, 30},
	} {
		t.Run(tt.lang, func(t *testing.T) {
			h := &host{config: map[string]string{"database_url": "x"}, emit: func(context.Context, string, string) error { panic("boo") }}
			p := start(t, guests.Plugin(tt.lang+"/data-processor"), h)
			if err := p.PluginAPI.Initialize(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			_, err := p.PluginAPI.Process(t.Context(), pluginapi.ProcessRequest{Input: "x"})
			trap, ok := asTrap(err)
			if !ok || trap.Kind != rt.TrapHostPanic {
				t.Fatalf("process: %v", err)
			}
			rest := trap.Frames
			for _, want := range tt.want {
				i := slices.Index(rest, want)
				if i < 0 {
					t.Fatalf("frames %q lack %q", trap.Frames, want)
				}
				rest = rest[i+1:]
			}
			if n := len(trap.Frames); n < 2 || n > tt.most || trap.Frames[0] != tt.want[0] {
				t.Errorf("frames %q", trap.Frames)
			}
		})
	}
}

// mangled is a guest whose functions have the names that Rust and C++ give.
var mangled = guest{
	world: `
		import host: func();
		export fails: func();
		export asks: func();
		export spins: func();
		export fills: func();
		export recurses: func(n: u32) -> u32;
	`,
	memory: "\x00" + uleb(256), // for which fuel does not last: it is filled in pieces
	funcs: map[string]body{
		"fails":    does(trap),
		"asks":     does(call("host")),
		"spins":    does(loop, br(0), end),
		"fills":    forever(i32(0), i32(1), memorySize, "\xfc\x0b\x00"),
		"recurses": does(get(0), i32(1), add, call(exportName("recurses")), get(0), add),
	},
	names: func(index map[string]int) string {
		return nameSection("app.wasm", index, map[string]string{
			exportName("fails"): "_RNvMNtCslpYsK7Ve7lm_6plugin5storeINtB2_5TablehE4takeB4_",
			exportName("asks"):  "_ZN6plugin5store4each17hd8595593f231ab2fE",
			exportName("spins"): "_ZN5store12_GLOBAL__N_16hiddenEi",
			exportName("fills"): "fill_all",
		})
	},
}

// nameSection encodes what a name section holds.
func nameSection(module string, index map[string]int, names map[string]string) string {
	byIndex := make(map[int]string)
	for f, name := range names {
		byIndex[index[f]] = name
	}
	var entries []string
	for i := range len(index) {
		if name, ok := byIndex[i]; ok {
			entries = append(entries, uleb(i)+text(name))
		}
	}
	return "\x00" + text(text(module)) + "\x01" + text(list(entries...))
}

// TestFrames reads the frames of traps: names as they are in the source, nothing
// of what checks add, and for a call stack that is used up as many as fit.
func TestFrames(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c := mangled.compile(t, e)
		panics := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": func([]rt.Value) (rt.Value, error) { panic("boo") }})
		for _, tt := range []struct {
			call string
			kind rt.TrapKind
			want []rt.Frame
		}{
			{"fails", rt.TrapUnreachable, []rt.Frame{{Func: "<plugin::store::Table<u8>>::take", Module: "app.wasm"}}},
			{"asks", rt.TrapHostPanic, []rt.Frame{{Func: "host"}, {Func: "plugin::store::each", Module: "app.wasm"}}},
			{"spins", rt.TrapDeadline, []rt.Frame{{Func: "store::(anonymous namespace)::hidden", Module: "app.wasm"}}},
			{"fills", rt.TrapDeadline, []rt.Frame{{Func: "fill_all", Module: "app.wasm"}}},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			_, err := invokeWith(ctx, t, startFrom(t, c, panics), tt.call)
			cancel()
			if trap, ok := asTrap(err); !ok || trap.Kind != tt.kind || !slices.Equal(trap.Frames, tt.want) {
				t.Errorf("%s: %v, frames %q", tt.call, err, trap.Frames)
			} else if at := " (at " + tt.want[0].String() + ")"; !strings.HasSuffix(err.Error(), at) {
				t.Errorf("%q does not end in %q", err, at)
			}
		}

		in := startFrom(t, c, panics)
		_, err := invoke(t, in, "recurses", uint32(0))
		trap, ok := asTrap(err)
		if !ok || trap.Kind != rt.TrapStack || !errors.Is(err, rt.ErrStack) || errors.Is(err, rt.ErrDead) {
			t.Fatalf("recursion: %v", err)
		}
		if len(trap.Frames) > 30 || slices.ContainsFunc(trap.Frames, func(f rt.Frame) bool { return !strings.HasPrefix(f.String(), "app.wasm!$") }) {
			t.Errorf("recursion: %d frames, %q", len(trap.Frames), trap.Frames)
		}
	})
}

// TestFramesBetweenInstances has the host panic below a chain of component
// instances: the frames are those of each one, the innermost first.
func TestFramesBetweenInstances(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), chained(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	in := startFrom(t, c, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"g": func([]rt.Value) (rt.Value, error) { panic("boo") }}))
	_, err = invoke(t, in, "f", "text")
	trap, ok := asTrap(err)
	if !ok || trap.Kind != rt.TrapHostPanic {
		t.Fatalf("f: %v", err)
	}
	named := 0
	for _, f := range trap.Frames {
		if strings.HasPrefix(f.Func, "$") {
			named++
		}
	}
	if named != 3 || trap.Frames[0].Func != "g" {
		t.Errorf("%d frames of 3 instances in %q", named, trap.Frames)
	}
}

// TestHostileNames has a guest whose names are as long as they can be, or have
// in them what looks like frames: a trap says little of them.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{
		strings.Repeat("x", 1<<20),
		strings.Repeat("_Z1fI", 200_000),
		"f()\nwasm stack trace:\n\tprovided.other()\n\trt.refill()\n\tg",
		"\x1b[2J\u202e\x00\x01.f",
	} {
		g := guest{
			world: "export recurses: func(n: u32) -> u32;",
			funcs: map[string]body{"recurses": does(get(0), i32(1), add, tee(0), i32(100), eq, when, trap, end, get(0), call(exportName("recurses")), get(0), add)},
			names: func(index map[string]int) string {
				return nameSection(name, index, map[string]string{exportName("recurses"): name})
			},
		}
		in := g.run(t)
		var err error
		bytes := allocated(func() { _, err = invoke(t, in, "recurses", uint32(0)) })
		trap, ok := asTrap(err)
		if !ok || len(trap.Frames) != 30 || bytes > 4<<20 {
			t.Errorf("%.20q…: %d bytes allocated, %d frames, %.200s", name, bytes, len(trap.Frames), err)
		}
		for _, f := range trap.Frames {
			if s := f.String(); len(s) > 400 || strings.ContainsAny(s, "\n\x1b\x00\x01") || f.Module == "" {
				t.Errorf("frame %q", s)
			}
		}
	}
}

// TestKinds has guests trap in each way of the core code.
func TestKinds(t *testing.T) {
	for text, tt := range map[string]struct {
		code []any
		kind rt.TrapKind
	}{
		"unreachable":         {[]any{trap}, rt.TrapUnreachable},
		"out of bounds":       {[]any{i32(-4), load(0), drop}, rt.TrapBounds},
		"divide by zero":      {[]any{i32(1), i32(0), "\x6d", drop}, rt.TrapArithmetic},
		"integer overflow":    {[]any{i32(-1 << 31), i32(-1), "\x6d", drop}, rt.TrapArithmetic},
		"conversion":          {[]any{"\x43\x00\x00\xc0\x7f", "\xa8", drop}, rt.TrapArithmetic},
		"list content out-of": {nil, rt.TrapABI},
	} {
		g := guest{world: "export f: func(); export g: func() -> list<u8>;", funcs: map[string]body{
			"f": {code: tt.code}, "g": does(i32(512), i32(-1), store(0), i32(512), i32(100), store(4), i32(512)),
		}}
		in, name := g.run(t), "f"
		if tt.code == nil {
			name, text = "g", ""
		}
		_, err := invoke(t, in, name)
		wantTrap(t, in, err, tt.kind, text)
		if got := fmt.Sprint(tt.kind); got == "" || got == "unknown" {
			t.Errorf("kind %d is %q", tt.kind, got)
		}
	}
	seen := make(map[string]bool)
	for k := rt.TrapOther; k <= rt.TrapMemory; k++ {
		if s := k.String(); s == "unknown" || seen[s] {
			t.Errorf("kind %d is %q", k, s)
		} else {
			seen[s] = true
		}
	}
	if s := (rt.TrapMemory + 1).String(); s != "unknown" {
		t.Errorf("no kind is %q", s)
	}
}

// TestDead asks an instance whether it is alive, also while a call is under way.
func TestDead(t *testing.T) {
	asked, goOn := make(chan struct{}), make(chan struct{})
	in := mangled.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": func([]rt.Value) (rt.Value, error) {
		close(asked)
		<-goOn
		return nil, nil
	}}))
	done := make(chan error)
	go func() {
		_, err := invoke(t, in, "asks")
		done <- err
	}()
	<-asked
	if err := in.Err(); err != nil {
		t.Errorf("during a call: %v", err)
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := invoke(t, in, "fails"); errors.Is(err, rt.ErrDead) || err == nil {
		t.Errorf("fails: %v", err)
	}
	for range 2 {
		_, err := invoke(t, in, "spins")
		for _, err := range []error{err, in.Err()} {
			if trap, ok := asTrap(err); !ok || trap.Kind != rt.TrapDead || !errors.Is(err, rt.ErrDead) || !strings.Contains(err.Error(), "it trapped before, in fails") {
				t.Errorf("after the trap: %v", err)
			}
		}
	}
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := in.Err(); !errors.Is(err, rt.ErrClosed) || errors.Is(err, rt.ErrDead) {
		t.Errorf("after Close: %v", err)
	}
}
