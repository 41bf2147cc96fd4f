package rt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/store"
)

// image is a core module as it runs: compiled, with its imports renamed and
// checks in it.
type image struct {
	code wazero.CompiledModule
	added
	part store.Part // as it is stored, if it is
}

// added is what a core module has for its interruption, mostly names of its
// exports, as it is noted where the module is stored. The function that would run
// as it is instantiated is to be called after.
type added struct {
	Checked   bool
	Fuel      string
	Interrupt string
	Start     string // empty if there is none, as are those below
	Used      string // of its call stack
	Mark      string
	Ask       string
}

// imageOf makes an image of a stored one and its code.
func imageOf(ctx context.Context, im *store.Image, code wazero.CompiledModule) (image, error) {
	made := image{code: code, part: im.Part}
	if err := json.Unmarshal([]byte(im.Notes), &made.added); err != nil {
		return image{}, errors.Join(fmt.Errorf("notes of a core module: %w", err), code.Close(ctx))
	}
	return made, nil
}

// compileImage compiles a core module with its imports named names, or takes it
// from the cache directory.
func (e *Engine) compileImage(ctx context.Context, module []byte, names []core.Binding, a *core.Allowance) (image, error) {
	if e.disk == nil {
		im, err := e.rewrite(module, names, a)
		if err != nil {
			return image{}, err
		}
		code, err := e.compile(ctx, im.Wasm)
		if err != nil {
			return image{}, err
		}
		return imageOf(ctx, im, code)
	}
	key := e.imageKey(module, names)
	made, err := e.load(ctx, key)
	if err == nil {
		return made, nil
	}
	if ctx.Err() != nil {
		return image{}, context.Cause(ctx)
	}
	damaged := e.damaged(key, err)
	im, err := e.rewrite(module, names, a)
	if err != nil {
		return image{}, err
	}
	return e.make(ctx, key, im, damaged)
}

// rewrite makes the core module that is run.
func (e *Engine) rewrite(module []byte, names []core.Binding, a *core.Allowance) (*store.Image, error) {
	in, err := core.Instrument(module, core.Options{Interrupt: !e.uninterrupted, Stack: !e.uninterrupted, Allowance: a})
	if err != nil {
		return nil, err
	}
	wasm, err := core.Rename(in.Wasm, names)
	if err != nil {
		return nil, err
	}
	if wasm, err = core.Legible(wasm); err != nil {
		return nil, err
	}
	notes, err := json.Marshal(added{in.Checks > 0, in.Fuel, in.Interrupt, in.Start, in.Used, in.Mark, in.Ask})
	if err != nil {
		return nil, err
	}
	return &store.Image{Wasm: wasm, Notes: string(notes)}, nil
}
