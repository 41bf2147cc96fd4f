package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// A cell is what was measured of one work with one peer.
type cell struct {
	ns     []float64 // for one call, by round
	allocs int64     // in the host, for one call
}

// A table has a row of cells for each work and a column for each peer.
type table [][]cell

func newTable() table {
	t := make(table, len(works))
	for i := range t {
		t[i] = make([]cell, len(peers))
	}
	return t
}

// measure measures every cell so many times, work by work, each with peers that
// have done nothing else. A round for each peer in turn, instead of all rounds of
// one and then of the next, lets them feel alike what else the machine does.
func (t table) measure(rounds int, log io.Writer) error {
	for i, w := range works {
		fmt.Fprintf(log, "measuring %s\n", w.name)
		open, err := openAll()
		if err != nil {
			return err
		}
		for range rounds {
			if err = t.round(i, open); err != nil {
				break
			}
		}
		closeAll(open)
		if err != nil {
			return err
		}
	}
	return nil
}

// round measures the cells of one work once.
func (t table) round(i int, open []peer) error {
	for j, p := range open {
		var skipped bool
		r := testing.Benchmark(func(b *testing.B) {
			defer func() { skipped = b.Skipped() }()
			works[i].bench(b, p)
		})
		if skipped {
			continue
		}
		if r.N == 0 {
			return fmt.Errorf("%s with %s failed; go test -bench says why", works[i].name, peers[j].name)
		}
		c := &t[i][j]
		c.ns = append(c.ns, float64(r.T.Nanoseconds())/float64(r.N))
		c.allocs = r.AllocsPerOp()
	}
	return nil
}

// print writes the table in Markdown. A cell that was not measured is a dash.
func (t table) print(out io.Writer) {
	head := []string{""}
	for _, p := range peers {
		head = append(head, strings.TrimSpace(p.name+" "+version(p.module)))
	}
	row(out, head)
	row(out, slices.Repeat([]string{"---"}, len(head)))
	for i, w := range works {
		line := []string{w.name}
		for _, c := range t[i] {
			line = append(line, c.String())
		}
		row(out, line)
	}
}

func row(out io.Writer, cells []string) {
	fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
}

// String gives the median, how far from it the middle half of the rounds lies,
// and the allocations.
func (c cell) String() string {
	if len(c.ns) == 0 {
		return "-"
	}
	v, m := slices.Sorted(slices.Values(c.ns)), median(c.ns)
	low, high := v[len(v)/4], v[len(v)-1-len(v)/4]
	return fmt.Sprintf("%s ±%.0f %%, %d", duration(m), max(m-low, high-m)/m*100, c.allocs)
}

// median returns the middle of some figures, of which there is at least one.
func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// duration formats nanoseconds with three significant figures.
func duration(ns float64) string {
	unit := "ns"
	if ns >= 999.5 {
		ns, unit = ns/1000, "µs"
	}
	digits := 0
	if ns < 99.95 {
		digits = 1
	}
	if ns < 9.995 {
		digits = 2
	}
	return fmt.Sprintf("%.*f %s", digits, ns, unit)
}
