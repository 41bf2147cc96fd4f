package rt_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	echoes "github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// contractRows is where package compat has a pair of contracts for each kind of
// change.
const contractRows = "../wit/compat/testdata/rows"

// linksAllTheSame are the rows in which guests of the old contract link to hosts
// of the new one though package compat says that they do not: types have the
// shape they had, so that nothing is misread, and the name of a type or who
// declares it is nothing that hosts look at. Tools that compose components do.
var linksAllTheSame = []string{"32-type-renamed", "33-alias-kept", "34-alias-inlined"}

// trapping are the rows whose old contract has async functions: guests of those do
// nothing, but import and export what others do.
var trapping = []string{"05-async-sync"}

// TestContractChanges makes a guest of the old contract of each row and links it
// to a host of the new one, which implements what the guest imports and calls
// what it exports: it is refused where package compat says so, by an error that
// names the function, and else it links.
func TestContractChanges(t *testing.T) {
	dirs, err := filepath.Glob(contractRows + "/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no rows: %v", err)
	}
	ctx := context.Background()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(ctx)
	linked, refused := 0, 0
	for _, dir := range dirs {
		name := filepath.Base(dir)
		old, now := contract(t, dir, "old.wit"), contract(t, dir, "new.wit")
		if old == nil {
			continue
		}
		wasm, err := echoes.Component(old.World("both"), echoes.UTF8)
		if (err != nil) != slices.Contains(trapping, name) {
			t.Errorf("%s: a guest of the old contract: %v", name, err)
		}
		if err != nil {
			g := guest{world: wit.Print(wit.Closure(old.World("both")))}
			if wasm, err = g.encode(); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
		}
		c, err := engine.Compile(ctx, wasm)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found := compat.Compare(old, now, compat.Options{})
		for role, err := range map[compat.Role]error{
			compat.Imports: offerAll(ctx, c, now),
			compat.Exports: callAll(c, now),
		} {
			at := slices.IndexFunc(found, func(f compat.Finding) bool {
				return f.Role == role && f.Direction == compat.ToGuests && f.Severity != compat.Info
			})
			switch {
			case slices.Contains(linksAllTheSame, name):
				if err != nil {
					t.Errorf("%s, %s: %v", name, role, err)
				}
			case (err != nil) != (at >= 0):
				t.Errorf("%s, %s: package compat finds %v, the guest gets: %v", name, role, found, err)
			case err == nil:
				linked++
			default:
				refused++
				namesFunction(t, name, err, found[at])
			}
		}
		fitsAlike(ctx, t, name, c, now)
		if err := c.Close(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if linked < 8 || refused < 50 {
		t.Errorf("%d guests linked, %d were refused; there are more", linked, refused)
	}
}

// contract returns a side of a row, with a world that imports its interface and
// exports it, or nil if the row is about more than an interface.
func contract(t *testing.T, dir, name string) *wit.Package {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if !strings.Contains(text, "interface api {") {
		return nil
	}
	p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text + "world both { import api; export api; }\n")}}, "a.wit", wit.Options{AllFeatures: true})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fitsAlike checks that what Fit says of a guest and a host of a contract is what
// comes of them, in each role, and that it names the same functions.
func fitsAlike(ctx context.Context, t *testing.T, row string, c *rt.Component, now *wit.Package) {
	t.Helper()
	world := rt.WorldOf(now.World("both"))
	sides := map[string]rt.World{"imports": {Imports: world.Imports}, "exports": {Exports: world.Exports}}
	for side, w := range sides {
		linked, err := c.Link(w)
		if side == "imports" && err == nil {
			err = starts(ctx, linked, w)
		}
		config := rt.InstanceConfig{Stubs: side == "exports"} // which imports nothing of the host
		fit := c.Fit(w, config)
		bad := unfitting(fit)
		if (fit.Err != nil) != (err != nil) || len(bad) > 0 != (err != nil) {
			t.Errorf("%s, %s: got %v, %q; linking says %v", row, side, fit.Err, bad, err)
			continue
		}
		link, ok := errors.AsType[*rt.LinkError](err)
		if !ok {
			continue
		}
		// Link looks at functions; resource types that a component imports are bound
		// when an instance is made, if it gets so far.
		late := 0
		for _, name := range bad {
			_, item, _ := strings.Cut(name, "#")
			switch resource := side == "imports" && !slices.Contains(funcsOf(c.Imports()), item); {
			case strings.Contains(err.Error(), `"`+item+`"`):
			case resource:
				late++
			default:
				t.Errorf("%s, %s: %s does not fit; linking says %v", row, side, name, err)
			}
		}
		if len(link.Problems) != len(bad)-late {
			t.Errorf("%s, %s: %q do not fit; linking says %v", row, side, bad, err)
		}
	}
}

