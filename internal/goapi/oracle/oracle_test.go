package oracle_test

import (
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/exp/apidiff"

	"github.com/witgen/witgen/internal/goapi"
	"github.com/witgen/witgen/wit"
)

// pair is a world of a row, before and after the change.
type pair struct {
	row, world string
	old, now   *generated
}

// invalid are the rows that nothing is generated for on one side, and why.
var invalid = map[string]string{
	"27-flags-32-33": "WIT has no types of more than 32 flags",
}

// pairs returns all worlds of all rows of the catalogue. A world that is there
// no more is compared with the only one that is, as witgen breaking does.
func pairs(t *testing.T, set *token.FileSet) []pair {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(repository, "wit/compat/testdata/rows/*"))
	if err != nil || len(dirs) < 57 {
		t.Fatalf("%d rows, %v", len(dirs), err)
	}
	var all []pair
	for _, dir := range dirs {
		row := filepath.Base(dir)
		var sides [2]*wit.Package
		for n, name := range []string{"old.wit", "new.wit"} {
			if sides[n], err = wit.Load(filepath.Join(dir, name), wit.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		for _, w := range sides[0].Worlds {
			v := sides[1].World(w.Name)
			if v == nil && len(sides[1].Worlds) == 1 {
				v = sides[1].Worlds[0]
			}
			if v == nil {
				t.Fatalf("%s: there is no world to compare %s with", row, w.Name)
			}
			old, before := generate(set, w)
			now, after := generate(set, v)
			if invalid[row] != "" {
				if before == nil && after == nil {
					t.Errorf("%s: packages are generated, though %s", row, invalid[row])
				}
				continue
			}
			if before != nil || after != nil {
				t.Fatal(row, before, after)
			}
			all = append(all, pair{row, w.Name, old, now})
		}
	}
	return all
}

// kind is what apidiff says of a break, and the rules of package goapi that say
// the same.
type kind struct {
	message *regexp.Regexp
	rules   []string
}

var kinds = []kind{
	{regexp.MustCompile(`^removed$`), []string{goapi.DeclGone, goapi.PackageGone, goapi.Moved}},
	{regexp.MustCompile(`^added( unexported method)?$`), []string{goapi.MethodAdded}},
	{regexp.MustCompile(`^(value )?changed from `), []string{goapi.DeclChanged}},
	{regexp.MustCompile(`^old is comparable, new is not$`), []string{goapi.Incomparable}},
}

// theirs returns the breaks that apidiff finds, by items as package goapi writes
// them: the path of the package, a dot and the declaration.
func theirs(t *testing.T, old, now *apidiff.Module) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	for _, c := range apidiff.ModuleChanges(old, now).Changes {
		if c.Compatible {
			continue
		}
		item, message, _ := strings.Cut(c.Message, ": ")
		if name, ok := strings.CutPrefix(item, "package "+root+"/"); ok {
			item = name + "."
		} else {
			item = strings.NewReplacer("(*", "", ")", "").Replace(strings.TrimPrefix(item, "./"))
		}
		n := slices.IndexFunc(kinds, func(k kind) bool { return k.message.MatchString(message) })
		if n < 0 {
			t.Errorf("apidiff says something new: %s", c.Message)
			continue
		}
		found[item] = kinds[n].rules
	}
	return found
}

// ours returns the rules of the breaks that package goapi finds, by item.
func ours(old, now []string) map[string]string {
	found := make(map[string]string)
	for _, c := range goapi.Compare(old, now) {
		found[c.Package+"."+c.Item] = c.Rule
	}
	return found
}

// companion returns the declaration that a generated one goes with, so that one
// finding is about both: the interface of what to embed for it, and its methods,
// and the resource of the value that stands for it. It is "" for any other.
func companion(item string) string {
	dot := strings.LastIndexByte(item, '/') + 1
	dot += strings.IndexByte(item[dot:], '.') + 1
	if name, ok := strings.CutPrefix(item[dot:], "Unimplemented"); ok {
		return item[:dot] + name
	}
	if name, ok := strings.CutSuffix(item, "Resource"); ok {
		return name
	}
	return ""
}

