// Package reuse_test runs one host and one caller in two worlds that share
// their bindings.
package reuse_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/golden/reuse/reuse"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// host notes the events that guests emit.
type host struct {
	hostapi.UnimplementedHostAPI
	events []string
}

func (h *host) GetConfig(context.Context, string) (cm.Option[string], error) {
	return cm.Some("db://golden"), nil
}

func (h *host) LogMessage(context.Context, string, string) error { return nil }

func (h *host) EmitEvent(_ context.Context, kind, payload string) error {
	h.events = append(h.events, kind+" "+payload)
	return nil
}

func TestReuse(t *testing.T) {
	ctx := context.Background()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(ctx)
	wasm, err := os.ReadFile(guests.Plugin("rust/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	h := &host{}
	first, err := plugin.Instantiate(ctx, component, plugin.Imports{HostAPI: h}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(ctx)
	second, err := reuse.Instantiate(ctx, component, reuse.Imports{HostAPI: h}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close(ctx)

	for _, p := range []pluginapi.PluginAPI{first.PluginAPI, second.PluginAPI} {
		if err := p.Initialize(ctx, nil); err != nil {
			t.Fatal(err)
		}
		got, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "a"})
		if want := (pluginapi.ProcessResponse{Output: "processed: a", Success: true}); err != nil || got != want {
			t.Errorf("process = %v, %v; want %v", got, err, want)
		}
	}
	if want := []string{"processing_complete a", "processing_complete a"}; !slices.Equal(h.events, want) {
		t.Errorf("the host saw %q, want %q", h.events, want)
	}
}
