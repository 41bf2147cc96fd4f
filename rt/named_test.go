package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/named/named"
	namedstore "github.com/witgen/witgen/golden/named/store"
	namedvault "github.com/witgen/witgen/golden/named/vault"
	"github.com/witgen/witgen/golden/reuse/lacking"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// adds is a host's store: its values are its keys, and what it adds to them.
type adds struct{ n, opened, closed uint32 }

func (a *adds) Get(_ context.Context, key uint32) (uint32, error) { return a.n + key, nil }

func (a *adds) Open(_ context.Context, key uint32) (namedstore.Entry, error) {
	a.opened++
	return added{a, key}, nil
}

func (a *adds) Add(ctx context.Context, e namedstore.Entry) error {
	n, err := e.Value(ctx)
	a.n += n
	return errors.Join(err, e.Close(ctx))
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
// store, and each of its vaults boxes of its own.
func namedGuest(t *testing.T) *guest {
	t.Helper()
	world, err := os.ReadFile("../golden/named/wit/named.wit")
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{world: string(world), funcs: map[string]body{
		"golden:named/scale@0.1.0#weigh": does(get(0)),
	}}
	for vault, of := range map[string]string{"safe": "safe ", "spare": "spare ", "golden:named/vault@0.1.0": ""} {
		g.funcs[vault+"#[constructor]box"] = does(get(0), call("new "+of+"box"))
		g.funcs[vault+"#[method]box.get"] = does(get(0))
		g.funcs[vault+"#[method]box.both"] = does(get(0), get(1), add)
		g.funcs[vault+"#empty"] = does(get(0), call("rep "+of+"box"), get(0), call("drop "+of+"box"))
	}
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
	primary, backup, plain := &adds{n: 100}, &adds{n: 200}, &adds{n: 300}
	p := startNamed(t, namedGuest(t), named.Imports{Primary: primary, Backup: backup, Store: plain})
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
}

// startNamed starts an instance of a guest.
func startNamed(t *testing.T, g *guest, imports named.Imports) *named.Named {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	p, err := named.Instantiate(t.Context(), g.compile(t, e), imports, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestNamedResources hands the boxes of three vaults of an instance to each of
// them: each knows its own, and has the others' refused before the guest is
// called.
func TestNamedResources(t *testing.T) {
	ctx := t.Context()
	imports := named.Imports{Primary: &adds{}, Backup: &adds{}, Store: &adds{}}
	p := startNamed(t, namedGuest(t), imports)
	vaults := []struct {
		name  string
		vault namedvault.Vault
	}{{"safe", p.Safe}, {"spare", p.Spare}, {"golden:named/vault@0.1.0", p.Vault}}
	newBox := func(v namedvault.Vault, n uint32) namedvault.Box {
		t.Helper()
		box, err := v.NewBox(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		return box
	}
	for i, to := range vaults {
		mine := newBox(to.vault, 40)
		for j, from := range vaults {
			box := newBox(from.vault, uint32(j))
			both, errBoth := mine.Both(ctx, box)
			got, errEmpty := to.vault.Empty(ctx, box)
			if i == j {
				if both != 40+uint32(j) || got != uint32(j) || errBoth != nil || errEmpty != nil {
					t.Errorf("%s: both = %d, %v, empty = %d, %v", to.name, both, errBoth, got, errEmpty)
				}
				continue
			}
			want := fmt.Sprintf("is of the export %q, not of %q", from.name, to.name)
			for _, err := range []error{errBoth, errEmpty} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s with a box of %s: got %v, want %q", to.name, from.name, err, want)
				}
			}
			if n, err := from.vault.Empty(ctx, box); err != nil || n != uint32(j) {
				t.Errorf("%s: a box that %s refused: empty = %d, %v", from.name, to.name, n, err)
			}
		}
		if n, err := mine.Get(ctx); err != nil || n != 40 {
			t.Errorf("%s: get = %d, %v, want 40", to.name, n, err)
		}
		n, err := p.Scale.Weigh(ctx, mine)
		if to.vault == p.Vault && (n != 40 || err != nil) || to.vault != p.Vault && err == nil {
			t.Errorf("weigh a box of %s = %d, %v", to.name, n, err)
		}
		if err := mine.Close(ctx); err != nil {
			t.Error(err)
		}
	}
	other := startNamed(t, namedGuest(t), imports)
	if _, err := p.Safe.Empty(ctx, newBox(other.Safe, 1)); err == nil || !strings.Contains(err.Error(), "is of another instance") {
		t.Errorf("a box of another instance: %v", err)
	}
}

// TestNamedGuestConfuses has guests that hand over a resource under another name
// than it is theirs by.
func TestNamedGuestConfuses(t *testing.T) {
	const plain = "golden:named/store@0.1.0"
	for _, tt := range []struct {
		name, fn string
		body     body
		call     func(ctx context.Context, p *named.Named) error
		want     string
	}{
		{
			"makes a box of another export", "safe#[constructor]box", does(get(0), call("new spare box")),
			func(ctx context.Context, p *named.Named) error { _, err := p.Safe.NewBox(ctx, 1); return err },
			"used with the wrong type, expected guest-defined resource but found a different guest-defined resource",
		},
		{
			"lends an entry of another import", "left#open", does(get(0), call("backup#open"), call("primary#[method]entry.value")),
			open, `"backup.entry" is not "primary.entry"`,
		},
		{
			"gives an entry of another import", "left#open", does(get(0), call("backup#open"), call("primary#add"), i32(0)),
			open, `"backup.entry" is not "primary.entry"`,
		},
		{
			"gives an entry to the interface's own name", "left#open", does(get(0), call("backup#open"), call(plain+"#add"), i32(0)),
			open, `"backup.entry" is not "entry"`,
		},
		{
			"lends an entry of the interface's own name", "left#open", does(get(0), call(plain+"#open"), call("backup#[method]entry.value")),
			open, `"entry" is not "backup.entry"`,
		},
		{
			"drops an entry of another import", "left#open", does(get(0), call("backup#open"), call("drop primary entry"), i32(0)),
			open, `"backup.entry" is not "primary.entry"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := namedGuest(t)
			g.funcs[tt.fn] = tt.body
			hosts := []*adds{{}, {}, {}}
			p := startNamed(t, g, named.Imports{Primary: hosts[0], Backup: hosts[1], Store: hosts[2]})
			err := tt.call(t.Context(), p)
			if trap, ok := errors.AsType[*rt.Trap](err); !ok || !strings.Contains(trap.Error(), tt.want) {
				t.Errorf("got %v, want a trap with %q", err, tt.want)
			}
			if err := p.Close(t.Context()); err != nil {
				t.Error(err)
			}
			for i, h := range hosts {
				if h.opened != h.closed || h.n != 0 {
					t.Errorf("host %d: %d entries opened, %d closed, %d added", i, h.opened, h.closed, h.n)
				}
			}
		})
	}
}

func open(ctx context.Context, p *named.Named) error {
	_, err := p.Left.Open(ctx, 7)
	return err
}

// TestNamedGive has guests hand entries to the import that they are of.
func TestNamedGive(t *testing.T) {
	for _, in := range []string{"primary", "backup", "golden:named/store@0.1.0"} {
		g := namedGuest(t)
		g.funcs["left#open"] = does(get(0), call(in+"#open"), call(in+"#add"), i32(0))
		hosts := map[string]*adds{"primary": {}, "backup": {}, "golden:named/store@0.1.0": {}}
		p := startNamed(t, g, named.Imports{Primary: hosts["primary"], Backup: hosts["backup"], Store: hosts["golden:named/store@0.1.0"]})
		if err := open(t.Context(), p); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		for name, h := range hosts {
			want := adds{}
			if name == in {
				want = adds{n: 14, opened: 1, closed: 1}
			}
			if *h != want {
				t.Errorf("%s to %s: got %+v, want %+v", in, name, *h, want)
			}
		}
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

// TestNamedLacking has guests that lack what is optional of that world: by its
// own names for interfaces, with their resources, and by names of interfaces.
func TestNamedLacking(t *testing.T) {
	ctx := t.Context()
	start := func(t *testing.T, without ...string) *lacking.Named {
		t.Helper()
		g := namedGuest(t)
		for _, text := range without {
			less := strings.Replace(g.world, text, "", 1)
			if less == g.world {
				t.Fatalf("the world has no %q", text)
			}
			g.world = less
		}
		e, err := engine()
		if err != nil {
			t.Fatal(err)
		}
		p, err := lacking.Instantiate(ctx, g.compile(t, e), lacking.Imports{Primary: &adds{n: 100}, Backup: &adds{n: 200}, Store: &adds{n: 300}}, rt.InstanceConfig{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := p.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		return p
	}
	boxes := func(t *testing.T, v namedvault.Vault) {
		t.Helper()
		box, err := v.NewBox(ctx, 40)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := v.Empty(ctx, box); err != nil || n != 40 {
			t.Errorf("empty = %d, %v", n, err)
		}
	}
	t.Run("nothing", func(t *testing.T) {
		p := start(t)
		if !p.HasRightOpen() || !p.HasFinderOpen() || !p.HasSpareNewBox() || !p.HasSpareBoxBoth() || !p.Scale.IsSome() {
			t.Error("it is said to lack something")
		}
		for _, v := range []cm.Option[namedvault.Vault]{p.Safe, p.Vault, cm.Some(p.Spare)} {
			v, ok := v.Get()
			if !ok {
				t.Fatal("it is said to lack a vault")
			}
			boxes(t, v)
		}
		if left, ok := p.Left.Get(); !ok {
			t.Error("it is said to lack left")
		} else if n, err := left.Find(ctx, 5); err != nil || n != 105 {
			t.Errorf("left: find = %d, %v", n, err)
		}
	})
	t.Run("interfaces", func(t *testing.T) {
		p := start(t, "export left: finder;", "export safe: vault;", "export scale;", "export vault;")
		if p.Left.IsSome() || p.Safe.IsSome() || p.Scale.IsSome() || !p.Finder.IsSome() {
			t.Errorf("it has %v %v %v %v", p.Left, p.Safe, p.Scale, p.Finder)
		}
		boxes(t, p.Spare)
		vault, ok := p.Vault.Get() // there is one that says it is a vault
		if !ok {
			t.Fatal("it is said to lack a vault")
		}
		boxes(t, vault)
		if n, err := p.Right.Find(ctx, 5); err != nil || n != 205 {
			t.Errorf("right: find = %d, %v", n, err)
		}
	})
	t.Run("functions", func(t *testing.T) {
		p := start(t, "both: func(other: borrow<box>) -> u32;", "constructor(n: u32);", "open: func(key: u32) -> u32;",
			"export left: finder;", "export finder;", "export safe: vault;", "export vault;", "export scale;")
		if p.HasRightOpen() || p.HasFinderOpen() || p.HasSpareNewBox() || p.HasSpareBoxBoth() || p.HasVaultNewBox() {
			t.Error("it is said to have something")
		}
		_, errOpen := p.Right.Open(ctx, 1)
		_, errNew := p.Spare.NewBox(ctx, 1)
		if !errors.Is(errOpen, rt.ErrNotExported) || !strings.Contains(errOpen.Error(), `"right#open"`) {
			t.Errorf("open: %v", errOpen)
		}
		if !errors.Is(errNew, rt.ErrNotExported) || !strings.Contains(errNew.Error(), `"spare#[constructor]box"`) {
			t.Errorf("new box: %v", errNew)
		}
		if n, err := p.Right.Find(ctx, 5); err != nil || n != 205 {
			t.Errorf("right: find = %d, %v", n, err)
		}
	})
}
