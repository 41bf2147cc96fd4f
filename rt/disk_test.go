package rt

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/store"
)

// TestReleased: versions say what makes images only if all of them are
// versions that somebody released.
func TestReleased(t *testing.T) {
	rt, wazero := debug.Module{Path: modulePath, Version: "v0.3.0", Sum: "h1:a"}, debug.Module{Path: wazeroPath, Version: "v1.12.0", Sum: "h1:b"}
	with := func(m debug.Module, version string) *debug.Module {
		m.Version = version
		return &m
	}
	fork := wazero
	fork.Replace = &debug.Module{Path: "example.org/wazero", Version: "v1.12.1", Sum: "h1:c"}
	local := wazero
	local.Replace = &debug.Module{Path: "../wazero"}
	host := debug.Module{Path: "example.org/host", Version: "(devel)"}
	for _, test := range []struct {
		name string
		info *debug.BuildInfo
		want string // empty if they do not
	}{
		{"host", &debug.BuildInfo{Main: host, Deps: []*debug.Module{&wazero, &rt}}, modulePath + "@v0.3.0 h1:a, " + wazeroPath + "@v1.12.0 h1:b"},
		{"vendored", &debug.BuildInfo{Main: host, Deps: []*debug.Module{{Path: wazeroPath, Version: "v1.12.0"}, &rt}}, modulePath + "@v0.3.0 h1:a, " + wazeroPath + "@v1.12.0 "},
		{"fork", &debug.BuildInfo{Main: host, Deps: []*debug.Module{&fork, &rt}}, modulePath + "@v0.3.0 h1:a, example.org/wazero@v1.12.1 h1:c"},
		{"installed", &debug.BuildInfo{Main: rt, Deps: []*debug.Module{&wazero}}, modulePath + "@v0.3.0 h1:a, " + wazeroPath + "@v1.12.0 h1:b"},
		{"checkout", &debug.BuildInfo{Main: *with(rt, "(devel)"), Deps: []*debug.Module{&wazero}}, ""},
		{"changed checkout", &debug.BuildInfo{Main: *with(rt, "v0.3.1-0.20261101-abcdef+dirty"), Deps: []*debug.Module{&wazero}}, ""},
		{"directory", &debug.BuildInfo{Main: host, Deps: []*debug.Module{&local, &rt}}, ""},
		{"test", &debug.BuildInfo{Main: *with(rt, "(devel)")}, ""},
		{"no dependencies", &debug.BuildInfo{Main: host}, ""},
		{"nothing", nil, ""},
	} {
		if got, ok := released(test.info); ok != (test.want != "") || ok && got != test.want {
			t.Errorf("%s: released = %q, %v; want %q", test.name, got, ok, test.want)
		}
	}
}

// TestImageKey: whatever an image is made of makes another key.
func TestImageKey(t *testing.T) {
	module, names := []byte("\x00asm\x01\x00\x00\x00"), []core.Binding{{Module: "ab", Name: "c"}}
	keys := make(map[store.Key]string)
	add := func(what string, e *Engine, module []byte, names []core.Binding) {
		key := e.imageKey(module, names)
		if other, ok := keys[key]; ok {
			t.Errorf("%s has the key of %s", what, other)
		}
		keys[key] = what
	}
	e := &Engine{disk: &disk{identity: []byte("a")}}
	add("one", e, module, names)
	add("other bytes", e, append(module, 0), names)
	add("no names", e, module, nil)
	add("names cut elsewhere", e, module, []core.Binding{{Module: "a", Name: "bc"}})
	add("two names", e, module, append(names, core.Binding{}))
	add("another identity", &Engine{disk: &disk{identity: []byte("b")}}, module, names)
	add("without checks", &Engine{disk: &disk{identity: []byte("a")}, uninterrupted: true}, module, names)
	if e.imageKey(module, names) != e.imageKey([]byte(string(module)), []core.Binding{{Module: "ab", Name: "c"}}) {
		t.Error("the same has two keys")
	}
}

// TestCacheStops: a context that is done is no fault of the directory's, and an
// image that cannot be compiled is not stored.
func TestCacheStops(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	e := testEngine(t, Config{CacheDir: dir})
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	wasm := tiny("a")
	for range 2 {
		if _, err := e.build(ctx, digest{}, wasm); !errors.Is(err, stopped) {
			t.Errorf("build = %v", err)
		}
		mustClose(t, mustCompile(t, e, wasm)) // so that it is stored the second time
	}
	invalid := []byte(strings.Replace(string(wasm), "\x05\x03\x01\x00\x02", "\x03\x03\x02\x00\x02", 1)) // functions of types that are not there
	if _, err := e.Compile(t.Context(), invalid); err == nil {
		t.Error("it compiles what is invalid")
	}
	if u := e.Cache(); u.Faults > 0 {
		t.Errorf("faults: %+v", u)
	}
}

// TestCacheProcessor: what was stored on another processor, whose files have
// other names, is not taken.
func TestCacheProcessor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	mustClose(t, testEngine(t, Config{CacheDir: dir}))
	list, err := filepath.Glob(filepath.Join(dir, "images", "*"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	b, err := hex.DecodeString(filepath.Base(list[0]))
	if err != nil {
		t.Fatal(err)
	}
	key := store.Key(b)
	d, err := store.Open(dir, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	here, err := d.Image(key)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Stage()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	there := *here
	there.Native = "there"
	sub := filepath.Join(s.Path(), "runtime")
	if err := errors.Join(os.Mkdir(sub, 0o700), os.WriteFile(filepath.Join(sub, "there"), []byte("no code"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Native(); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(key, &there, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []CacheUse{{Components: 1, Misses: 1}, {Components: 1, Hits: 1}} {
		e := testEngine(t, Config{CacheDir: dir})
		mustCompile(t, e, tiny("a"))
		if got := e.Cache(); got != want {
			t.Errorf("cache use %+v, want %+v", got, want)
		}
		if im, err := d.Image(key); err != nil || im.Native != here.Native {
			t.Errorf("the first image is %+v, %v; want one of %s", im, err, here.Native)
		}
	}
}

// TestAdded: all that is added to a core module is noted where it is stored.
func TestAdded(t *testing.T) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[core.Instrumented]()) {
		if f.Name == "Wasm" || f.Name == "Checks" {
			continue
		}
		if _, ok := reflect.TypeFor[added]().FieldByName(f.Name); !ok {
			t.Errorf("%s is not", f.Name)
		}
	}
	e := &Engine{}
	loop := "\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x08\x01\x00" + // a start function
		"\x0a\x09\x01\x07\x00\x03\x40\x0c\x00\x0b\x0b" // with a loop
	in, err := core.Instrument([]byte(loop), core.Options{Interrupt: true, Stack: true})
	if err != nil {
		t.Fatal(err)
	}
	im, err := e.rewrite([]byte(loop), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := imageOf(t.Context(), im, nil)
	want := added{true, in.Fuel, in.Interrupt, in.Start, in.Used, in.Mark, in.Ask}
	if err != nil || got.added != want || want.Start == "" || want.Fuel == "" {
		t.Errorf("noted is %+v, %v; want %+v", got.added, err, want)
	}
}
