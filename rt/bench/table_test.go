package main

import (
	"slices"
	"strings"
	"testing"
)

func TestCell(t *testing.T) {
	for _, c := range []struct {
		in   cell
		want string
	}{
		{cell{}, "-"},
		{cell{ns: []float64{31.26}}, "31.3 ns ±0 %, 0"},
		{cell{ns: []float64{130, 90, 100}, allocs: 2}, "100 ns ±30 %, 2"},
		{cell{ns: []float64{9000, 1000, 3000, 2000}, allocs: 1}, "2.50 µs ±20 %, 1"},
		{cell{ns: []float64{999.9}}, "1.00 µs ±0 %, 0"},
	} {
		if got := c.in.String(); got != c.want {
			t.Errorf("%v: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestMedianLeavesOrder(t *testing.T) {
	v := []float64{3, 1, 2}
	if got := median(v); got != 2 || !slices.Equal(v, []float64{3, 1, 2}) {
		t.Errorf("median = %v, and the figures are %v now", got, v)
	}
}

// TestRun measures each cell for one call.
func TestRun(t *testing.T) {
	var out, log strings.Builder
	if err := run(1, "1x", &out, &log); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) < 2+len(works)+2 {
		t.Fatalf("got %d lines:\n%s", len(lines), out.String())
	}
	for i, line := range lines[:2+len(works)] {
		if got := strings.Count(line, "|"); got != len(peers)+2 {
			t.Errorf("line %d has %d bars, want %d: %s", i, got, len(peers)+2, line)
		}
	}
	// Extism alone lacks a cell.
	if got := strings.Count(out.String(), "| - |"); got != 1 {
		t.Errorf("%d cells are empty, want 1:\n%s", got, out.String())
	}
}
