package wit

import (
	"slices"
	"strings"
)

// Names finds interfaces by name: the one that has it, or else the one that
// stands for it by its version. It is the rule by which package rt links. The zero
// Names finds nothing.
type Names struct {
	matching Matching
	list     []string
	exact    map[string]int // with build metadata
	version  map[string]int // without
	track    map[string]int // the greatest version of each
}

// NewNames returns the names of a list, of which the first one is found where
// several are the same. Names may be without a version, and may be no interface's.
func NewNames(m Matching, list []string) Names {
	n := Names{m, slices.Clone(list), make(map[string]int, len(list)), make(map[string]int, len(list)), make(map[string]int, len(list))}
	for i, name := range list {
		if _, ok := n.exact[name]; ok {
			continue
		}
		n.exact[name] = i
		name = unbuilt(name)
		if _, ok := n.version[name]; !ok {
			n.version[name] = i
		}
		if track := m.track(name); track != "" {
			if j, ok := n.track[track]; !ok || newer(name, list[j]) {
				n.track[track] = i
			}
		}
	}
	return n
}

// unbuilt returns a name without the build metadata of its version.
func unbuilt(name string) string {
	if strings.Contains(name, "@") {
		name, _, _ = strings.Cut(name, "+")
	}
	return name
}

// newer reports whether the version of one name is greater than another's.
func newer(a, b string) bool {
	_, va, _ := strings.Cut(a, "@")
	_, vb, _ := strings.Cut(b, "@")
	return CompareVersions(va, vb) > 0
}

// Find returns the index of what stands for a name. Whether its types agree is
// another question.
//
// See Explainer.md of the component model, "Canonical Interface Name".
func (n Names) Find(name string) (int, bool) {
	if i, ok := n.exact[name]; ok {
		return i, true
	}
	name = unbuilt(name)
	if i, ok := n.version[name]; ok {
		return i, true
	}
	i, ok := n.track[n.matching.track(name)]
	return i, ok
}

// Versions returns the versions that there are of the interface of a name, the
// least first.
func (n Names) Versions(name string) []string {
	base, _, _ := strings.Cut(name, "@")
	var have []string
	for _, other := range n.list {
		if b, version, ok := strings.Cut(other, "@"); ok && b == base {
			have = append(have, version)
		}
	}
	slices.SortStableFunc(have, CompareVersions)
	return slices.Compact(have)
}
