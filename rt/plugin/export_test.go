package plugin

import (
	"maps"
	"slices"
)

// Fault has stages fail where f returns an error.
func (h *Host) Fault(f func(plugin string, stage Stage) error) { h.fault = f }

// Happen has something happen to the slot.
func (c *Control) Happen(e Event) { c.slot.happened(e) }

// Codes returns those that are explained.
func Codes() []string { return slices.Sorted(maps.Keys(messages)) }
