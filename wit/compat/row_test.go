package compat_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
	"github.com/witgen/witgen/wit/layout"
)

// row is what is known of a kind of change: who does not link any more when the
// interface is imported and when it is exported (a is an old guest on a new host,
// b a new guest on an old host), and what core modules see of it.
type row struct {
	imports, exports string
	core             core
	rules            string // all that belong to it
}

// core is what core modules see of a change.
type core string

const (
	same    core = "SAME"
	changed core = "CHANGED" // core types
	renamed core = "names"   // names of imports or exports
	unknown core = ""
)

// catalogue is the table of kinds of change, by number.
var catalogue = map[int]row{
	1:  {"b", "a", renamed, "FUNC_ADDED_EXPORT FUNC_ADDED_IMPORT"},
	2:  {"a", "b", renamed, "FUNC_NO_DELETE"},
	3:  {"ab", "ab", renamed, "FUNC_NO_DELETE"},
	4:  {"", "", same, ""},
	5:  {"ab", "ab", unknown, "FUNC_SAME_ASYNC"},
	6:  {"ab", "ab", changed, "FUNC_SAME_PARAMS"},
	7:  {"ab", "ab", changed, "FUNC_SAME_PARAMS"},
	8:  {"ab", "ab", same, "FUNC_SAME_PARAM_NAMES"},
	9:  {"ab", "ab", same, "FUNC_SAME_PARAM_ORDER"},
	10: {"ab", "ab", changed, "FUNC_SAME_PARAMS"},
	11: {"ab", "ab", same, "TYPE_SAME"},
	12: {"ab", "ab", changed, "TYPE_SAME"},
	13: {"ab", "ab", changed, "FUNC_SAME_RESULT"},
	14: {"ab", "ab", changed, "FUNC_SAME_RESULT"},
	15: {"ab", "ab", changed, "RECORD_SAME_FIELDS"},
	16: {"ab", "ab", changed, "RECORD_SAME_FIELDS"},
	17: {"ab", "ab", same, "RECORD_SAME_FIELD_ORDER"},
	18: {"ab", "ab", same, "TYPE_SAME_KIND"},
	19: {"", "ab", same, "TYPE_UNUSED_CHANGED"},
	20: {"ab", "ab", same, "VARIANT_SAME_CASES"},
	21: {"ab", "ab", same, "VARIANT_SAME_CASES"},
	22: {"ab", "ab", same, "ENUM_SAME_CASES"},
	23: {"ab", "ab", same, "ENUM_SAME_CASES"},
	24: {"ab", "ab", same, "ENUM_SAME_REPR"},
	25: {"ab", "ab", same, "FLAGS_SAME_LABELS"},
	26: {"ab", "ab", same, "FLAGS_SAME_REPR"},
	27: {"ab", "ab", unknown, "FLAGS_MAX_32"}, // no component has such a type
	28: {"ab", "ab", same, "FLAGS_SAME_LABELS"},
	29: {"ab", "ab", same, "TYPE_SAME_KIND"},
	30: {"", "a", same, "TYPE_ADDED"},
	31: {"", "b", same, "TYPE_NO_DELETE"},
	32: {"ab", "ab", same, "TYPE_NO_DELETE"},
	33: {"b", "a", same, "TYPE_ADDED"},
	34: {"a", "b", same, "TYPE_NO_DELETE"},
	35: {"ab", "ab", changed, "TYPE_SAME"},
	36: {"b", "a", renamed, "RESOURCE_ADDED_EXPORT RESOURCE_ADDED_IMPORT"},
	37: {"a", "b", renamed, "RESOURCE_NO_DELETE"},
	38: {"b", "a", renamed, "METHOD_ADDED_EXPORT METHOD_ADDED_IMPORT"},
	39: {"a", "b", renamed, "METHOD_NO_DELETE"},
	40: {"ab", "ab", renamed, "METHOD_SAME_KIND"},
	41: {"ab", "ab", same, "HANDLE_SAME_OWNERSHIP"},
	42: {"ab", "ab", renamed, "TYPE_SAME_KIND"},
	43: {"ab", "ab", unknown, "CONSTRUCTOR_SAME_RESULT"},
	44: {"", "", same, ""},
	45: {"b", "", renamed, "WORLD_IMPORT_ADDED"},
	46: {"a", "", renamed, "WORLD_IMPORT_NO_DELETE"},
	47: {"", "a", renamed, "WORLD_EXPORT_ADDED"},
	48: {"", "b", renamed, "WORLD_EXPORT_NO_DELETE"},
	49: {"a", "", renamed, "WORLD_ITEM_SAME_DIRECTION"},
	50: {"", "b", renamed, "WORLD_ITEM_SAME_DIRECTION"},
	51: {"ab", "ab", renamed, "WORLD_ITEM_SAME_NAME"},
	52: {"", "", same, ""},
	53: {"b", "", unknown, "WORLD_IMPORT_ADDED"},
	54: {"ab", "ab", same, "TYPE_SAME_HOME TYPE_ADDED TYPE_NO_DELETE"},
	55: {"ab", "ab", renamed, "PACKAGE_SAME_NAME PACKAGE_VERSION_BUMP"},
	56: {"", "", unknown, "PACKAGE_VERSION_BUMP WORLD_EXPORT_ADDED"},
	57: {"", "", unknown, "FUNC_ADDED_EXPORT FUNC_ADDED_IMPORT"},

	// What the catalogue does not have.
	58: {"", "", unknown, "WORLD_NO_DELETE"},
	59: {"", "", unknown, "INTERFACE_NO_DELETE"},
	60: {"", "ab", renamed, "TYPE_SAME_HOME WORLD_EXPORT_ADDED WORLD_EXPORT_NO_DELETE"},
}

