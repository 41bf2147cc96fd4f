package wasi_test

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wasi/p2/cli/run"
	"github.com/witgen/witgen/rt/wasi/p2/http/incominghandler"
)

// interfaces returns those of WASI: all that guests import, and what they
// export.
func interfaces() []*abi.Interface {
	all := []*abi.Interface{run.Interface, incominghandler.Interface}
	for _, im := range wasi.Imports(wasi.Config{}) {
		all = append(all, im.Interface)
	}
	return all
}

// nameOf returns the name of a function in the tables: "io/streams
// input-stream.read".
func nameOf(x *abi.Interface, f abi.FuncType) string {
	name := strings.TrimPrefix(f.Name, "[method]")
	name = strings.TrimPrefix(name, "[static]")
	if resource, ok := strings.CutPrefix(name, "[constructor]"); ok {
		name = resource + ".new"
	}
	return strings.TrimSuffix(strings.TrimPrefix(x.Name, "wasi:"), "@0.2.12") + " " + name
}

// call is a row of the table: the Go function that answers a guest's call, and a
// test that makes it.
type call struct {
	code string // "stream.Input.Read", below internal
	test string // "stream.TestReadAhead", below internal or beside it
}

// calls returns the tables.
func calls(t *testing.T) map[string]call {
	t.Helper()
	table := make(map[string]call)
	for line := range strings.Lines(functions + drafted) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) != 4 {
			t.Fatalf("%q: want an interface, a function, code and a test", line)
		}
		name := f[0] + " " + f[1]
		if _, twice := table[name]; twice {
			t.Errorf("%s is there twice", name)
		}
		table[name] = call{f[2], f[3]}
	}
	return table
}

// folder returns the folder of a name of the table, and the rest of it.
func folder(name string) (dir, rest string) {
	dir, rest, _ = strings.Cut(name, ".")
	switch dir {
	case "wasi":
		return ".", rest
	case "wasihttp":
		return dir, rest
	}
	return path.Join("internal", dir), rest
}

// TestFunctions has a test for each function of WASI 0.2.12 and of the drafts: no
// function is without, and no test is none.
func TestFunctions(t *testing.T) {
	table, rest := calls(t), calls(t)
	tests := make(map[string]map[string]bool)
	n := 0
	for _, x := range interfaces() {
		for _, f := range x.Funcs {
			n++
			name := nameOf(x, f)
			row, ok := table[name]
			if !ok {
				t.Errorf("%s has no test", name)
				continue
			}
			delete(rest, name)
			dir, test := folder(row.test)
			if tests[dir] == nil {
				tests[dir] = testsOf(t, dir)
			}
			if !tests[dir][test] {
				t.Errorf("%s: there is no test %s in %s", name, test, dir)
			}
		}
	}
	if n != 181+draftFunctions {
		t.Errorf("%d functions, want the 181 of WASI 0.2.12 and the %d of drafts", n, draftFunctions)
	}
	for name := range rest {
		t.Errorf("%s is no function", name)
	}
}

// testsOf returns the names of the tests in a folder.
func testsOf(t *testing.T, dir string) map[string]bool {
	t.Helper()
	tests := make(map[string]bool)
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				tests[f.Name.Name] = strings.HasPrefix(f.Name.Name, "Test")
			}
		}
	}
	return tests
}

// TestFunctionsAreCalled runs the tests of the table, each alone, and looks at
// what the compiler recorded: a test that does not call its functions is none.
func TestFunctionsAreCalled(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs the tests of other packages")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the table has what answers on Linux")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	byTest := make(map[string]map[string]string) // test → code → function
	for name, row := range calls(t) {
		if byTest[row.test] == nil {
			byTest[row.test] = make(map[string]string)
		}
		byTest[row.test][row.code] = name
	}
	dirs := make(map[string]bool)
	for test := range byTest {
		dir, _ := folder(test)
		dirs[dir] = true
	}
	binaries := build(t, slices.Sorted(maps.Keys(dirs)))
	for _, test := range slices.Sorted(maps.Keys(byTest)) {
		dir, name := folder(test)
		hit := covered(t, binaries[dir], dir, name)
		for code, function := range byTest[test] {
			if !hit[code] {
				t.Errorf("%s: %s does not call %s", function, test, code)
			}
		}
	}
}

// build builds the tests of folders, with a record of what they call, and returns
// where the tests of each are.
func build(t *testing.T, dirs []string) map[string]string {
	t.Helper()
	all := t.TempDir()
	args := []string{"test", "-c", "-o", all + string(filepath.Separator), "-ldflags=-s -w", "-coverpkg", "./,./wasihttp,./internal/..."}
	binaries := make(map[string]string)
	for _, dir := range dirs {
		args = append(args, "./"+dir)
		name := path.Base(dir)
		if dir == "." {
			name = "wasi"
		}
		binaries[dir] = filepath.Join(all, name+".test")
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binaries
}

// covered runs a test and returns the functions that were called meanwhile.
func covered(t *testing.T, binary, dir, test string) map[string]bool {
	t.Helper()
	profile := filepath.Join(t.TempDir(), "profile")
	c := exec.CommandContext(t.Context(), binary, "-test.run", "^"+test+"$", "-test.coverprofile", profile)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%s in %s: %v: %s", test, dir, err, out)
		return nil
	}
	f, err := os.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hit := make(map[string]bool)
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasSuffix(s.Text(), " 0") { // most of them
			continue
		}
		m := block.FindStringSubmatch(s.Text())
		if m == nil {
			continue
		}
		line, _ := strconv.Atoi(m[2])
		for _, x := range bodies(t, m[1]) {
			if x.from <= line && line <= x.to {
				hit[x.name] = true
			}
		}
	}
	return hit
}

// block is a line of a profile: a file and its first line, and how often it ran.
var block = regexp.MustCompile(`^github\.com/witgen/witgen/rt/wasi/(\S+\.go):(\d+)\.\S+ \d+ \d+$`)

// body is where a function is in a file.
type body struct {
	name     string // "stream.Input.Read"
	from, to int
}

var bodiesOf = make(map[string][]body)

// bodies returns the functions of a file.
func bodies(t *testing.T, name string) []body {
	t.Helper()
	if all, ok := bodiesOf[name]; ok {
		return all
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all []body
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			all = append(all, body{
				fmt.Sprint(file.Name, receiver(f), ".", f.Name),
				set.Position(f.Pos()).Line, set.Position(f.End()).Line,
			})
		}
	}
	bodiesOf[name] = all
	return all
}

// receiver returns the type of a method, after a dot.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	x := f.Recv.List[0].Type
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	return fmt.Sprint(".", x)
}
