package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	v01hostapi "github.com/witgen/witgen/examples/plugins/api/v0_1/hostapi"
	"github.com/witgen/witgen/examples/plugins/api/v0_2/hostapi"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/replay"
)

// TestReplay calls guests of released contracts as they were called then, by the
// functions of their own version.
func TestReplay(t *testing.T) {
	h := &host{out: t.Output(), config: map[string]string{"database_url": "postgres://localhost/demo"}}
	replay.Dir(t, "golden/components", hostapi.Import(h), v01hostapi.Import(h))
}

// TestKept has guests of released contracts work for this host, which knows of the
// newest alone.
func TestKept(t *testing.T) {
	engine, err := rt.NewEngine(t.Context(), rt.Config{Interpreter: true}) // compiling takes long under the race detector
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(t.Context())
	files, err := filepath.Glob("golden/components/*.wasm")
	if err != nil || len(files) == 0 {
		t.Fatal("no components", err)
	}
	found := make(map[string]int)
	for _, file := range files {
		_, version, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".wasm"), "@")
		found[version]++
		wasm, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		p, err := start(t.Context(), engine, wasm, &host{out: &out, config: map[string]string{"database_url": "postgres://localhost/demo"}})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if err := use(t.Context(), &out, "kept", p); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		lossy := strings.Contains(out.String(), "without a budget: cannot be said in version 0.1.0")
		if builtFor(p) != version || lossy != (version == "0.1.0") || !strings.HasSuffix(out.String(), "  processed: cat.png\n") {
			t.Errorf("%s: built for %s, and got\n%s", file, builtFor(p), &out)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	if found["0.1.0"] < 2 || found["0.2.0"] < 2 || len(found) != 2 {
		t.Errorf("there are components of %v, want some of each version that is released", found)
	}
}