// collapsed are the items that apidiff alone finds, by rows: package goapi tells
// of one thing that both find, and this follows from it.
var collapsed = map[string]struct {
	item   string
	causes []string // one of which both find, depending on the way
	why    string
}{
	"18-record-tuple":        {"api.API.Run", []string{"api.Point"}, "the function takes the type by its name, which stays"},
	"18-tuple-record":        {"api.API.Run", []string{"api.Point"}, "the function takes the type by its name, which stays"},
	"35-alias-retargeted":    {"api.API.Get", []string{"api.Size"}, "the function returns the type by its name, which stays"},
	"51-inline-named-export": {"plugin.Plugin.Admin", []string{"admin.", "plugin/admin."}, "the package of the field's type is gone, and the new one is named"},
	"51-inline-named-import": {"plugin.Imports.Admin", []string{"admin.", "plugin/admin."}, "the package of the field's type is gone, and the new one is named"},
	"54-resource-moved":      {"a.A.Get", []string{"a.Entry", "b.Entry"}, "the type has moved, which is one thing to follow"},
	"54-type-moved":          {"a.A.Get", []string{"a.Entry", "b.Entry"}, "the type has moved, which is one thing to follow"},
	"54-type-moved-away":     {"b.B.Put", []string{"a.Entry", "b.Entry"}, "the type has moved, which is one thing to follow"},
}

// compatible are the rows that break guests, and no Go code: by apidiff alone
// nobody would know. An alias of another number, row 35, is not among them, since
// it is a Go alias.
var compatible = []string{"09", "14", "15", "17", "20", "22", "24", "25", "26"}

// TestRows compares the packages that are generated for each row of the
// catalogue, both ways, and finds what apidiff does, item by item.
func TestRows(t *testing.T) {
	set := token.NewFileSet()
	all := pairs(t, set)
	var sides []*generated
	for _, p := range all {
		sides = append(sides, p.old, p.now)
	}
	runtime := compiled(t, set, sides)
	used := make(map[string]bool)
	for _, p := range all {
		t.Run(p.row+"/"+p.world, func(t *testing.T) {
			modules := [2]*apidiff.Module{p.old.module(t, set, runtime), p.now.module(t, set, runtime)}
			lines := [2][]string{p.old.lines(t), p.now.lines(t)}
			there := theirs(t, modules[0], modules[1])
			if slices.Contains(compatible, p.row[:2]) && len(there) > 0 {
				t.Errorf("apidiff finds %v", there)
			}
			agree(t, p.row, there, ours(lines[0], lines[1]), used)
			agree(t, p.row, theirs(t, modules[1], modules[0]), ours(lines[1], lines[0]), used)
		})
	}
	for row := range collapsed {
		if !used[row] {
			t.Errorf("%s: apidiff does not find %s", row, collapsed[row].item)
		}
	}
}

// agree compares what both find of a row in one way.
func agree(t *testing.T, row string, theirs map[string][]string, ours map[string]string, used map[string]bool) {
	t.Helper()
	both := func(item string) bool { return theirs[item] != nil && ours[item] != "" }
	for item, rules := range theirs {
		rule, found := ours[item]
		switch known := collapsed[row]; {
		case found && slices.Contains(rules, rule):
		case found:
			t.Errorf("%s: apidiff says what %q say, and package goapi %s", item, rules, rule)
		case both(companion(item)):
		case (item == known.item || companion(item) == known.item) && slices.ContainsFunc(known.causes, both):
			used[row] = true
		default:
			t.Errorf("%s: apidiff alone finds what %q say", item, rules)
		}
	}
	for item, rule := range ours {
		if theirs[item] == nil {
			t.Errorf("%s: package goapi alone finds %s", item, rule)
		}
	}
}
