package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt/plugin"
)

// until waits for something to be so.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begin := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("it did not come to be that %s", what)
		}
	}
}

// TestAgain tries a file again that could not be loaded for the machine's fault.
func TestAgain(t *testing.T) {
	for _, tt := range []struct {
		name    string
		stage   plugin.Stage
		err     error
		quiesce bool
		passes  bool
	}{
		{"disk", plugin.Keep, &fs.PathError{Op: "write", Path: "store", Err: errors.New("no space left on device")}, false, true},
		{"disk, one at a time", plugin.Keep, &fs.PathError{Op: "write", Path: "store", Err: errors.New("no space left on device")}, true, true},
		{"signature", plugin.Verify, fmt.Errorf("%w: the signature cannot be fetched", plugin.ErrPassing), false, true},
		{"hook", plugin.Probing, fmt.Errorf("%w: no database", plugin.ErrPassing), false, true},
		{"wrong signature", plugin.Verify, errors.New("signed by nobody"), false, false},
		{"broken", plugin.Probing, errors.New("it does not start"), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := &events{}
			h := governed(t, seen, nil)
			h.Pause(time.Millisecond)
			path := filepath.Join(t.TempDir(), "data.wasm")
			put(t, path, guest(t, "c/data-processor"))
			s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: plugin.File(path), Watch: true, Quiesce: tt.quiesce})
			if err != nil {
				t.Fatal(err)
			}
			var failed atomic.Int64
			h.Fault(func(_ string, at plugin.Stage) error {
				if at == tt.stage && failed.Add(1) <= 3 {
					return tt.err
				}
				return nil
			})
			code := put(t, path, another(t, "c/data-processor", 1))
			serves := func() bool { // while it is replaced, nothing may
				st := s.Status().Stable
				return st != nil && st.Code.String() == code
			}
			if tt.passes {
				until(t, "the file serves", serves)
				n := 0
				for _, e := range seen.of(plugin.StageFailed) {
					if e.Stage == tt.stage {
						n++
					}
				}
				if n != 3 || len(s.Status().Quarantine) != 0 {
					t.Errorf("failed %d times, quarantine %+v", n, s.Status().Quarantine)
				}
				return
			}
			seen.wait(t, plugin.StageFailed)
			time.Sleep(50 * time.Millisecond) // in which it could be tried many times
			if failed.Load() != 1 || serves() {
				t.Errorf("tried %d times", failed.Load())
			}
		})
	}
}

// TestAgainNoMore tries a file no more when somebody has loaded another, when there
// is a newer one, and when the host ends.
func TestAgainNoMore(t *testing.T) {
	seen := &events{}
	h := governed(t, seen, nil)
	h.Pause(time.Millisecond)
	path := filepath.Join(t.TempDir(), "data.wasm")
	put(t, path, guest(t, "c/data-processor"))
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: plugin.File(path), Watch: true})
	if err != nil {
		t.Fatal(err)
	}
	var broken atomic.Bool
	broken.Store(true)
	var tries atomic.Int64
	h.Fault(func(_ string, at plugin.Stage) error {
		if at == plugin.Keep && broken.Load() {
			tries.Add(1)
			return plugin.ErrPassing
		}
		return nil
	})
	put(t, path, another(t, "c/data-processor", 1))
	until(t, "it is tried again", func() bool { return tries.Load() > 2 })
	broken.Store(false)
	chosen, err := s.Load(t.Context(), another(t, "c/data-processor", 2))
	if err != nil {
		// The file came first, and serves; then this is another's turn.
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	if got := s.Status().Stable.Digest; got != chosen.Digest() {
		t.Errorf("the file was loaded over what somebody chose: %s", got)
	}
	broken.Store(true)
	tries.Store(0)
	put(t, path, another(t, "c/data-processor", 3))
	until(t, "it is tried again", func() bool { return tries.Load() > 2 })
	code := put(t, path, another(t, "c/data-processor", 4))
	time.Sleep(20 * time.Millisecond)
	broken.Store(false)
	until(t, "the newer file serves", func() bool { return s.Status().Stable.Code.String() == code })
	broken.Store(true)
	tries.Store(0)
	put(t, path, another(t, "c/data-processor", 5))
	until(t, "it is tried again", func() bool { return tries.Load() > 2 })
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := tries.Load()
	time.Sleep(20 * time.Millisecond)
	if tries.Load() != n {
		t.Error("tried after the host has ended")
	}
}

