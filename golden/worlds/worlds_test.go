// Package worlds_test puts the golden bindings of the world worlds to work: what
// stands directly in a world, and interfaces that are written there.
package worlds_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/worlds/store"
	"github.com/witgen/witgen/golden/worlds/worlds"
	"github.com/witgen/witgen/golden/worlds/worlds/status"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// start starts an instance of the guest, with a host whose functions are h.
func start(t *testing.T, h worlds.Functions) *worlds.Worlds {
	t.Helper()
	ctx := t.Context()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	wasm, err := os.ReadFile("testdata/worlds.wasm")
	if err != nil {
		t.Fatal(err)
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	p, err := worlds.Instantiate(ctx, component, worlds.Imports{
		Clock: at(1000), Internal: tokens{}, Store: kept{pairs: map[string]string{}}, Functions: h,
	}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFunctions(t *testing.T) {
	ctx, h := t.Context(), &host{}
	p := start(t, h)
	messages := []worlds.Message{{Level: worlds.LevelLoud, Text: "héllo"}, {Text: "x"}}
	if got, err := p.Run(ctx, messages); err != nil || !slices.Equal(got, []uint32{6, 1}) || !slices.Equal(h.said, messages) {
		t.Errorf("run = %v, %v; the host got %v", got, err, h.said)
	}
	_, err := p.Run(ctx, []worlds.Message{{Text: "no"}})
	if got, ok := errors.AsType[worlds.Refusal](err); !ok || got != (worlds.RefusalRude{Value: "not that"}) {
		t.Errorf("run = %v", err)
	}
	if _, err := p.Run(ctx, []worlds.Message{{}}); !errors.Is(err, worlds.RefusalSilent{}) {
		t.Errorf("run = %v", err)
	}
	if err := p.Note(ctx, "so"); err != nil || !slices.Equal(h.notes, []string{"the guest says so"}) {
		t.Errorf("note: %v, the host got %q", err, h.notes)
	}
	if got, err := p.Loudest(ctx, worlds.Levels{worlds.LevelQuiet, worlds.LevelLoud, worlds.LevelQuiet}); err != nil || got != cm.Some(worlds.LevelLoud) {
		t.Errorf("loudest = %v, %v", got, err)
	}
	if got, err := p.Loudest(ctx, nil); err != nil || got != (cm.Option[worlds.Level]{}) {
		t.Errorf("loudest = %v, %v", got, err)
	}
	if err := p.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := p.Note(ctx, "more"); !errors.Is(err, rt.ErrClosed) {
		t.Errorf("note after the end: %v", err)
	}
}

// TestResources passes resources that the world declares, and one of an
// interface that it uses.
func TestResources(t *testing.T) {
	ctx := t.Context()
	h := &host{counters: []*counter{{n: 1}, {n: 2}}}
	p := start(t, h)
	mine := &counter{n: 40}
	got, err := p.Count(ctx, mine, 2)
	if err != nil || got != worlds.Counter(mine) || mine.n != 42 {
		t.Errorf("count = %v, %v", got, err)
	}
	if len(h.made) != 1 || h.made[0].closed != 1 || mine.closed != 0 {
		t.Errorf("the guest made %v, and gave back %v", h.made, mine)
	}
	for i, want := range []counter{{43, 1}, {44, 1}} {
		if *h.counters[i] != want {
			t.Errorf("counter %d is %v, want %v", i, *h.counters[i], want)
		}
	}
	if n, err := p.Peek(ctx, mine); err != nil || n != 42 || mine.closed != 0 {
		t.Errorf("peek = %d, %v; closed %d times", n, err, mine.closed)
	}

	e := &entry{value: "first"}
	h.find = func(key string) (string, error) { return key + " then second", nil }
	if s, err := p.Read(ctx, e); err != nil || s != "first then second" || e.closed != 1 {
		t.Errorf("read = %q, %v; closed %d times", s, err, e.closed)
	}
	h.find = func(string) (string, error) { return "", problem{Value: store.ProblemDenied} }
	if s, err := p.Read(ctx, &entry{}); err != nil || !strings.Contains(s, `"denied"`) { // as Rust shows it
		t.Errorf("read = %q, %v", s, err)
	}
	if err := p.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestInterfaces calls what is in interfaces: one of the package, and those
// that are written in the world.
func TestInterfaces(t *testing.T) {
	ctx := t.Context()
	p := start(t, &host{})
	if got, err := p.Copy(ctx, store.Pair{Key: "k", Value: "value"}); err != nil || got != (store.Pair{Key: "entry k", Value: "VALUE"}) {
		t.Errorf("copy = %v, %v", got, err)
	}
	if _, err := p.Copy(ctx, store.Pair{}); !errors.Is(err, problem{Value: store.ProblemDenied}) {
		t.Errorf("copy = %v", err)
	}
	if n, err := p.Later(ctx, 5); err != nil || n != 1005 {
		t.Errorf("later = %d, %v", n, err)
	}
	for name, want := range map[string]bool{"good": true, "bad": false} {
		if got, err := p.Make(ctx, name); err != nil || got != want {
			t.Errorf("make(%s) = %v, %v", name, got, err)
		}
	}
	if _, err := p.Run(ctx, []worlds.Message{{Text: "last"}}); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Status.Get(ctx); err != nil || got != (status.Report{Runs: 1, Last: cm.Some("last")}) {
		t.Errorf("get = %v, %v", got, err)
	}
	w, err := p.Status.NewWatch(ctx, "dog")
	if err != nil {
		t.Fatal(err)
	}
	if name, err := w.Name(ctx); err != nil || name != "dog" {
		t.Errorf("name = %q, %v", name, err)
	}
	if err := w.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := p.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestUnimplemented has a host that implements nothing of the world itself.
func TestUnimplemented(t *testing.T) {
	ctx := t.Context()
	p := start(t, worlds.UnimplementedFunctions{})
	err := p.Note(ctx, "x")
	if !errors.Is(err, rt.ErrUnimplemented) || !strings.Contains(err.Error(), "golden:worlds/worlds@0.1.0#note") {
		t.Errorf("note = %v", err)
	}
	if err := p.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestMissing leaves each field out once.
func TestMissing(t *testing.T) {
	p := &worlds.Prepared{}
	full := worlds.Imports{Clock: at(0), Internal: tokens{}, Store: kept{}, Functions: &host{}}
	for i := range reflect.TypeFor[worlds.Imports]().NumField() {
		imports := full
		reflect.ValueOf(&imports).Elem().Field(i).SetZero()
		want := "worlds.Imports." + reflect.TypeFor[worlds.Imports]().Field(i).Name + " is nil"
		if _, err := p.Instantiate(t.Context(), imports, rt.InstanceConfig{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
