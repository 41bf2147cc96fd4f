package random_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// holdingFirst is the number of the first world with resources.
const holdingFirst = 100000

// newHoldingPair returns a random world with resources and a newer version of it.
func newHoldingPair(seed uint64, n int) (older, newest *wit.World, err error) {
	m := &mutator{Rand: rand.New(rand.NewPCG(seed, uint64(n)+1<<33))}
	w, err := newHolding(m.Rand)
	if err != nil {
		return nil, nil, err
	}
	return versions(w, m.holding)
}

// addHolding adds the packages of two versions, and what TestPassage needs to know of
// them.
func (o *overlay) addHolding(n int, older, newest *wit.World) error {
	dir := fmt.Sprintf("w%d", n)
	files, err := gen.Generate(newest, gen.Options{PackageRoot: path.Join(root, dir), Older: []*wit.World{older}})
	if err != nil {
		return err
	}
	if err := o.addFiles(dir, files); err != nil {
		return err
	}
	var cases, errs, makes, recorders []string
	for _, f := range files {
		pkg := path.Dir(f.Path)
		if path.Dir(pkg) != "v0_2" || path.Base(pkg) == newest.Name {
			continue
		}
		if strings.HasSuffix(f.Path, "_abi"+gen.Suffix) {
			source, err := errorTypes(f.Content)
			if err != nil {
				return err
			}
			if err := o.add(path.Join("golden/random", dir, pkg, "errs.go"), source); err != nil {
				return err
			}
			errs = append(errs, o.own.use(n, pkg)+".Errs")
			continue
		}
		source, err := recorder(f.Content, resourceNames(newest, path.Base(pkg))...)
		if err != nil {
			return err
		}
		if err := o.add(path.Join("golden/random", dir, pkg, "recorder.go"), source); err != nil {
			return err
		}
		as := o.own.use(n, pkg)
		cases = append(cases, as+".Cases")
		if bytes.Contains(source, []byte("\nvar Make ")) {
			makes = append(makes, as+".Make")
		}
		if bytes.Contains(source, []byte("\ntype Recorder ")) {
			recorders = append(recorders, "func(a answer) any { return "+as+".Recorder{Answer: a} }")
		}
	}
	fmt.Fprintf(&o.own.body, `
	holdingPairs = append(holdingPairs, holdingPair{
		older: %q, newest: %q,
		world: world{cases: []map[reflect.Type][]reflect.Type{%s}, errs: slices.Concat(%s)},
		make: []map[string]func(uint64, func(any, string, []any) []any) any{%s},
		recorders: []func(answer) any{%s},
		start: func(ctx context.Context, c *rt.Component, fill func(any), config rt.InstanceConfig) (any, *rt.Instance, error) {
			var imports %[7]s.Imports
			fill(&imports)
			p, err := %[7]s.Instantiate(ctx, c, imports, config)
			if err != nil {
				return nil, nil, err
			}
			return p, p.RT(), nil
		},
	})
`, wit.Print(older.Package), wit.Print(newest.Package), strings.Join(cases, ", "), strings.Join(errs, ", "),
		strings.Join(makes, ", "), strings.Join(recorders, ", "), o.own.use(n, "v0_2/guest"))
	return nil
}

// resourceNames returns the names of the resources of an interface.
func resourceNames(w *wit.World, name string) []string {
	var names []string
	for _, i := range w.Package.Interfaces {
		for _, d := range i.Types {
			if _, ok := d.Type.(*wit.Resource); ok && i.Name == name {
				names = append(names, d.Name)
			}
		}
	}
	return names
}