// variants are the directories that show another case of a row.
var variants = map[string]row{
	"14-result-fallible-by-pointer":   {"ab", "ab", same, ""},
	"15-record-field-added-in-memory": {"ab", "ab", same, ""},
	"16-record-field-renamed":         {"ab", "ab", same, ""},
	"20-variant-payload-widens":       {"ab", "ab", changed, ""},
	"37-resource-renamed":             {"ab", "ab", renamed, ""},
	"51-inline-named-export":          {"", "ab", renamed, ""},
	"51-inline-named-import":          {"ab", "", renamed, ""},
	"54-resource-moved":               {"ab", "ab", renamed, ""},
	"54-type-moved":                   {"b", "a", same, ""}, // it is used from there by the name it had
	"54-type-moved-away":              {"a", "b", same, ""}, // and the name that was there is the type
	"56-version-bump-too-small":       {"", "a", unknown, ""},
	"57-unstable-shipped":             {"b", "a", unknown, ""},
}

// other are the cells in which less or more is found than the catalogue says,
// and why. What is info alone does not count.
var other = map[string]struct{ imports, exports, why string }{
	"19-unused-type-changed": {"", "", "no value of the type is ever passed, and hosts do not look at it"},
	"30-type-added":          {"", "", "hosts ask for functions and resources, not for other types"},
	"50-export-import":       {"", "ab", "it links, and hosts have nothing to call any more"},
}

// want is a line of want.jsonl.
type want struct {
	Rule      string           `json:"rule"`
	Category  compat.Category  `json:"category"`
	Severity  compat.Severity  `json:"severity"`
	Direction compat.Direction `json:"direction"`
	Silent    bool             `json:"silent"`
	Role      compat.Role      `json:"role"`
	Item      string           `json:"item"`
	Old       string           `json:"old"` // line:col
	New       string           `json:"new"`
	Bump      compat.Bump      `json:"bump"`
}

func at(p *compat.Place) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%d:%d", p.Line, p.Col)
}

// readRow returns both sides of a row and what is to be found.
func readRow(t *testing.T, dir string) (old, now *wit.Package, wants []want) {
	t.Helper()
	var err error
	if old, err = wit.Load(filepath.Join(dir, "old.wit"), wit.Options{AllFeatures: true}); err != nil {
		t.Fatal(err)
	}
	if now, err = wit.Load(filepath.Join(dir, "new.wit"), wit.Options{AllFeatures: true}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "want.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var w want
		if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
			t.Fatal(err)
		}
		wants = append(wants, w)
	}
	return old, now, wants
}