// funcsOf returns the names of the functions in instances.
func funcsOf(list []rt.Extern) (names []string) {
	for _, e := range list {
		for _, x := range e.Instance {
			if x.Func != nil {
				names = append(names, x.Name)
			}
		}
	}
	return names
}

// starts starts an instance of generated code that answers nothing.
func starts(ctx context.Context, linked *rt.Linked, w rt.World) error {
	var imports []rt.Import
	for _, x := range w.Imports {
		im := rt.Import{Interface: x}
		for range x.Funcs {
			im.Funcs = append(im.Funcs, func(context.Context, *abi.Call) {})
		}
		for _, name := range x.Resources {
			im.Resources = append(im.Resources, rt.NewResourceType(name, nil))
		}
		imports = append(imports, im)
	}
	in, err := linked.Instantiate(ctx, imports, rt.InstanceConfig{})
	if err != nil {
		return err
	}
	return in.Close(ctx)
}

// unfitting returns what does not fit, as "interface#function".
func unfitting(f *rt.Fit) (all []string) {
	for _, it := range append(slices.Clone(f.Imports), f.Exports...) {
		bad := func(v rt.Verdict) bool { return v == rt.Missing || v == rt.WrongType }
		for _, x := range it.Items {
			if bad(x.Verdict) {
				all = append(all, it.Name+"#"+x.Name)
			}
		}
		if bad(it.Verdict) && len(it.Items) == 0 {
			all = append(all, it.Name+"#"+it.Name)
		}
	}
	return all
}

// offerAll starts a guest with what a host of a contract implements.
func offerAll(ctx context.Context, c *rt.Component, now *wit.Package) error {
	host := rt.HostInstance{Name: now.Interface("api").ID(), Funcs: make(map[string]rt.HostFunc), Resources: make(map[string]*rt.ResourceType)}
	for _, d := range now.Interface("api").Types {
		if _, ok := d.Type.(*wit.Resource); ok {
			host.Resources[d.Name] = rt.NewResourceType(d.Name, nil)
		}
	}
	for _, f := range now.Interface("api").Funcs {
		host.Funcs[f.Name] = rt.HostFunc{Type: f, Call: func(context.Context, []rt.Value) (rt.Value, error) { return nil, nil }}
	}
	in, err := c.Instantiate(ctx, rt.InstanceConfig{Host: []rt.HostInstance{host}})
	if err != nil {
		return err
	}
	return in.Close(ctx)
}

// callAll links a guest to a host that calls what a contract says guests export.
func callAll(c *rt.Component, now *wit.Package) error {
	_, err := c.Link(rt.World{Name: "both", Exports: rt.WorldOf(now.World("both")).Exports})
	return err
}

// namesFunction checks that an error names the function that a finding is about,
// or one that uses the type that it is about.
func namesFunction(t *testing.T, row string, err error, f compat.Finding) {
	t.Helper()
	items := append([]string{f.Item}, f.UsedBy...)
	for i, item := range items {
		_, name, _ := strings.Cut(item, "#")
		items[i], _, _ = strings.Cut(name, ".")
	}
	if f.New != nil {
		name, _, _ := strings.Cut(strings.TrimSuffix(f.New.Text, ";"), ":") // it may have another one now
		items = append(items, strings.TrimPrefix(name, "resource "))
	}
	for _, name := range items {
		if strings.Contains(err.Error(), `"`+name+`"`) || strings.Contains(err.Error(), `]`+name+`.`) || strings.Contains(err.Error(), `[constructor]`+name+`"`) {
			return
		}
	}
	t.Errorf("%s: %v: it names none of %q", row, err, items)
}
