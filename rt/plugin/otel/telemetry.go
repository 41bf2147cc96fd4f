package otel

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/witgen/witgen/rt/plugin"
)

// Config configures [Telemetry]. The zero Config is ready to use.
type Config struct {
	// MeterProvider has the metrics; nil is the global one.
	MeterProvider metric.MeterProvider
	// TracerProvider has the spans; nil is the global one. One that does nothing is
	// in go.opentelemetry.io/otel/trace/noop.
	TracerProvider trace.TracerProvider
}

// Telemetry is a [plugin.Beginner] and a [plugin.HostObserver]. It may be used from
// several goroutines, and by one host.
type Telemetry struct {
	tracer trace.Tracer
	meter  metric.Meter

	duration, wait, compile metric.Float64Histogram
	fuel, memory            metric.Int64Histogram
	reloads, denials        metric.Int64Counter
	instances               metric.Int64ObservableGauge
	breaker, info           metric.Int64ObservableGauge
	weight                  metric.Float64ObservableGauge
	hostCalls               metric.Int64ObservableCounter

	// routes never changes; another one takes its place.
	routes atomic.Pointer[map[routeKey]*route]
	mu     sync.Mutex // of who replaces routes, and of reading
	// reading is from the host; nil if there is none.
	reading metric.Registration
}

const scope = "github.com/witgen/witgen/rt/plugin/otel"

// New returns telemetry of nothing. The error is of the meter.
func New(c Config) (*Telemetry, error) {
	if c.MeterProvider == nil {
		c.MeterProvider = otel.GetMeterProvider()
	}
	if c.TracerProvider == nil {
		c.TracerProvider = otel.GetTracerProvider()
	}
	t := &Telemetry{tracer: c.TracerProvider.Tracer(scope), meter: c.MeterProvider.Meter(scope)}
	t.routes.Store(&map[routeKey]*route{})
	seconds := metric.WithExplicitBucketBoundaries(
		10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3,
		10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10)
	m := t.meter
	var errs [12]error
	t.duration, errs[0] = m.Float64Histogram("rt.call.duration", seconds, metric.WithUnit("s"),
		metric.WithDescription("How long calls of plugins took, since they had an instance."))
	t.fuel, errs[1] = m.Int64Histogram("rt.call.fuel", metric.WithExplicitBucketBoundaries(1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10),
		metric.WithDescription("Fuel that calls of plugins used."))
	t.wait, errs[2] = m.Float64Histogram("rt.pool.wait", seconds, metric.WithUnit("s"),
		metric.WithDescription("How long calls of plugins waited for an instance."))
	t.memory, errs[3] = m.Int64Histogram("rt.instance.memory", metric.WithUnit("By"),
		metric.WithExplicitBucketBoundaries(64<<10, 256<<10, 1<<20, 4<<20, 16<<20, 64<<20, 256<<20, 1<<30),
		metric.WithDescription("Linear memory of instances as their calls ended."))
	t.compile, errs[4] = m.Float64Histogram("rt.compile.duration", seconds, metric.WithUnit("s"),
		metric.WithDescription("How long plugins took to compile."))
	t.reloads, errs[5] = m.Int64Counter("rt.reloads", metric.WithDescription("What came of loading plugins, and at which stage."))
	t.denials, errs[6] = m.Int64Counter("rt.denials", metric.WithDescription("What plugins were denied, by what would have had to be granted."))
	t.instances, errs[7] = m.Int64ObservableGauge("rt.instances", metric.WithDescription("Instances of plugins."))
	t.breaker, errs[8] = m.Int64ObservableGauge("rt.breaker.state", metric.WithDescription("1 for the state that the breaker of a revision is in."))
	t.weight, errs[9] = m.Float64ObservableGauge("rt.canary.weight", metric.WithDescription("Share of the keys whose calls go to the revision that is tried out."))
	t.info, errs[10] = m.Int64ObservableGauge("rt.plugin.info", metric.WithDescription("Which revision serves, and which is tried out."))
	t.hostCalls, errs[11] = m.Int64ObservableCounter("rt.host_calls", metric.WithDescription("Calls of host functions by plugins."))
	return t, errors.Join(errs[:]...)
}

