package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cached "github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Plugins that do their work:
	// c: data-processor 0.2.0, records data, written in C, built for version 0.2.0
	//   log info: connected to postgres://localhost/demo
	//   log info: processing cat.png
	//   event processing_complete: cat.png
	//   processed: cat.png
	// c: image-processor 0.2.0, scales images, written in C, built for version 0.2.0
	//   processed: cat.png
	// go: data-processor 0.1.0, records data, written in Go, built for version 0.1.0
	//   log info: connected to postgres://localhost/demo
	//   without a budget: cannot be said in version 0.1.0: parameter options of process
	//   log info: processing cat.png
	//   event processing_complete: cat.png
	//   processed: cat.png
	// go: image-processor 0.1.0, scales images, written in Go, built for version 0.1.0
	//   without a budget: cannot be said in version 0.1.0: parameter options of process
	//   processed: cat.png
	// js: data-processor 0.1.0, records data, written in JavaScript, built for version 0.1.0
	//   log info: connected to postgres://localhost/demo
	//   without a budget: cannot be said in version 0.1.0: parameter options of process
	//   log info: processing cat.png
	//   event processing_complete: cat.png
	//   processed: cat.png
	// js: image-processor 0.1.0, scales images, written in JavaScript, built for version 0.1.0
	//   without a budget: cannot be said in version 0.1.0: parameter options of process
	//   processed: cat.png
	// rust: data-processor 0.2.0, records data, written in Rust, built for version 0.2.0
	//   log info: connected to postgres://localhost/demo
	//   log info: processing cat.png
	//   event processing_complete: cat.png
	//   processed: cat.png
	// rust: image-processor 0.2.0, scales images, written in Rust, built for version 0.2.0
	//   processed: cat.png
	//
	// Plugins that do not:
	// a plugin reports an error:
	//   initialize: database_url not configured
	// plugins say why they did not process a request:
	//   version 0.2.0: it takes 20 ms
	//   version 0.2.0: invalid: empty input
	//   version 0.1.0: failed: empty input
	// a plugin traps (unreachable):
	//   trap in witgen:plugins/plugin-api@0.1.0#process: wasm trap: wasm `unreachable` instruction executed (at hostile!do_trap)
	// its instance is dead:
	//   trap in witgen:plugins/plugin-api@0.1.0#get-metadata: wasm trap: cannot enter component instance: it trapped before, in witgen:plugins/plugin-api@0.1.0#process
	// the next instance works:
	//   again
	// a component for another world is refused:
	//   component does not fit world witgen:plugins/plugin@0.2.0: missing export "witgen:plugins/plugin-api@0.2.0"
	// a component for a contract of the same names but other types is refused:
	//   component does not fit world witgen:plugins/plugin@0.1.0:
	//     import 1 "witgen:plugins/host-api@0.1.0": function "get-config": host has func(key: string) -> option<string>, component wants func(key: string) -> option<list<u8>>
	//     import 2 "witgen:plugins/host-api@0.1.0": function "emit-event": host has func(event-type: string, payload: string) -> result<_, string>, component wants func(event-type: string, payload: list<u8>) -> result<_, string>
	//     export "witgen:plugins/plugin-api@0.1.0": function "process": component has func(req: record { input: string, options: list<tuple<string, string>> }) -> record { output: string, error-message: option<string>, success: u8 }, host wants func(req: record { input: string, options: list<tuple<string, string>> }) -> record { output: string, success: bool, error-message: option<string> }
	// a core module is refused:
	//   not a component: core module (layer 0), imports nothing
}

// TestPython has a plugin in Python, of version 0.1, do what the others do. It
// imports all of WASI but HTTP.
func TestPython(t *testing.T) {
	wasm, err := os.ReadFile(cached.Cached(t, "python-plugin", "examples/plugins/guests/python/data_processor.py"))
	if err != nil {
		t.Fatal(err)
	}
	engine, err := rt.NewEngine(t.Context(), rt.Config{Interpreter: true}) // compiling takes long under the race detector
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(t.Context())
	var out strings.Builder
	p, err := start(t.Context(), engine, wasm, &host{out: &out, config: map[string]string{"database_url": "postgres://localhost/demo"}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(t.Context())
	if err := use(t.Context(), &out, "python", p); err != nil {
		t.Fatal(err)
	}
	want := `python: data-processor 0.1.0, records data, written in Python, built for version 0.1.0
  log info: connected to postgres://localhost/demo
  without a budget: cannot be said in version 0.1.0: parameter options of process
  log info: processing cat.png
  event processing_complete: cat.png
  processed: cat.png
`
	if out.String() != want {
		t.Errorf("got %s, want %s", &out, want)
	}
}

// TestChecksums compares the committed components with the checksums that
// their build wrote: none may be missing, changed or unknown.
func TestChecksums(t *testing.T) {
	for _, dir := range []struct {
		path     string
		patterns []string
	}{
		{"guests", []string{"*/*.wasm"}},
		{"../../golden", []string{"*/testdata/*.wasm"}},
		{"../../rt/wasi", []string{"testdata/*.wasm", "testdata/*/*.wasm", "*/testdata/*.wasm"}},
	} {
		sums, err := os.ReadFile(filepath.Join(dir.path, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		want := make(map[string]string)
		for s := bufio.NewScanner(bytes.NewReader(sums)); s.Scan(); {
			sum, name, ok := strings.Cut(s.Text(), "  ")
			if !ok {
				t.Fatalf("%s: line %q", dir.path, s.Text())
			}
			want[name] = sum
		}
		var files []string
		for _, pattern := range dir.patterns {
			found, err := filepath.Glob(filepath.Join(dir.path, filepath.FromSlash(pattern)))
			if err != nil || len(found) == 0 {
				t.Fatalf("%s/%s: no components, %v", dir.path, pattern, err)
			}
			files = append(files, found...)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(dir.path, file)
			if err != nil {
				t.Fatal(err)
			}
			name = filepath.ToSlash(name)
			sum := sha256.Sum256(b)
			if got := hex.EncodeToString(sum[:]); got != want[name] {
				t.Errorf("%s has sha256 %s, want %q; make guests writes the sums", file, got, want[name])
			}
			delete(want, name)
		}
		for name := range want {
			t.Errorf("%s/SHA256SUMS names %s, which is not there", dir.path, name)
		}
	}
}
