package rt

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// Choose returns which version of a world a component was built for: 0 for the
// world itself, n for Older[n-1].
//
// That is the one which most of the names that the component imports and exports
// are of, by the rule by which [Component.Link] finds interfaces. Where several
// have as many, as worlds without versioned names do, it is the first of them that
// the component fits, or else the first.
func (c *Component) Choose(w World) int {
	if len(w.Older) == 0 {
		return 0
	}
	worlds := slices.Concat([]World{w}, w.Older)
	known := make([]int, len(worlds))
	for n, v := range worlds {
		known[n] = c.known(v)
	}
	most := slices.Max(known)
	first := slices.Index(known, most)
	if !slices.Contains(known[first+1:], most) {
		return first
	}
	for n, v := range worlds {
		if known[n] < most {
			continue
		}
		if l, err := c.Link(v); err == nil && len(l.late.Problems) == 0 {
			return n
		}
	}
	return first
}

// known returns how many of the names that the component imports and exports a
// world has.
func (c *Component) known(w World) int {
	n := 0
	for _, side := range []struct {
		names wit.Names
		of    []Extern
	}{
		{namesOfInterfaces(c.engine.versions, w.Imports).Names, c.Imports()},
		{namesOfInterfaces(c.engine.versions, w.Exports).Names, c.Exports()},
	} {
		for _, e := range side.of {
			if _, ok := side.names.Find(e.Name); ok {
				n++
			}
		}
	}
	return n
}

// chosen returns the version of a world that a component was built for.
func (c *Component) chosen(w World) World {
	if n := c.Choose(w); n > 0 {
		return w.Older[n-1]
	}
	return w
}
