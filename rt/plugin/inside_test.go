package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// TestControlInside has a host function decide about the slot whose plugin calls it:
// it is done, or refused at once, and nothing waits for itself.
func TestControlInside(t *testing.T) {
	// What has to wait for the call where only one revision may be there.
	refused := map[string]bool{"load": true, "retry": true, "stage": true, "canary": true, "rollback": true, "grant": true}
	for _, quiesce := range []bool{false, true} {
		for _, name := range []string{"load", "retry", "stage", "canary", "rollback", "unload", "probe", "grant", "hostgrant", "status", "close", "do"} {
			t.Run(fmt.Sprint(name, " quiesce ", quiesce), func(t *testing.T) {
				h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, DrainTimeout: 100 * time.Millisecond})
				if err != nil {
					t.Fatal(err)
				}
				var s *plugin.Slot[*api.Plugin]
				var inner error
				var once atomic.Bool
				w := plugin.Of(api.Prepare, func() api.Imports {
					return api.Imports{HostAPI: asking{emit: func(ctx context.Context) error {
						if !once.Swap(false) {
							return nil
						}
						inner = decide(ctx, t, h, s, name)
						return nil
					}}}
				})
				p := pooled()
				p.Limits.Deadline = policy.Duration(10 * time.Second)
				s, err = plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor"), Quiesce: quiesce})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err != nil {
					t.Fatal(err)
				}
				once.Store(true)
				within(t, name, func() {
					if _, err := process(t.Context(), s, "x"); err != nil {
						t.Error(err)
					}
				})
				switch closes := name == "close"; { // where it would wait for the call that it is in
				case closes && !errors.Is(inner, plugin.ErrDrained),
					!closes && !refused[name] && inner != nil, !closes && refused[name] && quiesce != (inner != nil):
					t.Errorf("inside: %v", inner)
				}
				if name != "unload" && name != "close" {
					if _, err := process(t.Context(), s, "x"); err != nil {
						t.Error(err)
					}
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

// decide does one of the things that a control is for.
func decide(ctx context.Context, t *testing.T, h *plugin.Host, s *plugin.Slot[*api.Plugin], what string) (err error) {
	switch what {
	case "load":
		_, err = s.Load(ctx, another(t, "c/data-processor", 5))
	case "retry":
		_, err = s.Retry(ctx, another(t, "c/data-processor", 5))
	case "stage":
		var r *plugin.Revision
		if r, err = s.Stage(ctx, another(t, "c/data-processor", 5)); err == nil {
			err = s.Swap(r)
		}
	case "canary":
		var r *plugin.Revision
		if r, err = s.Stage(ctx, another(t, "c/data-processor", 5)); err == nil {
			err = errors.Join(s.Canary(r, plugin.Ramp{}), s.Hold(true), s.Promote())
		}
	case "rollback":
		err = s.Rollback(ctx, "x")
	case "unload":
		err = s.Unload(ctx)
	case "probe":
		err = errors.Join(s.Probe(ctx), s.Ready())
	case "grant":
		p := pooled()
		p.Limits.Instances = 3
		_, err = s.Grant(ctx, *p)
	case "hostgrant":
		_, err = h.Grant(ctx, &policy.File{Version: policy.Version, Ceiling: policy.Ceiling{Limits: policy.Limits{Instances: 2}}})
	case "status":
		s.Status()
		h.List()
	case "close":
		err = h.Close(ctx)
	case "do":
		_, err = process(ctx, s, "y")
	}
	return err
}
