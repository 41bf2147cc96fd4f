package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/witgen/witgen/examples/plugins/api/v0_2/plugin"
	"github.com/witgen/witgen/examples/plugins/api/v0_2/pluginapi"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// showFailures writes what the host sees of a plugin that reports an error, of
// one that traps, and of files that are refused before any of their code runs.
func showFailures(ctx context.Context, w io.Writer, engine *rt.Engine) error {
	if err := showError(ctx, w, engine); err != nil {
		return err
	}
	if err := showReasons(ctx, w, engine); err != nil {
		return err
	}
	if err := showTrap(ctx, w, engine); err != nil {
		return err
	}
	for _, refused := range []struct{ what, file string }{
		{"a component for another world", "guests/broken/other.wasm"},
		{"a component for a contract of the same names but other types", "guests/broken/changed.wasm"},
	} {
		p, err := load(ctx, engine, refused.file, &host{out: io.Discard})
		if err == nil {
			return errors.Join(fmt.Errorf("%s was not refused", refused.file), p.Close(ctx))
		}
		fmt.Fprintf(w, "%s is refused:\n  %s\n", refused.what, strings.ReplaceAll(err.Error(), "\t", "    "))
	}
	core := []byte("\x00asm\x01\x00\x00\x00")
	_, err := engine.Compile(ctx, core)
	if !errors.Is(err, rt.ErrNotComponent) {
		return fmt.Errorf("a core module was not refused: %w", err)
	}
	fmt.Fprintf(w, "a core module is refused:\n  %v\n", err)
	return nil
}

// showError runs a plugin whose host lacks the setting that it needs.
func showError(ctx context.Context, w io.Writer, engine *rt.Engine) error {
	p, err := load(ctx, engine, "guests/rust/data-processor.wasm", &host{out: w})
	if err != nil {
		return err
	}
	defer p.Close(ctx)
	err = p.PluginAPI.Initialize(ctx, nil)
	said, ok := errors.AsType[cm.Err[string]](err)
	if !ok {
		return fmt.Errorf("want an error that the plugin reports, got %w", err)
	}
	fmt.Fprintf(w, "a plugin reports an error:\n  initialize: %s\n", said.Value)
	return nil
}

// showReasons has plugins say why they do not process a request. What one of
// version 0.1 says as a message, without a case for the reason, arrives as the case
// failed.
func showReasons(ctx context.Context, w io.Writer, engine *rt.Engine) error {
	fmt.Fprintln(w, "plugins say why they did not process a request:")
	for _, tt := range []struct {
		file, input string
		budget      cm.Option[uint32]
	}{
		{"guests/rust/image-processor.wasm", "cat.png", cm.Some[uint32](5)},
		{"guests/rust/data-processor.wasm", "", cm.None[uint32]()},
		{"guests/go/data-processor.wasm", "", cm.None[uint32]()},
	} {
		p, err := load(ctx, engine, tt.file, &host{out: w})
		if err != nil {
			return err
		}
		_, err = p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: tt.input}, pluginapi.ProcessOptions{BudgetMs: tt.budget})
		why, ok := errors.AsType[pluginapi.ProcessError](err)
		if !ok {
			return errors.Join(fmt.Errorf("want a reason, got %w", err), p.Close(ctx))
		}
		switch why := why.(type) {
		case pluginapi.ProcessErrorOverBudget:
			fmt.Fprintf(w, "  version %s: it takes %d ms\n", builtFor(p), why.Value.Or(0))
		default:
			fmt.Fprintf(w, "  version %s: %v\n", builtFor(p), why)
		}
		if err := p.Close(ctx); err != nil {
			return err
		}
	}
	return nil
}

// showTrap runs a plugin that traps, and a fresh instance of it after that.
func showTrap(ctx context.Context, w io.Writer, engine *rt.Engine) error {
	wasm, err := guests.ReadFile("guests/broken/hostile.wasm")
	if err != nil {
		return err
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return err
	}
	prepared, err := plugin.Prepare(component) // once, for any number of instances
	if err != nil {
		return err
	}
	imports := plugin.Imports{HostAPI: &host{out: w}}
	p, err := prepared.Instantiate(ctx, imports, rt.InstanceConfig{Imports: wasiImports()})
	if err != nil {
		return err
	}
	defer p.Close(ctx)
	_, err = p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "trap"}, pluginapi.ProcessOptions{})
	trap, ok := errors.AsType[*rt.Trap](err)
	if !ok {
		return fmt.Errorf("want a trap, got %w", err)
	}
	fmt.Fprintf(w, "a plugin traps (%s):\n  %v\n", trap.Kind, trap)
	_, err = p.PluginAPI.GetMetadata(ctx)
	fmt.Fprintf(w, "its instance is dead:\n  %v\n", err)

	fresh, err := prepared.Instantiate(ctx, imports, rt.InstanceConfig{Imports: wasiImports()}) // for each its own
	if err != nil {
		return err
	}
	defer fresh.Close(ctx)
	answer, err := fresh.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "again"}, pluginapi.ProcessOptions{})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "the next instance works:\n  %s\n", answer.Output)
	return nil
}
