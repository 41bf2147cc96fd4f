package prometheus_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/plugin/prometheus"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// host is what the plugins of these tests import.
type host struct {
	hostapi.UnimplementedHostAPI
	emit func(ctx context.Context) error
}

func (host) LogMessage(context.Context, string, string) error { return nil }

func (h host) EmitEvent(ctx context.Context, _, _ string) error {
	if h.emit == nil {
		return nil
	}
	return h.emit(ctx)
}

func (host) GetConfig(context.Context, string) (cm.Option[string], error) {
	return cm.Option[string]{}, nil
}

func guest(tb testing.TB, name string) plugin.Source {
	tb.Helper()
	wasm, err := os.ReadFile(guests.Plugin(name))
	if err != nil {
		tb.Fatal(err)
	}
	return plugin.Bytes(name, wasm)
}

func newHost(tb testing.TB, o plugin.Observer) *plugin.Host {
	tb.Helper()
	h, err := plugin.New(tb.Context(), plugin.Config{Logger: slog.New(slog.DiscardHandler), Observer: o})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return h
}

// add makes a slot whose plugin calls emit whenever it processes something.
func add(tb testing.TB, h *plugin.Host, name, file string, emit func(ctx context.Context) error) *plugin.Slot[*api.Plugin] {
	tb.Helper()
	w := plugin.Of(api.Prepare, func() api.Imports { return api.Imports{HostAPI: host{emit: emit}} })
	limits, _ := policy.Profile(policy.Restricted)
	limits.Deadline, limits.MaxWait, limits.Instances = policy.Duration(10*time.Second), policy.Duration(time.Minute), 2
	s, err := plugin.Add(tb.Context(), h, name, w, plugin.Options{Policy: &policy.Policy{Reuse: policy.Pooled, Limits: limits}, Source: guest(tb, file)})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func process(ctx context.Context, s *plugin.Slot[*api.Plugin]) error {
	return s.Do(ctx, func(ctx context.Context, p *api.Plugin) error {
		_, err := p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "x"})
		return err
	})
}