// The attributes.
const (
	pluginKey     = attribute.Key("plugin")
	revisionKey   = attribute.Key("revision")
	armKey        = attribute.Key("arm")
	outcomeKey    = attribute.Key("outcome")
	kindKey       = attribute.Key("kind")
	stageKey      = attribute.Key("stage")
	resultKey     = attribute.Key("result")
	stateKey      = attribute.Key("state")
	capabilityKey = attribute.Key("capability")
	functionKey   = attribute.Key("function")
	digestKey     = attribute.Key("digest")
	worldKey      = attribute.Key("world")
	codeKey       = attribute.Key("code")
	waitedKey     = attribute.Key("rt.pool.wait") // s
	fuelKey       = attribute.Key("rt.call.fuel")
	memoryKey     = attribute.Key("rt.instance.memory") // bytes
)

// routeKey is a way that calls take.
type routeKey struct {
	plugin string
	arm    plugin.Arm
}

// outcomes is how many there are.
const outcomes = int(plugin.Unlinked) + 1

// route has the attributes of such a way, so that a call makes none.
type route struct {
	by       []metric.RecordOption
	outcomes [outcomes][]metric.RecordOption
}

func (t *Telemetry) route(c plugin.Caller) *route {
	key := routeKey{c.Plugin, c.Arm}
	if r := (*t.routes.Load())[key]; r != nil {
		return r
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	before := *t.routes.Load()
	if r := before[key]; r != nil {
		return r
	}
	option := func(all ...attribute.KeyValue) []metric.RecordOption {
		return []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(all...))}
	}
	by := []attribute.KeyValue{pluginKey.String(c.Plugin), armKey.String(string(c.Arm))}
	r := &route{by: option(by...)}
	for i := range r.outcomes {
		r.outcomes[i] = option(append(by[:2:2], outcomeKey.String(plugin.Outcome(i).String()))...)
	}
	routes := maps.Clone(before)
	routes[key] = r
	t.routes.Store(&routes)
	return r
}

// Begins begins the span of a call.
func (t *Telemetry) Begins(ctx context.Context, name string) context.Context {
	ctx, _ = t.tracer.Start(ctx, "rt.call", trace.WithAttributes(pluginKey.String(name)))
	return ctx
}

// Called records a call, and ends its span.
func (t *Telemetry) Called(ctx context.Context, c plugin.Called) {
	ctx = context.WithoutCancel(ctx) // the call's is done, but what it took is not in vain
	if int(c.Outcome) < outcomes {
		r := t.route(c.Caller)
		t.duration.Record(ctx, c.Took.Seconds(), r.outcomes[c.Outcome]...)
		if c.Outcome != plugin.Unavailable {
			t.wait.Record(ctx, c.Waited.Seconds(), r.by...)
		}
		if c.Fuel > 0 {
			t.fuel.Record(ctx, int64(c.Fuel), r.by...)
		}
		if c.Memory > 0 {
			t.memory.Record(ctx, c.Memory, r.by...)
		}
	}
	endSpan(trace.SpanFromContext(ctx), &c)
}

// HostBegins begins the span of a call of a host function, below that of the
// plugin's call, if that is recorded.
func (t *Telemetry) HostBegins(ctx context.Context, function string) context.Context {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	ctx, _ = t.tracer.Start(ctx, "rt.host_call", trace.WithAttributes(functionKey.String(function)))
	return ctx
}

// HostCalled ends it.
func (t *Telemetry) HostCalled(ctx context.Context, c plugin.HostCalled) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		endHostSpan(span, &c)
	}
}

// Happened counts an event.
func (t *Telemetry) Happened(e plugin.Event) {
	ctx := context.Background()
	by := func(all ...attribute.KeyValue) metric.MeasurementOption {
		return metric.WithAttributes(append(all, pluginKey.String(e.Plugin))...)
	}
	reload := func(stage plugin.Stage, result string) {
		t.reloads.Add(ctx, 1, by(stageKey.String(string(stage)), resultKey.String(result)))
	}
	switch e.Kind {
	case plugin.Swapped, plugin.Promoted:
		reload(plugin.Swap, "ok")
	case plugin.RolledBack:
		reload(plugin.Swap, "rolled_back")
	case plugin.Unchanged:
		reload(plugin.Check, "unchanged")
	case plugin.StageFailed:
		reload(e.Stage, "failed")
	case plugin.Reached:
		if e.Stage == plugin.Compile {
			t.compile.Record(ctx, e.Took.Seconds(), by())
		}
	case plugin.DeniedUse:
		t.denials.Add(ctx, 1, by(capabilityKey.String(cmp.Or(e.Denied, "other"))))
	}
}
