package tracks_test

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/tracks/v0_3/kinds"
	"github.com/witgen/witgen/golden/tracks/v0_3/tracks"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// TestPlugin has a slot for version 0.3 take guests of all versions in turn, while
// calls go on.
func TestPlugin(t *testing.T) {
	ctx := t.Context()
	source := func(version string) plugin.Source {
		t.Helper()
		wasm, err := os.ReadFile("testdata/v" + version + ".wasm")
		if err != nil {
			t.Fatal(err)
		}
		return plugin.Bytes("v"+version, wasm)
	}
	h, err := plugin.New(ctx, plugin.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	limits, _ := policy.Profile(policy.Restricted)
	limits.Deadline, limits.MaxWait = policy.Duration(time.Minute), policy.Duration(time.Minute)
	world := plugin.Of(tracks.Prepare, func() tracks.Imports { return (&host{}).imports() })
	slot, err := plugin.Add(ctx, h, "tracks", world, plugin.Options{
		Policy: &policy.Policy{Reuse: policy.Pooled, Limits: limits}, Source: source("0.1"),
	})
	if err != nil {
		t.Fatal(err)
	}

	var calls atomic.Int64
	ended, end := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer end()
	for range 4 {
		group.Go(func() {
			for ended.Err() == nil {
				err := slot.Do(ctx, func(ctx context.Context, p *tracks.Tracks) error {
					v, err := p.Values.Levels(ctx, []kinds.Level{kinds.LevelWarn})
					if err == nil && (len(v) != 1 || v[0] != kinds.LevelWarn) {
						t.Errorf("levels = %v", v)
					}
					return err
				})
				if err != nil {
					t.Errorf("a call fails: %v", err)
					return
				}
				calls.Add(1)
			}
		})
	}
	// serves checks which version answers, once calls have gone on.
	serves := func(count, late bool) {
		t.Helper()
		for before := calls.Load(); calls.Load() < before+20 && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
		err := slot.Do(ctx, func(_ context.Context, p *tracks.Tracks) error {
			if p.HasCount() != count || p.Late.IsSome() != late {
				t.Errorf("count: %t, late: %t, want %t and %t", p.HasCount(), p.Late.IsSome(), count, late)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	serves(false, false)
	if _, err := slot.Load(ctx, source("0.3")); err != nil {
		t.Fatal(err)
	}
	serves(true, true)
	if err := slot.Rollback(ctx, "to try it"); err != nil {
		t.Fatal(err)
	}
	serves(false, false)
	if _, err := slot.Load(ctx, source("0.2")); err != nil {
		t.Fatal(err)
	}
	serves(true, false)
}