// exposed returns what a server would be told.
func exposed(tb testing.TB, m *prometheus.Metrics) string {
	tb.Helper()
	r := client.NewPedanticRegistry()
	r.MustRegister(m)
	w := httptest.NewRecorder()
	promhttp.HandlerFor(r, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		tb.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// TestGolden has calls end in several ways, reloads and rollouts, and compares
// all that a server would be told but for what depends on the machine: how long
// something took, and digests.
func TestGolden(t *testing.T) {
	m := prometheus.New(prometheus.Config{Labels: client.Labels{"job": "test"}, Seconds: []float64{3600}, Fuel: []float64{1, 1e12}, Bytes: []float64{1, 1 << 30}})
	h := newHost(t, m)
	m.Read(h)
	var fails error
	c := add(t, h, "data", "c/data-processor", func(context.Context) error { return fails })
	rust := add(t, h, "images", "rust/image-processor", nil)
	for range 3 {
		for _, s := range []*plugin.Slot[*api.Plugin]{c, rust} {
			if err := process(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Do(t.Context(), func(context.Context, *api.Plugin) error { return errors.New("no") }); err == nil {
		t.Error("no error")
	}
	fails = errors.New("broken")
	for range 5 {
		if err := process(t.Context(), c); err == nil {
			t.Error("no trap")
		}
	}
	if err := process(t.Context(), c); !errors.Is(err, plugin.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	fails = nil
	if _, err := rust.Load(t.Context(), guest(t, "rust/image-processor")); err != nil {
		t.Error(err)
	}
	if _, err := rust.Load(t.Context(), guest(t, "rust/data-processor")); err != nil {
		t.Error(err)
	}
	if _, err := rust.Load(t.Context(), guest(t, "broken/other")); err == nil {
		t.Error("no error")
	}
	for _, try := range []struct {
		from string
		end  func() error
	}{
		{"c/image-processor", rust.Promote},
		{"rust/image-processor", func() error { return rust.Rollback(t.Context(), "p99") }},
		{"c/data-processor", func() error { return nil }},
	} {
		r, err := rust.Stage(t.Context(), guest(t, try.from))
		if err != nil {
			t.Fatal(err)
		}
		if err := rust.Canary(r, plugin.Ramp{Steps: []float64{0.25, 1}}); err != nil {
			t.Fatal(err)
		}
		if err := try.end(); err != nil {
			t.Error(err)
		}
	}
	m.Happened(plugin.Event{Kind: plugin.DeniedUse, Plugin: "data", Denied: "tcp", Text: "text of a guest"})

	got := exposed(t, m)
	got = regexp.MustCompile(`sha256:[0-9a-f]{64}`).ReplaceAllString(got, "sha256:...")
	got = regexp.MustCompile(`(?m)^(rt_\w+_(?:sum|seconds_sum)\{.*\}) .*$`).ReplaceAllString(got, "$1 ...")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if want := golden(t); got != want {
		t.Errorf("got\n%s\nwant\n%s\ngo test -args -update rewrites it", got, want)
	}
}

const file = "testdata/metrics.txt"

func golden(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// value returns a metric's value, or how often it was observed.
func value(tb testing.TB, m *prometheus.Metrics, metric string) string {
	tb.Helper()
	for lines := bufio.NewScanner(strings.NewReader(exposed(tb, m))); lines.Scan(); {
		if v, ok := strings.CutPrefix(lines.Text(), metric+" "); ok {
			return v
		}
	}
	return ""
}

// TestConcurrent has plugins called, read, replaced and forgotten at once.
func TestConcurrent(t *testing.T) {
	m := prometheus.New(prometheus.Config{})
	h := newHost(t, m)
	if exposed(t, m) != "" {
		t.Error("metrics of nothing")
	}
	m.Read(h)
	s := add(t, h, "data", "c/data-processor", nil)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 200 {
				if err := process(t.Context(), s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Go(func() {
		for range 20 {
			exposed(t, m)
			m.Forget("another")
		}
	})
	work.Go(func() {
		for _, from := range []string{"rust/data-processor", "c/data-processor", "rust/data-processor"} {
			if _, err := s.Load(t.Context(), guest(t, from)); err != nil {
				t.Error(err)
			}
		}
	})
	work.Wait()
	for _, metric := range []string{
		`rt_call_duration_seconds_count{arm="stable",outcome="ok",plugin="data"}`, `rt_pool_wait_seconds_count{arm="stable",plugin="data"}`,
		`rt_call_fuel_count{arm="stable",plugin="data"}`, `rt_instance_memory_bytes_count{arm="stable",plugin="data"}`,
	} {
		if v := value(t, m, metric); v != "800" {
			t.Errorf("%s is %q", metric, v)
		}
	}
	if err := s.Unload(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.Forget("data")
	if left := exposed(t, m); left != "" {
		t.Errorf("%s is left", left)
	}
}

// TestStuck has a call of a replaced revision never end.
func TestStuck(t *testing.T) {
	m := prometheus.New(prometheus.Config{})
	h, err := plugin.New(t.Context(), plugin.Config{Logger: slog.New(slog.DiscardHandler), Observer: m, DrainTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	m.Read(h)
	entered, leave := make(chan struct{}), make(chan struct{})
	s := add(t, h, "data", "c/data-processor", func(context.Context) error {
		close(entered)
		<-leave
		return nil
	})
	var call sync.WaitGroup
	call.Go(func() { _ = process(context.Background(), s) })
	<-entered
	const stuck = `rt_instances{plugin="data",state="stuck"}`
	if v := value(t, m, stuck); v != "0" {
		t.Errorf("before: %q", v)
	}
	if _, err := s.Load(t.Context(), guest(t, "rust/data-processor")); err != nil {
		t.Error(err)
	}
	await := func(want string) {
		t.Helper()
		for begin := time.Now(); value(t, m, stuck) != want; time.Sleep(time.Millisecond) {
			if time.Since(begin) > 20*time.Second {
				t.Fatalf("%s is %q, want %q", stuck, value(t, m, stuck), want)
			}
		}
	}
	await("1")
	close(leave)
	await("0")
	call.Wait()
}

// BenchmarkDo is a call of a plugin without and with metrics, by turns, so that
// both have the same machine.
func BenchmarkDo(b *testing.B) {
	nobody := add(b, newHost(b, nil), "data", "rust/data-processor", nil)
	counted := add(b, newHost(b, prometheus.New(prometheus.Config{})), "data", "rust/data-processor", nil)
	ctx := b.Context()
	call := func(ctx context.Context, p *api.Plugin) error { return nil }
	const turn = 1000
	var without, with []time.Duration
	for b.Loop() {
		for _, of := range []struct {
			s    *plugin.Slot[*api.Plugin]
			took *[]time.Duration
		}{{nobody, &without}, {counted, &with}} {
			begin := time.Now()
			for range turn {
				if err := of.s.Do(ctx, call); err != nil {
					b.Fatal(err)
				}
			}
			*of.took = append(*of.took, time.Since(begin)/turn)
		}
	}
	slices.Sort(without)
	slices.Sort(with)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(without[len(without)/2]), "ns/call")
	b.ReportMetric(float64(with[len(with)/2]), "ns/observed")
	b.ReportMetric(float64(with[len(with)/2]-without[len(without)/2]), "ns/more")
}

// BenchmarkCalled is what the metrics themselves take of a call.
func BenchmarkCalled(b *testing.B) {
	m := prometheus.New(prometheus.Config{})
	c := plugin.Called{Caller: plugin.Caller{Plugin: "data", Revision: "0123456789ab", Arm: plugin.Stable}, Took: time.Millisecond, Waited: time.Microsecond, Fuel: 12345, Memory: 1 << 20}
	b.ReportAllocs()
	for b.Loop() {
		m.Called(b.Context(), c)
	}
}

// TestCalledAllocs keeps calls from allocating.
func TestCalledAllocs(t *testing.T) {
	m := prometheus.New(prometheus.Config{})
	c := plugin.Called{Caller: plugin.Caller{Plugin: "data", Revision: "0123456789ab", Arm: plugin.Stable}, Took: time.Millisecond, Fuel: 12345, Memory: 1 << 20}
	if n := testing.AllocsPerRun(100, func() { m.Called(t.Context(), c) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestLint holds the names of the metrics to what Prometheus asks of them.
func TestLint(t *testing.T) {
	var b bytes.Buffer
	for lines := bufio.NewScanner(strings.NewReader(golden(t))); lines.Scan(); {
		fmt.Fprintln(&b, strings.ReplaceAll(lines.Text(), " ...", " 1"))
	}
	problems, err := promlint.New(&b).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
