package plugin_test

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// host is what the plugins of these tests import.
type host struct{ hostapi.UnimplementedHostAPI }

func (host) LogMessage(context.Context, string, string) error { return nil }
func (host) EmitEvent(context.Context, string, string) error  { return nil }
func (host) GetConfig(context.Context, string) (cm.Option[string], error) {
	return cm.Option[string]{}, nil
}

func world() plugin.World[*api.Plugin] {
	return plugin.Of(api.Prepare, func() api.Imports { return api.Imports{HostAPI: host{}} })
}

// pooled is the policy of most of these tests.
func pooled() *policy.Policy {
	limits, _ := policy.Profile(policy.Restricted)
	limits.Deadline, limits.MaxWait = policy.Duration(time.Minute), policy.Duration(time.Minute)
	return &policy.Policy{Reuse: policy.Pooled, Limits: limits}
}

func guest(t testing.TB, name string) plugin.Source {
	t.Helper()
	wasm, err := os.ReadFile(guests.Plugin(name))
	if err != nil {
		t.Fatal(err)
	}
	return plugin.Bytes(name, wasm)
}

// another returns the same component with a custom section more: another
// revision that does the same.
func another(t testing.TB, name string, n byte) plugin.Source {
	t.Helper()
	wasm, err := os.ReadFile(guests.Plugin(name))
	if err != nil {
		t.Fatal(err)
	}
	return plugin.Bytes(name, append(wasm, 0, 2, 1, 'a'+n))
}

var quiet = slog.New(slog.DiscardHandler)

func newHost(t testing.TB) *plugin.Host {
	t.Helper()
	return observed(t, nil)
}

// observed returns a host whose events somebody is told of.
func observed(t testing.TB, o plugin.Observer) *plugin.Host {
	t.Helper()
	h, err := plugin.New(t.Context(), plugin.Config{Logger: slog.New(slog.DiscardHandler), Observer: o, DrainTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h
}

func metadata(ctx context.Context, s *plugin.Slot[*api.Plugin]) (m pluginapi.PluginMetadata, err error) {
	err = s.Do(ctx, func(ctx context.Context, p *api.Plugin) error {
		m, err = p.PluginAPI.GetMetadata(ctx)
		return err
	})
	return m, err
}

func TestReloadUnderLoad(t *testing.T) {
	h := newHost(t)
	rust, c := guest(t, "rust/data-processor"), guest(t, "c/data-processor")
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: rust})
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Bool
	var callers sync.WaitGroup
	var served, failed atomic.Int64
	for range 16 {
		callers.Go(func() {
			for !done.Load() {
				if _, err := metadata(t.Context(), s); err != nil {
					failed.Add(1)
					t.Error(err)
					return
				}
				served.Add(1)
			}
		})
	}
	for i := range 20 {
		from := rust
		if i%2 == 0 {
			from = c
		}
		if _, err := s.Load(t.Context(), from); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	done.Store(true)
	callers.Wait()
	t.Logf("%d served, %d failed", served.Load(), failed.Load())
}
