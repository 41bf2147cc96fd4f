package prometheus

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/witgen/witgen/rt/plugin"
)

// Describe says which metrics there are.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, v := range m.vectors() {
		v.Describe(to)
	}
	for _, d := range []*prometheus.Desc{m.instances, m.breaker, m.weight, m.info, m.hostCalls} {
		to <- d
	}
}

// Collect returns the metrics, and reads the host for those that are not counted.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	for _, v := range m.vectors() {
		v.Collect(to)
	}
	h := m.host.Load()
	if h == nil {
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, c := range h.List() {
		s := c.Status()
		idle, busy := 0, 0
		for _, a := range arms(&s) {
			if a.status == nil {
				continue
			}
			idle += a.status.Pool.Idle
			busy += a.status.Pool.Busy
			arm := string(a.arm)
			for _, state := range [...]string{"closed", "open", "half-open"} {
				in := 0.0
				if a.status.Breaker.State.String() == state {
					in = 1
				}
				gauge(m.breaker, in, s.Name, arm, state)
			}
			gauge(m.info, 1, s.Name, arm, a.status.Digest.String(), a.status.Code.String(), a.status.World)
		}
		gauge(m.instances, float64(idle), s.Name, "idle")
		gauge(m.instances, float64(busy), s.Name, "busy")
		gauge(m.instances, float64(s.Stuck), s.Name, "stuck")
		gauge(m.weight, s.Weight, s.Name)
		for _, f := range s.HostCalls {
			for o, n := range f.Outcomes {
				if n > 0 {
					to <- prometheus.MustNewConstMetric(m.hostCalls, prometheus.CounterValue, float64(n), s.Name, f.Function, plugin.Outcome(o).String())
				}
			}
		}
	}
}

// arm is a revision that calls go to, or nil.
type arm struct {
	arm    plugin.Arm
	status *plugin.RevisionStatus
}

func arms(s *plugin.Status) [2]arm {
	return [2]arm{{plugin.Stable, s.Stable}, {plugin.Canary, s.Canary}}
}
