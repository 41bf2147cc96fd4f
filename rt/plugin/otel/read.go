package otel

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/witgen/witgen/rt/plugin"
)

// Read has the gauges read from a host, of which this is the observer, until
// Close. The error is of the meter, or says that there is a host already.
func (t *Telemetry) Read(h *plugin.Host) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reading != nil {
		return errors.New("telemetry of plugins is of one host")
	}
	var err error
	t.reading, err = t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		for _, c := range h.List() {
			t.observe(o, c.Status())
		}
		return nil
	}, t.instances, t.breaker, t.weight, t.info, t.hostCalls)
	return err
}

// Close ends that the host is read.
func (t *Telemetry) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reading == nil {
		return nil
	}
	err := t.reading.Unregister()
	t.reading = nil
	return err
}

// observe reads a slot.
func (t *Telemetry) observe(o metric.Observer, s plugin.Status) {
	name := pluginKey.String(s.Name)
	gauge := func(g metric.Int64Observable, v int64, all ...attribute.KeyValue) {
		o.ObserveInt64(g, v, metric.WithAttributes(append(all, name)...))
	}
	idle, busy := 0, 0
	for _, of := range [...]struct {
		arm      plugin.Arm
		revision *plugin.RevisionStatus
	}{{plugin.Stable, s.Stable}, {plugin.Canary, s.Canary}} {
		r := of.revision
		if r == nil {
			continue
		}
		idle += r.Pool.Idle
		busy += r.Pool.Busy
		arm := armKey.String(string(of.arm))
		for _, state := range [...]string{"closed", "open", "half-open"} {
			in := int64(0)
			if r.Breaker.State.String() == state {
				in = 1
			}
			gauge(t.breaker, in, arm, stateKey.String(state))
		}
		gauge(t.info, 1, arm, digestKey.String(r.Digest.String()), codeKey.String(r.Code.String()), worldKey.String(r.World))
	}
	gauge(t.instances, int64(idle), stateKey.String("idle"))
	gauge(t.instances, int64(busy), stateKey.String("busy"))
	gauge(t.instances, s.Stuck, stateKey.String("stuck"))
	for _, f := range s.HostCalls {
		for outcome, n := range f.Outcomes {
			if n > 0 {
				o.ObserveInt64(t.hostCalls, int64(n), metric.WithAttributes(name, functionKey.String(f.Function), outcomeKey.String(plugin.Outcome(outcome).String())))
			}
		}
	}
	o.ObserveFloat64(t.weight, s.Weight, metric.WithAttributes(name))
}