// TestPolicyFile follows a policy file: what it has become is in force, unless it
// is wrong; one that a plugin refuses is, as soon as the plugin is replaced.
func TestPolicyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "policy.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	c := plugin.Config{PolicyFile: path, Logger: quiet, Poll: 20 * time.Millisecond}
	if _, err := plugin.New(t.Context(), c); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	write("version: 2\n")
	if _, err := plugin.New(t.Context(), c); err == nil {
		t.Error("began with a file that is wrong")
	}
	write("version: 1\nplugins: {data: {source: {file: data.wasm}, config: {x: '1'}}}\n")
	c.Policy = readPolicy(t, "version: 1\n")
	if _, err := plugin.New(t.Context(), c); err == nil {
		t.Error("began with two policies")
	}
	seen := &events{}
	c.Policy, c.Observer = nil, seen
	h, err := plugin.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	h.Pause(time.Millisecond)
	put(t, filepath.Join(dir, "data.wasm"), guest(t, "c/data-processor"))
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Watch: true})
	if err != nil {
		t.Fatal(err)
	}
	config := func() string { return s.Status().Stable.Policy.Config["x"] }
	if config() != "1" {
		t.Errorf("began with %q", config())
	}
	failures := func(n int) func() bool {
		return func() bool { return len(seen.of(plugin.PolicyFailed)) == n }
	}
	write("version: 1\nplugins: {data: {source: {file: data.wasm}, config: {x: '2'}}}\n")
	until(t, "the second is in force", func() bool { return config() == "2" })
	write("version: 1\nplugins: {data: {source: {file: data.wasm}, config: {x: 3}}}\n")
	until(t, "the third is wrong", failures(1))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	until(t, "it is gone", failures(2))

	// A pin for the next build, which is not there yet.
	next := another(t, "c/data-processor", 1)
	staged := put(t, filepath.Join(dir, "next"), next)
	write("version: 1\nplugins: {data: {source: {file: data.wasm, digest: '" + staged + "'}, config: {x: '4'}}}\n")
	until(t, "it waits for the build", failures(3))
	if config() != "2" {
		t.Errorf("%q is in force", config())
	}
	put(t, filepath.Join(dir, "data.wasm"), next)
	until(t, "the build is there", func() bool { return config() == "4" && s.Status().Stable.Code.String() == staged })
	if !failures(3)() {
		t.Errorf("%+v", seen.of(plugin.PolicyFailed))
	}
}

// TestOneFile has two slots watch one file: both have what it becomes, and one does
// when the other has ended.
func TestOneFile(t *testing.T) {
	h := newHost(t)
	path := filepath.Join(t.TempDir(), "data.wasm")
	put(t, path, guest(t, "c/data-processor"))
	var all []*plugin.Slot[*api.Plugin]
	for _, name := range []string{"a", "b"} {
		s, err := plugin.Add(t.Context(), h, name, world(), plugin.Options{Policy: pooled(), Source: plugin.File(path), Watch: true})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	serves := func(code string, of ...*plugin.Slot[*api.Plugin]) func() bool {
		return func() bool {
			for _, s := range of {
				if s.Status().Stable.Code.String() != code {
					return false
				}
			}
			return true
		}
	}
	code := put(t, path, another(t, "c/data-processor", 1))
	until(t, "both serve it", serves(code, all...))
	if err := all[0].Unload(t.Context()); err != nil {
		t.Fatal(err)
	}
	code = put(t, path, another(t, "c/data-processor", 2))
	until(t, "the other serves it", serves(code, all[1]))
}
