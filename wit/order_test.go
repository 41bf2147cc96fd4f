package wit

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/witgen/witgen/wit/internal/syntax"
)

func TestGraphSort(t *testing.T) {
	tests := []struct {
		name    string
		n       int
		edges   [][2]int
		want    []int
		circles [][]int
	}{
		{"no edges", 3, nil, []int{0, 1, 2}, nil},
		{"reversed", 3, [][2]int{{0, 1}, {1, 2}}, []int{2, 1, 0}, nil},
		{"lowest first", 4, [][2]int{{0, 3}}, []int{1, 2, 3, 0}, nil},
		{"twice", 2, [][2]int{{0, 1}, {0, 1}}, []int{1, 0}, nil},
		{"itself", 2, [][2]int{{0, 0}}, []int{1}, [][]int{{0}}},
		{"circle", 4, [][2]int{{0, 1}, {1, 2}, {2, 0}, {3, 0}}, []int{3}, [][]int{{0, 1, 2}}},
		{"two circles", 5, [][2]int{{0, 1}, {1, 0}, {2, 3}, {3, 2}, {4, 0}}, []int{4}, [][]int{{0, 1}, {2, 3}}},
		{"way to a circle", 3, [][2]int{{0, 1}, {1, 2}, {2, 1}}, []int{0}, [][]int{{1, 2}}},
	}
	for _, tt := range tests {
		g := newGraph(tt.n)
		for _, e := range tt.edges {
			g.add(e[0], e[1], syntax.Span{})
		}
		var circles [][]int
		order := g.sort(func(c []edge) {
			var list []int
			for _, e := range c {
				list = append(list, e.to)
			}
			circles = append(circles, list)
		})
		if !slices.Equal(order, tt.want) || !slices.EqualFunc(circles, tt.circles, slices.Equal) {
			t.Errorf("%s: order %v, circles %v, want %v, %v", tt.name, order, circles, tt.want, tt.circles)
		}
	}
}

// TestGraphSortRandom checks what makes an order right on graphs of all sorts.
func TestGraphSortRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		n := 1 + rnd.IntN(20)
		g := newGraph(n)
		for range rnd.IntN(3 * n) {
			g.add(rnd.IntN(n), rnd.IntN(n), syntax.Span{})
		}
		inCircle := make([]bool, n)
		order := g.sort(func(c []edge) {
			for i, e := range c {
				inCircle[e.to] = true
				next := c[(i+1)%len(c)].to
				if !slices.ContainsFunc(g.edges[e.to], func(e edge) bool { return e.to == next }) {
					t.Fatalf("%v: no edge from %d to %d", g.edges, e.to, next)
				}
			}
		})
		at := make([]int, n)
		for i, thing := range order {
			at[thing] = i + 1
		}
		for from, edges := range g.edges {
			if (at[from] == 0) != inCircle[from] {
				t.Fatalf("%v: %d is in the order or in a circle, not both: %v", g.edges, from, order)
			}
			for _, e := range edges {
				if !inCircle[from] && !inCircle[e.to] && at[e.to] > at[from] {
					t.Fatalf("%v: %d before %d in %v", g.edges, from, e.to, order)
				}
			}
		}
	}
}
