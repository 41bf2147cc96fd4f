package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// TestHookEndsGoroutine has a hook end its goroutine, as tests do that fail: no call
// and no load stays under way for it, and no call waits for what will not be.
func TestHookEndsGoroutine(t *testing.T) {
	for _, quiesce := range []bool{false, true} {
		t.Run(fmt.Sprint(quiesce), func(t *testing.T) {
			h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, DrainTimeout: time.Second})
			if err != nil {
				t.Fatal(err)
			}
			var exits atomic.Bool
			w := world()
			w.Init = func(context.Context, *api.Plugin, map[string]string) error {
				if exits.Swap(false) {
					runtime.Goexit()
				}
				return nil
			}
			p := pooled()
			p.Reuse = policy.PerCall
			p.Limits.MaxWait = policy.Duration(2 * time.Second)
			s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor"), Quiesce: quiesce})
			if err != nil {
				t.Fatal(err)
			}
			exits.Store(true)
			var done sync.WaitGroup
			done.Go(func() { _, _ = metadata(t.Context(), s) })
			done.Wait()
			if st := s.Status().Stable; st.Calls != 0 || st.Pool.Busy != 0 {
				t.Errorf("%d calls and %d instances are left", st.Calls, st.Pool.Busy)
			}
			exits.Store(true)
			done.Go(func() { _, _ = s.Load(t.Context(), another(t, "c/data-processor", 1)) })
			done.Wait()
			if _, err := metadata(t.Context(), s); err != nil {
				t.Errorf("after: %v", err)
			}
			if st := s.Status(); st.Loading != nil {
				t.Errorf("loading %+v", st.Loading)
			}
			within(t, "close", func() {
				if err := h.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
			if m := h.Engine().Memory(); m.Bytes != 0 {
				t.Errorf("%d bytes", m.Bytes)
			}
		})
	}
}

// panicsAt is an observer that panics once, at an event.
type panicsAt struct {
	at atomic.Value // its kind and stage
}

func (p *panicsAt) Called(context.Context, plugin.Called) {}
func (p *panicsAt) Happened(e plugin.Event) {
	if at, _ := p.at.Load().(string); at != "" && at == fmt.Sprint(e.Kind, " ", e.Stage) {
		p.at.Store("")
		panic(at)
	}
}

// TestObserverPanicsAtStage has an observer panic while something is loaded, that is
// told of it on the goroutine of whoever loads: calls go on, and so does the next load.
func TestObserverPanicsAtStage(t *testing.T) {
	for _, quiesce := range []bool{false, true} {
		for _, at := range []string{"reached check", "reached compile", "reached drain", "reached probe", "reached warm", "stage-failed check", "stage-failed probe", "swapped swap", "unchanged "} {
			if quiesce == false && at == "reached drain" {
				continue
			}
			t.Run(fmt.Sprint(at, quiesce), func(t *testing.T) {
				o := &panicsAt{}
				h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Observer: o, DrainTimeout: time.Second})
				if err != nil {
					t.Fatal(err)
				}
				var fails atomic.Bool
				w := world()
				w.Init = func(context.Context, *api.Plugin, map[string]string) error {
					if fails.Swap(false) {
						return errors.New("no")
					}
					return nil
				}
				p := pooled()
				p.Limits.MaxWait = policy.Duration(2 * time.Second)
				s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor"), Quiesce: quiesce})
				if err != nil {
					t.Fatal(err)
				}
				from := another(t, "c/data-processor", 1)
				switch at {
				case "stage-failed check":
					from = guest(t, "broken/other")
				case "stage-failed probe":
					fails.Store(true)
				case "unchanged ":
					from = guest(t, "c/data-processor")
				}
				o.at.Store(at)
				func() {
					defer func() {
						if p := recover(); p != at {
							t.Errorf("recovered %v", p)
						}
					}()
					_, err := s.Load(t.Context(), from)
					t.Errorf("no panic: %v", err)
				}()
				if _, err := metadata(t.Context(), s); err != nil {
					t.Errorf("after: %v", err)
				}
				if st := s.Status(); st.Loading != nil {
					t.Errorf("loading %+v", st.Loading)
				}
				if _, err := s.Load(t.Context(), another(t, "c/data-processor", 2)); err != nil {
					t.Error(err)
				}
				within(t, "close", func() {
					if err := h.Close(context.Background()); err != nil {
						t.Error(err)
					}
				})
				if m := h.Engine().Memory(); m.Bytes != 0 {
					t.Errorf("%d bytes", m.Bytes)
				}
			})
		}
	}
}
