package rt_test

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

// misfits returns what of a component does not fit, as an instance of it has it.
func misfits(t *testing.T, c *rt.Component, w rt.World, config rt.InstanceConfig) (*rt.LinkError, error) {
	t.Helper()
	l, err := c.Link(w)
	if err == nil {
		imports := make([]rt.Import, len(w.Imports))
		for i, x := range w.Imports {
			imports[i] = rt.Import{Interface: x, Funcs: make([]abi.HostFunc, len(x.Funcs))}
		}
		_, err = l.Instantiate(t.Context(), imports, config)
	}
	if err == nil {
		t.Fatal("it runs")
	}
	link, _ := errors.AsType[*rt.LinkError](err)
	return link, err
}

// TestDraft has a component that is not compiled say all that Link and Instantiate
// do of one that is, at once; it does not run.
func TestDraft(t *testing.T) {
	wasm, err := os.ReadFile(guests.Plugin("c/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	draft, err := e.Draft(wasm)
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	const host, exported = "witgen:plugins/host-api@0.1.0", "witgen:plugins/plugin-api@0.1.0"
	funcs := func(x *abi.Interface, change func(f *abi.FuncType) bool) *abi.Interface {
		some := &abi.Interface{Name: x.Name, Resources: x.Resources}
		for _, f := range x.Funcs {
			if change(&f) {
				some.Funcs = append(some.Funcs, f)
			}
		}
		return some
	}
	other := funcs(hostapi.Interface, func(f *abi.FuncType) bool {
		switch f.Name {
		case "get-config":
			f.Type = "func(key: string) -> string"
		case "emit-event":
			f.Name = "emit-events"
		}
		return true
	})
	wantsOf := func(n string) *abi.Interface {
		x := funcs(pluginapi.Interface, func(f *abi.FuncType) bool {
			if f.Name == "shutdown" {
				f.Type = "func() -> u32"
			}
			return true
		})
		x.Funcs = append(x.Funcs, abi.FuncType{Name: n, Type: "func()"})
		return x
	}
	newer := *hostapi.Interface
	newer.Name = "witgen:plugins/host-api@0.3.0"
	changed := rt.Misfit{Kind: rt.OtherType, Interface: host, Name: "get-config", Guest: "func(key: string) -> option<string>", Host: "func(key: string) -> string"}
	renamed := rt.Misfit{Kind: rt.NoMember, Interface: host, Name: "emit-event", Near: "emit-events"}
	flush := rt.Misfit{Kind: rt.NoMember, Export: true, Interface: exported, Name: "flush"}
	ends := rt.Misfit{Kind: rt.OtherType, Export: true, Interface: exported, Name: "shutdown", Guest: "func() -> result<_, string>", Host: "func() -> u32"}
	nothing := rt.Misfit{Kind: rt.NoInterface, Interface: host}
	versions := nothing
	versions.Versions = []string{"0.3.0"}
	other02, other09 := *pluginapi.Interface, newer
	other02.Name, other09.Name = "witgen:plugins/plugin-api@0.2.0", "witgen:plugins/host-api@0.0.9"
	unknown := rt.Misfit{Kind: rt.NoInterface, Export: true, Interface: other02.Name, Versions: []string{"0.1.0"}}
	served := versions
	served.Versions = []string{"0.0.9", "0.3.0"}
	mixed := rt.World{Imports: []*abi.Interface{&newer}, Older: []rt.World{{Imports: []*abi.Interface{hostapi.Interface}}}}
	values := func(names ...string) map[string]rt.HostFunc {
		all := make(map[string]rt.HostFunc)
		for _, name := range names {
			all[name] = rt.HostFunc{Call: pingHost.Funcs["ping"].Call}
		}
		return all
	}
	for _, tt := range []struct {
		name   string
		world  rt.World
		config rt.InstanceConfig
		want   []rt.Misfit // in any order

	}{
		{name: "fits", world: rt.World{Imports: []*abi.Interface{hostapi.Interface}, Exports: []*abi.Interface{pluginapi.Interface}}},
		{name: "world", world: rt.World{Imports: []*abi.Interface{other}}, want: []rt.Misfit{changed, renamed}},
		{name: "beside", config: rt.InstanceConfig{Imports: []rt.Import{{Interface: other, Funcs: make([]abi.HostFunc, len(other.Funcs))}}}, want: []rt.Misfit{changed, renamed}},
		{name: "nothing", want: []rt.Misfit{nothing, nothing, nothing}},
		{name: "another version", world: rt.World{Imports: []*abi.Interface{&newer}}, want: []rt.Misfit{versions, versions, versions}},
		{name: "another version of an export", world: rt.World{Imports: []*abi.Interface{hostapi.Interface}, Exports: []*abi.Interface{&other02}}, want: []rt.Misfit{unknown}},
		{name: "none of several versions", world: rt.World{Imports: []*abi.Interface{&newer}, Older: []rt.World{{Imports: []*abi.Interface{&other09}}}}, want: []rt.Misfit{served, served, served}},
		{name: "one of an older version", world: mixed, want: []rt.Misfit{versions, versions, versions}},
		{name: "values", config: rt.InstanceConfig{Host: []rt.HostInstance{{Name: host, Funcs: values("log-message", "get-config", "emit-evant")}}}, want: []rt.Misfit{{Kind: rt.NoMember, Interface: host, Name: "emit-event", Near: "emit-evant"}}},
		{name: "stubs", config: rt.InstanceConfig{Stubs: true}},
		{name: "exports", world: rt.World{Imports: []*abi.Interface{hostapi.Interface}, Exports: []*abi.Interface{wantsOf("flush"), {Name: "a:b/none"}}}, want: []rt.Misfit{flush, ends, {Kind: rt.NoInterface, Export: true, Interface: "a:b/none"}}},
		{name: "all at once", world: rt.World{Exports: []*abi.Interface{wantsOf("flush")}}, want: []rt.Misfit{nothing, nothing, nothing, flush, ends}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := misfits(t, draft, tt.world, tt.config)
			if len(tt.want) == 0 {
				if !errors.Is(err, rt.ErrNotCompiled) {
					t.Errorf("got %v", err)
				}
				return
			}
			if got == nil {
				t.Fatalf("got %v", err)
			}
			order := func(a, b rt.Misfit) int {
				return slices.Compare([]string{a.Interface, a.Name}, []string{b.Interface, b.Name})
			}
			slices.SortFunc(got.Misfits, order)
			slices.SortFunc(tt.want, order)
			if !reflect.DeepEqual(got.Misfits, tt.want) || len(got.Problems) != len(tt.want) {
				t.Errorf("got %+v, in words\n%v\nwant %+v", got.Misfits, err, tt.want)
			}
			// Those of Link come alone, if there are any.
			parts, err := misfits(t, compiled, tt.world, tt.config)
			if parts == nil {
				t.Fatalf("compiled: %v", err)
			}
			for i, m := range parts.Misfits {
				if !slices.ContainsFunc(got.Misfits, func(of rt.Misfit) bool { return reflect.DeepEqual(of, m) }) || !slices.Contains(got.Problems, parts.Problems[i]) {
					t.Errorf("compiled: %+v, %s", m, parts.Problems[i])
				}
			}
		})
	}
	if err := draft.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := e.Draft(wasm[:100]); err == nil {
		t.Error("a draft of a part")
	}
}
