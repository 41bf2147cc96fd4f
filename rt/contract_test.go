package rt_test

import (
	"context"
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

// noGuests are the rows whose old contract has resources or async functions,
// which the guests of this test cannot have.
var noGuests = []string{
	"05-async-sync", "37-resource-removed", "37-resource-renamed", "38-methods-added", "39-methods-removed",
	"40-method-static", "41-borrow-own", "42-resource-record", "43-constructor-result",
}

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
		if (err != nil) != slices.Contains(noGuests, name) {
			t.Errorf("%s: a guest of the old contract: %v", name, err)
		}
		if err != nil {
			continue
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

// offerAll starts a guest with what a host of a contract implements.
func offerAll(ctx context.Context, c *rt.Component, now *wit.Package) error {
	host := rt.HostInstance{Name: now.Interface("api").ID(), Funcs: make(map[string]rt.HostFunc)}
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
	x := &abi.Interface{Name: now.Interface("api").ID()}
	for _, f := range now.Interface("api").Funcs {
		x.Funcs = append(x.Funcs, abi.FuncType{Name: f.Name, Type: wit.FuncText(f)})
	}
	_, err := c.Link(rt.World{Name: "both", Exports: []*abi.Interface{x}})
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
		name, _, _ := strings.Cut(f.New.Text, ":") // it may have another one now
		items = append(items, name)
	}
	for _, name := range items {
		if strings.Contains(err.Error(), `"`+name+`"`) || strings.Contains(err.Error(), `]`+name+`.`) {
			return
		}
	}
	t.Errorf("%s: %v: it names none of %q", row, err, items)
}
