package plugin_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// told is a host that remembers what plugins log.
type told struct {
	host
	mu   *sync.Mutex
	text *strings.Builder
}

func (h told) LogMessage(_ context.Context, _, message string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.WriteString(message + "\n")
	return nil
}

func (told) GetConfig(_ context.Context, key string) (cm.Option[string], error) {
	return cm.OptionOf("db:"+key, true), nil
}

var _ hostapi.HostAPI = told{}

// TestLifecycle has the functions called that a policy names.
func TestLifecycle(t *testing.T) {
	h := newHost(t)
	out := told{mu: new(sync.Mutex), text: new(strings.Builder)}
	w := plugin.Of(api.Prepare, func() api.Imports { return api.Imports{HostAPI: out} })
	p := pooled()
	p.Config = map[string]string{"mode": "test"}
	p.Lifecycle = policy.Lifecycle{Init: "initialize", Stop: "shutdown", Metadata: "get-metadata"}
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Source: guest(t, "rust/data-processor"), Policy: p})
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Status().Stable.Metadata; m.Name == "" || m.Version == "" || m.Description == "" {
		t.Errorf("metadata %+v", m)
	}
	if _, err := process(t.Context(), s, "x"); err != nil {
		t.Fatal(err)
	}
	if err := s.Unload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The first instance was the probe.
	if want := strings.Repeat("connected to db:database_url\n", 2) + "processing x\n"; out.text.String() != want {
		t.Errorf("it logged %q, want %q", out.text, want)
	}
}

// TestLifecycleMissing refuses names of what is not there, or cannot be called.
func TestLifecycleMissing(t *testing.T) {
	h := newHost(t)
	p := pooled()
	p.Lifecycle = policy.Lifecycle{Init: "process", Stop: "halt"}
	_, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Source: guest(t, "c/data-processor"), Policy: p})
	for _, want := range []string{
		"failed at compile", `lifecycle.stop: the component exports no function "halt"`,
		"lifecycle.init: process takes what the host does not have",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestLifecycleFails has a plugin refuse to start.
func TestLifecycleFails(t *testing.T) {
	h := newHost(t)
	p := pooled()
	p.Lifecycle = policy.Lifecycle{Init: "initialize"}
	_, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Source: guest(t, "rust/data-processor"), Policy: p})
	if err == nil || !strings.Contains(err.Error(), "failed at probe: initialize: ") || !strings.Contains(err.Error(), "database_url") {
		t.Errorf("got %v", err)
	}
}

// TestStop has plugins end when they are replaced, whether their calls end by
// themselves or are cancelled.
func TestStop(t *testing.T) {
	for _, tt := range []struct {
		name  string
		block bool
	}{{"idle", false}, {"after a call that was cancelled", true}} {
		t.Run(tt.name, func(t *testing.T) {
			seen := &events{}
			h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Observer: seen, DrainTimeout: 50 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close(context.Background())
			var stopped, blocked atomic.Int64
			w := plugin.Of(api.Prepare, func() api.Imports {
				return api.Imports{HostAPI: asking{emit: func(ctx context.Context) error {
					if tt.block {
						blocked.Add(1)
						<-ctx.Done()
						return context.Cause(ctx)
					}
					return nil
				}}}
			})
			w.Stop = func(ctx context.Context, p *api.Plugin) error {
				if err := p.PluginAPI.Shutdown(ctx); err != nil {
					return err
				}
				stopped.Add(1)
				return nil
			}
			p := pooled()
			p.Limits.MinIdle, p.Limits.Deadline = 2, policy.Duration(time.Minute)
			s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Source: guest(t, "c/data-processor"), Policy: p})
			if err != nil {
				t.Fatal(err)
			}
			var call sync.WaitGroup
			if tt.block {
				call.Go(func() {
					if _, err := process(t.Context(), s, "x"); !errors.Is(err, plugin.ErrDrained) {
						t.Errorf("a call of what was replaced: %v", err)
					}
				})
				for blocked.Load() == 0 {
					time.Sleep(time.Millisecond)
				}
			}
			if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err != nil {
				t.Fatal(err)
			}
			seen.wait(t, plugin.Retired)
			call.Wait()
			if failed := seen.of(plugin.StopFailed); len(failed) > 0 || stopped.Load() == 0 {
				t.Errorf("%d have stopped; %+v", stopped.Load(), failed)
			}
		})
	}
}
