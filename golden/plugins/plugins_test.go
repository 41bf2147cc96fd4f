// Package plugins_test puts the golden bindings of the plugin contract to work.
package plugins_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// host implements two of the interface's functions; it may not need the third.
type host struct {
	hostapi.UnimplementedHostAPI
	events []string
}

func (h *host) GetConfig(_ context.Context, key string) (cm.Option[string], error) {
	if key == "database_url" {
		return cm.Some("db://golden"), nil
	}
	return cm.None[string](), nil
}

func (h *host) LogMessage(_ context.Context, level, message string) error {
	h.events = append(h.events, level+": "+message)
	return nil
}

// shout is a plugin made of another: its exports are an interface like any.
type shout struct{ pluginapi.PluginAPI }

func (s shout) Process(ctx context.Context, req pluginapi.ProcessRequest) (pluginapi.ProcessResponse, error) {
	resp, err := s.PluginAPI.Process(ctx, req)
	resp.Output += "!"
	return resp, err
}

func TestPlugins(t *testing.T) {
	ctx := context.Background()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(ctx)
	prepare := func(name string) *plugin.Prepared {
		wasm, err := os.ReadFile(guests.Plugin("rust/" + name))
		if err != nil {
			t.Fatal(err)
		}
		component, err := engine.Compile(ctx, wasm)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plugin.Prepare(component)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}

	t.Run("export", func(t *testing.T) {
		p, err := prepare("image-processor").Instantiate(ctx, plugin.Imports{HostAPI: &host{}}, rt.InstanceConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close(ctx)
		got, err := shout{p.PluginAPI}.Process(ctx, pluginapi.ProcessRequest{Input: "a", Options: []cm.Tuple2[string, string]{cm.T2("k", "v")}})
		if want := (pluginapi.ProcessResponse{Output: "processed: a!", Success: true}); err != nil || got != want {
			t.Errorf("process = %v, %v; want %v", got, err, want)
		}
		meta, err := p.PluginAPI.GetMetadata(ctx)
		if want := (pluginapi.PluginMetadata{Name: "image-processor", Version: "0.1.0", Description: "scales images, written in Rust"}); err != nil || meta != want {
			t.Errorf("metadata = %v, %v; want %v", meta, err, want)
		}
	})

	t.Run("import", func(t *testing.T) {
		h := &host{}
		p, err := prepare("data-processor").Instantiate(ctx, plugin.Imports{HostAPI: h}, rt.InstanceConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close(ctx)
		if err := p.PluginAPI.Initialize(ctx, nil); err != nil {
			t.Fatal(err)
		}
		_, err = p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "b"})
		if !errors.Is(err, rt.ErrUnimplemented) {
			t.Errorf("process needs emit-event: %v; want ErrUnimplemented", err)
		}
		if want := []string{"info: connected to db://golden", "info: processing b"}; !slices.Equal(h.events, want) {
			t.Errorf("host saw %q, want %q", h.events, want)
		}
		if err := p.PluginAPI.Shutdown(ctx); err == nil {
			t.Error("the instance lives on after a trap")
		}
	})

	t.Run("unimplemented", func(t *testing.T) {
		var p pluginapi.PluginAPI = pluginapi.UnimplementedPluginAPI{}
		if _, err := p.Process(ctx, pluginapi.ProcessRequest{}); !errors.Is(err, rt.ErrUnimplemented) {
			t.Errorf("process = %v", err)
		}
	})
}
