package plugin

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// Fault has stages fail where f returns an error.
func (h *Host) Fault(f func(plugin string, stage Stage) error) { h.fault = f }

// Pause has what failed be tried again after a while.
func (h *Host) Pause(d time.Duration) { h.pause = d }

// Happen has something happen to the slot.
func (c *Control) Happen(e Event) { c.slot.happened(e) }

// Codes returns those that are explained.
func Codes() []string { return slices.Sorted(maps.Keys(messages)) }

// Around returns who is told of an instance's calls of a host function.
func (c *Control) Around(function string) rt.HostCalls { return c.slot.around(function) }

// RampOf returns the ramp that a policy says.
func RampOf(c policy.Canary) *Ramp { return (&rights{Effective: policy.Effective{Canary: c}}).ramp() }

// BytesOf returns what a source in memory has.
func BytesOf(ctx context.Context, s Source) []byte {
	wasm, err := s.read(ctx, nil)
	if err != nil {
		panic(err)
	}
	return wasm
}
