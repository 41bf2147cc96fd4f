package wit_test

import (
	"slices"
	"testing"

	"github.com/witgen/witgen/wit"
)

func TestLoadPlugins(t *testing.T) {
	p, err := wit.Load("../examples/plugins/wit/plugins.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := p.ChooseWorld("")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.ID(), "witgen:plugins/plugin@0.1.0"; got != want {
		t.Errorf("world %s, want %s", got, want)
	}
	if len(w.Imports) != 1 || len(w.Exports) != 1 {
		t.Fatalf("%d imports and %d exports, want 1 and 1", len(w.Imports), len(w.Exports))
	}
	if got, want := w.Imports[0].Name(), "witgen:plugins/host-api@0.1.0"; got != want {
		t.Errorf("import %s, want %s", got, want)
	}
	var got []string
	for _, f := range w.Exports[0].Interface.Funcs {
		got = append(got, f.Name+": "+wit.FuncText(f))
	}
	response := "record { output: string, success: bool, error-message: option<string> }"
	want := []string{
		"initialize: func(config: list<tuple<string, string>>) -> result<_, string>",
		"process: func(req: record { input: string, options: list<tuple<string, string>> }) -> " + response,
		"shutdown: func() -> result<_, string>",
		"get-metadata: func() -> record { name: string, version: string, description: string }",
	}
	if !slices.Equal(got, want) {
		t.Errorf("functions:\n%q\nwant\n%q", got, want)
	}
	if got, want := string(w.Exports[0].Interface.Types[0].Docs), "Who a plugin says it is. Untrusted text: show it, never key on it."; got != want {
		t.Errorf("docs %q, want %q", got, want)
	}
}
