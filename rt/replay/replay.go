// Package replay calls components as they were called before, in tests: guests
// that were built against a released contract are kept with calls and what came
// of them, and every change of the host has to leave that as it is.
//
// Beside a component NAME.wasm stands NAME.calls.jsonl, with a call on each line:
//
//	{"call": "acme:kv/store@0.2.1#get", "args": ["\"a\""], "result": "some(\"b\")"}
//	{"call": "acme:kv/store@0.2.1#get", "args": ["\"\""], "trap": "unreachable"}
//
// Arguments and results are WAVE, see package wave. A function of the world has no
// interface before its name. The calls are made one after the other in one
// instance; after a trap there is a new one. 'witgen golden --record' writes such
// lists, and so does [Record] with what a host offers.
package replay

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/internal/calls"
	"github.com/witgen/witgen/rt"
)

// Dir replays the calls of all components in a directory, with what the host
// offers them, as a subtest for each. It is an error if there is no component, or one
// without calls, or calls without a component.
func Dir(t *testing.T, dir string, imports ...rt.Import) {
	t.Helper()
	Each(t, dir, func() []rt.Import { return imports })
}

// Each is [Dir] for a host whose imports are for one instance, as those of package
// wasi are: it calls the function for each.
func Each(t *testing.T, dir string, imports func() []rt.Import) {
	t.Helper()
	names, err := components(dir)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = engine.Close(context.WithoutCancel(t.Context())) }()
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".wasm"), func(t *testing.T) {
			for _, err := range file(t.Context(), engine, name, imports) {
				t.Error(err)
			}
		})
	}
}

const callsSuffix = ".calls.jsonl"

// components returns the files of the components in a directory.
func components(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		switch name := filepath.Join(dir, e.Name()); {
		case strings.HasSuffix(name, ".wasm"):
			names = append(names, name)
		case strings.HasSuffix(name, callsSuffix):
			if _, err := os.Stat(strings.TrimSuffix(name, callsSuffix) + ".wasm"); err != nil {
				return nil, fmt.Errorf("%s: calls of a component that is not there: %w", name, err)
			}
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no components", dir)
	}
	return names, nil
}

// file replays the calls of a component, and returns all that is wrong.
func file(ctx context.Context, engine *rt.Engine, name string, imports func() []rt.Import) []error {
	wasm, err := os.ReadFile(name)
	if err != nil {
		return []error{err}
	}
	list := strings.TrimSuffix(name, ".wasm") + callsSuffix
	text, err := os.ReadFile(list)
	if err != nil {
		return []error{err}
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return []error{fmt.Errorf("%s: %w", name, err)}
	}
	p := player(component, imports)
	errs := p.Check(ctx, filepath.ToSlash(list), text)
	if err := p.Close(ctx); err != nil {
		errs = append(errs, err)
	}
	return errs
}

func player(c *rt.Component, imports func() []rt.Import) *calls.Player {
	return calls.NewPlayer(c, func() rt.InstanceConfig { return rt.InstanceConfig{Imports: imports()} })
}

// Record makes calls of a component, given as a list that says nothing of what
// comes of them, with what the host offers each instance, and returns the list with
// that. A call in which the guest is stopped by itself has its trap; any other error
// is one of Record. It is an error, too, if something else comes of the calls when
// they are made again, in another instance.
func Record(ctx context.Context, component *rt.Component, list []byte, imports func() []rt.Import) ([]byte, error) {
	return player(component, imports).Record(ctx, "calls", list)
}
