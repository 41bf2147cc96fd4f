package rt

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// program is the compiled code of a component, with all that is known of it.
// Every [Component] of the same bytes and the instances of each share one.
type program struct {
	engine  *Engine
	typ     *types.ComponentType
	plan    *plan.Plan
	slots   []slots               // by plan.Lifts
	demands []demand              // by plan.Images; none for a module that the host gives
	images  []image               // by plan.Images; without code for a module that the host gives
	host    api.Module            // exports the provided functions; nil if there are none
	hosting wazero.CompiledModule // that host is one of

	exports func() exportNames

	// Guarded by the mutex of the engine's programs:
	key   digest        // of its bytes
	size  int64         // how many they are
	refs  int           // open components and instances
	place *list.Element // among the idle ones; nil unless it is one

	allowance *core.Allowance // of what compiling takes

	mu    sync.Mutex
	given map[givenImage]image // of modules that hosts gave
	texts map[int]string       // types of plan.Imports
}

// givenImage is an image of a plan made of a module that a host gave.
type givenImage struct {
	image int
	bytes *byte
}

// build makes a program of the component with these bytes.
func (e *Engine) build(ctx context.Context, key digest, wasm []byte) (*program, error) {
	var a *ahead
	if e.disk != nil {
		a = e.loadAhead(ctx, e.componentKey(key))
		defer a.close(ctx)
	}
	p, err := newProgram(e, wasm)
	if err != nil {
		return nil, err
	}
	err = p.provide(ctx)
	if err == nil {
		err = p.compile(ctx, a)
	}
	if err != nil {
		return nil, errors.Join(err, p.free(ctx))
	}
	if e.disk != nil {
		e.note(e.componentKey(key), p.images, a)
	}
	return p, nil
}

// newProgram decodes and checks a component, and plans it.
func newProgram(e *Engine, wasm []byte) (*program, error) {
	tree, err := binary.Decode(wasm)
	if err != nil {
		return nil, &decodeError{err}
	}
	checked, err := types.Check(tree)
	if err != nil {
		return nil, fmt.Errorf("component: %w", err)
	}
	p, err := plan.Build(checked)
	if err != nil {
		return nil, fmt.Errorf("component: %w", err)
	}
	c := &program{engine: e, typ: checked.Type, plan: p, slots: slotsOf(p), texts: make(map[int]string)}
	c.exports = sync.OnceValue(c.exportNames)
	if err := c.measure(); err != nil {
		return nil, fmt.Errorf("component: %w", err)
	}
	if err := c.allow(len(wasm)); err != nil {
		return nil, fmt.Errorf("component: %w", err)
	}
	return c, nil
}

// What core modules there may be to compile, all in all: a module is compiled
// once for each way in which it is linked.
const (
	maxCode      = 1 << 20
	maxCodeTimes = 4 // and so many times the size of the component
)

// allow gives the core modules what compiling them may take.
func (c *program) allow(size int) error {
	var code int64
	for _, list := range [][]plan.Image{c.plan.Images, c.plan.Unused} {
		for _, im := range list {
			code += int64(len(im.Module))
		}
	}
	if most := int64(c.engine.effort) * (maxCode + maxCodeTimes*int64(size)); code > most {
		return fmt.Errorf("core modules of %d bytes to compile, as they are linked in several ways, limit %d (Config.Effort)", code, most)
	}
	c.allowance = core.NewAllowance(code, c.engine.effort)
	return nil
}

// turns returns what has one for each core module that is being compiled.
func (e *Engine) turns() chan struct{} {
	if e.jobs != nil {
		return e.jobs
	}
	return make(chan struct{}, runtime.GOMAXPROCS(0))
}

