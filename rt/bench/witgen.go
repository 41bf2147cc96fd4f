package main

import (
	"context"
	"os"

	"github.com/witgen/witgen/golden/calls/calls"
	"github.com/witgen/witgen/golden/calls/host"
	"github.com/witgen/witgen/golden/plugins/hostapi"
	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt"
)

// witgen calls the guests through generated bindings, on an engine as
// configured by default.
type witgen struct {
	engine *rt.Engine
	calls  *calls.Calls
	plugin *plugin.Plugin
}

func newWitgen() (peer, error) {
	ctx := context.Background()
	e, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		return nil, err
	}
	w := &witgen{engine: e}
	if err := w.instantiate(ctx); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *witgen) instantiate(ctx context.Context) error {
	c, err := w.compile(ctx, callsGuest)
	if err != nil {
		return err
	}
	w.calls, err = calls.Instantiate(ctx, c, calls.Imports{Host: host.UnimplementedHost{}}, rt.InstanceConfig{})
	if err != nil {
		return err
	}
	if c, err = w.compile(ctx, processGuest); err != nil {
		return err
	}
	w.plugin, err = plugin.Instantiate(ctx, c, plugin.Imports{HostAPI: hostapi.UnimplementedHostAPI{}}, rt.InstanceConfig{})
	return err
}

func (w *witgen) compile(ctx context.Context, path string) (*rt.Component, error) {
	wasm, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return w.engine.Compile(ctx, wasm)
}

func (w *witgen) add(a, b uint32) (uint32, error) {
	return w.calls.Guest.Add(context.Background(), a, b)
}

func (w *witgen) echo(s string) (string, error) {
	return w.calls.Guest.Echo(context.Background(), s)
}

func (w *witgen) process() (string, bool, error) {
	resp, err := w.plugin.PluginAPI.Process(context.Background(), processRequest)
	return resp.Output, resp.Success, err
}

// close closes the instances too, which are the engine's.
func (w *witgen) close() { w.engine.Close(context.Background()) }
