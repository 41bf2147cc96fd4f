package rt_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// TestFault28Tools: components as toolchains make them, with imports that need
// a memory which is made after them -> they start, and call their host.
func TestFault28Tools(t *testing.T) {
	for _, lang := range languages {
		t.Run(lang, func(t *testing.T) {
			h := &host{config: map[string]string{"database_url": "db://here"}}
			p := start(t, guests.Plugin(lang+"/data-processor"), h)
			if err := p.PluginAPI.Initialize(t.Context(), []cm.Tuple2[string, string]{}); err != nil {
				t.Errorf("initialize: %v", err)
			}
			if len(h.seen) == 0 {
				t.Error("the guest did not call its host")
			}
		})
	}
}

// both runs a test on each engine.
func both(t *testing.T, f func(t *testing.T, e *rt.Engine)) {
	for name, config := range map[string]rt.Config{"compiler": {}, "interpreter": {Interpreter: true}} {
		t.Run(name, func(t *testing.T) {
			e, err := rt.NewEngine(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := e.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}()
			f(t, e)
		})
	}
}

// TestFault29EmptyNames: a core module imports from a module without a name ->
// it starts, a thousand times, also at once.
func TestFault29EmptyNames(t *testing.T) {
	g := &guest{world: "import host: func(s: string) -> string; export f: func(s: string) -> string;",
		funcs: map[string]body{"f": does(passOn("host"))}} // functions of a world are imported from ""
	host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
	both(t, func(t *testing.T, e *rt.Engine) {
		wasm, err := g.encode()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(wasm), "\x00\x04host\x00") {
			t.Fatalf("no core module imports %q from %q", "host", "")
		}
		c, err := e.Compile(t.Context(), wasm)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for n := range 4 {
			wg.Go(func() {
				var live []*rt.Instance
				for i := range 250 {
					in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{host}})
					if err != nil {
						t.Error(err)
						return
					}
					f, err := in.Func("", "f")
					if err != nil {
						t.Error(err)
						return
					}
					want := fmt.Sprint(n, i)
					if got, err := f.Call(t.Context(), want); err != nil || got != want {
						t.Errorf("got %v, %v, want %v", got, err, want)
					}
					if live = append(live, in); len(live) == 50 { // so many live at a time, of each goroutine
						for _, in := range live {
							if err := in.Close(t.Context()); err != nil {
								t.Error(err)
							}
						}
						live = nil
					}
				}
			})
		}
		wg.Wait()
	})
}

// TestFault29WrongFunction: a core module calls a function through another one
// that re-exports it, whose own module has imports -> it gets that function.
func TestFault29WrongFunction(t *testing.T) {
	core := func(m coreModule) string { m.global = true; return "\x01" + text(m.encode()) }
	five, run := does(i32(5)), does(call("five"))
	other, wrong := does(i32(111)), does(i32(999))
	none := "\x00\x01" // a memory, so that none is imported
	defines := coreModule{memory: none, funcs: []coreFunc{
		{name: "other", from: "first", results: tI32},
		{name: "wrong", results: tI32, body: &wrong}, {name: "five", results: tI32, body: &five},
	}}
	again := coreModule{memory: none, funcs: []coreFunc{{name: "five", from: "defines", results: tI32, again: true}}}
	uses := coreModule{memory: none, funcs: []coreFunc{{name: "five", from: "again", results: tI32}, {name: "run", results: tI32, body: &run}}}
	args := func(name string, i int) string { return list(text(name) + "\x12" + uleb(i)) }
	wasm := "\x00asm\x0d\x00\x01\x00" +
		core(coreModule{memory: none, funcs: []coreFunc{{name: "other", results: tI32, body: &other}}}) + core(defines) + core(again) + core(uses) +
		wasmSection(2, "\x00\x00\x00", "\x00\x01"+args("first", 0), "\x00\x02"+args("defines", 1), "\x00\x03"+args("again", 2)) +
		wasmSection(6, "\x00\x00\x01\x03"+text("run"), "\x00\x00\x01\x02"+text("five")) +
		wasmSection(7, "\x40\x00\x00\x79") + // func() -> u32
		wasmSection(8, "\x00\x00\x00\x00\x00", "\x00\x00\x01\x00\x00") +
		wasmSection(11, "\x00"+text("run")+"\x01\x00\x00", "\x00"+text("again")+"\x01\x01\x00")
	both(t, func(t *testing.T, e *rt.Engine) {
		c, err := e.Compile(t.Context(), []byte(wasm))
		if err != nil {
			t.Fatal(err)
		}
		in := startFrom(t, c)
		for _, f := range []string{"run", "again"} {
			if got := must(t, in, f); got != uint32(5) {
				t.Errorf("%s = %v, want 5", f, got)
			}
		}
	})
}