// compile compiles the core modules, as many at a time as the engine does, but for
// those that were loaded ahead.
func (c *program) compile(ctx context.Context, a *ahead) error {
	all := slices.Concat(c.plan.Images, c.plan.Unused)
	c.images = make([]image, len(all)) // the unused ones are freed with the others
	errs := make([]error, len(all))
	turns := c.engine.turns()
	var wg sync.WaitGroup
	for i, im := range all {
		if im.Import >= 0 {
			continue
		}
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			errs[i] = context.Cause(ctx)
			continue
		}
		wg.Go(func() {
			defer func() { <-turns }()
			if ctx.Err() != nil {
				errs[i] = context.Cause(ctx)
				return
			}
			var err error
			var ok bool
			if c.images[i], ok = a.take(i); ok {
				return
			}
			if c.images[i], err = c.engine.compileImage(ctx, im.Module, im.Names, c.allowance); err != nil {
				errs[i] = fmt.Errorf("core module %d: %w", i, err)
			}
		})
	}
	wg.Wait()
	c.plan.Unused = nil
	for i := range c.plan.Images {
		c.plan.Images[i].Module = nil // it shares the bytes of the file
	}
	return errors.Join(errs...)
}

// image returns the code of an image: the component's, or that of a module
// which the host gave, compiled at its first use.
func (c *program) image(ctx context.Context, i int, given []*Module) (image, error) {
	im := c.plan.Images[i]
	if im.Import < 0 {
		return c.images[i], nil
	}
	m := given[im.Import]
	c.mu.Lock()
	defer c.mu.Unlock()
	key := givenImage{i, m.key()}
	if made, ok := c.given[key]; ok {
		return made, nil
	}
	names, err := m.names(im, c.plan.Modules[im.Import].Type)
	if err != nil {
		return image{}, err
	}
	capped, err := core.CapTables(m.bytes, maxTable)
	var made image
	if err == nil {
		made, err = c.engine.compileImage(ctx, capped, names, core.NewAllowance(int64(len(capped)), c.engine.effort))
	}
	if err != nil {
		return image{}, fmt.Errorf("core module %q: %w", c.plan.Modules[im.Import].Text(), err)
	}
	if c.given == nil {
		c.given = make(map[givenImage]image)
	}
	c.given[key] = made
	return made, nil
}

// free frees the compiled code.
func (c *program) free(ctx context.Context) error {
	var errs []error
	if c.host != nil {
		errs = append(errs, c.host.Close(ctx))
	}
	if c.hosting != nil {
		errs = append(errs, c.hosting.Close(ctx))
	}
	for _, m := range c.images {
		if m.code != nil { // it compiled
			errs = append(errs, m.code.Close(ctx))
		}
	}
	for _, m := range c.given {
		errs = append(errs, m.code.Close(ctx))
	}
	return errors.Join(errs...)
}

// importText returns the canonical text of the type of import i. Those that are
// not long are kept: they are compared whenever an instance is given the import
// beside its world.
func (c *program) importText(i int) string {
	const long = 4 << 10
	c.mu.Lock()
	text, ok := c.texts[i]
	c.mu.Unlock()
	if ok {
		return text
	}
	text = wit.FuncText(c.plan.Imports[i].Func)
	if len(text) <= long {
		c.mu.Lock()
		c.texts[i] = text
		c.mu.Unlock()
	}
	return text
}

// exportNames finds exported instances by their names, or by what they say that
// they implement.
type exportNames struct {
	wit.Names
	of []int // by what is found: index in plan.Exports.Instances
}

func (c *program) exportNames() exportNames {
	all := c.plan.Exports.Instances
	list, of := make([]string, len(all)), make([]int, len(all))
	for i, e := range all {
		list[i], of[i] = e.Name+e.Suffix, i
	}
	for i, e := range all {
		if e.Implements != "" {
			list, of = append(list, e.Implements), append(of, i)
		}
	}
	return exportNames{wit.NewNames(c.engine.versions, list), of}
}

// slots are the core values of a lifted function.
type slots struct {
	n      int  // that cross at most
	joined bool // cases of variants share some
}

func slotsOf(p *plan.Plan) []slots {
	all := make([]slots, len(p.Lifts))
	for i, l := range p.Lifts {
		s := layout.Lift(l.Func, layout.Options{Async: p.Options[l.Options].Async, Callback: l.Callback != nil})
		all[i].n = s.Slots()
		for _, param := range l.Func.Params {
			all[i].joined = all[i].joined || !s.ParamsSpill && layout.Joined(param.Type)
		}
	}
	return all
}
