package echo

import (
	"errors"
	"fmt"

	"github.com/witgen/witgen/wit"
)

// Chain returns a component of a world, with a guest of it inside for each of
// the encodings: what the first one imports is the second one's export of the
// same name, and so on; the last one's imports are the component's own, as is
// what no guest exports. The component exports what the first one does.
//
// The error is that of [Component], or says that there are resources, or that the guests have nothing to
// call each other for, which is so where no interface or function is imported
// and exported by one name.
func Chain(w *wit.World, guests ...Encoding) ([]byte, error) {
	if err := check(w); err != nil {
		return nil, err
	}
	for _, item := range w.Imports {
		if len(resources(item)) > 0 {
			return nil, fmt.Errorf("import %q: no chain with resources", item.Name())
		}
	}
	c := newComponent()
	c.importAll(w)
	nested := make(map[Encoding]int)
	given := make(map[string]int) // exports of the newest guest by name
	for n := len(guests) - 1; n >= 0; n-- {
		e := guests[n]
		if _, ok := nested[e]; !ok {
			inner, err := Component(w, e)
			if err != nil {
				return nil, err
			}
			nested[e] = c.nest(inner)
		}
		var args []string
		linked := len(given) == 0
		for _, item := range w.Imports {
			i, ok := given[item.Name()]
			if !ok {
				i = c.imports[item]
			}
			linked = linked || ok
			args = append(args, argument(item.Name(), sort(item), i))
		}
		if !linked {
			return nil, fmt.Errorf("world %q imports nothing that it exports", w.Name)
		}
		instance := c.instantiate(nested[e], args...)
		for _, item := range w.Exports {
			given[item.Name()] = c.alias(sort(item), instance, item.Name())
		}
	}
	for _, item := range w.Exports {
		i, ok := given[item.Name()]
		if !ok {
			return nil, errors.New("a chain of no guests")
		}
		c.export(item.Name(), sort(item), i)
	}
	return c.out, nil
}
