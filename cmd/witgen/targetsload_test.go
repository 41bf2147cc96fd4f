package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/wit"
)

// loadedWorld is the world of the host that loads components: [plugin.Of] asks for
// that of a package.
var loadedWorld rt.World

// loading is what a package of loadedWorld has.
type loading struct{ linked *rt.Linked }

func (*loading) World() rt.World { return loadedWorld }

func prepareLoading(c *rt.Component) (*loading, error) {
	l, err := c.Link(loadedWorld)
	if err != nil {
		return nil, err
	}
	return &loading{l}, nil
}

func (p *loading) Instantiate(ctx context.Context, imports []rt.Import, config rt.InstanceConfig) (*loaded, error) {
	in, err := p.linked.Instantiate(ctx, imports, config)
	if err != nil {
		return nil, err
	}
	return &loaded{in}, nil
}

type loaded struct{ in *rt.Instance }

func (c *loaded) Close(ctx context.Context) error { return c.in.Close(ctx) }
func (c *loaded) RT() *rt.Instance                { return c.in }

// answerNothing is what a host has for loadedWorld.
func answerNothing() (all []rt.Import) {
	for _, x := range loadedWorld.Imports {
		im := rt.Import{Interface: x}
		for range x.Funcs {
			im.Funcs = append(im.Funcs, func(context.Context, *abi.Call) {})
		}
		for _, name := range x.Resources {
			im.Resources = append(im.Resources, rt.NewResourceType(name, nil))
		}
		all = append(all, im)
	}
	return all
}

