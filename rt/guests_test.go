package rt_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// host answers the guests of these tests and notes what they ask.
type host struct {
	hostapi.UnimplementedHostAPI
	config map[string]string
	emit   func(ctx context.Context, kind, payload string) error

	mu   sync.Mutex
	seen []string
}

func (h *host) note(parts ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen = append(h.seen, strings.Join(parts, " "))
}

func (h *host) LogMessage(_ context.Context, level, message string) error {
	h.note("log", level, message)
	return nil
}

func (h *host) GetConfig(_ context.Context, key string) (cm.Option[string], error) {
	h.note("config", key)
	v, ok := h.config[key]
	return cm.OptionOf(v, ok), nil
}

func (h *host) EmitEvent(ctx context.Context, kind, payload string) error {
	h.note("emit", kind, payload)
	if h.emit != nil {
		return h.emit(ctx, kind, payload)
	}
	return nil
}

// unimplemented is a host of which nothing is implemented.
type unimplemented struct{ hostapi.UnimplementedHostAPI }

var languages = []string{"rust", "go", "c", "js"}

// unchecked is for benchmarks, to tell what calls cost from what guests do with
// checks in them: go test ./rt -bench . -args -unchecked
var unchecked = flag.Bool("unchecked", false, "compile guests without checks")

var engine = sync.OnceValues(func() (*rt.Engine, error) {
	return rt.NewEngine(context.Background(), rt.Config{Uninterrupted: *unchecked})
})

var compiled sync.Map // by path: func() (*plugin.Prepared, error)

// prepare returns a guest, compiled once for all tests.
func prepare(t testing.TB, path string) *plugin.Prepared {
	t.Helper()
	once, _ := compiled.LoadOrStore(path, sync.OnceValues(func() (*plugin.Prepared, error) {
		e, err := engine()
		if err != nil {
			return nil, err
		}
		wasm, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		c, err := e.Compile(context.Background(), wasm)
		if err != nil {
			return nil, err
		}
		return plugin.Prepare(c)
	}))
	p, err := once.(func() (*plugin.Prepared, error))()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return p
}

func start(t testing.TB, path string, h hostapi.HostAPI) *plugin.Plugin {
	t.Helper()
	ctx := context.Background()
	p, err := prepare(t, path).Instantiate(ctx, plugin.Imports{HostAPI: h}, rt.InstanceConfig{})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	t.Cleanup(func() {
		if err := p.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

func TestImageProcessor(t *testing.T) {
	ctx := context.Background()
	for _, lang := range languages {
		t.Run(lang, func(t *testing.T) {
			p := start(t, guests.Plugin(lang+"/image-processor"), &host{}).PluginAPI
			meta, err := p.GetMetadata(ctx)
			if err != nil || meta.Name != "image-processor" || meta.Version != "0.1.0" {
				t.Fatalf("metadata = %+v, %v", meta, err)
			}
			err = p.Initialize(ctx, []cm.Tuple2[string, string]{cm.T2("max-width", "wide")})
			if e, ok := errors.AsType[cm.Err[string]](err); !ok || !strings.Contains(e.Value, "max-width") {
				t.Errorf("initialize with a bad max-width: %v", err)
			}
			if err := p.Initialize(ctx, []cm.Tuple2[string, string]{cm.T2("max-width", "1920")}); err != nil {
				t.Errorf("initialize: %v", err)
			}
			for _, in := range []string{"", "cat.png", "grüße 猫 🐈", strings.Repeat("x", 200_000)} {
				out, err := p.Process(ctx, pluginapi.ProcessRequest{Input: in, Options: []cm.Tuple2[string, string]{cm.T2("a", "b")}})
				want := pluginapi.ProcessResponse{Output: "processed: " + in, Success: true}
				if err != nil || out != want {
					t.Errorf("process %.20q = %.60v, %v", in, out, err)
				}
			}
			if err := p.Shutdown(ctx); err != nil {
				t.Errorf("shutdown: %v", err)
			}
		})
	}
}

func TestDataProcessor(t *testing.T) {
	ctx := context.Background()
	for _, lang := range languages {
		t.Run(lang, func(t *testing.T) {
			path := guests.Plugin(lang + "/data-processor")
			poor := start(t, path, &host{}).PluginAPI
			err := poor.Initialize(ctx, nil)
			if e, ok := errors.AsType[cm.Err[string]](err); !ok || e.Value != "database_url not configured" {
				t.Errorf("initialize without database_url: %v", err)
			}

			h := &host{config: map[string]string{"database_url": "db://here"}}
			p := start(t, path, h).PluginAPI
			if err := p.Initialize(ctx, nil); err != nil {
				t.Fatalf("initialize: %v", err)
			}
			out, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "row 1"})
			if want := (pluginapi.ProcessResponse{Output: "processed: row 1", Success: true}); err != nil || out != want {
				t.Errorf("process = %v, %v", out, err)
			}
			want := []string{"config database_url", "log info connected to db://here", "log info processing row 1", "emit processing_complete row 1"}
			if !slices.Equal(h.seen, want) {
				t.Errorf("host saw %q, want %q", h.seen, want)
			}
			out, err = p.Process(ctx, pluginapi.ProcessRequest{})
			if want := (pluginapi.ProcessResponse{ErrorMessage: cm.Some("empty input")}); err != nil || out != want {
				t.Errorf("process of nothing = %v, %v", out, err)
			}
			h.emit = func(context.Context, string, string) error { return cm.Errorf("bus is down") }
			out, err = p.Process(ctx, pluginapi.ProcessRequest{Input: "row 2"})
			if msg, ok := out.ErrorMessage.Get(); err != nil || out.Success || !ok || !strings.Contains(msg, "bus is down") {
				t.Errorf("process with a host error = %v, %v", out, err)
			}
		})
	}
}
