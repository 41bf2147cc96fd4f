package replay

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi"
)

// hostileCalls are calls of a guest that traps when it is asked to.
const hostileCalls = `{"call": "witgen:plugins/plugin-api@0.1.0#process", "args": ["{input: \"trap\", options: []}"], "trap": "unreachable"}
{"call": "witgen:plugins/plugin-api@0.1.0#shutdown", "args": [], "result": "ok"}
`

func host() []rt.Import {
	return append(wasi.Imports(wasi.Config{}), hostapi.Import(hostapi.UnimplementedHostAPI{}))
}

// TestFile replays calls that come to what they did, and such that do not.
func TestFile(t *testing.T) {
	engine, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(t.Context())
	const api = `{"call": "witgen:plugins/plugin-api@0.1.0#`
	wasm, err := os.ReadFile(guests.Plugin("c/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	hostile, err := os.ReadFile(guests.Plugin("broken/hostile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		wasm  []byte
		calls string
		want  string // "" if all is as it was
	}{
		{"a result", wasm, api + `shutdown", "args": [], "result": "ok"}`, ""},
		{"another form of it", wasm, "\n" + api + `shutdown", "result": "  ok  "}` + "\n\n", ""},
		{"another result", wasm, api + `shutdown", "result": "err(\"no\")"}`, `:1: witgen:plugins/plugin-api@0.1.0#shutdown: got "ok", want "err(\"no\")"`},
		{"a trap that is none", wasm, api + `shutdown", "trap": "x"}`, `got "ok", want the trap "x"`},
		{"an unexpected result", wasm, api + `shutdown"}`, `got "ok", and no result is expected`},
		{"arguments", wasm, api + `process", "result": "ok"}`, "0 arguments, want 1"},
		{"no WAVE", wasm, api + `process", "args": ["{"], "result": "ok"}`, "argument req: "},
		{"no WAVE of the result", wasm, api + `shutdown", "result": "{"}`, "result: "},
		{"no such function", wasm, api + `begin", "result": "ok"}`, "begin"},
		{"no JSON", wasm, "\n{", ":2: unexpected EOF"},
		{"another key", wasm, `{"x": 1}`, "unknown field"},
		{"nothing", wasm, "\n", "no calls"},
		{"a trap, and a new instance", hostile, hostileCalls, ""},
		{"another trap", hostile, strings.ReplaceAll(hostileCalls, "unreachable", "out of bounds"), "got the trap "},
		{"no component", []byte("x"), api + `shutdown"}`, "a.wasm: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "a.wasm")
			err := errors.Join(os.WriteFile(name, tt.wasm, 0o666), os.WriteFile(strings.TrimSuffix(name, ".wasm")+".calls.jsonl", []byte(tt.calls), 0o666))
			if err != nil {
				t.Fatal(err)
			}
			got := errors.Join(file(t.Context(), engine, name, host)...)
			if tt.want == "" && got != nil || tt.want != "" && (got == nil || !strings.Contains(got.Error(), tt.want)) {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}

// TestComponents has calls without a component, and a directory without any, be errors:
// nothing would be replayed.
func TestComponents(t *testing.T) {
	for _, tt := range []struct {
		files string
		want  string // a part of the error; empty if there is none
		found int
	}{
		{"a.wasm a.calls.jsonl b.wasm README.md", "", 2},
		{"a.wasm a.calls.jsonl b.calls.jsonl", "b.calls.jsonl: calls of a component that is not there", 0},
		{"a.calls.jsonl", "a.calls.jsonl: calls of a component that is not there", 0},
		{"README.md", "no components", 0},
	} {
		dir := t.TempDir()
		for file := range strings.FieldsSeq(tt.files) {
			if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := components(dir)
		if len(got) != tt.found || (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %q, %v, want %d, %s", tt.files, got, err, tt.found, tt.want)
		}
	}
	if _, err := components(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a directory that is not there has components")
	}
}

// TestRecord takes down what comes of calls, and says what cannot be taken down.
func TestRecord(t *testing.T) {
	engine, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(t.Context())
	const api = `{"call": "witgen:plugins/plugin-api@0.1.0#`
	for _, tt := range []struct {
		name, guest string
		imports     func() []rt.Import
		asked, want string
		err         string
	}{
		{
			"results", "c/data-processor", working,
			"\n" + api + `shutdown"}` + "\n\n" + api + `process", "args": ["{input: \"<\", options: []}"], "result": "old"}`,
			api + `shutdown", "args": [], "result": "ok"}` + "\n" + api + `process", "args": ["{input: \"<\", options: []}"], "result": ` +
				`"{output: \"processed: <\", success: true}"}` + "\n", "",
		},
		{
			"a trap, and a new instance", "broken/hostile", host,
			strings.NewReplacer(`, "trap": "unreachable"`, "", `, "result": "ok"`, "").Replace(hostileCalls),
			strings.Replace(hostileCalls, "unreachable", "wasm `unreachable` instruction executed", 1), "",
		},
		{"an error of the host", "c/data-processor", host, api + `initialize", "args": ["[]"]}`, "", "calls:1: "},
		{"no such function", "c/data-processor", host, api + `shutdown"}` + "\n" + api + `begin"}`, "", "calls:2: "},
		{"arguments", "c/data-processor", host, api + `process"}`, "", "0 arguments, want 1"},
		{"no calls", "c/data-processor", host, "\n", "", "no calls"},
		{"two calls on a line", "c/data-processor", host, api + `shutdown"}` + api + `shutdown"}`, "", "there is something after the call"},
		{"another result each time", "c/data-processor", another(), api + `initialize", "args": ["[]"]}`, "", "made again, the calls do not come to the same:\nrecorded:1: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wasm, err := os.ReadFile(guests.Plugin(tt.guest))
			if err != nil {
				t.Fatal(err)
			}
			c, err := engine.Compile(t.Context(), wasm)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(t.Context())
			got, err := Record(t.Context(), c, []byte(tt.asked), tt.imports)
			if string(got) != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %s\n%v\nwant %s\n%s", got, err, tt.want, tt.err)
			}
		})
	}
}

// TestRecordStart says once that nothing can be called.
func TestRecordStart(t *testing.T) {
	engine, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(t.Context())
	wasm, err := os.ReadFile(guests.Plugin("c/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := engine.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	const shutdown = `{"call": "witgen:plugins/plugin-api@0.1.0#shutdown"}` + "\n"
	nothing := func() []rt.Import { return nil }
	_, err = Record(t.Context(), c, []byte(shutdown+shutdown), nothing)
	if err == nil || !strings.Contains(err.Error(), "calls:1: ") || strings.Contains(err.Error(), "calls:2: ") {
		t.Errorf("got %v", err)
	}
}

func working() []rt.Import {
	return append(wasi.Imports(wasi.Config{}), hostapi.Import(&changing{}))
}

// another returns imports by which plugins fail to start in the second instance.
func another() func() []rt.Import {
	var h changing
	return func() []rt.Import {
		h.instances++
		return append(wasi.Imports(wasi.Config{}), hostapi.Import(&changing{instances: h.instances}))
	}
}

type changing struct {
	hostapi.UnimplementedHostAPI

	instances int
}

func (h *changing) LogMessage(context.Context, string, string) error { return nil }
func (h *changing) EmitEvent(context.Context, string, string) error  { return nil }

func (h *changing) GetConfig(context.Context, string) (cm.Option[string], error) {
	if h.instances > 1 {
		return cm.None[string](), nil
	}
	return cm.Some("postgres://localhost/demo"), nil
}
