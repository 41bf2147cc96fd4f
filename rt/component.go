package rt

import (
	"context"
	"fmt"
)

// Component is a compiled component. It may be shared between goroutines.
type Component struct {
	*program
	closed bool // guarded by the mutex of the programs
	draft  bool // its code is not compiled
}

// Draft makes a component of which nothing is compiled, to see whether it fits a
// host: that takes the time of reading it. It cannot be run. What is wrong with its
// imports and its exports is in the error of Instantiate, all of it, Link's part
// too, or else ErrNotCompiled. The error is that of [Engine.Compile], as far as that
// is not of compiling. Nothing has to be closed.
func (e *Engine) Draft(wasm []byte) (*Component, error) {
	p, err := newProgram(e, wasm)
	if err != nil {
		return nil, err
	}
	return &Component{program: p, draft: true}, nil
}

// Compile compiles a component and makes it ready to run: bytes are decoded and
// checked, core modules are compiled. The bytes are not needed after it. Close
// frees the component; what is still there when the engine is closed goes with
// it.
//
// What is compiled already is not compiled again: all components of the same
// bytes share their code, and so do calls of Compile at the same time. See
// [Config] for what is kept when none of them is left, and on disk.
//
// The error has [ErrNotComponent] in it if the bytes are no component, and
// ctx's cause if that is done before they are compiled, which does not stop it
// for others who wait for the same; else it says what is invalid, or not
// supported, at which byte offset.
func (e *Engine) Compile(ctx context.Context, wasm []byte) (*Component, error) {
	if err := e.begin(); err != nil {
		return nil, err
	}
	defer e.end()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	p, err := e.programs.get(ctx, wasm)
	if err != nil {
		return nil, err
	}
	return &Component{program: p}, nil
}

// Close lets the component go. Nothing can be instantiated of it after that; its
// code is freed once nobody has it: no instance of it, and no other component
// of the same bytes or instance of that. It does nothing the second time.
func (c *Component) Close(ctx context.Context) error {
	if c.draft {
		return nil
	}
	s := &c.engine.programs
	s.mu.Lock()
	closed := c.closed
	c.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	return s.drop(ctx, c.program)
}

// hold counts a new instance.
func (c *Component) hold() error {
	s := &c.engine.programs
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.draft {
		return ErrNotCompiled
	}
	if c.closed {
		return fmt.Errorf("component: %w", ErrClosed)
	}
	c.refs++
	return nil
}

// release counts an instance less.
func (c *Component) release(ctx context.Context) error {
	return c.engine.programs.drop(ctx, c.program)
}

// decodeError is the error of bytes that are no component.
type decodeError struct{ err error }

func (e *decodeError) Error() string { return e.err.Error() }

// Unwrap makes the error one of [ErrNotComponent] too.
func (e *decodeError) Unwrap() []error { return []error{ErrNotComponent, e.err} }
