package plugin_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// governed is a host with a policy file.
func governed(t *testing.T, seen plugin.Observer, f *policy.File) *plugin.Host {
	t.Helper()
	h, err := plugin.New(t.Context(), plugin.Config{Policy: f, Logger: quiet, Observer: seen, Poll: 20 * time.Millisecond})
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

// became are the outcomes in a line each.
func became(all []plugin.Granted) string {
	var b strings.Builder
	for _, g := range all {
		fmt.Fprintf(&b, "%s changed=%v", g.Plugin, g.Changed)
		if g.Err != nil {
			fmt.Fprintf(&b, " error")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// put puts a component in the place of a file, and returns its digest.
func put(t *testing.T, path string, from plugin.Source) string {
	t.Helper()
	wasm := plugin.BytesOf(t.Context(), from)
	if err := os.WriteFile(path+".new", wasm, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256(wasm))
}

// TestGrantFile puts another policy file in force for three plugins, of which one
// has a policy of its own.
func TestGrantFile(t *testing.T) {
	h := governed(t, nil, readPolicy(t, "version: 1\nceiling: {memory: 64MiB}\nplugins: {a: {config: {x: '1'}}, b: {config: {x: '1'}}}\n"))
	slots := map[string]*plugin.Slot[*api.Plugin]{}
	for _, name := range []string{"a", "b", "own"} {
		o := plugin.Options{Source: guest(t, "c/data-processor")}
		if name == "own" {
			o.Policy = pooled()
		}
		s, err := plugin.Add(t.Context(), h, name, world(), o)
		if err != nil {
			t.Fatal(err)
		}
		slots[name] = s
	}
	if _, err := slots["a"].Grant(t.Context(), policy.Policy{Config: map[string]string{"x": "by hand"}}); err != nil {
		t.Fatal(err)
	}
	before := slots["own"].Status().Stable.Digest
	for _, tt := range []struct{ name, text, want string }{
		{"one policy", "version: 1\nceiling: {memory: 64MiB}\nplugins: {a: {config: {x: '1'}}, b: {config: {x: '2'}}}\n", "a changed=true\nb changed=true\nown changed=false\n"},
		{"nothing", "version: 1\nceiling: {memory: 64MiB}\nplugins: {a: {config: {x: '1'}}, b: {config: {x: '2'}}, c: {}}\n", "a changed=false\nb changed=false\nown changed=false\n"},
		{"a lower ceiling", "version: 1\nceiling: {memory: 16MiB}\nplugins: {b: {config: {x: '2'}}}\n", "a changed=true\nb changed=true\nown changed=true\n"},
		{"as it was", "version: 1\nceiling: {memory: 64MiB}\nplugins: {a: {config: {x: '1'}}, b: {config: {x: '1'}}}\n", "a changed=true\nb changed=true\nown changed=true\n"},
	} {
		all, err := h.Grant(t.Context(), readPolicy(t, tt.text))
		if err != nil || became(all) != tt.want {
			t.Fatalf("%s: %v\n%s, want\n%s", tt.name, err, became(all), tt.want)
		}
		for _, g := range all {
			if st := slots[g.Plugin].Status().Stable; g.Revision.Digest() != st.Digest {
				t.Errorf("%s: %s serves %s", tt.name, g.Plugin, st.Digest)
			}
		}
		if tt.name == "a lower ceiling" {
			if p := slots["own"].Status().Stable.Policy; p.Limits.Memory != 16<<20 {
				t.Errorf("own has %v", p.Limits.Memory)
			}
			if p := slots["a"].Status().Stable.Policy; len(p.Config) != 0 {
				t.Errorf("a, which the file does not know, has %v", p.Config)
			}
		}
	}
	if own := slots["own"].Status().Stable.Digest; own != before {
		t.Error("the same rights are another revision")
	}
	for name, s := range slots {
		if _, err := metadata(t.Context(), s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestGrantFileRefused leaves everything as it is, if one plugin cannot have what
// a file says, and names all that cannot.
func TestGrantFileRefused(t *testing.T) {
	h := governed(t, nil, readPolicy(t, "version: 1\n"))
	for _, name := range []string{"a", "b", "c"} {
		if _, err := plugin.Add(t.Context(), h, name, world(), plugin.Options{Source: guest(t, "c/data-processor")}); err != nil {
			t.Fatal(err)
		}
	}
	status := func() (all string) {
		for _, c := range h.List() {
			all += c.Status().Stable.Digest.Short() + " "
		}
		return all
	}
	before := status()
	for _, tt := range []struct {
		name string
		f    *policy.File
		want []string
	}{
		{"none", nil, []string{"no policy file"}},
		{"not checked", &policy.File{}, []string{"version: write version: 1"}},
		{"memory", readPolicy(t, "version: 1\nplugins: {a: {config: {x: y}}, b: {limits: {memory: 1KiB}}, c: {source: {digest: 'sha256:"+strings.Repeat("0", 64)+"'}}}\n"),
			[]string{"plugin b: c/data-processor: failed at check: needs ", "limit 1KiB", "still serving", "plugin c: c/data-processor: failed at verify: digest sha256:"}},
		{"memory of the host", readPolicy(t, "version: 1\nceiling: {host_memory: 1GiB}\n"), []string{"policy.yaml:2: ceiling.host_memory cannot change while the host runs: it is 1GiB, and was 0B"}},
	} {
		all, err := h.Grant(t.Context(), tt.f)
		if err == nil || all != nil {
			t.Fatalf("%s: granted", tt.name)
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got\n%v\nwant in it %q", tt.name, err, want)
			}
		}
		if status() != before {
			t.Errorf("%s: something changed", tt.name)
		}
	}
	s, err := plugin.Add(t.Context(), h, "d", world(), plugin.Options{Source: guest(t, "c/data-processor")})
	if err != nil || len(s.Status().Stable.Policy.Config) != 0 {
		t.Errorf("a file that was refused is in force: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Grant(ctx, readPolicy(t, "version: 1\n")); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Grant(t.Context(), readPolicy(t, "version: 1\n")); !errors.Is(err, plugin.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// TestGrantFileFails loads one of two plugins under a file by which it does not
// start: it goes on as it was, and what is loaded next is under the file.
func TestGrantFileFails(t *testing.T) {
	seen := &events{}
	h := governed(t, seen, readPolicy(t, "version: 1\n"))
	w := world()
	w.Init = func(_ context.Context, _ *api.Plugin, config map[string]string) error {
		if config["x"] == "bad" {
			return errors.New("x is bad")
		}
		return nil
	}
	slots := map[string]*plugin.Slot[*api.Plugin]{}
	for _, name := range []string{"a", "b"} {
		s, err := plugin.Add(t.Context(), h, name, w, plugin.Options{Source: guest(t, "c/data-processor")})
		if err != nil {
			t.Fatal(err)
		}
		slots[name] = s
	}
	all, err := h.Grant(t.Context(), readPolicy(t, "version: 1\nplugins: {a: {config: {x: bad}}, b: {config: {x: good}}}\n"))
	if err != nil || became(all) != "a changed=false error\nb changed=true\n" || !strings.Contains(all[0].Err.Error(), "x is bad") {
		t.Fatalf("%v\n%s", err, became(all))
	}
	if e := seen.wait(t, plugin.PolicyTaken); e.Plugin != "" || !strings.HasSuffix(e.Text, "of 2 plugins it changed 1, and 1 failed under it") {
		t.Errorf("%+v", e)
	}
	if _, err := metadata(t.Context(), slots["a"]); err != nil {
		t.Error(err)
	}
	if _, err := slots["a"].Load(t.Context(), another(t, "c/data-processor", 1)); err == nil || !strings.Contains(err.Error(), "x is bad") {
		t.Errorf("the next revision is not under the file: %v", err)
	}
	all, err = h.Grant(t.Context(), readPolicy(t, "version: 1\nplugins: {a: {config: {x: mended}}, b: {config: {x: good}}}\n"))
	if err != nil || became(all) != "a changed=true\nb changed=false\n" {
		t.Errorf("%v\n%s", err, became(all))
	}
}

// TestGrantFileTrial has what is tried out go on under a file that has the same
// for it, and end under another.
func TestGrantFileTrial(t *testing.T) {
	seen := &events{}
	h := governed(t, seen, readPolicy(t, "version: 1\n"))
	s, err := plugin.Add(t.Context(), h, "a", world(), plugin.Options{Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Stage(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, plugin.Ramp{Steps: []float64{0.5, 1}, Window: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if all, err := h.Grant(t.Context(), readPolicy(t, "version: 1\nplugins: {b: {}}\n")); err != nil || became(all) != "a changed=false\n" || s.Status().Canary == nil {
		t.Fatalf("%v\n%s%+v", err, became(all), s.Status().Canary)
	}
	if all, err := h.Grant(t.Context(), readPolicy(t, "version: 1\nplugins: {a: {config: {x: y}}}\n")); err != nil || became(all) != "a changed=true\n" || s.Status().Canary != nil {
		t.Fatalf("%v\n%s%+v", err, became(all), s.Status().Canary)
	}
	if st := s.Status().Stable; st.Code == r.Code() || st.Policy.Config["x"] != "y" {
		t.Errorf("%+v", st)
	}
}

// TestGrantFileSource has a file name another source, and another digest.
func TestGrantFileSource(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, from plugin.Source) string {
		t.Helper()
		return put(t, filepath.Join(dir, name), from)
	}
	policyOf := func(text string) *policy.File {
		t.Helper()
		path := filepath.Join(dir, "policy.yaml")
		if err := os.WriteFile(path, []byte("version: 1\nplugins: "+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := policy.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	seen := &events{}
	h := governed(t, seen, policyOf("{a: {source: {file: a.wasm}}}"))
	_, err := plugin.Add(t.Context(), h, "a", world(), plugin.Options{Watch: true})
	if want := filepath.Join(dir, "a.wasm") + ": "; err == nil || !strings.Contains(err.Error(), want) ||
		!strings.Contains(err.Error(), "source.file a.wasm is looked for from the policy file's directory "+dir+" on") {
		t.Errorf("got %v, want in it %q", err, want)
	}
	write("a.wasm", guest(t, "c/data-processor"))
	s, err := plugin.Add(t.Context(), h, "a", world(), plugin.Options{Watch: true})
	if err != nil {
		t.Fatal(err)
	}
	first := s.Status().Stable
	if first.Source != filepath.Join(dir, "a.wasm") {
		t.Errorf("source %s", first.Source)
	}

	pin := write("b.wasm", another(t, "c/data-processor", 1))
	all, err := h.Grant(t.Context(), policyOf("{a: {source: {file: b.wasm}}}"))
	if err != nil || became(all) != "a changed=true\n" || s.Status().Stable.Code.String() != pin {
		t.Fatalf("%v\n%s%+v", err, became(all), all)
	}
	swapped := len(seen.of(plugin.Swapped))
	write("a.wasm", another(t, "c/data-processor", 2)) // which nobody watches any more
	pin = write("b.wasm", another(t, "c/data-processor", 3))
	for begin := time.Now(); s.Status().Stable.Code.String() != pin; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("it does not follow the new file: %+v", s.Status().Events)
		}
	}
	if got := len(seen.of(plugin.Swapped)); got != swapped+1 {
		t.Errorf("%d swaps more", got-swapped)
	}

	// The file is newer than what serves, and its digest is in the policy: it waits
	// for that.
	all, err = h.Grant(t.Context(), policyOf("{a: {source: {file: b.wasm, digest: '"+pin+"'}}}"))
	if err != nil || became(all) != "a changed=false\n" {
		t.Fatalf("%v\n%s", err, became(all))
	}
	pin = write("b.wasm", another(t, "c/data-processor", 4))
	for begin := time.Now(); plugin.Code(seen.wait(t, plugin.StageFailed).Err) != "RT105"; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("%+v", s.Status().Events)
		}
	}
	all, err = h.Grant(t.Context(), policyOf("{a: {source: {file: b.wasm, digest: '"+pin+"'}}}"))
	if err != nil || became(all) != "a changed=true\n" || s.Status().Stable.Code.String() != pin {
		t.Fatalf("%v\n%s", err, became(all))
	}
}

// TestGrantFileEarly puts a file in force while a plugin is loaded first: it has
// what the file says.
func TestGrantFileEarly(t *testing.T) {
	h := governed(t, nil, readPolicy(t, "version: 1\n"))
	entered, leave := make(chan struct{}, 8), make(chan struct{})
	w := world()
	w.Init = func(context.Context, *api.Plugin, map[string]string) error {
		entered <- struct{}{}
		<-leave
		return nil
	}
	added := make(chan error, 1)
	go func() {
		_, err := plugin.Add(t.Context(), h, "a", w, plugin.Options{Source: guest(t, "c/data-processor")})
		added <- err
	}()
	<-entered
	granted := make(chan string, 1)
	go func() {
		all, err := h.Grant(t.Context(), readPolicy(t, "version: 1\nplugins: {a: {config: {x: y}}}\n"))
		granted <- fmt.Sprint(became(all), err)
	}()
	time.Sleep(20 * time.Millisecond) // so that it may come first
	close(leave)
	if err := <-added; err != nil {
		t.Fatal(err)
	}
	if got := <-granted; !strings.HasSuffix(got, "<nil>") {
		t.Error(got)
	}
	if p := h.Get("a").Status().Stable.Policy; p.Config["x"] != "y" {
		t.Errorf("it has %v", p.Config)
	}
}
