package otel

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/witgen/witgen/rt/plugin"
)

// endHostSpan ends the span of a call of a host function.
func endHostSpan(span trace.Span, c *plugin.HostCalled) {
	defer span.End()
	span.SetAttributes(pluginKey.String(c.Plugin), outcomeKey.String(c.Outcome.String()))
	if c.Outcome != plugin.OK && c.Outcome != plugin.Cancelled {
		span.SetStatus(codes.Error, c.Outcome.String())
	}
}

// endSpan ends the span of a call.
func endSpan(span trace.Span, c *plugin.Called) {
	defer span.End()
	if !span.IsRecording() {
		return
	}
	all := make([]attribute.KeyValue, 0, 8)
	all = append(all, armKey.String(string(c.Arm)), outcomeKey.String(c.Outcome.String()), waitedKey.Float64(c.Waited.Seconds()))
	if c.Revision != "" {
		all = append(all, revisionKey.String(c.Revision))
	}
	if c.World != "" {
		all = append(all, worldKey.String(c.World))
	}
	if c.Kind != "" {
		all = append(all, kindKey.String(c.Kind))
	}
	if c.Fuel > 0 {
		all = append(all, fuelKey.Int64(int64(c.Fuel)))
	}
	if c.Memory > 0 {
		all = append(all, memoryKey.Int64(c.Memory))
	}
	span.SetAttributes(all...)
	if c.Outcome.Failed() {
		span.SetStatus(codes.Error, strings.TrimSpace(c.Outcome.String()+" "+c.Kind))
	}
}
