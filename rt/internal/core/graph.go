package core

// Unaccounted is how many bytes of the call stack functions may use together
// without being accounted for, on top of those that are.
const Unaccounted = 4 << 10

// A graph is who calls whom among the defined functions of a module.
type graph struct {
	weights []int64
	open    []bool   // calls functions that are not known, or has handlers
	first   []uint32 // where its callees begin
	callees []uint32
}

// add adds the function just walked.
func (g *graph) add(f *flow) {
	g.weights = append(g.weights, f.weight.bytes())
	g.open = append(g.open, f.unknown || f.handles)
	g.first = append(g.first, uint32(len(g.callees)))
	g.callees = append(g.callees, f.callees...)
}

// accounts returns what each function adds to the stack account: its weight, or
// nothing if it and all that it can call are known, do not recurse, and take
// little together.
func (g *graph) accounts() []int64 {
	const (
		unseen = iota
		entered
		left
	)
	depth := make([]int64, len(g.weights)) // of a function with what it calls; too much when that is endless
	state := make([]uint8, len(g.weights))
	g.first = append(g.first, uint32(len(g.callees)))
	next := append([]uint32(nil), g.first...)
	var path []uint32
	for root := range g.weights {
		if state[root] != unseen {
			continue
		}
		path = append(path[:0], uint32(root))
		state[root] = entered
		for len(path) > 0 {
			f := path[len(path)-1]
			if g.open[f] {
				depth[f] = Unaccounted
			}
			if next[f] == g.first[f+1] {
				depth[f] = min(depth[f]+g.weights[f], Unaccounted+1)
				state[f] = left
				path = path[:len(path)-1]
				if len(path) > 0 {
					up := path[len(path)-1]
					depth[up] = max(depth[up], depth[f])
				}
				continue
			}
			callee := g.callees[next[f]]
			next[f]++
			switch state[callee] {
			case unseen:
				state[callee] = entered
				path = append(path, callee)
			case entered:
				depth[f] = Unaccounted
			case left:
				depth[f] = max(depth[f], depth[callee])
			}
		}
	}
	accounts := make([]int64, len(depth))
	for i, d := range depth {
		if d > Unaccounted {
			accounts[i] = g.weights[i]
		}
	}
	return accounts
}
