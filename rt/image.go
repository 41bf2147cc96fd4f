package rt

import (
	"context"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt/internal/core"
)

// image is a core module as it runs: compiled, with its imports renamed and
// checks in it.
type image struct {
	code wazero.CompiledModule

	// What the module has for its interruption, by the names of its exports. The
	// function that would run as it is instantiated is to be called after.
	checked                bool
	fuel, interrupt, start string // there may be no start
	used, mark, ask        string // of its call stack; there may be none
}

// compileImage compiles a core module with its imports named names.
func (e *Engine) compileImage(ctx context.Context, module []byte, names []core.Binding) (image, error) {
	in, err := core.Instrument(module, core.Options{Interrupt: !e.uninterrupted, Stack: !e.uninterrupted})
	if err != nil {
		return image{}, err
	}
	wasm, err := core.Rename(in.Wasm, names)
	if err != nil {
		return image{}, err
	}
	if wasm, err = core.Legible(wasm); err != nil {
		return image{}, err
	}
	code, err := e.compile(ctx, wasm)
	if err != nil {
		return image{}, err
	}
	return image{
		code: code, checked: in.Checks > 0, fuel: in.Fuel, interrupt: in.Interrupt, start: in.Start,
		used: in.Used, mark: in.Mark, ask: in.Ask,
	}, nil
}
