package rt

import (
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
)

// Component is a compiled component. It may be shared between goroutines.
type Component struct {
	engine *Engine
	plan   *plan.Plan
	images []wazero.CompiledModule
	host   api.Module // exports the provided functions; nil if there are none

	mu     sync.Mutex
	live   int // instances
	closed bool
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
	c := &Component{engine: e, plan: p}
	if err := c.compile(ctx); err != nil {
		return nil, errors.Join(err, c.free(ctx))
	}
	return c, nil
}

// compile compiles the core modules, as many at a time as there are processors.
func (c *Component) compile(ctx context.Context) error {
	all := slices.Concat(c.plan.Images, c.plan.Unused)
	c.images = make([]wazero.CompiledModule, len(all)) // the unused ones are freed with the others
	errs := make([]error, len(all))
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, im := range all {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			if ctx.Err() != nil {
				errs[i] = context.Cause(ctx)
				return
			}
			image, err := core.Rename(im.Module, im.Names)
			if err == nil {
				c.images[i], err = c.engine.compile(ctx, image)
			}
			if err != nil {
				errs[i] = fmt.Errorf("core module %d: %w", i, err)
			}
		})
	}
	wg.Wait()
	c.plan.Images, c.plan.Unused = nil, nil // they share the bytes of the file
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return c.provide(ctx)
}

// free frees the compiled code.
func (c *Component) free(ctx context.Context) error {
	var errs []error
	if c.host != nil {
		errs = append(errs, c.host.Close(ctx))
	}
	for _, m := range c.images {
		if m != nil { // it compiled
			errs = append(errs, m.Close(ctx))
		}
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

// Imports returns the functions that the component imports, as
// "ns:pkg/interface@1.0.0#function: func(…)", in the order of its first use
// of them.
func (c *Component) Imports() []string {
	var list []string
	for _, im := range c.plan.Imports {
		list = append(list, im.Text()+": "+wit.FuncText(im.Func))
	}
	return list
}

// Exports returns the functions that the component exports, in the form of
// Imports.
func (c *Component) Exports() []string {
	var list []string
	for _, e := range c.plan.Exports {
		for _, f := range e.Funcs {
			im := plan.Import{Interface: e.Interface, Name: f.Name}
			list = append(list, im.Text()+": "+wit.FuncText(c.plan.Lifts[f.Lift].Func))
		}
	}
	return list
}

// decodeError is the error of bytes that are no component.
type decodeError struct{ err error }

func (e *decodeError) Error() string { return e.err.Error() }

// Unwrap makes the error one of [ErrNotComponent] too.
func (e *decodeError) Unwrap() []error { return []error{ErrNotComponent, e.err} }
