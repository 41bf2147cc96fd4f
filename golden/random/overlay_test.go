package random_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// root is the import path below which the packages of random worlds are.
const root = "github.com/witgen/witgen/golden/random"

// newWorld returns a random world: its text is loaded, so that all that a world
// goes through is used.
func newWorld(seed uint64, n int) (*wit.World, error) {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	w := echo.Random(r, echo.Shape{Funcs: 1 + r.IntN(3), Depth: 2 + r.IntN(3)})
	for _, f := range w.Exports[0].Interface.Funcs {
		if r.IntN(3) == 0 {
			f.Result = outcome(r, w.Exports[0].Interface, f.Result)
		}
		if r.IntN(2) == 0 {
			for i, n := range r.Perm(len(words))[:len(f.Params)] {
				f.Params[i].Name = words[n]
			}
		}
	}
	for i, n := range r.Perm(len(words))[:len(w.Exports[0].Interface.Funcs)] {
		w.Exports[0].Interface.Funcs[i].Name = words[n]
	}
	return load(wit.Print(w.Package))
}

// words are names of functions and parameters that mean something in Go, or
// where they are used in generated code.
var words = []string{
	"func", "type", "range", "select", "map", "string", "error", "nil", "len", "append", "panic", "iota", "any", "uint32", "true",
	"ctx", "context", "err", "errors", "fmt", "math", "rt", "abi", "cm", "m", "c", "v", "x", "e", "ok", "i", "ret", "ptr", "host",
	"close", "echo", "types", "guest", "import", "export", "interface", "init", "main",
}

// outcome makes a result of a type, for a function that may fail: with errors
// of a type that the interface names, if it does.
func outcome(r *rand.Rand, i *wit.Interface, ok wit.Type) wit.Type {
	errs := []wit.Type{nil, wit.String, wit.U16, &wit.Option{Elem: wit.Char}}
	for range 2 {
		for _, d := range i.Types {
			errs = append(errs, d)
		}
	}
	return &wit.Result{OK: ok, Err: errs[r.IntN(len(errs))]}
}

// load reads a package with one world.
func load(text string) (*wit.World, error) {
	p, err := wit.LoadFS(fstest.MapFS{"random.wit": {Data: []byte(text)}}, "random.wit", wit.Options{})
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, text)
	}
	return p.ChooseWorld("")
}

// tooLarge reports whether the world has a value of a fixed size that is so
// large that Go's arrays are not made for it, or tests of it take long.
func tooLarge(w *wit.World) bool {
	large := func(t wit.Type) bool { return t != nil && layout.Of(t).Size > 1<<13 }
	for _, item := range w.Imports {
		for _, d := range item.Interface.Types {
			if large(d) {
				return true
			}
		}
		for _, f := range item.Interface.Funcs {
			for _, p := range f.Params {
				if large(p.Type) {
					return true
				}
			}
			if large(f.Result) {
				return true
			}
		}
	}
	return false
}

const overlayFile = "overlay.json"

// overlay is files that are there for the go command alone.
type overlay struct {
	dir     string // where they are
	base    string // the directory of the module, where they seem to be
	Replace map[string]string

	own, glue registry
}

func newOverlay(dir string) (*overlay, error) {
	base, err := filepath.Abs("../..")
	return &overlay{dir: dir, base: base, Replace: make(map[string]string)}, err
}

// add adds a file, by its path in the module.
func (o *overlay) add(name string, content []byte) error {
	file := filepath.Join(o.dir, fmt.Sprint(len(o.Replace)))
	o.Replace[filepath.Join(o.base, filepath.FromSlash(name))] = file
	return os.WriteFile(file, content, 0o666)
}

// addWorld adds the packages of a world, and what the tests need to know of it.
func (o *overlay) addWorld(n int, w *wit.World) error {
	w.Package.Name.Name = fmt.Sprintf("random-w%d", n)
	dir := fmt.Sprintf("w%d", n)
	files, err := gen.Generate(w, gen.Options{PackageRoot: path.Join(root, dir)})
	if err != nil {
		return err
	}
	var cases []string
	for _, f := range files {
		if err := o.add(path.Join("golden/random", dir, f.Path), f.Content); err != nil {
			return err
		}
		name := path.Dir(f.Path)
		if name == w.Name || strings.HasSuffix(f.Path, "_abi"+gen.Suffix) {
			continue
		}
		source, err := recorder(f.Content)
		if err != nil {
			return err
		}
		if err := o.add(path.Join("golden/random", dir, name, "recorder.go"), source); err != nil {
			return err
		}
		cases = append(cases, o.own.use(n, name)+".Cases")
	}
	o.own.register(n, w, cases)
	o.glue.glue(n, w)
	return nil
}

// finish writes the overlay.
func (o *overlay) finish() error {
	if err := o.add("golden/random/registered_test.go", o.own.source("random_test")); err != nil {
		return err
	}
	if err := o.add("rt/differential/registered_test.go", o.glue.source("differential_test")); err != nil {
		return err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.dir, overlayFile), text, 0o666)
}
