package echo

import (
	"fmt"
	"strconv"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// Component returns a component of a world, each exported function of which
// calls an imported one with its arguments and returns the result of that: the
// function of the same name and type in the import of the same name, or else
// in the first import that has such a function.
//
// Where there is none, the function returns its argument itself, without a call
// of the host. That can be done without a look at the values if they are
// returned as they are passed: the types of the one parameter and of the result
// are the same, or the result is a tuple of the types of all parameters, and
// either takes one core value or goes through memory both ways.
//
// A guest that exports a resource imports one of that name too, and its own are made
// of those: so they come and go as any other value does. For handles the guest has to
// look at values, so each function that it exports is imported too.
//
// The error says what the guest cannot do: have streams, futures,
// error contexts or async functions, or return an argument for which that does
// not hold.
func Component(w *wit.World, e Encoding) ([]byte, error) {
	if err := check(w); err != nil {
		return nil, err
	}
	g := &guest{component: newComponent(), world: w, encoding: e, lowered: make(map[target]int), resets: make(map[string]int), resources: make(map[*wit.TypeDef]*resource)}
	g.memory()
	g.importAll(w)
	if err := g.makeResources(); err != nil {
		return nil, err
	}
	if err := g.program(); err != nil {
		return nil, err
	}
	for _, item := range w.Exports {
		g.exportItem(item)
	}
	return g.out, nil
}

// guest is a component with two core modules: one with the memory, which
// imports are lowered with, and the program, which calls those.
type guest struct {
	*component
	world    *wit.World
	encoding Encoding

	// The program: what it imports, after realloc, and what it exports, under
	// the numbers that exported functions have in the order of the world.
	lowered map[target]int // by number among the program's imports
	host    []string       // of the core instance that those come from
	core    program
	lifted  int            // how many of the exports are
	resets  map[string]int // aliased post-returns

	resources map[*wit.TypeDef]*resource // by their roots
	ordered   []*resource
}

// target is a function that calls go to.
type target struct {
	item *wit.WorldItem
	fn   *wit.Func
}

// memory is core instance 0, memory 0 and core function 0, realloc.
func (g *guest) memory() {
	g.put(sectionCoreModule + sized(memoryModule()))
	g.coreModules++
	g.section(sectionCoreInstance, "\x00\x00\x00")
	g.coreInstances++
	g.section(sectionAlias, "\x00\x02\x01\x00"+sized("memory"))
	g.coreAlias(0, "realloc")
}

// program makes the core instance of the exported functions, which is the last
// one.
func (g *guest) program() error {
	for _, item := range g.world.Exports {
		for _, f := range functions(item) {
			if to, ok := g.target(item, f); ok {
				g.lower(to)
			}
			g.core.count++
		}
	}
	var handles *handling
	if len(g.ordered) > 0 {
		g.giveResources()
		handles = g.handling()
	}
	for _, item := range g.world.Exports {
		for _, f := range functions(item) {
			if err := g.define(item, f, handles); err != nil {
				return fmt.Errorf("export %q: function %q: %w", item.Name(), f.Name, err)
			}
		}
	}
	args := []string{argument("memory", sortCoreInstance, 0)}
	if len(g.host) > 0 {
		g.section(sectionCoreInstance, "\x01"+vector(g.host...))
		args = append(args, argument("host", sortCoreInstance, g.coreInstances))
		g.coreInstances++
	}
	g.put(sectionCoreModule + sized(g.core.module()))
	g.section(sectionCoreInstance, "\x00"+unsigned(g.coreModules)+vector(args...))
	g.coreModules++
	g.coreInstances++
	return nil
}

// functions returns the functions of an item.
func functions(item *wit.WorldItem) []*wit.Func {
	if item.Func != nil {
		return []*wit.Func{item.Func}
	}
	return item.Interface.Funcs
}

// handling is what the program does with handles in what it passes on.
type handling struct {
	arguments, results walker
	drop               string
}

func (g *guest) handling() *handling {
	h := &handling{drop: g.core.resourceFunctions(g.ordered)}
	h.arguments = walker{program: &g.core, resources: g.resources, known: make(map[wit.Type]int)}
	h.results = walker{program: &g.core, resources: g.resources, known: make(map[wit.Type]int), result: true}
	return h
}

// define adds an exported function to the program.
func (g *guest) define(item *wit.WorldItem, f *wit.Func, handles *handling) error {
	s := layout.Lift(f, layout.Options{})
	to, ok := g.target(item, f)
	if ok {
		var c passing
		if handles != nil {
			c = passing{handles.arguments.arguments(f, s), handles.drop + handles.results.returned(f, s, len(s.Params))}
		}
		g.core.pass(s, g.lower(to), c)
		return nil
	}
	if !returns(f, s) || handles != nil {
		return fmt.Errorf("no import has it, and no guest can return its arguments without a look at them: %s", wit.FuncText(f))
	}
	g.core.identity(s)
	return nil
}

// target returns the imported function that an exported one calls.
func (g *guest) target(ex *wit.WorldItem, f *wit.Func) (to target, ok bool) {
	text := wit.FuncText(f)
	for _, im := range g.world.Imports {
		if im.Type != nil {
			continue
		}
		for _, x := range functions(im) {
			if x.Name != f.Name || wit.FuncText(x) != text {
				continue
			}
			if im.Name() == ex.Name() {
				return target{im, x}, true
			}
			if !ok {
				to, ok = target{im, x}, true
			}
		}
	}
	return to, ok
}

// returns reports whether the core values of the arguments are those of the
// result.
func returns(f *wit.Func, s layout.Signature) bool {
	if f.Result == nil {
		return len(f.Params) == 0
	}
	if s.ParamsSpill != s.ResultSpills || len(s.Params) != 1 {
		return false
	}
	result := wit.TypeText(f.Result)
	if len(f.Params) == 1 && wit.TypeText(f.Params[0].Type) == result {
		return true
	}
	all := &wit.Tuple{}
	for _, p := range f.Params {
		all.Types = append(all.Types, p.Type)
	}
	return wit.TypeText(all) == result
}

// lower makes an imported function one of the program's and returns its index
// there.
func (g *guest) lower(to target) int {
	if i, ok := g.lowered[to]; ok {
		return i
	}
	fn := g.imports[to.item]
	if to.item.Interface != nil {
		fn = g.alias(sortFunc, fn, to.fn.Name)
	}
	g.section(sectionCanon, "\x01\x00"+unsigned(fn)+g.options())
	g.coreFuncs++
	s := layout.Lower(to.fn, layout.Options{})
	i := g.give(g.coreFuncs-1, coreTypes(s.Params), coreTypes(s.Results))
	g.lowered[to] = i
	return i
}

// give makes a core function one of the program's and returns its index there.
func (g *guest) give(fn int, params, results string) int {
	name := strconv.Itoa(len(g.host))
	g.host = append(g.host, sized(name)+"\x00"+unsigned(fn))
	return g.core.imported(name, params, results)
}

// options encodes canonical options, and others beside those that all have.
func (g *guest) options(more ...string) string {
	return vector(append([]string{string([]byte{byte(g.encoding)}), "\x03\x00", "\x04\x00"}, more...)...)
}

// lift makes the next function of the program one of the component's and
// returns its index.
func (g *guest) lift(f *wit.Func) int {
	results := coreTypes(layout.Lift(f, layout.Options{}).Results)
	post, ok := g.resets[results]
	if !ok {
		post = g.coreAlias(0, reset(results))
		g.resets[results] = post
	}
	core := g.coreAlias(g.coreInstances-1, strconv.Itoa(g.lifted))
	g.lifted++
	t := g.types.function(f)
	g.section(sectionCanon, "\x00\x00"+unsigned(core)+g.options("\x05"+unsigned(post))+unsigned(t))
	g.funcs++
	return g.funcs - 1
}
