package rt_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/golden/resources/feed"
	"github.com/witgen/witgen/golden/resources/query"
	"github.com/witgen/witgen/golden/resources/resources"
	cursors "github.com/witgen/witgen/golden/resources/store"
	"github.com/witgen/witgen/golden/resources/work"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
)

// lender is a package with an interface that uses the resource of another one, up to
// its worlds.
const lender = `package acme:kv@0.2.1;
interface types { resource entry; }
interface store {
	use types.{entry};
	get: func() -> option<entry>;
	all: func(of: list<tuple<u32, borrow<entry>>>) -> list<entry>;
	size: func() -> u32;
}
interface boxes {
	resource box;
	open: func() -> box;
}
`

// TestLinkWhose links guests that pass their own resources, or those of the host, to
// hosts that want either.
func TestLinkWhose(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	const lends, owns = "import types; export store;", "export types; export store;"
	const entry, types = "acme:kv/types@0.2.entry>", "acme:kv/types@0.2.1"
	problems := func(has, wants string) []string {
		all := func(whose string) string {
			return "func(of: list<tuple<u32, borrow<" + whose + entry + ">>) -> list<own<" + whose + entry + ">"
		}
		return []string{
			`export "acme:kv/store@0.2.1": function "get": component has func() -> option<own<` + has + entry + ">, host wants func() -> option<own<" + wants + entry + ">",
			`export "acme:kv/store@0.2.1": function "all": component has ` + all(has) + ", host wants " + all(wants),
		}
	}
	for _, tt := range []struct {
		name, guest, host string
		optional          []string
		want              []string // problems
	}{
		{name: "the host's", guest: lends, host: lends},
		{name: "the guest's", guest: owns, host: owns},
		{name: "the guest's, of which the host has some too", guest: owns, host: "import types;" + owns},
		{name: "the guest's for the host's", guest: "import types;" + owns, host: lends, want: problems("exported ", "imported ")},
		{name: "the host's for the guest's", guest: lends, host: "import types;" + owns, want: append([]string{`missing export "` + types + `"`}, problems("imported ", "exported ")...)},
		{
			name: "the host's for the guest's, which it may lack", guest: lends, host: "import types;" + owns, optional: []string{types},
			want: problems("imported ", "exported "),
		},
		{name: "the guest's by a name of the world, and the host's", guest: "import boxes; export mine: boxes;", host: "import boxes; export mine: boxes;"},
		{name: "the host's of the world's own", guest: "resource mark; export make: func() -> mark;", host: "resource mark; export make: func() -> mark;"},
		{
			name: "the guest's of an interface in the world", guest: "export inner: interface { resource mark; make: func() -> mark; }",
			host: "export inner: interface { resource mark; make: func() -> mark; }",
		},
		{
			name: "the host's, where functions of a world use it", guest: "use types.{entry}; export types; export make: func() -> entry;",
			host: "use types.{entry}; export types; export make: func() -> entry;",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(lender + "world w {" + tt.host + "}")}}, "a.wit", wit.Options{})
			if err != nil {
				t.Fatal(err)
			}
			c := (&guest{world: lender + "world w {" + tt.guest + "}"}).compile(t, e)
			w := rt.WorldOf(p.World("w"), tt.optional...)
			_, err = c.Link(w)
			if got := problemsOf(err); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if err := c.Fit(w, rt.InstanceConfig{}).Err; !slices.Equal(problemsOf(err), tt.want) {
				t.Errorf("it is said to fit: %v", err)
			}
		})
	}
}

// problemsOf returns the problems of a link error, none for nil.
func problemsOf(err error) []string {
	if err == nil {
		return nil
	}
	link, ok := errors.AsType[*rt.LinkError](err)
	if !ok {
		return []string{err.Error()}
	}
	return link.Problems
}

