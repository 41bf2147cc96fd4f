package otel_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/otel"
	"github.com/witgen/witgen/rt/plugin/policy"
)

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

// recorded is telemetry, and what became of it.
type recorded struct {
	*otel.Telemetry
	reader *sdkmetric.ManualReader
	spans  *tracetest.InMemoryExporter
	tracer trace.Tracer // of callers
}

func record(tb testing.TB) *recorded {
	tb.Helper()
	r := &recorded{reader: sdkmetric.NewManualReader(), spans: tracetest.NewInMemoryExporter()}
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(r.spans))
	r.tracer = traces.Tracer("test")
	var err error
	r.Telemetry, err = otel.New(otel.Config{MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader)), TracerProvider: traces})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// metrics returns all metrics as lines of text: histograms with how many there are.
func (r *recorded) metrics(tb testing.TB) string {
	tb.Helper()
	var all metricdata.ResourceMetrics
	if err := r.reader.Collect(context.Background(), &all); err != nil {
		tb.Fatal(err)
	}
	var lines []string
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			line := func(set attribute.Set, value any) {
				var by []string
				for _, kv := range set.ToSlice() {
					v := kv.Value.String()
					if strings.HasPrefix(v, "sha256:") && len(v) == len(plugin.Digest{}.String()) {
						v = "sha256:..."
					}
					by = append(by, string(kv.Key)+"="+v)
				}
				lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s{%s} %v %s", m.Name, strings.Join(by, ","), value, m.Unit)))
			}
			switch d := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					line(p.Attributes, p.Count)
				}
			case metricdata.Histogram[int64]:
				for _, p := range d.DataPoints {
					line(p.Attributes, p.Count)
				}
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					line(p.Attributes, p.Value)
				}
			case metricdata.Gauge[int64]:
				for _, p := range d.DataPoints {
					line(p.Attributes, p.Value)
				}
			case metricdata.Gauge[float64]:
				for _, p := range d.DataPoints {
					line(p.Attributes, p.Value)
				}
			default:
				tb.Errorf("%s is a %T", m.Name, d)
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// TestMetrics has calls end in several ways, a reload and a rollout.
func TestMetrics(t *testing.T) {
	r := record(t)
	h := newHost(t, r)
	if err := r.Read(h); err != nil {
		t.Fatal(err)
	}
	if err := r.Read(h); err == nil {
		t.Error("two hosts")
	}
	var fails error
	s := add(t, h, "data", "c/data-processor", func(context.Context) error { return fails })
	for range 3 {
		if err := process(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	fails = errors.New("broken")
	for range 5 {
		if err := process(t.Context(), s); err == nil {
			t.Error("no trap")
		}
	}
	if err := process(t.Context(), s); !errors.Is(err, plugin.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Load(t.Context(), guest(t, "broken/other")); err == nil {
		t.Error("no error")
	}
	next, err := s.Stage(t.Context(), guest(t, "rust/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(next, plugin.Ramp{Steps: []float64{0.25, 1}}); err != nil {
		t.Fatal(err)
	}
	r.Happened(plugin.Event{Kind: plugin.DeniedUse, Plugin: "data", Denied: "tcp", Text: "text of a guest"})
	want := `rt.breaker.state{arm=canary,plugin=data,state=closed} 1
rt.breaker.state{arm=canary,plugin=data,state=half-open} 0
rt.breaker.state{arm=canary,plugin=data,state=open} 0
rt.breaker.state{arm=stable,plugin=data,state=closed} 0
rt.breaker.state{arm=stable,plugin=data,state=half-open} 0
rt.breaker.state{arm=stable,plugin=data,state=open} 1
rt.call.duration{arm=stable,outcome=ok,plugin=data} 3 s
rt.call.duration{arm=stable,outcome=trap,plugin=data} 5 s
rt.call.duration{arm=stable,outcome=unavailable,plugin=data} 1 s
rt.call.fuel{arm=stable,plugin=data} 8
rt.canary.weight{plugin=data} 0.25
rt.compile.duration{plugin=data} 2 s
rt.denials{capability=tcp,plugin=data} 1
rt.host_calls{function=witgen:plugins/host-api.emit-event,outcome=ok,plugin=data} 3
rt.host_calls{function=witgen:plugins/host-api.emit-event,outcome=trap,plugin=data} 5
rt.host_calls{function=witgen:plugins/host-api.log-message,outcome=ok,plugin=data} 8
rt.instance.memory{arm=stable,plugin=data} 8 By
rt.instances{plugin=data,state=busy} 0
rt.instances{plugin=data,state=idle} 0
rt.instances{plugin=data,state=stuck} 0
rt.plugin.info{arm=canary,code=sha256:...,digest=sha256:...,plugin=data,world=witgen:plugins/plugin@0.1.0} 1
rt.plugin.info{arm=stable,code=sha256:...,digest=sha256:...,plugin=data,world=witgen:plugins/plugin@0.1.0} 1
rt.pool.wait{arm=stable,plugin=data} 8 s
rt.reloads{plugin=data,result=failed,stage=check} 1
rt.reloads{plugin=data,result=ok,stage=swap} 1
`
	if got := r.metrics(t); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := r.metrics(t); strings.Contains(got, "rt.instances") || !strings.Contains(got, "rt.reloads") {
		t.Errorf("after Close\n%s", got)
	}
}

// TestSpans has calls be spans between those of their callers and of the host
// functions that the plugin calls.
func TestSpans(t *testing.T) {
	r := record(t)
	h := newHost(t, r)
	var fails error
	s := add(t, h, "data", "c/data-processor", func(ctx context.Context) error {
		_, span := r.tracer.Start(ctx, "host function")
		span.End()
		return fails
	})
	ctx, outer := r.tracer.Start(t.Context(), "caller")
	if err := process(ctx, s); err != nil {
		t.Fatal(err)
	}
	fails = errors.New("text")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, ctx := range []context.Context{ctx, cancelled, ctx, ctx, ctx, ctx, ctx} {
		_ = process(ctx, s)
	}
	outer.End()

	var spans, functions []tracetest.SpanStub
	asked := make(map[trace.SpanID]tracetest.SpanStub) // calls of host functions
	var caller trace.SpanContext
	for _, span := range r.spans.GetSpans() {
		switch span.Name {
		case "rt.call":
			spans = append(spans, span)
		case "rt.host_call":
			asked[span.SpanContext.SpanID()] = span
		case "host function":
			functions = append(functions, span)
		case "caller":
			caller = span.SpanContext
		}
	}
	type seen struct {
		outcome string
		status  sdktrace.Status
		ran     bool
	}
	failed := sdktrace.Status{Code: codes.Error, Description: "trap host"}
	want := []seen{{outcome: "ok", ran: true}, {"trap", failed, true}, {outcome: "cancelled"}, {"trap", failed, true}, {"trap", failed, true}, {"trap", failed, true}, {"trap", failed, true}, {outcome: "unavailable"}}
	if len(spans) != len(want) {
		t.Fatalf("%d spans, want %d", len(spans), len(want))
	}
	ran := 0
	for i, span := range spans {
		if span.Parent.SpanID() != caller.SpanID() || span.SpanContext.TraceID() != caller.TraceID() {
			t.Errorf("span %d is not the caller's", i)
		}
		by := make(map[attribute.Key]string)
		for _, kv := range span.Attributes {
			by[kv.Key] = kv.Value.String()
		}
		if by["plugin"] != "data" || by["arm"] != "stable" || by["revision"] != s.Status().Stable.Digest.Short() || by["world"] != "witgen:plugins/plugin@0.1.0" {
			t.Errorf("span %d: %v", i, by)
		}
		if got := (seen{by["outcome"], span.Status, by["rt.call.fuel"] != ""}); got != want[i] {
			t.Errorf("span %d: %+v, want %+v", i, got, want[i])
		}
		for _, v := range by {
			if strings.Contains(v, "text") {
				t.Errorf("span %d has what others wrote: %v", i, by)
			}
		}
		if want[i].ran {
			asks := asked[functions[ran].Parent.SpanID()]
			if asks.Parent.SpanID() != span.SpanContext.SpanID() {
				t.Errorf("host function %d is not the call's", ran)
			}
			want := []attribute.KeyValue{attribute.String("function", "witgen:plugins/host-api.emit-event"), attribute.String("plugin", "data"), attribute.String("outcome", want[i].outcome)}
			if !slices.Equal(asks.Attributes, want) || (asks.Status.Code == codes.Error) != (want[2].Value.AsString() == "trap") || asks.EndTime.IsZero() {
				t.Errorf("host function %d: %v, %v", ran, asks.Attributes, asks.Status)
			}
			ran++
		}
	}
	if ran != len(functions) {
		t.Errorf("%d host functions were called, want %d", len(functions), ran)
	}
}

// TestConcurrent has plugins called and read at once: nothing is lost.
func TestConcurrent(t *testing.T) {
	r := record(t)
	h := newHost(t, r)
	if err := r.Read(h); err != nil {
		t.Fatal(err)
	}
	s := add(t, h, "data", "c/data-processor", nil)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 100 {
				if err := process(t.Context(), s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Go(func() {
		for range 20 {
			r.metrics(t)
		}
	})
	work.Wait()
	if got := r.metrics(t); !strings.Contains(got, "rt.call.duration{arm=stable,outcome=ok,plugin=data} 400 s\n") {
		t.Errorf("got\n%s", got)
	}
	n := 0
	for _, span := range r.spans.GetSpans() {
		if span.Name == "rt.call" {
			n++
		}
	}
	if n != 400 {
		t.Errorf("%d spans", n)
	}
}

// BenchmarkDo is a call of a plugin without telemetry, with metrics alone, and
// with spans that nobody keeps, by turns, so that all have the same machine.
func BenchmarkDo(b *testing.B) {
	telemetry := func(traces trace.TracerProvider) *otel.Telemetry {
		t, err := otel.New(otel.Config{MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())), TracerProvider: traces})
		if err != nil {
			b.Fatal(err)
		}
		return t
	}
	type way struct {
		name string
		s    *plugin.Slot[*api.Plugin]
		took []time.Duration
	}
	ways := []*way{
		{name: "call", s: add(b, newHost(b, nil), "data", "rust/data-processor", nil)},
		{name: "metrics", s: add(b, newHost(b, telemetry(noop.NewTracerProvider())), "data", "rust/data-processor", nil)},
		{name: "unsampled", s: add(b, newHost(b, telemetry(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())))), "data", "rust/data-processor", nil)},
		{name: "spans", s: add(b, newHost(b, telemetry(sdktrace.NewTracerProvider())), "data", "rust/data-processor", nil)},
	}
	ctx := b.Context()
	nothing := func(context.Context, *api.Plugin) error { return nil }
	const turn = 1000
	for b.Loop() {
		for _, w := range ways {
			begin := time.Now()
			for range turn {
				if err := w.s.Do(ctx, nothing); err != nil {
					b.Fatal(err)
				}
			}
			w.took = append(w.took, time.Since(begin)/turn)
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, w := range ways {
		slices.SortFunc(w.took, cmp.Compare)
		b.ReportMetric(float64(w.took[len(w.took)/2]), "ns/"+w.name)
	}
}
