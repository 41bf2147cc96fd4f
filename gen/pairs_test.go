package gen_test

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/yours"
	"github.com/witgen/witgen/wit"
)

// rows are pairs of versions of a contract, one for each kind of change that the
// catalogue of changes has.
const rows = "../wit/compat/testdata/rows"

// theirs says of each pair which functions of which world are the user's to write:
// by what the reason of each has to say. Of all others there are none.
var theirs = map[string]map[string][]string{
	"02-func-removed":  {"host": {"no function flush any more"}},
	"03-func-renamed":  {"host": {"no function flush any more"}},
	"07-param-removed": {"host": {"Parameter wait has no place"}, "guest": {"Parameter wait is new"}},
	"10-params-spill":  {"host": {"Parameter p16 is new"}, "guest": {"Parameter p16 has no place"}},
	"11-type-in-one-core-type": {
		"host":  {"u32 is char in version", "string is list<u8> in version"},
		"guest": {"list<u8> is string in version"},
	},
	"12-list-of-a-fixed-length": {"host": {"list<u8> is list<u8, 4> in version"}, "guest": {"list<u8, 4> is list<u8> in version"}},
	// What the host returns, an older guest need not see. What it wants and the
	// older one does not return is nowhere.
	"13-result":                     {"host": {"Function f2 returns something"}, "guest": {"Function f1 returns something", "function f2 returns"}},
	"14-result-fallible-by-pointer": {"host": {"string is u32 in version"}, "guest": {"u32 is string in version"}},
	"16-record-field-removed":       {"host": {"Field size has no place"}, "guest": {"Field size is in version"}},
	"16-record-field-renamed":       {"host": {"Field length is in version"}, "guest": {"Field size is in version"}},
	"18-record-tuple":               {"host": {"point is tuple<u32, u32> in version"}, "guest": {"tuple<u32, u32> is point in version"}},
	"18-tuple-record":               {"host": {"tuple<u32, u32> is point in version"}, "guest": {"point is tuple<u32, u32> in version"}},
	"29-enum-variant":               {"host": {"enum e1 is variant e1 in version", "variant e2 is enum e2 in version"}, "guest": {"variant e1 is enum e1 in version", "enum e2 is variant e2 in version"}},
	"37-resource-renamed":           {"host": {"own<bucket> is own<store> in version"}, "guest": {"own<store> is own<bucket> in version"}},
	"39-methods-removed":            {"host": {"imports no functions of acme:kv/api"}},
	"40-method-static":              {"host": {"no function [static]store.find any more"}},
	// Who is lent a resource cannot give it away, and who is given one has to close it.
	"41-borrow-own":          {"host": {"Parameter s1", "Parameter s2"}, "guest": {"Parameter s1", "Parameter s2"}},
	"42-resource-record":     {"host": {"own<store> is store in version"}, "guest": {"store is own<store> in version"}},
	"46-import-removed":      {"plugin": {"no import acme:kv/admin", "no function trace any more"}},
	"49-import-export":       {"plugin": {"no import acme:kv/store", "imports no functions outside of interfaces"}},
	"51-inline-named-import": {"plugin": {"no import admin"}},
	"54-resource-moved":      {"host": {"own<entry> is of another interface there"}, "guest": {"own<entry> is of another interface there"}},
	"57-unstable-removed":    {"host": {"no function put any more"}},
	// A part that is lent on one side alone is neither one that is lent on both, nor
	// one that is given away on both, though all of them are one type in Go.
	"mixed": {
		"host":  {"borrow<file> is own<file> there", "own<file> is borrow<file> there"},
		"guest": {"own<file> is borrow<file> there", "borrow<file> is own<file> there"},
	},
}

// refused are the pairs that have no bindings, and why.
var refused = map[string]string{
	"27-flags-32-33":     "there may be 32",
	"55-package-renamed": "which is of another package",
}

// declared finds the package of WIT text.
var declared = regexp.MustCompile(`(?m)^package ([\w:-]+)(?:@\S+)?;$`)

// TestConformancePairs generates every pair of the catalogue of changes as the older
// and the newest version of a contract, for guests that import what has changed and
// for guests that export it. All of them are well typed, given the functions that are
// the user's: exactly those that have to be.
func TestConformancePairs(t *testing.T) {
	m := newTyped("example.com/generated")
	names, err := filepath.Glob(rows + "/*")
	if err != nil || len(names) < 70 {
		t.Fatalf("%d pairs, %v", len(names), err)
	}
	own, err := filepath.Glob("testdata/pairs/*")
	if err != nil {
		t.Fatal(err)
	}
	names = append(names, own...)
	unseen := slices.Collect(maps.Keys(theirs))
	for n, dir := range names {
		name := filepath.Base(dir)
		unseen = slices.DeleteFunc(unseen, func(u string) bool { return u == name })
		t.Run(name, func(t *testing.T) { m.pair(t, name, dir, fmt.Sprintf("r%d", n)) })
	}
	if len(unseen) > 0 {
		t.Errorf("there are no pairs %q", unseen)
	}
	m.check(t)
}

// pair adds the bindings of the worlds that both versions have.
func (m *typed) pair(t *testing.T, name, dir, out string) {
	old, err := loadAs(dir+"/old.wit", "0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	now, err := loadAs(dir+"/new.wit", "0.2.0")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range now.Worlds {
		o := old.World(w.Name)
		if o == nil {
			continue
		}
		root := path.Join(out, w.Name)
		files, err := gen.Generate(w, gen.Options{PackageRoot: path.Join(m.name, root), Older: []*wit.World{o}})
		if why := refused[name]; why != "" {
			if err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("world %s: %v, want %q", w.Name, err, why)
			}
			continue
		}
		if err != nil {
			t.Errorf("world %s: %v", w.Name, err)
			continue
		}
		m.add(root, files)
		stubs, err := m.stubs(root, files)
		if err != nil {
			t.Fatal(err)
		}
		wantStubs(t, w.Name, stubs, theirs[name][w.Name])
	}
}

// loadAs loads a package as one of a version.
func loadAs(name, version string) (*wit.Package, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	text = declared.ReplaceAll(text, []byte("package $1@"+version+";"))
	return wit.LoadFS(fstest.MapFS{"x.wit": {Data: text}}, "x.wit", wit.Options{AllFeatures: true})
}

// stubs adds functions for all that generated code refers to and does not have: they
// return nothing but zero values. It returns what they are.
func (m *typed) stubs(dir string, files []gen.File) ([]yours.Func, error) {
	var all []yours.Func
	for _, f := range files {
		source, stubs, err := yours.Source(f.Content, "return")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		if len(stubs) > 0 {
			m.add(dir, []gen.File{{Path: strings.TrimSuffix(f.Path, gen.Suffix) + "_yours.go", Content: source}})
		}
		all = append(all, stubs...)
	}
	return all, nil
}

// wantStubs compares functions that are the user's with what their reasons have to
// say: one each.
func wantStubs(t *testing.T, world string, got []yours.Func, want []string) {
	t.Helper()
	left := slices.Clone(got)
	for _, w := range want {
		n := slices.IndexFunc(left, func(s yours.Func) bool { return strings.Contains(s.Why, w) })
		if n < 0 {
			t.Errorf("world %s: no function is the user's because %q, of %q", world, w, got)
			continue
		}
		left = slices.Delete(left, n, n+1)
	}
	for _, s := range left {
		t.Errorf("world %s: %s", world, s.Why)
	}
}
