package plugin_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/witgen/witgen/golden/optional/optional"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
)

// TestOptionalExports has a plugin from before there was as much in its world,
// and one that has it all, in one slot.
func TestOptionalExports(t *testing.T) {
	ctx := t.Context()
	guest := func(name string) plugin.Source {
		t.Helper()
		wasm, err := os.ReadFile("../../golden/optional/testdata/" + name + ".wasm")
		if err != nil {
			t.Fatal(err)
		}
		return plugin.Bytes(name, wasm)
	}
	w := plugin.Of(optional.Prepare, func() optional.Imports { return optional.Imports{} })
	s, err := plugin.Add(ctx, newHost(t), "optional", w, plugin.Options{Policy: pooled(), Source: guest("old")})
	if err != nil {
		t.Fatal(err)
	}
	// farewell has the plugin say goodbye if it can.
	farewell := func() (text string) {
		t.Helper()
		err := s.Do(ctx, func(ctx context.Context, p *optional.Optional) (err error) {
			if x, ok := p.Extra.Get(); ok {
				text, err = x.Farewell(ctx, "gopher")
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		return text
	}
	flush := func(ctx context.Context, p *optional.Optional) error {
		_, err := p.Handler.Flush(ctx, 0)
		if want := p.HasHandlerFlush(); (err == nil) != want {
			t.Errorf("there is a function to flush: %t; it fails with %v", want, err)
		}
		return err
	}
	if got := farewell(); got != "" {
		t.Errorf("the old plugin says %q", got)
	}
	for range 50 { // that is no failure of the plugin, which goes on serving
		if err := s.Do(ctx, flush); !errors.Is(err, rt.ErrNotExported) {
			t.Fatal(err)
		}
	}
	if _, err := s.Load(ctx, guest("full")); err != nil {
		t.Fatal(err)
	}
	if got := farewell(); got != "goodbye gopher" {
		t.Errorf("the new plugin says %q", got)
	}
	if err := s.Do(ctx, flush); err != nil {
		t.Error(err)
	}
	if err := s.Rollback(ctx, "to try it"); err != nil {
		t.Fatal(err)
	}
	if got := farewell(); got != "" {
		t.Errorf("the old plugin says %q once it is back", got)
	}
}
