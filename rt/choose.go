package rt

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
)

// Choose returns which version of a world a component was built for: 0 for the
// world itself, n for Older[n-1].
//
// That is the one which most of the names that the component imports and exports
// are of, by the rule by which [Component.Link] finds interfaces: first of names in
// the world's own package, then of names in packages of which the versions have
// different ones. What else the component imports says nothing of its contract.
// Where several have as many, as worlds without versioned names do, it is the first
// of them that the component fits, or else the first.
func (c *Component) Choose(w World) int {
	if len(w.Older) == 0 {
		return 0
	}
	worlds := slices.Concat([]World{w}, w.Older)
	tell := telling(worlds)
	known := make([]score, len(worlds))
	for n, v := range worlds {
		known[n] = c.known(v, tell)
	}
	most := slices.MaxFunc(known, score.compare)
	first := slices.Index(known, most)
	if !slices.Contains(known[first+1:], most) {
		return first
	}
	for n, v := range worlds {
		if known[n] != most {
			continue
		}
		if l, err := c.Link(v); err == nil && len(l.late.Problems) == 0 {
			return n
		}
	}
	return first
}

// score is how many of a component's names a world has: in its own package, and in
// others that tell versions of the world apart.
type score struct{ own, others int }

func (s score) compare(t score) int {
	return cmp.Or(cmp.Compare(s.own, t.own), cmp.Compare(s.others, t.others))
}

// known returns how many of the names that the component imports and exports a
// world has, as far as they tell anything.
func (c *Component) known(w World, tell map[string]bool) (s score) {
	own := packageOf(w.Name)
	for _, side := range []struct {
		names wit.Names
		of    []Extern
	}{
		{namesOfInterfaces(c.engine.versions, w.Imports).Names, c.Imports()},
		{namesOfInterfaces(c.engine.versions, w.Exports).Names, c.Exports()},
	} {
		for _, e := range side.of {
			_, ok := side.names.Find(e.Name)
			switch p := packageOf(e.Name); {
			case !ok:
			case p == own:
				s.own++
			case tell[p]:
				s.others++
			}
		}
	}
	return s
}

// telling returns the packages whose names tell worlds apart: several worlds have
// interfaces of them, and not of the same tracks. What has no package does too.
func telling(worlds []World) map[string]bool {
	tell := map[string]bool{"": true}
	have := make(map[string]string)
	for _, w := range worlds {
		for p, tracks := range tracksOf(w) {
			text := strings.Join(slices.Sorted(maps.Keys(tracks)), " ")
			if before, ok := have[p]; ok && before != text {
				tell[p] = true
			}
			have[p] = text
		}
	}
	return tell
}

// tracksOf returns the packages that a world has interfaces of, with their tracks.
func tracksOf(w World) map[string]map[string]bool {
	all := make(map[string]map[string]bool)
	for _, side := range [][]*abi.Interface{w.Imports, w.Exports} {
		for _, x := range side {
			p := packageOf(x.Name)
			if all[p] == nil {
				all[p] = make(map[string]bool)
			}
			_, track, _ := strings.Cut(wit.InTrack(x.Name), "@")
			all[p][track] = true
		}
	}
	return all
}

// packageOf returns the package in the name of an interface or world, without its
// version; none for a plain name.
func packageOf(name string) string {
	p, _, found := strings.Cut(name, "/")
	if !found {
		return ""
	}
	return p
}

// chosen returns the version of a world that a component was built for.
func (c *Component) chosen(w World) World {
	if n := c.Choose(w); n > 0 {
		return w.Older[n-1]
	}
	return w
}