// loadsOn loads a component on a host of a world by a policy.
func loadsOn(t *testing.T, w *wit.World, wasm []byte, p policy.Policy) error {
	t.Helper()
	loadedWorld = rt.WorldOf(w)
	h, err := plugin.New(t.Context(), plugin.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	p.Limits.Deadline = policy.Duration(time.Minute)
	s, err := plugin.Add(t.Context(), h, "guest", plugin.Of(prepareLoading, answerNothing), plugin.Options{
		Policy: &p, Source: plugin.Bytes("guest.wasm", wasm),
	})
	if err == nil {
		err = s.Unload(t.Context())
	}
	return err
}

// targetMisfits lists what targets says does not fit, as plugin hosts do: an
// interface that is not there, or what of one.
func targetMisfits(r *targetReport) (all []string) {
	for side, items := range map[string][]targetItem{"import ": r.Imports, "export ": r.Exports} {
		for _, it := range items {
			if it.Verdict == rt.Missing && it.Guest+it.Host == "" {
				all = append(all, side+it.Name+"#: no such interface")
				continue
			}
			in := it.Name
			if len(it.Items) == 0 {
				in, it.Items = "", []targetItem{it}
			}
			for _, x := range it.Items {
				switch x.Verdict {
				case rt.Missing:
					all = append(all, side+in+"#"+x.Name+": missing")
				case rt.WrongType:
					all = append(all, side+in+"#"+x.Name+": "+x.Guest+", "+x.Host)
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// linkMisfits lists those of an error.
func linkMisfits(e *rt.LinkError) (all []string) {
	for _, m := range e.Misfits {
		text := map[bool]string{false: "import ", true: "export "}[m.Export] + m.Interface + "#" + m.Name
		switch m.Kind {
		case rt.NoInterface:
			text += ": no such interface"
		case rt.NoMember:
			text += ": missing"
		case rt.OtherType:
			text += ": " + m.Guest + ", " + m.Host
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// kv is a contract; misfitting guests are made for another one, which is this with
// one text for another.
const kv = `package acme:kv@0.2.1;
interface types {
  record point { x: u32, y: u32 }
  enum color { red, green }
  flags marks { a, b }
}
interface store {
  use types.{point, color, marks};
  get: func(k: u32) -> u32;
  put: func(k: list<u8>) -> list<u8>;
  move: func(p: point) -> point;
  paint: func(c: color) -> color;
  mark: func(m: marks) -> marks;
}
interface handler {
  handle: func(a: u32) -> u32;
  stop: func(s: char) -> char;
}
world plugin {
  import types;
  import store;
  import log: func(n: u32) -> u32;
  import sink: interface { drop: func(n: u32) -> u32; }
  export handler;
  export run: func(n: u32) -> u32;
}
`

// misfitting are guests of other contracts, and of fit ones.
var misfitting = []struct {
	name     string
	from, to string // in kv
	file     string // a guest, for the host of a package; empty for kv
	host     string
	policy   string // of the plugin, in YAML
	fits     bool
}{
	{name: "the same", fits: true},
	{name: "an older patch", from: "@0.2.1", to: "@0.2.0", fits: true},
	{name: "more functions imported", from: "get: func(k: u32)", to: "drop: func(k: u32) -> u32; get: func(k: u32)"},
	{name: "misspelt", from: "  get: func(k: u32)", to: "  gets: func(k: u32)"},
	{name: "another type", from: "get: func(k: u32) -> u32", to: "get: func(k: u64) -> u64"},
	{name: "another parameter", from: "get: func(k: u32)", to: "get: func(key: u32)"},
	{name: "another list", from: "put: func(k: list<u8>) -> list<u8>", to: "put: func(k: string) -> string"},
	{name: "fields in another order", from: "x: u32, y: u32", to: "y: u32, x: u32"},
	{name: "a tuple", from: "record point { x: u32, y: u32 }", to: "type point = tuple<u32, u32>;"},
	{name: "a case more", from: "red, green", to: "red, green, blue"},
	{name: "a flag more", from: "a, b }", to: "a, b, c }"},
	{name: "an interface more", from: "  import log", to: "  import cache: interface { get: func(n: u32) -> u32; }\n  import log"},
	{name: "another interface", from: "store", to: "shop"},
	{name: "another package", from: "acme:kv", to: "acme:db"},
	{name: "another track", from: "@0.2.1", to: "@0.3.0"},
	{name: "no version", from: "@0.2.1", to: ""},
	{name: "another function of the world", from: "log: func(n: u32) -> u32", to: "log: func(n: s32) -> s32"},
	{name: "a function of the world more", from: "  import log", to: "  import trace: func(n: u32) -> u32;\n  import log"},
	{name: "an interface for a function", from: "log: func(n: u32) -> u32;", to: "log: interface { log: func(n: u32) -> u32; }"},
	{name: "inside another", from: "drop: func(n: u32)", to: "drops: func(n: u32)"},
	{name: "no handler", from: "  export handler;\n", to: ""},
	{name: "a handler without a function", from: "  stop: func(s: char) -> char;\n", to: ""},
	{name: "a handler of another type", from: "handle: func(a: u32) -> u32", to: "handle: func(a: s64) -> s64"},
	{name: "no run", from: "  export run: func(n: u32) -> u32;\n", to: ""},
	{name: "another run", from: "export run: func(n: u32) -> u32", to: "export run: func(m: char) -> char"},
	{name: "wrong all over", from: "u32", to: "u16"},
	{name: "a real guest of another contract", file: "../../examples/plugins/guests/broken/changed.wasm", host: "../../golden/plugins/wit"},
	{name: "a real guest of another world", file: "../../examples/plugins/guests/broken/other.wasm", host: "../../golden/plugins/wit"},
	{name: "a real guest", file: "../../examples/plugins/guests/c/data-processor.wasm", host: "../../examples/plugins/wit", fits: true},
	{name: "no resources to export", file: "../../golden/optional/testdata/old.wasm", host: "../../golden/optional/wit"},
	{name: "nothing of what it imports, resources too", file: "../../golden/resources/testdata/resources.wasm", host: "../../golden/versions/wit"},
	{name: "WASI beside the world", file: "../../rt/wasi/testdata/drafts.wasm", host: "../../golden/versions/wit"},
	{name: "stubs", from: "  import log", to: "  import cache: interface { get: func(n: u32) -> u32; }\n  import log", policy: `deny: trap, host_calls: {"acme:kv/store": {deny: true}}`, fits: true},
}

// TestTargetsLoads has witgen targets and a host of plugins compare the same
// components with the same worlds: they say the same, in the same words.
func TestTargetsLoads(t *testing.T) {
	dir := t.TempDir()
	unfit := 0
	for _, tt := range misfitting {
		t.Run(tt.name, func(t *testing.T) {
			wasm, host := misfit(t, dir, tt.from, tt.to, tt.file, tt.host)
			guest := filepath.Join(dir, "guest.wasm")
			put(t, guest, wasm)
			args := []string{"targets", guest, "--config", "none", "--against", host, "--format", "json"}
			rules := filepath.Join(dir, "policy.yaml")
			put(t, rules, []byte("version: 1\nplugins: {guest: {"+tt.policy+"}}\n"))
			if tt.policy != "" {
				args = append(args, "--policy", rules)
			}
			var stdout, stderr bytes.Buffer
			code := run(args, &stdout, &stderr)
			var report targetReport
			if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
				t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
			}
			file, err := policy.Read(rules)
			if err != nil {
				t.Fatal(err)
			}
			p, err := wit.Load(host, wit.Options{})
			if err != nil {
				t.Fatal(err)
			}
			w, err := p.ChooseWorld("")
			if err != nil {
				t.Fatal(err)
			}
			err = loadsOn(t, w, wasm, file.Plugin("guest"))
			if report.Fits != tt.fits || (code == exitOK) != tt.fits || (err == nil) != tt.fits {
				t.Fatalf("targets exits with %d and says %v, %s; a host says %v; want %v", code, report.Fits, report.Error, err, tt.fits)
			}
			if tt.fits {
				return
			}
			unfit++
			stage, _ := errors.AsType[*plugin.StageError](err)
			link, ok := errors.AsType[*rt.LinkError](err)
			if !ok || stage.Stage != plugin.Check {
				t.Fatalf("a host says %v", err)
			}
			if link.Error() != report.Error {
				t.Errorf("targets says %s\na host says %v", report.Error, link)
			}
			got, want := targetMisfits(&report), linkMisfits(link)
			if len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("targets finds\n  %s\na host finds\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
			}
		})
	}
	if unfit < 20 {
		t.Errorf("%d guests do not fit, there are more", unfit)
	}
}

// TestTargetsPolicyWorld has witgen targets and a host of plugins refuse a policy that is
// for another world, in the same words.
func TestTargetsPolicyWorld(t *testing.T) {
	dir := t.TempDir()
	wasm, host := misfit(t, dir, "", "", "", "")
	guest, rules := filepath.Join(dir, "guest.wasm"), filepath.Join(dir, "policy.yaml")
	put(t, guest, wasm)
	p, err := wit.Load(host, wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for world, refused := range map[string]bool{
		"acme:kv/plugin@0.2.1": false, "acme:kv/plugin@0.2.9": false, "acme:kv/plugin": false,
		"acme:kv/plugin@0.3.0": true, "acme:kv/other@0.2.1": true, "acme:kv/other": true,
	} {
		put(t, rules, []byte("version: 1\nplugins: {guest: {world: \""+world+"\"}}\n"))
		var stdout, stderr bytes.Buffer
		code := run([]string{"targets", guest, "--config", "none", "--against", host, "--policy", rules, "--format", "json"}, &stdout, &stderr)
		err := loadsOn(t, p.World("plugin"), wasm, policy.Policy{World: world})
		if (code == exitDiffer) != refused || (err != nil) != refused {
			t.Fatalf("%s: targets exits with %d and says %s%s; a host says %v; want it refused: %t", world, code, &stdout, &stderr, err, refused)
		}
		if !refused {
			continue
		}
		stage, ok := errors.AsType[*plugin.StageError](err)
		if !ok || !strings.Contains(stdout.String(), stage.Err.Error()) {
			t.Errorf("%s: targets says %s\na host says %v", world, &stdout, err)
		}
	}
}

// misfit returns a guest of kv with one text for another, and where the package is
// of the host that it is for; or those that are in files.
func misfit(t *testing.T, dir, from, to, file, host string) (wasm []byte, against string) {
	t.Helper()
	if file != "" {
		wasm, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil {
			t.Fatal(err)
		}
		return wasm, filepath.FromSlash(host)
	}
	against = filepath.Join(dir, "kv.wit")
	put(t, against, []byte(kv))
	text := kv
	if from != "" {
		if text = strings.ReplaceAll(kv, from, to); text == kv {
			t.Fatalf("there is no %q", from)
		}
	}
	p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if wasm, err = echo.Component(p.World("plugin"), echo.UTF8); err != nil {
		t.Fatal(err)
	}
	return wasm, against
}
