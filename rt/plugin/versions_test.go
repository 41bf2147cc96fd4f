package plugin_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	newest "github.com/witgen/witgen/examples/plugins/api/v0_2/plugin"
	newestapi "github.com/witgen/witgen/examples/plugins/api/v0_2/pluginapi"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// The two worlds that the plugins of these tests were built for.
const (
	worldV01 = "witgen:plugins/plugin@0.1.0"
	worldV02 = "witgen:plugins/plugin@0.2.0"
)

// bothVersions returns the newest version of the example's world, which serves plugins of the one
// before too.
func bothVersions() plugin.World[*newest.Plugin] {
	return plugin.Of(newest.Prepare, func() newest.Imports { return newest.Imports{HostAPI: host{}} })
}

// kept returns a component that was kept of a release: "c-image-processor@0.1.0".
func kept(t testing.TB, name string) []byte {
	t.Helper()
	wasm, err := os.ReadFile(filepath.Join("../../examples/plugins/golden/components", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

func keptSource(t testing.TB, name string) plugin.Source {
	t.Helper()
	return plugin.Bytes(name, kept(t, name))
}

// versioned returns a component with other versions in its names, of as many letters.
func versioned(t testing.TB, name, from, to string) plugin.Source {
	t.Helper()
	wasm := kept(t, name)
	if len(from) != len(to) || !bytes.Contains(wasm, []byte(from)) {
		t.Fatalf("%s: %s does not become %s", name, from, to)
	}
	return plugin.Bytes(name+" as "+to, bytes.ReplaceAll(wasm, []byte(from), []byte(to)))
}

// asked has a plugin do what only version 0.2 can be asked for, and returns of which
// version it is by what came of it. All else fails the test.
func asked(ctx context.Context, t testing.TB, s *plugin.Slot[*newest.Plugin]) (version string) {
	t.Helper()
	err := s.Do(ctx, func(ctx context.Context, p *newest.Plugin) error {
		req := newestapi.ProcessRequest{Input: "cat.png"}
		answer, err := p.PluginAPI.Process(ctx, req, newestapi.ProcessOptions{BudgetMs: cm.Some[uint32](1000)})
		version = p.RT().World()
		if errors.Is(err, rt.ErrLossy) { // and the very instance can be asked for less
			if version != worldV01 {
				t.Errorf("an instance of %s cannot be asked for what is of version 0.2", version)
			}
			answer, err = p.PluginAPI.Process(ctx, req, newestapi.ProcessOptions{})
		}
		if caller, _ := plugin.CallerFrom(ctx); caller.World != version {
			t.Errorf("a call is of %q, and its instance of %q", caller.World, version)
		}
		if err == nil && answer.Output != "processed: cat.png" {
			t.Errorf("of %s: got %q", version, answer.Output)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return version
}

// TestVersionsUnderLoad replaces plugins of one version by those of another while
// calls go on: each call is served by one of them, as what it is.
func TestVersionsUnderLoad(t *testing.T) {
	h := newHost(t)
	sources := []plugin.Source{
		keptSource(t, "c-image-processor@0.1.0"), keptSource(t, "c-image-processor@0.2.0"),
		keptSource(t, "rust-image-processor@0.1.0"), versioned(t, "c-image-processor@0.2.0", "0.2.0", "0.2.7"),
	}
	s, err := plugin.Add(t.Context(), h, "image", bothVersions(), plugin.Options{Policy: pooled(), Source: sources[0]})
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Bool
	var callers sync.WaitGroup
	var served [2]atomic.Int64
	for range 8 {
		callers.Go(func() {
			for !done.Load() && !t.Failed() {
				if asked(t.Context(), t, s) == worldV01 {
					served[0].Add(1)
				} else {
					served[1].Add(1)
				}
			}
		})
	}
	for i := range 16 {
		want := worldV01
		if i%2 == 0 {
			want = worldV02
		}
		if i%5 == 4 {
			err = s.Rollback(t.Context(), "back to the version before")
		} else {
			_, err = s.Retry(t.Context(), sources[(i+1)%len(sources)])
		}
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
		if got := asked(t.Context(), t, s); got != want {
			t.Errorf("%d: a call that began when %s served was served by %s", i, want, got)
		}
		before := served[0].Load() + served[1].Load()
		for served[0].Load()+served[1].Load() < before+20 && !t.Failed() {
			time.Sleep(time.Millisecond)
		}
	}
	done.Store(true)
	callers.Wait()
	if served[0].Load() == 0 || served[1].Load() == 0 {
		t.Errorf("served %d calls by version 0.1 and %d by version 0.2", served[0].Load(), served[1].Load())
	}
	if failed := s.Status().Stable.Outcomes; failed[plugin.Trapped] > 0 {
		t.Errorf("%+v", failed)
	}
}

type keyOf struct{}

// TestVersionsCanary tries a plugin of the newest version out beside one of the version
// before, has it serve all calls, and goes back.
func TestVersionsCanary(t *testing.T) {
	h := newHost(t)
	s, err := plugin.Add(t.Context(), h, "image", bothVersions(), plugin.Options{
		Policy: pooled(), Source: keptSource(t, "rust-image-processor@0.1.0"),
		Key: func(ctx context.Context) string { return ctx.Value(keyOf{}).(string) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Stage(t.Context(), keptSource(t, "c-image-processor@0.2.0"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, plugin.Ramp{Steps: []float64{0.5, 1}}); err != nil {
		t.Fatal(err)
	}
	versions := func() (by map[string]string) {
		by = make(map[string]string)
		for i := range 64 {
			key := strconv.Itoa(i)
			by[key] = asked(context.WithValue(t.Context(), keyOf{}, key), t, s)
		}
		return by
	}
	count := func(by map[string]string) (n int) {
		for _, v := range by {
			if v == worldV02 {
				n++
			}
		}
		return n
	}
	first, second := versions(), versions()
	for key, v := range first {
		if second[key] != v {
			t.Errorf("key %s went to %s, and then to %s", key, v, second[key])
		}
	}
	if n := count(first); n < 10 || n > 54 {
		t.Errorf("%d of 64 keys went to version 0.2, want half of them", n)
	}
	if err := s.Promote(); err != nil {
		t.Fatal(err)
	}
	if n := count(versions()); n != 64 {
		t.Errorf("%d of 64 keys went to version 0.2 when it serves alone", n)
	}
	if err := s.Rollback(t.Context(), "to try it"); err != nil {
		t.Fatal(err)
	}
	if n := count(versions()); n != 0 {
		t.Errorf("%d of 64 keys went to version 0.2 after the rollback", n)
	}
}

// worlds is an observer that notes which worlds calls and events are of.
type worlds struct {
	mu     sync.Mutex
	calls  map[string]int
	events []string
}

func (w *worlds) Called(_ context.Context, c plugin.Called) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[c.World+" "+string(c.Arm)]++
}

func (w *worlds) Happened(e plugin.Event) {
	if e.Kind == plugin.Drained || e.Kind == plugin.Retired || e.Kind == plugin.Reached && e.Stage != plugin.Check {
		return // when these come is chance, or does not matter
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, fmt.Sprintf("%s %s %s", e.Kind, e.Stage, e.World))
}

// TestVersionsTold has who watches a host told of which version what serves is.
func TestVersionsTold(t *testing.T) {
	told := worlds{calls: make(map[string]int)}
	var logged bytes.Buffer
	h, err := plugin.New(t.Context(), plugin.Config{Observer: &told, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	s, err := plugin.Add(t.Context(), h, "image", bothVersions(), plugin.Options{Policy: pooled(), Source: keptSource(t, "c-image-processor@0.1.0")})
	if err != nil {
		t.Fatal(err)
	}
	asked(t.Context(), t, s)
	if _, err := s.Load(t.Context(), versioned(t, "c-image-processor@0.1.0", "0.1.0", "0.2.0")); err == nil {
		t.Error("loaded what is not of its version")
	}
	r, err := s.Stage(t.Context(), keptSource(t, "c-image-processor@0.2.0"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, plugin.Ramp{Steps: []float64{1}}); err != nil {
		t.Fatal(err)
	}
	if st := s.Status(); r.World() != worldV02 || st.Canary.World != worldV02 || st.Stable.World != worldV01 {
		t.Errorf("%s is tried out, %s beside %s", r.World(), st.Canary.World, st.Stable.World)
	}
	asked(t.Context(), t, s)
	if err := s.Rollback(t.Context(), "to try it"); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if told.calls[worldV01+" stable"] != 1 || told.calls[worldV02+" canary"] != 1 || len(told.calls) != 2 {
		t.Errorf("calls %v", told.calls)
	}
	want := []string{
		"reached check " + worldV01, "swapped swap " + worldV01, "stage-failed check " + worldV02,
		"reached check " + worldV02, "canary-started swap " + worldV02, "rolled-back  " + worldV02,
	}
	if !slices.Equal(told.events, want) {
		t.Errorf("events\n%q\nwant\n%q", told.events, want)
	}
	if text := logged.String(); !strings.Contains(text, "event=swapped") || !strings.Contains(text, "world="+worldV01) {
		t.Errorf("logged %s", text)
	}
}

// TestVersionsRestart starts a host again that has come to serve a version more, and
// then the one before it: what served serves, and what served before that is what
// Rollback goes back to.
func TestVersionsRestart(t *testing.T) {
	start := restarting(t, plugin.Config{})
	image := func(w plugin.World[*newest.Plugin], from plugin.Source) *plugin.Slot[*newest.Plugin] {
		t.Helper()
		s, err := plugin.Add(t.Context(), start(), "image", w, plugin.Options{Policy: pooled(), Source: from})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first, second, third := keptSource(t, "c-image-processor@0.1.0"), keptSource(t, "rust-image-processor@0.1.0"), keptSource(t, "c-image-processor@0.2.0")
	codeOf := func(from plugin.Source) plugin.Digest { return sha256.Sum256(plugin.BytesOf(t.Context(), from)) }
	before, err := plugin.Add(t.Context(), start(), "image", world(), plugin.Options{Policy: pooled(), Source: first})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.Load(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if _, err := before.Load(t.Context(), third); err == nil {
		t.Fatal("a host of version 0.1 has a plugin of version 0.2")
	}

	s := image(bothVersions(), second)
	if got := s.Status().Stable.Code; got != codeOf(second) || asked(t.Context(), t, s) != worldV01 {
		t.Errorf("once the host serves a version more, %s serves", got)
	}
	if err := s.Rollback(t.Context(), "to try it"); err != nil {
		t.Error(err)
	}
	if got := s.Status().Stable.Code; got != codeOf(first) || asked(t.Context(), t, s) != worldV01 {
		t.Errorf("%s serves, want what served before the restart's", got)
	}
	if _, err := s.Load(t.Context(), third); err != nil || asked(t.Context(), t, s) != worldV02 {
		t.Errorf("what did not fit the host that served one version: %v", err)
	}

	// The one before it has neither the plugin nor its source, and says why.
	_, err = plugin.Add(t.Context(), start(), "image", world(), plugin.Options{Policy: pooled(), Source: third})
	if err == nil || !strings.Contains(err.Error(), "exports witgen:plugins/plugin-api@0.2.0; ") {
		t.Errorf("a host of version 0.1 starts with a plugin of version 0.2: %v", err)
	}
	// That took nothing from the newer one.
	s = image(bothVersions(), third)
	if err := s.Rollback(t.Context(), "to try it"); err != nil || s.Status().Stable.Code != codeOf(first) {
		t.Errorf("rolled back to %s, %v", s.Status().Stable.Code, err)
	}
}

// TestVersionsResume starts a host again that has come to serve a version more, while
// something is tried out: it would be another revision, and the trial is told to be over.
func TestVersionsResume(t *testing.T) {
	seen := &events{}
	start := restarting(t, plugin.Config{Observer: seen})
	stable, tried := keptSource(t, "c-image-processor@0.1.0"), keptSource(t, "rust-image-processor@0.1.0")
	before, err := plugin.Add(t.Context(), start(), "image", world(), plugin.Options{Policy: pooled(), Source: stable})
	if err != nil {
		t.Fatal(err)
	}
	r, err := before.Stage(t.Context(), tried)
	if err == nil {
		err = before.Canary(r, plugin.Ramp{})
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := plugin.Add(t.Context(), start(), "image", bothVersions(), plugin.Options{Policy: pooled(), Source: stable})
	if err != nil {
		t.Fatal(err)
	}
	if st := s.Status(); st.Canary != nil || asked(t.Context(), t, s) != worldV01 {
		t.Errorf("%+v is tried out", st.Canary)
	}
	over := seen.of(plugin.RolledBack)
	if len(over) != 1 || over[0].World != worldV01 || !strings.HasSuffix(over[0].Text, " would be another revision by now: "+r.Digest().Short()) {
		t.Errorf("told %+v", over)
	}
	// It may be tried out again, as nothing is known against it.
	if r, err = s.Stage(t.Context(), tried); err == nil {
		err = s.Canary(r, plugin.Ramp{})
	}
	if err != nil {
		t.Error(err)
	}
}

// TestVersionsRefused has plugins of versions that the host does not serve, and such
// that are of two at once.
func TestVersionsRefused(t *testing.T) {
	h := newHost(t)
	const api, imported = "witgen:plugins/plugin-api", "witgen:plugins/host-api"
	const served = "0.1.0, 0.2.0 (tracks 0.1, 0.2)"
	for _, tt := range []struct {
		guest, from, to string
		want            string // all after the stage; empty if it serves
		code            string
	}{
		{"rust-image-processor@0.1.0", "0.1.0", "0.1.9", "", ""},
		{"c-image-processor@0.2.0", "0.2.0", "0.2.9", "", ""},
		{"c-image-processor@0.2.0", "0.2.0", "0.3.0", "exports " + api + "@0.3.0; host wants " + served, "RT201"},
		{"c-image-processor@0.1.0", "0.1.0", "0.0.9", "exports " + api + "@0.0.9; host wants " + served, "RT201"},
		{"c-image-processor@0.1.0", "0.1.0", "1.0.0", "exports " + api + "@1.0.0; host wants " + served, "RT201"},
		{"rust-data-processor@0.2.0", "0.2.0", "0.3.0", "imports " + imported + "@0.3.0; host has " + served + "; exports " + api + "@0.3.0; host wants " + served, "RT201"},
		// Of two versions it is of the newer one, which has not all of it.
		{"rust-data-processor@0.2.0", "host-api@0.2.0", "host-api@0.1.0", "imports " + imported + "@0.1.0; host has 0.2.0 (track 0.2) for a plugin of " + worldV02, "RT201"},
		{"rust-data-processor@0.2.0", "plugin-api@0.2.0", "plugin-api@0.1.0", "exports " + api + "@0.1.0; host wants 0.2.0 (track 0.2) for a plugin of " + worldV02, "RT201"},
		{"rust-data-processor@0.2.0", "plugin-api@0.2.0", "plugin-api@0.9.0", "exports " + api + "@0.9.0; host wants " + served, "RT201"},
		// What it is by its names it is not by its types.
		{"c-image-processor@0.1.0", "0.1.0", "0.2.0", "export " + api + "@0.2.0.process: guest has 1 params, host 2", "RT202"},
		{"c-image-processor@0.2.0", "0.2.0", "0.1.0", "export " + api + "@0.1.0.process: guest has 2 params, host 1", "RT202"},
	} {
		from := versioned(t, tt.guest, tt.from, tt.to)
		s, err := plugin.Add(t.Context(), h, "image", bothVersions(), plugin.Options{Policy: pooled(), Source: from})
		if tt.want == "" && err == nil {
			if err := s.Unload(t.Context()); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want := "plugin image: " + tt.guest + " as " + tt.to + ": failed at check: " + tt.want
		if err == nil || err.Error() != want || plugin.Code(err) != tt.code {
			t.Errorf("got  %v (%s)\nwant %s (%s)", err, plugin.Code(err), want, tt.code)
		}
	}
}

// TestVersionsDenied has a policy deny functions of one version of an interface, as it
// was called when the policy was written: plugins of that are denied them also where
// the host has a patch of it, or the plugin was built for one, and no others are.
func TestVersionsDenied(t *testing.T) {
	w := bothVersions()
	w.Init = func(ctx context.Context, p *newest.Plugin, _ map[string]string) error {
		err := p.PluginAPI.Initialize(ctx, nil) // which asks for a setting that there is not
		if errors.Is(err, rt.ErrLimit) {
			return err
		}
		return nil
	}
	for _, tt := range []struct {
		key, guest, from, to string
		want                 bool // that it is denied
	}{
		{"witgen:plugins/host-api@0.2.0.get-config", "rust-data-processor@0.2.0", "0.2.0", "0.2.0", true},
		{"witgen:plugins/host-api@0.2.4.get-config", "rust-data-processor@0.2.0", "0.2.0", "0.2.0", true},
		{"witgen:plugins/host-api@0.2.0", "rust-data-processor@0.2.0", "0.2.0", "0.2.5", true},
		{"witgen:plugins/host-api@0.2.0", "rust-data-processor@0.1.0", "0.1.0", "0.1.0", false},
		{"witgen:plugins/host-api@0.1.3.get-config", "rust-data-processor@0.1.0", "0.1.0", "0.1.7", true},
		{"witgen:plugins/host-api@0.1.3.get-config", "rust-data-processor@0.2.0", "0.2.0", "0.2.0", false},
		{"witgen:plugins/host-api.get-config", "rust-data-processor@0.1.0", "0.1.0", "0.1.0", true},
	} {
		p := pooled()
		p.HostCalls = map[string]policy.HostCall{tt.key: {Deny: true}}
		_, err := plugin.Add(t.Context(), newHost(t), "data", w, plugin.Options{Policy: p, Source: versioned(t, tt.guest, tt.from, tt.to)})
		if got := errors.Is(err, rt.ErrLimit); got != tt.want || err != nil && !got {
			t.Errorf("%s, and a plugin of %s as %s: %v, want it denied: %t", tt.key, tt.guest, tt.to, err, tt.want)
		}
	}
}
