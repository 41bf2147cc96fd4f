package rt_test

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
)

// passing returns a component that imports an interface of the function f under
// each of these names, and exports each import as an interface of that name.
// What follows a slash in a name is its version suffix.
func passing(names []string) []byte {
	vec := func(parts ...[]byte) []byte {
		return append([]byte{byte(len(parts))}, bytes.Join(parts, nil)...)
	}
	section := func(id byte, parts ...[]byte) []byte {
		body := vec(parts...)
		if len(body) > 0x7f {
			panic("larger than a byte can tell")
		}
		return append([]byte{id, byte(len(body))}, body...)
	}
	text := func(s string) []byte { return append([]byte{byte(len(s))}, s...) }
	out := []byte("\x00asm\x0d\x00\x01\x00")
	f := []byte("\x01\x40\x00\x01\x00" + "\x04\x00\x01f\x01\x00") // its type, and f as an export of that
	out = append(out, section(7, append([]byte{0x42, 2}, f...))...)
	var named [][]byte
	for _, name := range names {
		name, suffix, ok := strings.Cut(name, "/+")
		n := append([]byte{0}, text(name)...)
		if ok {
			n = slices.Concat([]byte{2}, text(name), []byte{1, 1}, text(suffix))
		}
		named = append(named, n)
	}
	for i, n := range named {
		out = append(out, section(10, append(slices.Clone(n), 5, 0))...)
		out = append(out, section(11, append(slices.Clone(n), 5, byte(i*2), 0))...)
	}
	return out
}

// inPackage returns the name of an interface of a version in the table; a suffix
// follows a slash and a plus.
func inPackage(version string) string {
	if version == "none" {
		return "a:b/c"
	}
	return "a:b/c@" + strings.Replace(version, "/", "/+", 1)
}

// whole returns the name with the suffix in it.
func whole(name string) string { return strings.Replace(name, "/+", "", 1) }

// TestMatching links components to hosts by the table that package wit has for
// the versions of interfaces: hosts with what components import, and worlds with
// what they export.
func TestMatching(t *testing.T) {
	text, err := os.ReadFile("../wit/testdata/matching.txt")
	if err != nil {
		t.Fatal(err)
	}
	for column, m := range []wit.Matching{wit.MatchTrack, wit.MatchExact, wit.MatchPrerelease} {
		e, err := rt.NewEngine(t.Context(), rt.Config{Versions: m})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close(context.Background())
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) == 0 || f[0] == "#" {
				continue
			}
			have := strings.Split(f[1], ",")
			if got := imported(t, e, f[0], have); got != f[2+column] {
				t.Errorf("import of %s, host has %s, matching %d: got %s, want %s", f[0], f[1], m, got, f[2+column])
			}
			if got := exported(t, e, f[0], have); got != f[2+column] {
				t.Errorf("export of %s, component has %s, matching %d: got %s, want %s", f[0], f[1], m, got, f[2+column])
			}
		}
	}
}

// imported returns which version of a host's answers a component that imports one.
func imported(t *testing.T, e *rt.Engine, wants string, have []string) string {
	t.Helper()
	called := "-"
	var hosts []rt.HostInstance
	var world rt.World
	for _, v := range have {
		hosts = append(hosts, rt.HostInstance{Name: whole(inPackage(v)), Funcs: map[string]rt.HostFunc{
			"f": {Call: func(context.Context, []rt.Value) (rt.Value, error) { called = v; return nil, nil }},
		}})
		world.Imports = append(world.Imports, &abi.Interface{Name: whole(inPackage(v)), Funcs: []abi.FuncType{{Name: "f", Type: "func()"}}})
	}
	c, err := e.Compile(t.Context(), passing([]string{inPackage(wants)}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Host: hosts})
	if err == nil {
		defer in.Close(t.Context())
		callPassed(t, in, strings.TrimSuffix(inPackage(wants), "/+"))
	}
	// The same of generated code, which is in worlds.
	linked, err := c.Link(world)
	if err != nil {
		t.Fatal(err)
	}
	answered := "-"
	var imports []rt.Import
	for i, x := range world.Imports {
		imports = append(imports, rt.Import{Interface: x, Funcs: []abi.HostFunc{func(context.Context, *abi.Call) { answered = have[i] }}})
	}
	if in, err := linked.Instantiate(t.Context(), imports, rt.InstanceConfig{}); err == nil {
		defer in.Close(t.Context())
		callPassed(t, in, inPackage(wants))
	}
	if answered != called {
		t.Errorf("import of %s, host has %s: %s with values, %s of a world", wants, have, called, answered)
	}
	return called
}

// callPassed calls f of an interface that an instance exports.
func callPassed(t *testing.T, in *rt.Instance, name string) {
	t.Helper()
	name, _, _ = strings.Cut(name, "/+")
	f, err := in.Func(name, "f")
	if err == nil {
		_, err = f.Call(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// exported returns which version of what a component exports a host calls that
// wants one.
func exported(t *testing.T, e *rt.Engine, wants string, have []string) string {
	t.Helper()
	names := make([]string, len(have))
	for i, v := range have {
		names[i] = inPackage(v)
	}
	c, err := e.Compile(t.Context(), passing(names))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	linked, err := c.Link(rt.World{Exports: []*abi.Interface{{Name: whole(inPackage(wants)), Funcs: []abi.FuncType{{Name: "f", Type: "func()"}}}}})
	if err != nil {
		return "-"
	}
	called := "-"
	var hosts []rt.HostInstance
	for _, v := range have {
		hosts = append(hosts, rt.HostInstance{Name: whole(inPackage(v)), Funcs: map[string]rt.HostFunc{
			"f": {Call: func(context.Context, []rt.Value) (rt.Value, error) { called = v; return nil, nil }},
		}})
	}
	in, err := linked.Instantiate(t.Context(), nil, rt.InstanceConfig{Host: hosts})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	call, err := in.Exports(0)[0].Enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	call.Invoke()
	if err := call.Leave(); err != nil {
		t.Fatal(err)
	}
	return called
}
