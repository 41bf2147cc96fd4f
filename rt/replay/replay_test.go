package replay

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/examples/plugins/api/hostapi"
	"github.com/witgen/witgen/rt"
)

// hostileCalls are calls of a guest that traps when it is asked to.
const hostileCalls = `{"call": "witgen:plugins/plugin-api@0.1.0#process", "args": ["{input: \"trap\", options: []}"], "trap": "unreachable"}
{"call": "witgen:plugins/plugin-api@0.1.0#shutdown", "args": [], "result": "ok"}
`

// TestFile replays calls that come to what they did, and such that do not.
func TestFile(t *testing.T) {
	engine, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(t.Context())
	const api = `{"call": "witgen:plugins/plugin-api@0.1.0#`
	wasm, err := os.ReadFile("../../examples/plugins/guests/c/data-processor.wasm")
	if err != nil {
		t.Fatal(err)
	}
	hostile, err := os.ReadFile("../../examples/plugins/guests/broken/hostile.wasm")
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
			got := errors.Join(file(t.Context(), engine, name, []rt.Import{hostapi.Import(hostapi.UnimplementedHostAPI{})})...)
			if tt.want == "" && got != nil || tt.want != "" && (got == nil || !strings.Contains(got.Error(), tt.want)) {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}
