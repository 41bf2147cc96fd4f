package rt_test

import (
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/witgen/witgen/golden/named/named"
	"github.com/witgen/witgen/golden/plugins/hostapi"
	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/golden/resources/resources"
	"github.com/witgen/witgen/golden/versions/versions"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
)

// TestWorldOf has worlds be what generated packages say they are.
func TestWorldOf(t *testing.T) {
	for path, want := range map[string]rt.World{
		"../golden/plugins/wit":   (*plugin.Prepared)(nil).World(),
		"../golden/versions/wit":  (*versions.Prepared)(nil).World(),
		"../golden/resources/wit": (*resources.Prepared)(nil).World(),
		"../golden/named/wit":     (*named.Prepared)(nil).World(),
	} {
		p, err := wit.Load(path, wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w, err := p.ChooseWorld(want.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got := rt.WorldOf(w, want.Optional...); got.Name != want.Name || got.Digest() != want.Digest() {
			t.Errorf("%s: got %s\n%s\nwant %s\n%s", path, got.Name, worldText(got), want.Name, worldText(want))
		}
	}
}

func worldText(w rt.World) (text string) {
	for _, side := range [][]*abi.Interface{w.Imports, w.Exports} {
		for _, x := range side {
			text += x.Name
			for _, f := range x.Funcs {
				text += " " + f.Name
			}
			for _, r := range x.Resources {
				text += " resource " + r
			}
			text += "\n"
		}
	}
	return text
}

// TestFit has a guest of the plugin example meet hosts that are not as it wants.
func TestFit(t *testing.T) {
	wasm, err := os.ReadFile(guests.Plugin("c/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	const host, exported = "witgen:plugins/host-api@0.1.0", "witgen:plugins/plugin-api@0.1.0"
	changed := &abi.Interface{Name: "witgen:plugins/host-api@0.1.7"}
	for _, f := range hostapi.Interface.Funcs {
		switch f.Name {
		case "get-config":
			f.Type = "func(key: string) -> string"
		case "emit-event":
			f.Name = "emit-events"
		}
		changed.Funcs = append(changed.Funcs, f)
	}
	wants := &abi.Interface{Name: exported, Funcs: slices.Clone(pluginapi.Interface.Funcs)}
	for i := range wants.Funcs {
		if wants.Funcs[i].Name == "shutdown" {
			wants.Funcs[i].Type = "func() -> u32"
		}
	}
	wants.Funcs = append(wants.Funcs, abi.FuncType{Name: "flush", Type: "func()"})
	newest := &abi.Interface{Name: "witgen:plugins/host-api@0.3.0"}
	item := func(name string) rt.FitItem { return rt.FitItem{Name: name, Verdict: rt.Matched} }
	all := []rt.FitItem{item("log-message"), item("get-config"), item("emit-event")}
	lacks := func(names ...string) (list []rt.FitItem) {
		types := map[string]string{}
		for _, f := range hostapi.Interface.Funcs {
			types[f.Name] = f.Type
		}
		for _, n := range names {
			list = append(list, rt.FitItem{Name: n, Verdict: rt.Missing, Guest: types[n]})
		}
		return list
	}
	api := []rt.FitItem{item("initialize"), item("process"), item("shutdown"), item("get-metadata")}
	unfit := slices.Clone(api)
	for i := range unfit {
		if unfit[i].Name == "shutdown" {
			unfit[i] = rt.FitItem{Name: "shutdown", Verdict: rt.WrongType, Guest: "func() -> result<_, string>", Host: "func() -> u32"}
		}
	}
	extra := rt.FitItem{Name: exported, Verdict: rt.Extra}
	for _, f := range pluginapi.Interface.Funcs {
		extra.Items = append(extra.Items, rt.FitItem{Name: f.Name, Verdict: rt.Extra, Guest: f.Type})
	}
	for _, tt := range []struct {
		name    string
		world   rt.World
		config  rt.InstanceConfig
		imports rt.FitItem
		exports []rt.FitItem
		fits    bool
	}{
		{
			name: "fits", world: rt.World{Imports: []*abi.Interface{hostapi.Interface}, Exports: []*abi.Interface{pluginapi.Interface}}, fits: true,
			imports: rt.FitItem{Name: host, Verdict: rt.Matched, With: host, Items: all},
			exports: []rt.FitItem{{Name: exported, Verdict: rt.Matched, With: exported, Items: api}},
		},
		{
			name: "another version, as it wants and not", world: rt.World{Imports: []*abi.Interface{changed}},
			imports: rt.FitItem{Name: host, Verdict: rt.WrongType, With: changed.Name, Items: []rt.FitItem{
				item("log-message"),
				{Name: "get-config", Verdict: rt.WrongType, Guest: "func(key: string) -> option<string>", Host: "func(key: string) -> string"},
				{Name: "emit-event", Verdict: rt.Missing, Near: "emit-events", Guest: lacks("emit-event")[0].Guest},
			}},
			exports: []rt.FitItem{extra},
		},
		{
			name: "another track", world: rt.World{Imports: []*abi.Interface{newest}},
			imports: rt.FitItem{Name: host, Verdict: rt.Missing, Versions: []string{"0.3.0"}, Items: lacks("log-message", "get-config", "emit-event")},
			exports: []rt.FitItem{extra},
		},
		{
			name: "stubs", config: rt.InstanceConfig{Stubs: true}, fits: true,
			imports: rt.FitItem{Name: host, Verdict: rt.Matched, Items: []rt.FitItem{
				{Name: "log-message", Verdict: rt.Matched, Guest: lacks("log-message")[0].Guest},
				{Name: "get-config", Verdict: rt.Matched, Guest: lacks("get-config")[0].Guest},
				{Name: "emit-event", Verdict: rt.Matched, Guest: lacks("emit-event")[0].Guest},
			}},
			exports: []rt.FitItem{extra},
		},
		{
			name: "exports", world: rt.World{Imports: []*abi.Interface{hostapi.Interface}, Exports: []*abi.Interface{
				wants, {Name: "witgen:plugins/plugin-apis@0.1.0"}, {Name: "witgen:plugins/plugin-api@0.2.0"}, {Name: "a:b/may"},
			}, Optional: []string{"a:b/may"}},
			imports: rt.FitItem{Name: host, Verdict: rt.Matched, With: host, Items: all},
			exports: []rt.FitItem{
				{Name: exported, Verdict: rt.WrongType, With: exported, Items: append(unfit, rt.FitItem{Name: "flush", Verdict: rt.Missing, Host: "func()"})},
				{Name: "witgen:plugins/plugin-apis@0.1.0", Verdict: rt.Missing, Near: exported},
				{Name: "witgen:plugins/plugin-api@0.2.0", Verdict: rt.Missing, Versions: []string{"0.1.0"}, Near: exported},
				{Name: "a:b/may", Verdict: rt.Absent},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := c.Fit(tt.world, tt.config)
			if (got.Err == nil) != tt.fits {
				t.Errorf("error %v", got.Err)
			}
			if want := []rt.FitItem{tt.imports}; !reflect.DeepEqual(got.Imports, want) {
				t.Errorf("imports: got %+v\nwant %+v", got.Imports, want)
			}
			if !reflect.DeepEqual(got.Exports, tt.exports) {
				t.Errorf("exports: got %+v\nwant %+v", got.Exports, tt.exports)
			}
		})
	}
}
