package rt_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

func compile(t *testing.T, path string) *rt.Component {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	clear(wasm) // the component does not need it any more
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestImportsExports(t *testing.T) {
	c := compile(t, guests.Plugin("c/data-processor"))
	imports := c.Imports()
	if len(imports) != 1 || imports[0].Name != "witgen:plugins/host-api@0.1.0" || imports[0].Kind() != "instance" {
		t.Fatalf("imports = %v", imports)
	}
	var funcs []string
	for _, f := range imports[0].Instance {
		funcs = append(funcs, f.String())
	}
	slices.Sort(funcs)
	if want := []string{
		"emit-event: func(event-type: string, payload: string) -> result<_, string>",
		"get-config: func(key: string) -> option<string>",
		"log-message: func(level: string, message: string) -> result<_, string>",
	}; !slices.Equal(funcs, want) {
		t.Errorf("imports = %q", funcs)
	}
	exports := c.Exports()
	if len(exports) != 1 || !strings.Contains(exports[0].String(), "; shutdown: func() -> result<_, string>") {
		t.Errorf("exports = %v", exports)
	}
}

// TestLinkBeside has a world without imports, so that the host's interface is
// given beside it, or not.
func TestLinkBeside(t *testing.T) {
	l, err := compile(t, guests.Plugin("c/data-processor")).Link(rt.World{Name: "test", Exports: []*abi.Interface{pluginapi.Interface}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Instantiate(t.Context(), nil, rt.InstanceConfig{})
	link, ok := errors.AsType[*rt.LinkError](err)
	if !ok || len(link.Problems) != 3 {
		t.Fatalf("instantiate without imports: %v", err)
	}
	for _, f := range []string{"log-message", "get-config", "emit-event"} {
		if want := `"witgen:plugins/host-api@0.1.0": function "` + f + `": host does not offer the interface`; !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}

	in, err := l.Instantiate(t.Context(), nil, rt.InstanceConfig{Imports: []rt.Import{hostapi.Import(&host{config: map[string]string{"database_url": "x"}})}})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	if err := pluginapi.Export(in.Exports(0)).Initialize(t.Context(), nil); err != nil {
		t.Errorf("initialize: %v", err)
	}
}

func TestLinkProblems(t *testing.T) {
	some := &abi.Interface{Name: hostapi.Interface.Name, Funcs: hostapi.Interface.Funcs[:1]}
	more := &abi.Interface{Name: pluginapi.Interface.Name, Funcs: append(slices.Clip(pluginapi.Interface.Funcs), abi.FuncType{Name: "flush", Type: "func()"})}
	none := &abi.Interface{Name: "witgen:plugins/none@0.1.0"}
	_, err := compile(t, guests.Plugin("c/data-processor")).Link(rt.World{Name: "test", Imports: []*abi.Interface{some}, Exports: []*abi.Interface{more, none}})
	link, ok := errors.AsType[*rt.LinkError](err)
	if !ok || len(link.Problems) != 4 {
		t.Fatalf("link = %v", err)
	}
	for _, want := range []string{
		`"witgen:plugins/host-api@0.1.0": function "get-config": host does not have it, component wants func(key: string) -> option<string>`,
		`"witgen:plugins/host-api@0.1.0": function "emit-event": host does not have it`,
		`export "witgen:plugins/plugin-api@0.1.0": function "flush" is missing; host wants func()`,
		`missing export "witgen:plugins/none@0.1.0"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
}

// TestLinkTrack has hosts that know other versions of the interfaces than the
// component was built for, which is 0.1.0.
func TestLinkTrack(t *testing.T) {
	c := compile(t, guests.Plugin("c/data-processor"))
	version := func(x *abi.Interface, v string) *abi.Interface {
		name, _, _ := strings.Cut(x.Name, "@")
		return &abi.Interface{Name: name + "@" + v, Funcs: x.Funcs}
	}
	tests := []struct {
		imports, exports string
		want             string // in the error; empty for a fit
	}{
		{"0.1.0", "0.1.0", ""},
		{"0.1.7", "0.1.3", ""},
		{"0.2.0", "0.1.0", "host does not offer the interface"},
		{"0.1.0-rc.1", "0.1.0", "host does not offer the interface"},
		{"0.1.0", "0.2.0", `missing export "witgen:plugins/plugin-api@0.2.0" (but 0.1.0)`},
		{"0.1.0", "1.1.0", `missing export "witgen:plugins/plugin-api@1.1.0" (but 0.1.0)`},
	}
	for _, test := range tests {
		offered := hostapi.Import(&host{})
		offered.Interface = version(offered.Interface, test.imports)
		l, err := c.Link(rt.World{
			Name:    "test",
			Imports: []*abi.Interface{offered.Interface},
			Exports: []*abi.Interface{version(pluginapi.Interface, test.exports)},
		})
		if err == nil {
			var in *rt.Instance
			if in, err = l.Instantiate(t.Context(), []rt.Import{offered}, rt.InstanceConfig{}); err == nil {
				_, err = pluginapi.Export(in.Exports(0)).GetMetadata(t.Context())
				in.Close(t.Context())
			}
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("host with %s and %s: %v; want %q", test.imports, test.exports, err, test.want)
		}
	}

	// The exact version wins, then the greatest of the track.
	wrong := version(hostapi.Interface, "0.1.9")
	wrong.Funcs = []abi.FuncType{{Name: "get-config", Type: "func(key: string) -> u32"}}
	exact := []*abi.Interface{wrong, hostapi.Interface}
	if _, err := c.Link(rt.World{Name: "test", Imports: exact}); err != nil {
		t.Errorf("exact version beside a newer one: %v", err)
	}
	_, err := c.Link(rt.World{Name: "test", Imports: []*abi.Interface{version(hostapi.Interface, "0.1.1"), wrong}})
	if want := `function "get-config": host's "witgen:plugins/host-api@0.1.9" has func(key: string) -> u32`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("newest version of the track: %v; want %q", err, want)
	}
}

// TestLinkWorldFirst offers an interface twice in a track: the world's is taken,
// though the one beside it is newer, for it is the one that Link compared.
func TestLinkWorldFirst(t *testing.T) {
	versioned := func(version string) *abi.Interface {
		return &abi.Interface{Name: "witgen:plugins/host-api@" + version, Funcs: hostapi.Interface.Funcs}
	}
	ours := versioned("0.1.1")
	l, err := compile(t, guests.Plugin("c/data-processor")).Link(rt.World{
		Name: "test", Imports: []*abi.Interface{ours}, Exports: []*abi.Interface{pluginapi.Interface},
	})
	if err != nil {
		t.Fatal(err)
	}
	world, beside := &host{config: map[string]string{"database_url": "x"}}, &host{}
	in, err := l.Instantiate(t.Context(),
		[]rt.Import{{Interface: ours, Funcs: hostapi.Import(world).Funcs}},
		rt.InstanceConfig{Imports: []rt.Import{{Interface: versioned("0.1.2"), Funcs: hostapi.Import(beside).Funcs}}})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	if err := pluginapi.Export(in.Exports(0)).Initialize(t.Context(), nil); err != nil {
		t.Errorf("initialize: %v", err)
	}
	if len(world.seen) == 0 || len(beside.seen) > 0 {
		t.Errorf("the world's host saw %q, the other %q", world.seen, beside.seen)
	}
}

func TestLinkIncompleteImports(t *testing.T) {
	l, err := compile(t, guests.Plugin("c/image-processor")).Link(rt.World{Name: "test", Exports: []*abi.Interface{pluginapi.Interface}})
	if err != nil {
		t.Fatal(err)
	}
	for name, im := range map[string]rt.Import{
		"without an interface": {},
		"without functions":    {Interface: hostapi.Interface},
	} {
		_, err := l.Instantiate(t.Context(), nil, rt.InstanceConfig{Imports: []rt.Import{im}})
		if _, ok := errors.AsType[*rt.LinkError](err); !ok {
			t.Errorf("an import %s: %v", name, err)
		}
	}
}
