package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt/plugin"
)

// within fails the test if f takes long: it waits for itself then.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		buf := make([]byte, 1<<20)
		t.Fatalf("%s does not end\n%s", what, buf[:runtime.Stack(buf, true)])
	}
}

// TestStagedEnds ends slots and hosts while a revision is staged that nobody
// swaps or discards: it ends with them.
func TestStagedEnds(t *testing.T) {
	for _, host := range []bool{false, true} {
		t.Run(fmt.Sprint("host ", host), func(t *testing.T) {
			seen := &events{}
			h := observed(t, seen)
			var stopped atomic.Int64
			w := world()
			w.Stop = func(context.Context, *api.Plugin) error { stopped.Add(1); return nil }
			p := pooled()
			p.Limits.MinIdle = 2
			s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Stage(t.Context(), another(t, "c/data-processor", 1))
			if err != nil {
				t.Fatal(err)
			}
			if !host {
				if err := s.Unload(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if err := h.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := stopped.Load(); n != 4 {
				t.Errorf("%d instances were stopped, want 4", n)
			}
			if n := len(seen.of(plugin.Retired)); n != 2 {
				t.Errorf("%d revisions were retired, want 2", n)
			}
			if err := s.Swap(r); !errors.Is(err, plugin.ErrClosed) {
				t.Errorf("swapped after the end: %v", err)
			}
			if err := s.Canary(r, plugin.Ramp{}); !errors.Is(err, plugin.ErrClosed) {
				t.Errorf("tried out after the end: %v", err)
			}
			if _, err := s.Load(t.Context(), guest(t, "c/data-processor")); !errors.Is(err, plugin.ErrClosed) {
				t.Errorf("loaded after the end: %v", err)
			}
			if m := h.Engine().Memory(); m.Bytes != 0 {
				t.Errorf("%d bytes of linear memory are left", m.Bytes)
			}
		})
	}
}

// TestForeignRevision refuses revisions of another slot.
func TestForeignRevision(t *testing.T) {
	h := newHost(t)
	a := add(t, h, "a", func(context.Context) error { return nil })
	b := add(t, h, "b", func(context.Context) error { return nil })
	r, err := a.Stage(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{b.Swap(r), b.Canary(r, plugin.Ramp{}), b.Discard(r)} {
		if err == nil || !strings.Contains(err.Error(), "is one of plugin a") {
			t.Errorf("got %v", err)
		}
	}
	if err := a.Swap(r); err != nil {
		t.Error(err)
	}
}

// TestStuckClose has a host function go on though its call was cancelled: somebody is
// told, and nothing is freed before it returns.
func TestStuckClose(t *testing.T) {
	seen := &events{}
	h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Observer: seen, DrainTimeout: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	s := add(t, h, "data", func(context.Context) error {
		close(entered)
		<-leave
		return nil
	})
	var call sync.WaitGroup
	call.Go(func() { _, _ = process(t.Context(), s, "x") })
	<-entered
	if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err != nil {
		t.Fatal(err)
	}
	if e := seen.wait(t, plugin.Stuck); e.Text != "1 calls do not end, though they were cancelled" {
		t.Errorf("%+v", e)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("enough"))
	defer cancel()
	for range 2 {
		if err := h.Close(ctx); err == nil || err.Error() != "enough" {
			t.Errorf("closed with %v", err)
		}
	}
	if len(seen.of(plugin.Retired)) > 1 { // the other one is
		t.Error("retired with a call under way")
	}
	close(leave)
	call.Wait()
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if m := h.Engine().Memory(); m.Bytes != 0 {
		t.Errorf("%d bytes of linear memory are left", m.Bytes)
	}
}

// TestCloseRefuses closes a host while a plugin is loaded that takes its time:
// no slot takes calls meanwhile.
func TestCloseRefuses(t *testing.T) {
	h := newHost(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	var slow atomic.Bool
	w := world()
	w.Init = func(context.Context, *api.Plugin, map[string]string) error {
		if slow.Swap(false) {
			close(entered)
			<-leave
		}
		return nil
	}
	s, err := plugin.Add(t.Context(), h, "slow", w, plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	other := add(t, h, "other", func(context.Context) error { return nil })
	slow.Store(true)
	loaded := make(chan error)
	go func() {
		_, err := s.Load(t.Context(), another(t, "c/data-processor", 1))
		loaded <- err
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Unload(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("unloaded: %v", err)
	}
	if err := h.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("closed while a plugin is loaded: %v", err)
	}
	for _, s := range []*plugin.Slot[*api.Plugin]{s, other} {
		if _, err := metadata(t.Context(), s); !errors.Is(err, plugin.ErrClosed) {
			t.Errorf("%s: %v", s.Name(), err)
		}
	}
	close(leave)
	if err := <-loaded; !errors.Is(err, plugin.ErrClosed) {
		t.Errorf("loaded: %v", err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestSlotEndsEarly closes a host again and again while slots are added, loaded
// and unloaded.
func TestSlotEndsEarly(t *testing.T) {
	for i := range 30 {
		h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		from := guest(t, "c/data-processor")
		go func() {
			defer close(ended)
			for {
				s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: from})
				if err != nil {
					return
				}
				_, _ = s.Load(t.Context(), another(t, "c/data-processor", 1))
				if r, err := s.Stage(t.Context(), from); err == nil {
					_ = s.Canary(r, plugin.Ramp{})
				}
				_ = s.Unload(t.Context())
			}
		}()
		time.Sleep(time.Duration(i) * 3 * time.Millisecond)
		within(t, "close", func() {
			if err := h.Close(t.Context()); err != nil {
				t.Error(err)
			}
			<-ended
		})
		if m := h.Engine().Memory(); m.Bytes != 0 {
			t.Fatalf("%d bytes of linear memory are left", m.Bytes)
		}
	}
}