// TestLinkWhoseRelayed links a component that exports the interfaces that it imports:
// their resources are the host's, whether the host calls those exports or not.
func TestLinkWhoseRelayed(t *testing.T) {
	const types, store = "\x00\x13acme:kv/types@0.2.1", "\x00\x13acme:kv/store@0.2.1"
	wasm := "\x00asm\x0d\x00\x01\x00" +
		wasmSection(7, "\x42"+list("\x04\x00"+text("entry")+"\x03\x01")) +
		wasmSection(10, types+"\x05\x00") +
		wasmSection(6, "\x03\x00\x00"+text("entry")) +
		wasmSection(7, "\x42"+list(
			"\x02\x03\x02\x01\x01", "\x04\x00"+text("entry")+"\x03\x00\x00", // the resource, which it uses
			"\x01\x69\x01", "\x01\x40\x00\x00\x02", "\x04\x00"+text("get")+"\x01\x03")) + // get: func() -> entry
		wasmSection(10, store+"\x05\x02") +
		wasmSection(11, types+"\x05\x00\x00") + wasmSection(11, store+"\x05\x01\x00")
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	for _, exports := range []string{"export types; export store;", "export store;"} {
		p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(`package acme:kv@0.2.1;
			interface types { resource entry; }
			interface store { use types.{entry}; get: func() -> entry; }
			world w { import types; import store; ` + exports + "}")}}, "a.wit", wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := e.Compile(t.Context(), []byte(wasm))
		if err != nil {
			t.Fatal(err)
		}
		if err := begins(t, c, p.World("w")); err != nil {
			t.Errorf("%s: %v", exports, err)
		}
	}
}

// sourcing is a guest of the golden world resources whose sources are its own, where
// that has them be the host's.
func sourcing(t *testing.T) *guest {
	t.Helper()
	world, err := os.ReadFile("../golden/resources/wit/resources.wit")
	if err != nil {
		t.Fatal(err)
	}
	const of = "golden:resources/work@0.1.0#"
	return &guest{
		world: strings.NewReplacer("type walker = cursor;", "", "walker", "cursor", "export store;", "export feed; export store;").Replace(string(world)),
		funcs: map[string]body{
			of + "sum":       does(get(0)),
			of + "drop":      does(get(0), call("drop exported source")),
			of + "give-back": does(i32(resultArea), i32(1), store(0), i32(resultArea), i32(42), call("new source"), store(4), i32(resultArea)),
		},
	}
}

// TestWhoseSource has bindings refuse such a guest, for the functions that pass
// sources and for no other.
func TestWhoseSource(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	_, err = resources.Prepare(sourcing(t).compile(t, e))
	link, ok := errors.AsType[*rt.LinkError](err)
	if !ok {
		t.Fatalf("got %v, want a link error", err)
	}
	var names []string
	for _, m := range link.Misfits {
		names = append(names, m.Name)
		if m.Kind != rt.OtherType || !strings.Contains(m.Guest, "<exported golden:resources/feed@0.1.source>") || m.Host != strings.ReplaceAll(m.Guest, "exported", "imported") {
			t.Errorf("got %+v", m)
		}
	}
	if want := []string{"sum", "keep", "give-back", "same", "drop", "fail", "wait"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

// TestWhoseSourceBeside gives such a guest the host's sources beside a world that does
// not have them, and so does not say whose they are: the guest is stopped as soon as
// one is passed.
func TestWhoseSourceBeside(t *testing.T) {
	ctx := t.Context()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	w := (*resources.Prepared)(nil).World()
	w.Imports = slices.DeleteFunc(w.Imports, func(x *abi.Interface) bool { return x == feed.Interface })
	linked, err := sourcing(t).compile(t, e).Link(w)
	if err != nil {
		t.Fatal(err)
	}
	for want, call := range map[string]func(p work.Work, s feed.Source) error{
		"expected host-defined resource but found a guest-defined resource": func(p work.Work, _ feed.Source) error {
			_, err := p.GiveBack(ctx)
			return err
		},
		"borrow handles still remain at the end of the call": func(p work.Work, s feed.Source) error {
			_, err := p.Sum(ctx, s)
			return err
		},
		"expected guest-defined resource but found a host-defined resource": func(p work.Work, s feed.Source) error { return p.Drop(ctx, s) },
	} {
		imports := []rt.Import{cursors.Import(cursors.UnimplementedStore{}), query.Import(query.UnimplementedQuery{})}
		in, err := linked.Instantiate(ctx, imports, rt.InstanceConfig{Imports: []rt.Import{feed.Import()}})
		if err != nil {
			t.Fatal(err)
		}
		s := &ending{}
		err = call(work.Export(in.Exports(slices.Index(w.Exports, work.Interface))), s)
		if trap, ok := asTrap(err); !ok || trap.Kind != rt.TrapABI || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		given := strings.HasPrefix(want, "expected guest-defined")
		if err := in.Close(ctx); err != nil || given != (s.closed == 1) {
			t.Errorf("%s: close: %v, the host's source was closed %d times", want, err, s.closed)
		}
	}
}

// ending is a source that counts how often it is closed.
type ending struct {
	feed.UnimplementedSource
	closed int
}

func (s *ending) Close(context.Context) error {
	s.closed++
	return nil
}
