package prometheus

import (
	"cmp"
	"context"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/witgen/witgen/rt/plugin"
)

// Config configures [Metrics]. The zero Config is ready to use.
type Config struct {
	// Seconds are the buckets of durations; nil means from 10 µs to 10 s.
	Seconds []float64
	// Fuel are the buckets of fuel; nil means from 1,000 to 10,000,000,000.
	Fuel []float64
	// Bytes are the buckets of memory; nil means from 64 KiB to 1 GiB.
	Bytes []float64
	// Labels are on all metrics.
	Labels prometheus.Labels
}

var (
	seconds = []float64{
		10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3,
		10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10,
	}
	fuel  = prometheus.ExponentialBuckets(1e3, 10, 8)
	bytes = prometheus.ExponentialBuckets(64<<10, 4, 8)
)

// Metrics is a [plugin.Observer] and a [prometheus.Collector]. It may be used from
// several goroutines, and by one host.
type Metrics struct {
	host atomic.Pointer[plugin.Host]

	duration, fuel, wait, memory, compile *prometheus.HistogramVec
	reloads, denials                      *prometheus.CounterVec
	instances, breaker, weight, info      *prometheus.Desc
	hostCalls                             *prometheus.Desc

	// routes never changes; another one takes its place.
	routes atomic.Pointer[map[routeKey]*route]
	mu     sync.Mutex // of who replaces routes
}

// New returns metrics of nothing.
func New(c Config) *Metrics {
	labels := c.Labels
	histogram := func(name, help string, buckets []float64, by ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, ConstLabels: labels, Buckets: buckets}, by)
	}
	counter := func(name, help string, by ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, by)
	}
	read := func(name, help string, by ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, by, labels)
	}
	if c.Seconds == nil {
		c.Seconds = seconds
	}
	if c.Fuel == nil {
		c.Fuel = fuel
	}
	if c.Bytes == nil {
		c.Bytes = bytes
	}
	m := &Metrics{
		duration:  histogram("rt_call_duration_seconds", "How long calls of plugins took, since they had an instance.", c.Seconds, "plugin", "arm", "outcome"),
		fuel:      histogram("rt_call_fuel", "Fuel that calls of plugins used.", c.Fuel, "plugin", "arm"),
		wait:      histogram("rt_pool_wait_seconds", "How long calls of plugins waited for an instance.", c.Seconds, "plugin", "arm"),
		memory:    histogram("rt_instance_memory_bytes", "Linear memory of instances as their calls ended.", c.Bytes, "plugin", "arm"),
		compile:   histogram("rt_compile_duration_seconds", "How long plugins took to compile.", c.Seconds, "plugin"),
		reloads:   counter("rt_reloads_total", "What came of loading plugins, and at which stage.", "plugin", "stage", "result"),
		denials:   counter("rt_denials_total", "What plugins were denied, by what would have had to be granted.", "plugin", "capability"),
		instances: read("rt_instances", "Instances of plugins.", "plugin", "state"),
		breaker:   read("rt_breaker_state", "1 for the state that the breaker of a revision is in.", "plugin", "arm", "state"),
		weight:    read("rt_canary_weight", "Share of the keys whose calls go to the revision that is tried out.", "plugin"),
		hostCalls: read("rt_host_calls_total", "Calls of host functions by plugins.", "plugin", "function", "outcome"),
		info:      read("rt_plugin_info", "Which revision serves, and which is tried out.", "plugin", "arm", "digest", "code", "world"),
	}
	m.routes.Store(&map[routeKey]*route{})
	return m
}

// Read has the gauges read from a host, of which this is the observer.
func (m *Metrics) Read(h *plugin.Host) { m.host.Store(h) }

// Forget ends what was counted for a plugin that is not there any more.
func (m *Metrics) Forget(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	routes := maps.Clone(*m.routes.Load())
	maps.DeleteFunc(routes, func(k routeKey, _ *route) bool { return k.plugin == name })
	m.routes.Store(&routes)
	for _, v := range m.vectors() {
		v.DeletePartialMatch(prometheus.Labels{"plugin": name})
	}
}

// vector is what has a metric for each plugin.
type vector interface {
	prometheus.Collector
	DeletePartialMatch(labels prometheus.Labels) int
}

func (m *Metrics) vectors() []vector {
	return []vector{m.duration, m.fuel, m.wait, m.memory, m.compile, m.reloads, m.denials}
}

// routeKey is a way that calls take.
type routeKey struct {
	plugin string
	arm    plugin.Arm
}

// route has the metrics of such a way, so that a call looks up no labels.
type route struct {
	duration           [outcomes]atomic.Pointer[prometheus.Observer]
	fuel, wait, memory prometheus.Observer
}

// outcomes is how many there are.
const outcomes = int(plugin.Unlinked) + 1

func (m *Metrics) route(c plugin.Caller) *route {
	key := routeKey{c.Plugin, c.Arm}
	if r := (*m.routes.Load())[key]; r != nil {
		return r
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := *m.routes.Load()
	if r := before[key]; r != nil {
		return r
	}
	by := []string{c.Plugin, string(c.Arm)}
	r := &route{
		fuel: m.fuel.WithLabelValues(by...), wait: m.wait.WithLabelValues(by...), memory: m.memory.WithLabelValues(by...),
	}
	routes := maps.Clone(before)
	routes[key] = r
	m.routes.Store(&routes)
	return r
}

// Called counts a call.
func (m *Metrics) Called(_ context.Context, c plugin.Called) {
	if int(c.Outcome) >= outcomes {
		return
	}
	r := m.route(c.Caller)
	duration := r.duration[c.Outcome].Load()
	if duration == nil {
		o := m.duration.WithLabelValues(c.Plugin, string(c.Arm), c.Outcome.String())
		duration = &o
		r.duration[c.Outcome].Store(duration)
	}
	(*duration).Observe(c.Took.Seconds())
	if c.Outcome != plugin.Unavailable {
		r.wait.Observe(c.Waited.Seconds())
	}
	if c.Fuel > 0 {
		r.fuel.Observe(float64(c.Fuel))
	}
	if c.Memory > 0 {
		r.memory.Observe(float64(c.Memory))
	}
}

// Happened counts an event.
func (m *Metrics) Happened(e plugin.Event) {
	reload := func(stage plugin.Stage, result string) {
		m.reloads.WithLabelValues(e.Plugin, string(stage), result).Inc()
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
			m.compile.WithLabelValues(e.Plugin).Observe(e.Took.Seconds())
		}
	case plugin.DeniedUse:
		m.denials.WithLabelValues(e.Plugin, cmp.Or(e.Denied, "other")).Inc()
	}
}
