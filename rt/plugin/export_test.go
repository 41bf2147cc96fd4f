package plugin

import (
	"maps"
	"slices"

	"github.com/witgen/witgen/rt"
)

// Fault has stages fail where f returns an error.
func (h *Host) Fault(f func(plugin string, stage Stage) error) { h.fault = f }

// Happen has something happen to the slot.
func (c *Control) Happen(e Event) { c.slot.happened(e) }

// Codes returns those that are explained.
func Codes() []string { return slices.Sorted(maps.Keys(messages)) }

// Around returns who is told of an instance's calls of a host function.
func (c *Control) Around(function string) rt.HostCalls { return c.slot.around(function) }
