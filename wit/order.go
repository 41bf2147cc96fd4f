package wit

import (
	"container/heap"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// graph is things, by number, and what each refers to.
type graph struct {
	edges [][]edge // from each thing
}

// edge is a reference to a thing, and where it is written.
type edge struct {
	to int
	at syntax.Span
}

func newGraph(n int) *graph { return &graph{edges: make([][]edge, n)} }

func (g *graph) add(from, to int, at syntax.Span) {
	g.edges[from] = append(g.edges[from], edge{to, at})
}

// sort returns the things in an order in which each follows what it refers
// to; of those that might come next, the one with the lowest number does. It
// calls circle for things that refer to one another in a circle: with the
// highest numbered of them last, as the reference that leads to it. Those are
// left out, see [graph.rest], and what refers to them does not wait for them.
func (g *graph) sort(circle func([]edge)) []int {
	n := len(g.edges)
	waiting := make([]int, n) // references to things that are not done
	users := make([][]int, n)
	var ready intHeap
	for from, edges := range g.edges {
		waiting[from] = len(edges)
		for _, e := range edges {
			users[e.to] = append(users[e.to], from)
		}
		if len(edges) == 0 {
			ready = append(ready, from) // ascending, so a heap
		}
	}
	const gone = -1
	order := make([]int, 0, n)
	finish := func(i int) {
		waiting[i] = gone
		for _, u := range users[i] {
			if waiting[u] == gone {
				continue
			}
			if waiting[u]--; waiting[u] == 0 {
				heap.Push(&ready, u)
			}
		}
	}
	for left := n; left > 0; {
		for len(ready) > 0 {
			i := heap.Pop(&ready).(int)
			order = append(order, i)
			finish(i)
			left--
		}
		if left == 0 {
			break
		}
		found := g.circle(func(i int) bool { return waiting[i] != gone })
		circle(found)
		for _, e := range found {
			waiting[e.to] = gone
		}
		for _, e := range found {
			finish(e.to)
			left--
		}
	}
	return order
}

// rest returns the things that an order leaves out.
func (g *graph) rest(order []int) []int {
	in := make([]bool, len(g.edges))
	for _, i := range order {
		in[i] = true
	}
	var out []int
	for i := range in {
		if !in[i] {
			out = append(out, i)
		}
	}
	return out
}

// circle finds a circle among the things that are left, each of which refers
// to another.
func (g *graph) circle(left func(int) bool) []edge {
	at := 0
	for !left(at) {
		at++
	}
	step := make(map[int]int) // thing to its place on the way
	var way []edge
	for {
		if from, ok := step[at]; ok {
			way = way[from:]
			break
		}
		step[at] = len(way)
		for _, e := range g.edges[at] {
			if left(e.to) {
				way = append(way, e)
				at = e.to
				break
			}
		}
	}
	highest := 0
	for i, e := range way {
		if e.to > way[highest].to {
			highest = i
		}
	}
	return append(way[highest+1:len(way):len(way)], way[:highest+1]...)
}

// intHeap is a heap of numbers, lowest first.
type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