// compareRow compares both sides, versions included.
func compareRow(old, now *wit.Package) []compat.Finding {
	found := compat.Compare(old, now, compat.Options{})
	if old.Name.Version != now.Name.Version {
		if f := compat.CheckBump(found, old, now); f != nil {
			found = append(found, *f)
		}
	}
	return found
}

func wanted(found []compat.Finding) []want {
	var list []want
	for _, f := range found {
		list = append(list, want{f.Rule, f.Category, f.Severity, f.Direction, f.Silent, f.Role, f.Item, at(f.Old), at(f.New), f.Bump})
	}
	return list
}

func sortWants(list []want) {
	slices.SortFunc(list, func(a, b want) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Direction, b.Direction))
	})
}

func rows(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/rows/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no rows: %v", err)
	}
	return dirs
}

// rowOf returns what is known of the change in a directory.
func rowOf(t *testing.T, name string) row {
	t.Helper()
	number, _, _ := strings.Cut(name, "-")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	r, ok := catalogue[n]
	if !ok {
		t.Fatalf("%s: there is no such row", name)
	}
	if v, ok := variants[name]; ok {
		v.rules = r.rules
		return v
	}
	return r
}

// TestRows compares both sides of each row with what is to be found, in both
// roles and directions.
func TestRows(t *testing.T) {
	for _, dir := range rows(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			old, now, wants := readRow(t, dir)
			got := wanted(compareRow(old, now))
			sortWants(got)
			sortWants(wants)
			for i := range max(len(got), len(wants)) {
				switch {
				case i >= len(got):
					t.Errorf("not found: %+v", wants[i])
				case i >= len(wants):
					t.Errorf("found, too: %+v", got[i])
				case got[i] != wants[i]:
					t.Errorf("\n got %+v\nwant %+v", got[i], wants[i])
				}
			}
		})
	}
}

// TestRowsCatalogue holds the findings of each row to the table: who does not
// link any more is who gets a warning or an error, the rules are those of the
// row, and each row and each rule is there.
func TestRowsCatalogue(t *testing.T) {
	seen := make(map[int]bool)
	shown := make(map[string]bool)
	for _, dir := range rows(t) {
		name := filepath.Base(dir)
		number, _, _ := strings.Cut(name, "-")
		n, _ := strconv.Atoi(number)
		seen[n] = true
		r := rowOf(t, name)
		old, now, _ := readRow(t, dir)
		cells := make(map[compat.Role]string)
		for _, f := range compareRow(old, now) {
			shown[f.Rule] = true
			if !slices.Contains(strings.Fields(r.rules), f.Rule) {
				t.Errorf("%s: rule %s is not of this row", name, f.Rule)
			}
			side := map[compat.Direction]string{compat.ToGuests: "a", compat.ToHosts: "b"}[f.Direction]
			roles := []compat.Role{f.Role}
			if f.Role == compat.BothRoles && f.Rule == "PACKAGE_SAME_NAME" {
				roles = []compat.Role{compat.Imports, compat.Exports}
			}
			for _, role := range roles {
				if f.Severity != compat.Info && !strings.Contains(cells[role], side) {
					cells[role] += side
				}
			}
		}
		wantImports, wantExports := r.imports, r.exports
		if l, ok := other[name]; ok {
			wantImports, wantExports = l.imports, l.exports
		}
		if cells[compat.Imports] != wantImports || cells[compat.Exports] != wantExports {
			t.Errorf("%s: got %q when imported and %q when exported, want %q and %q", name, cells[compat.Imports], cells[compat.Exports], wantImports, wantExports)
		}
	}
	for n := range catalogue {
		if !seen[n] {
			t.Errorf("row %d is not there", n)
		}
	}
	for _, r := range compat.Rules() {
		if !shown[r.ID] {
			t.Errorf("no row shows %s", r.ID)
		}
	}
}

