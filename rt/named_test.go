package rt_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/named/named"
	namedstore "github.com/witgen/witgen/golden/named/store"
	"github.com/witgen/witgen/rt"
)

// adds is a host's store: its values are its keys, and what it adds to them.
type adds struct{ n, opened, closed uint32 }

func (a *adds) Get(_ context.Context, key uint32) (uint32, error) { return a.n + key, nil }

func (a *adds) Open(_ context.Context, key uint32) (namedstore.Entry, error) {
	a.opened++
	return added{a, key}, nil
}

type added struct {
	*adds
	key uint32
}

func (a added) Value(context.Context) (uint32, error) { return a.n + 2*a.key, nil }

func (a added) Close(context.Context) error {
	a.closed++
	return nil
}

// namedGuest is a guest of the world of golden/named: each of its finders has a
// store.
func namedGuest(t *testing.T) *guest {
	t.Helper()
	world, err := os.ReadFile("../golden/named/wit/named.wit")
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{world: string(world), funcs: map[string]body{
		"safe#[constructor]box": does(get(0), call("new box")),
		"safe#[method]box.get":  does(get(0)),
	}}
	for finder, in := range map[string]string{
		"left": "primary", "right": "backup", "golden:named/finder@0.1.0": "golden:named/store@0.1.0",
	} {
		drop := call("drop " + in + " entry")
		if in == "golden:named/store@0.1.0" {
			drop = call("drop entry")
		}
		g.funcs[finder+"#find"] = does(passOn(in + "#get"))
		g.funcs[finder+"#open"] = does(get(0), call(in+"#open"), tee(0), call(in+"#[method]entry.value"), get(0), drop)
	}
	return g
}

// TestNamed has a guest that imports one interface three times and exports one
// three times, under names of its world.
func TestNamed(t *testing.T) {
	ctx := t.Context()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	primary, backup, plain := &adds{n: 100}, &adds{n: 200}, &adds{n: 300}
	p, err := named.Instantiate(ctx, namedGuest(t).compile(t, e), named.Imports{Primary: primary, Backup: backup, Store: plain}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(ctx)
	for _, tt := range []struct {
		name   string
		finder interface {
			Find(ctx context.Context, key uint32) (uint32, error)
			Open(ctx context.Context, key uint32) (uint32, error)
		}
		host *adds
	}{
		{"left", p.Left, primary}, {"right", p.Right, backup}, {"finder", p.Finder, plain},
	} {
		if n, err := tt.finder.Find(ctx, 5); err != nil || n != tt.host.n+5 {
			t.Errorf("%s: find = %d, %v, want %d", tt.name, n, err, tt.host.n+5)
		}
		if n, err := tt.finder.Open(ctx, 7); err != nil || n != tt.host.n+14 {
			t.Errorf("%s: open = %d, %v, want %d", tt.name, n, err, tt.host.n+14)
		}
		if tt.host.opened != 1 || tt.host.closed != 1 {
			t.Errorf("%s: %d entries opened, %d closed, want one", tt.name, tt.host.opened, tt.host.closed)
		}
	}
	box, err := p.Safe.NewBox(ctx, 42)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := box.Get(ctx); err != nil || n != 42 {
		t.Errorf("get = %d, %v, want 42", n, err)
	}
	if err := box.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestNamedMisfits links a component to a world that has other names for what
// it imports and exports.
func TestNamedMisfits(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	g := namedGuest(t)
	g.world = strings.NewReplacer(
		"import primary: store", "import primary: finder", // of the wrong interface
		"import backup: store;", "",
		"export left: finder", "export other: finder",
		"export right: finder", "export right: vault",
		"export safe: vault", "export safe: finder",
	).Replace(g.world)
	g.funcs = nil
	_, err = named.Prepare(g.compile(t, e))
	link, ok := errors.AsType[*rt.LinkError](err)
	if !ok {
		t.Fatalf("got %v, want a link error", err)
	}
	for _, want := range []string{
		`import 0 "primary": function "find": host does not have it, component wants func(key: u32) -> u32`,
		`import 1 "primary": function "open": host has func(key: u32) -> own<golden:named/store@0.1.entry>, component wants func(key: u32) -> u32`,
		`missing export "left"`,
		`export "right": function "find" is missing; host wants func(key: u32) -> u32`,
		`export "safe": resource "box" is missing`,
	} {
		if !strings.Contains(link.Error(), want) {
			t.Errorf("%q lacks %q", link, want)
		}
	}
}
