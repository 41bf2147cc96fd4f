package plugin_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// TestGrantOvertaken gives a plugin two policies at a time, neither of which it
// can have: the one that it had stays, whichever is given first.
func TestGrantOvertaken(t *testing.T) {
	h := newHost(t)
	entered := make(chan struct{}, 1)
	w := world()
	w.Init = func(ctx context.Context, _ *api.Plugin, config map[string]string) error {
		switch config["mode"] {
		case "slow":
			entered <- struct{}{}
			<-ctx.Done()
			return context.Cause(ctx)
		case "broken":
			return errors.New("broken")
		}
		return nil
	}
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	grant := func(mode string) error {
		p := *pooled()
		p.Config = map[string]string{"mode": mode}
		_, err := s.Grant(t.Context(), p)
		return err
	}
	slow := make(chan error)
	go func() { slow <- grant("slow") }()
	<-entered
	if err := grant("broken"); err == nil {
		t.Error("granted what is broken")
	}
	if err := <-slow; err == nil {
		t.Error("granted what was overtaken")
	}
	r, err := s.Load(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	if st := s.Status().Stable; st.Digest != r.Digest() || st.Policy.Config["mode"] != "" {
		t.Errorf("it serves with %v", st.Policy.Config)
	}
}

// TestRollbackOfGrant rolls back what was granted: what is loaded after that has the
// policy of what serves, and not the one that was rolled back.
func TestRollbackOfGrant(t *testing.T) {
	for _, quiesce := range []bool{false, true} {
		s, err := plugin.Add(t.Context(), newHost(t), "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor"), Quiesce: quiesce})
		if err != nil {
			t.Fatal(err)
		}
		is := func(when, mode string) {
			t.Helper()
			if got := s.Status().Stable.Policy.Config["mode"]; got != mode {
				t.Errorf("%s: it serves with %q, want %q", when, got, mode)
			}
		}
		grant := func(mode string) {
			t.Helper()
			p := *pooled()
			p.Config = map[string]string{"mode": mode}
			if _, err := s.Grant(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		n := byte(0)
		load := func() {
			t.Helper()
			n++
			if _, err := s.Load(t.Context(), another(t, "c/data-processor", n)); err != nil {
				t.Fatal(err)
			}
		}
		back := func() {
			t.Helper()
			if err := s.Rollback(t.Context(), "no good"); err != nil {
				t.Fatal(err)
			}
		}
		grant("new")
		is("granted", "new")
		back()
		is("rolled back", "")
		load()
		is("loaded after that", "")

		grant("newer")
		load()
		is("granted and loaded", "newer")
		back() // of code alone
		is("rolled back to other code", "newer")
		load()
		is("loaded after that", "newer")
	}
}

// TestMemoryOfOthers fails to load a revision since the one that serves has the
// memory that both share: it may be loaded as soon as there is some.
func TestMemoryOfOthers(t *testing.T) {
	h := newHost(t)
	p := pooled()
	p.Limits.PluginMemory = 0
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := metadata(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	one := h.Engine().Memory().Bytes // of an instance
	if err := s.Unload(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Limits.PluginMemory, p.Limits.Instances = policy.Size(2*one+one/2), 2
	s, err = plugin.Add(t.Context(), h, "small", world(), plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	next := another(t, "c/data-processor", 1)
	err = s.Do(t.Context(), func(ctx context.Context, _ *api.Plugin) error {
		return s.Do(ctx, func(context.Context, *api.Plugin) error {
			_, err := s.Load(t.Context(), next)
			return err
		})
	})
	if !errors.Is(err, rt.ErrMemory) {
		t.Fatalf("got %v", err)
	}
	if q := s.Status().Quarantine; len(q) != 0 {
		t.Errorf("%+v", q)
	}
	p.Limits.Memory = policy.Size(one / 2)
	if _, err := s.Grant(t.Context(), *p); err == nil {
		t.Fatal("it starts with half of the memory")
	}
}

// TestMachineIsNoReason fails to load a revision for a file that is not there:
// that may change, and the revision stays the same.
func TestMachineIsNoReason(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", func(context.Context) error { return nil })
	next := another(t, "c/data-processor", 1)
	h.Fault(func(_ string, at plugin.Stage) error {
		if at == plugin.Compile {
			return &fs.PathError{Op: "mkdir", Path: "state", Err: fs.ErrPermission}
		}
		return nil
	})
	if _, err := s.Load(t.Context(), next); !errors.Is(err, fs.ErrPermission) {
		t.Fatal(err)
	}
	h.Fault(nil)
	if _, err := s.Load(t.Context(), next); err != nil {
		t.Error(err)
	}
}

// TestRollbackUnderFile rolls code back under a policy file that was put in force
// since: what is loaded after that has the file's policy.
func TestRollbackUnderFile(t *testing.T) {
	h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Policy: readPolicy(t, "version: 1\nplugins: {data: {reuse: pooled, limits: {deadline: 1m}, config: {mode: first}}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Grant(t.Context(), readPolicy(t, "version: 1\nplugins: {data: {reuse: pooled, limits: {deadline: 1m}, config: {mode: second}}}\n")); err != nil {
		t.Fatal(err)
	}
	if err := s.Rollback(t.Context(), "no good"); err != nil {
		t.Fatal(err)
	}
	if got := s.Status().Stable.Policy.Config["mode"]; got != "first" {
		t.Errorf("rolled back to %q", got)
	}
	if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err != nil {
		t.Fatal(err)
	}
	if got := s.Status().Stable.Policy.Config["mode"]; got != "second" {
		t.Errorf("loaded with %q", got)
	}
}
