package random_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/yours"
	"github.com/witgen/witgen/wit"
)

// addPairs makes so many pairs, which are numbered, and adds them. It returns the newest
// versions.
func (o *overlay) addPairs(t *testing.T, count, first int, random func(seed uint64, n int) (older, newest *wit.World, err error),
	add func(n int, older, newest *wit.World) error,
) []*wit.World {
	t.Helper()
	var worlds []*wit.World
	for n := 0; len(worlds) < count; n++ {
		as := first + len(worlds)
		older, newest, err := random(*seed, n)
		if err != nil {
			t.Fatalf("pair %d of -seed %d: %v", first+n, *seed, err)
		}
		if tooLarge(older) || tooLarge(newest) {
			continue
		}
		name := fmt.Sprintf("random-w%d", as)
		older.Package.Name.Name, newest.Package.Name.Name = name, name
		if err := add(as, older, newest); err != nil {
			t.Fatalf("pair %d of -seed %d: %v\n%s\n%s", first+n, *seed, err, wit.Print(older.Package), wit.Print(newest.Package))
		}
		worlds = append(worlds, newest)
	}
	return worlds
}

// newPair returns a random world and a newer version of it.
func newPair(seed uint64, n int) (older, newest *wit.World, err error) {
	w, err := newWorld(seed, n)
	if err != nil {
		return nil, nil, err
	}
	m := &mutator{Rand: rand.New(rand.NewPCG(seed, uint64(n)+1<<32))}
	return versions(w, m.world)
}

// versions returns a world as an older version, and what a change makes of it as the
// newest.
func versions(w *wit.World, change func(*wit.World)) (older, newest *wit.World, err error) {
	w.Package.Name.Version = "0.1.0"
	if older, err = load(wit.Print(w.Package)); err != nil {
		return nil, nil, err
	}
	if newest, err = load(wit.Print(w.Package)); err != nil {
		return nil, nil, err
	}
	change(newest)
	newest.Package.Name.Version = "0.2.0"
	newest, err = load(wit.Print(newest.Package))
	return older, newest, err
}

// panics is the body of functions that are the user's.
const panics = `panic("this function is yours")`

// recorded finds the methods of a recorder.
var recorded = regexp.MustCompile(`(?m)^func \(x Recorder\) (\w+)\(`)

// addPair adds the packages of two versions, and what TestOlder needs to know of
// them.
func (o *overlay) addPair(n int, older, newest *wit.World) error {
	dir := fmt.Sprintf("w%d", n)
	files, err := gen.Generate(newest, gen.Options{PackageRoot: path.Join(root, dir), Older: []*wit.World{older}})
	if err != nil {
		return err
	}
	if err := o.addFiles(dir, files); err != nil {
		return err
	}
	var cases, methods []string
	for _, f := range files {
		pkg := path.Dir(f.Path)
		if path.Dir(pkg) != "v0_2" || path.Base(pkg) == newest.Name || strings.HasSuffix(f.Path, "_abi"+gen.Suffix) {
			continue
		}
		source, err := recorder(f.Content)
		if err != nil {
			return err
		}
		if err := o.add(path.Join("golden/random", dir, pkg, "recorder.go"), source); err != nil {
			return err
		}
		cases = append(cases, o.own.use(n, pkg)+".Cases")
		for _, m := range recorded.FindAllSubmatch(source, -1) {
			methods = append(methods, string(m[1]))
		}
	}
	o.own.registerPair(n, older, newest, cases, methods)
	return nil
}

// addFiles adds generated files, and what is the user's to write.
func (o *overlay) addFiles(dir string, files []gen.File) error {
	for _, f := range files {
		name := path.Join("golden/random", dir, f.Path)
		if err := o.add(name, f.Content); err != nil {
			return err
		}
		source, _, err := yours.Source(f.Content, panics)
		if err != nil {
			return err
		}
		if source != nil {
			if err := o.add(strings.TrimSuffix(name, gen.Suffix)+"_yours.go", source); err != nil {
				return err
			}
		}
	}
	return nil
}

// registerPair tells TestOlder of a pair.
func (r *registry) registerPair(n int, older, newest *wit.World, cases, methods []string) {
	echo, guest := r.use(n, "v0_2/echo"), r.use(n, "v0_2/guest")
	fmt.Fprintf(&r.body, `
	pairs = append(pairs, pair{
		older: %q, newest: %q, methods: %#v,
		world: world{cases: []map[reflect.Type][]reflect.Type{%s}},
		start: func(ctx context.Context, c *rt.Component, answer answer, config rt.InstanceConfig) (any, *rt.Instance, error) {
			p, err := %s.Instantiate(ctx, c, %[5]s.Imports{Echo: %[6]s.Recorder{Answer: answer}}, config)
			if err != nil {
				return nil, nil, err
			}
			return p.Echo, p.RT(), nil
		},
	})
`, wit.Print(older.Package), wit.Print(newest.Package), methods, strings.Join(cases, ", "), guest, echo)
}
