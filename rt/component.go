package rt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// Component is a compiled component. It may be shared between goroutines.
type Component struct {
	engine  *Engine
	typ     *types.ComponentType
	plan    *plan.Plan
	slots   []slots    // by plan.Lifts
	demands []demand   // by plan.Images; none for a module that the host gives
	images  []image    // by plan.Images; without code for a module that the host gives
	host    api.Module // exports the provided functions; nil if there are none

	exports func() names // of plan.Exports.Instances

	mu     sync.Mutex
	live   int // instances
	closed bool
	given  map[givenImage]image // of modules that hosts gave
	texts  map[int]string       // types of plan.Imports
}

// givenImage is an image of a plan made of a module that a host gave.
type givenImage struct {
	image int
	bytes *byte
}

// Compile reads a component and makes it ready to run: bytes are decoded and
// checked, core modules are compiled. The bytes are not needed after it. Close
// frees the component; what is still there when the engine is closed goes with
// it.
//
// The error has [ErrNotComponent] in it if the bytes are no component, and
// ctx's cause if that is done between two core modules; else it says what is
// invalid, or not supported, at which byte offset.
func (e *Engine) Compile(ctx context.Context, wasm []byte) (*Component, error) {
	if err := e.begin(); err != nil {
		return nil, err
	}
	defer e.end()
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
	c := &Component{texts: make(map[int]string), engine: e, typ: checked.Type, plan: p, slots: slotsOf(p)}
	c.exports = sync.OnceValue(c.exportNames)
	if err := c.measure(); err != nil {
		return nil, fmt.Errorf("component: %w", err)
	}
	if err := c.compile(ctx); err != nil {
		return nil, errors.Join(err, c.free(ctx))
	}
	return c, nil
}

// compile compiles the core modules, as many at a time as there are processors.
func (c *Component) compile(ctx context.Context) error {
	all := slices.Concat(c.plan.Images, c.plan.Unused)
	c.images = make([]image, len(all)) // the unused ones are freed with the others
	errs := make([]error, len(all))
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, im := range all {
		if im.Import >= 0 {
			continue
		}
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			if ctx.Err() != nil {
				errs[i] = context.Cause(ctx)
				return
			}
			var err error
			if c.images[i], err = c.engine.compileImage(ctx, im.Module, im.Names); err != nil {
				errs[i] = fmt.Errorf("core module %d: %w", i, err)
			}
		})
	}
	wg.Wait()
	c.plan.Unused = nil
	for i := range c.plan.Images {
		c.plan.Images[i].Module = nil // it shares the bytes of the file
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return c.provide(ctx)
}

// image returns the code of an image: the component's, or that of a module
// which the host gave, compiled at its first use.
func (c *Component) image(ctx context.Context, i int, given []*Module) (image, error) {
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
		made, err = c.engine.compileImage(ctx, capped, names)
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
func (c *Component) free(ctx context.Context) error {
	var errs []error
	if c.host != nil {
		errs = append(errs, c.host.Close(ctx))
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

// Close frees the component's code, once its last instance is closed. Nothing
// can be instantiated after it. It does nothing the second time.
func (c *Component) Close(ctx context.Context) error {
	c.mu.Lock()
	last := !c.closed && c.live == 0
	c.closed = true
	c.mu.Unlock()
	if last {
		return c.free(ctx)
	}
	return nil
}

// hold counts a new instance.
func (c *Component) hold() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fmt.Errorf("component: %w", ErrClosed)
	}
	c.live++
	return nil
}

// release counts an instance less.
func (c *Component) release(ctx context.Context) error {
	c.mu.Lock()
	c.live--
	last := c.closed && c.live == 0
	c.mu.Unlock()
	if last {
		return c.free(ctx)
	}
	return nil
}

// importText returns the canonical text of the type of import i. Those that are
// not long are kept: they are compared whenever an instance is given the import
// beside its world.
func (c *Component) importText(i int) string {
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

// exportNames finds exported instances by their names, or else by what they
// say that they implement.
func (c *Component) exportNames() names {
	list := make([]string, len(c.plan.Exports.Instances))
	for i, e := range c.plan.Exports.Instances {
		list[i] = e.Name
	}
	n := namesOf(list)
	for i, e := range c.plan.Exports.Instances {
		if _, ok := n.exact[e.Implements]; !ok && e.Implements != "" {
			n.exact[e.Implements] = i
		}
	}
	return n
}

// decodeError is the error of bytes that are no component.
type decodeError struct{ err error }

func (e *decodeError) Error() string { return e.err.Error() }

// Unwrap makes the error one of [ErrNotComponent] too.
func (e *decodeError) Unwrap() []error { return []error{ErrNotComponent, e.err} }

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