// TestFault31WorldFunctions: a world imports and exports functions that are in
// no interface -> they work beside those that are, of the same names.
func TestFault31WorldFunctions(t *testing.T) {
	g := &guest{world: `
		import f: func(s: string) -> string;
		import inner: interface { f: func(s: string) -> string; }
		export g: func(s: string) -> string;
		export outer: interface { g: func(s: string) -> string; }
	`, funcs: map[string]body{"g": does(passOn("f")), "outer#g": does(passOn("inner#f"))}}
	answer := func(s string) map[string]func([]rt.Value) (rt.Value, error) {
		return map[string]func([]rt.Value) (rt.Value, error){
			"f": func(args []rt.Value) (rt.Value, error) { return args[0].(string) + s, nil },
		}
	}
	in := g.run(t, hostFuncs("", answer(" of the world")), hostFuncs("inner", answer(" of an interface")))
	for name, want := range map[string]string{"g": "f of the world", "outer#g": "f of an interface"} {
		if got := must(t, in, name, "f"); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

// TestFault32Versions: host and guest know different versions of an interface
// -> in one track they fit, whichever is the newer, and another track does not;
// what does not fit inside a track is named by its function.
func TestFault32Versions(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ guest, host, want string }{
		{"0.2.3", "0.2.8", ""},
		{"0.2.8", "0.2.3", ""},
		{"1.4.0", "1.0.7", ""},
		{"0.2.3", "0.3.0", `"acme:kv/store@0.2.3": function "get": host does not offer the interface`},
		{"0.3.0", "0.2.8", `"acme:kv/store@0.3.0": function "get": host does not offer the interface`},
		{"1.0.0", "2.0.0", "host does not offer the interface"},
		{"0.0.1", "0.0.2", "host does not offer the interface"},
		{"0.2.0-rc.1", "0.2.0", "host does not offer the interface"},
	} {
		g := &guest{world: fmt.Sprintf(`
			package acme:kv@%s;
			interface store { get: func(key: string) -> string; }
			interface api { f: func(key: string) -> string; }
			world guest { import store; export api; }
		`, test.guest), funcs: map[string]body{"acme:kv/api@" + test.guest + "#f": does(passOn("acme:kv/store@" + test.guest + "#get"))}}
		c := g.compile(t, e)
		h := hostFuncs("acme:kv/store@"+test.host, map[string]func([]rt.Value) (rt.Value, error){"get": sameValue})
		in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{h}})
		if test.want != "" {
			if _, ok := errors.AsType[*rt.LinkError](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("guest %s, host %s: %v, want %q", test.guest, test.host, err, test.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("guest %s, host %s: %v", test.guest, test.host, err)
			continue
		}
		// The host finds what the guest exports by its own version, too.
		if got := must(t, in, "acme:kv/api@"+test.host+"#f", "key"); got != "key" {
			t.Errorf("guest %s, host %s: f = %v", test.guest, test.host, got)
		}
		in.Close(t.Context())

		get := h.Funcs["get"]
		get.Type = &wit.Func{Name: "get", Params: []wit.Param{{Name: "key", Type: wit.String}}, Result: &wit.List{Elem: wit.U8}}
		h.Funcs["get"] = get
		_, err = c.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{h}})
		if _, ok := errors.AsType[*rt.LinkError](err); !ok || !strings.Contains(err.Error(), `function "get"`) || !strings.Contains(err.Error(), "list<u8>") {
			t.Errorf("guest %s, host %s with another type: %v", test.guest, test.host, err)
		}
	}
}

// TestFault34Invalid: components that the official suite calls invalid or
// malformed -> refused when they are compiled, which runs nothing of them.
func TestFault34Invalid(t *testing.T) {
	const suite = "../../shared/spec"
	scripts, err := filepath.Glob(suite + "/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) == 0 {
		t.Skipf("the official component model suite is not at %s", suite)
	}
	e, err := rt.NewEngine(t.Context(), rt.Config{Interpreter: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	refused := 0
	for _, script := range scripts {
		source, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Commands []struct{ Type, Filename string }
		}
		if err := json.Unmarshal(source, &file); err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		for _, c := range file.Commands {
			if c.Type != "assert_invalid" && c.Type != "assert_malformed" || !strings.HasSuffix(c.Filename, ".wasm") {
				continue
			}
			wasm, err := os.ReadFile(filepath.Join(filepath.Dir(script), c.Filename))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Compile(t.Context(), wasm); err == nil {
				t.Errorf("%s is invalid and was not refused", c.Filename)
			} else if errors.Is(err, rt.ErrNotComponent) != (c.Type == "assert_malformed") {
				t.Errorf("%s: %s, refused with %v", c.Filename, c.Type, err)
			}
			refused++
		}
	}
	if refused < 300 {
		t.Errorf("the suite has only %d invalid components", refused)
	}
}