// coreOf returns the names of all core functions that a package's worlds make,
// and the core types of each, as far as another one has the world.
func coreOf(p, other *wit.Package) map[string]string {
	core := make(map[string]string)
	function := func(prefix string, f *wit.Func) {
		async := layout.Options{Async: f.Async}
		text := func(s layout.Signature) string { return fmt.Sprint(s.Params, s.Results) }
		lift := layout.Lift(f, layout.Options{Async: f.Async, Callback: f.Async})
		core[prefix+f.Name] = text(layout.Lower(f, async)) + text(lift) + fmt.Sprint(f.Async)
	}
	for _, w := range p.Worlds {
		if other.World(w.Name) == nil {
			continue
		}
		for side, items := range [][]*wit.WorldItem{w.Imports, w.Exports} {
			prefix := w.Name + [2]string{" import ", " export "}[side]
			for _, item := range items {
				if item.Func != nil {
					function(prefix, item.Func)
				}
				if item.Interface == nil {
					continue
				}
				prefix := prefix + item.Name() + "#"
				for _, f := range item.Interface.Funcs {
					function(prefix, f)
				}
				for _, d := range item.Interface.Types {
					if _, ok := d.Type.(*wit.Resource); ok {
						core[prefix+"[resource-drop]"+d.Name] = ""
					}
				}
			}
		}
	}
	return core
}

// TestRowsCore works out what core modules see of each row, from the core
// signatures of both sides, and holds it to the table, and the tag of the
// findings to both: what nobody links any more, and no core signature shows.
func TestRowsCore(t *testing.T) {
	for _, dir := range rows(t) {
		name := filepath.Base(dir)
		r := rowOf(t, name)
		old, now, _ := readRow(t, dir)
		a, b := coreOf(old, now), coreOf(now, old)
		got := same
		for k, v := range a {
			switch w, ok := b[k]; {
			case !ok:
				got = renamed
			case v != w && got == same:
				got = changed
			}
		}
		for k := range b {
			if _, ok := a[k]; !ok {
				got = renamed
			}
		}
		if r.core != unknown && got != r.core {
			t.Errorf("%s: core signatures are %s, want %s", name, got, r.core)
		}
		silent := got == same && r.imports == "ab" && r.exports == "ab" && name != "27-flags-32-33"
		for _, f := range compareRow(old, now) {
			if f.Silent != silent {
				t.Errorf("%s: %s [%s] silent is %v, want %v", name, f.Rule, f.Category, f.Silent, silent)
			}
		}
	}
}

// TestRowsBackwards compares the sides of each row the other way round: an old
// guest that does not link to a new host is then a new one on an old host.
func TestRowsBackwards(t *testing.T) {
	one := map[string]string{
		"30-type-added":             "it is info alone when a type is added, and a warning when it goes",
		"31-unused-type-removed":    "as 30",
		"49-import-export":          "an export that is an import now is an error for guests, too",
		"50-export-import":          "as 49",
		"52-include":                "a new world concerns nobody",
		"58-world-removed":          "a new world concerns nobody",
		"59-interface-removed":      "a new interface concerns nobody",
		"56-version-bump-too-small": "versions go up",
		"27-flags-32-33":            "32 flags are as many as there may be",
	}
	for _, dir := range rows(t) {
		name := filepath.Base(dir)
		if one[name] != "" {
			continue
		}
		old, now, _ := readRow(t, dir)
		sides := func(found []compat.Finding, back bool) []string {
			var list []string
			for _, f := range found {
				guests := (f.Direction == compat.ToGuests) != back
				if f.Severity != compat.Info {
					list = append(list, fmt.Sprint(f.Role, " ", guests))
				}
			}
			slices.Sort(list)
			return slices.Compact(list)
		}
		there, back := sides(compat.Compare(old, now, compat.Options{}), false), sides(compat.Compare(now, old, compat.Options{}), true)
		if !slices.Equal(there, back) {
			t.Errorf("%s: there %q, back %q", name, there, back)
		}
	}
}
