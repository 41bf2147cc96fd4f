package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// matches reports whether a name is one that a pattern of Env.Allow stands for.
func matches(pattern, name string) bool {
	if front, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, front)
	}
	return pattern == name
}

// matchesAny reports whether a name is one that any of the patterns stands for.
func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

// andNames returns what patterns of names and others both stand for, and what the
// others do not.
func andNames(patterns, others []string, what, by string) (both []string, notes []Note) {
	for _, a := range patterns {
		var left []string
		for _, b := range others {
			switch {
			case matches(b, a):
				left = append(left, a)
			case matches(a, b):
				left = append(left, b)
			}
		}
		left = sorted(left)
		if to := strings.Join(left, ", "); to != a || len(left) == 0 {
			notes = append(notes, Note{What: what, From: cmp.Or(a, `""`), To: to, By: by})
		}
		both = append(both, left...)
	}
	return sorted(both), notes
}

// and returns what both let through, and what the other has not.
func (e Env) and(o Env, by string) (Env, []Note) {
	var both Env
	var notes []Note
	both.Allow, notes = andNames(e.Allow, o.Allow, "env", by)
	for _, name := range slices.Sorted(maps.Keys(e.Set)) {
		if !matchesAny(o.Allow, name) {
			notes = append(notes, Note{What: "env " + name, By: by})
			continue
		}
		if both.Set == nil {
			both.Set = map[string]string{}
		}
		both.Set[name] = e.Set[name]
	}
	return both, notes
}

// sorted sorts patterns, and drops those that others stand for.
func sorted(patterns []string) []string {
	all := slices.Compact(slices.Sorted(slices.Values(patterns)))
	return slices.DeleteFunc(slices.Clone(all), func(p string) bool {
		return slices.ContainsFunc(all, func(o string) bool { return o != p && matches(o, p) })
	})
}

// frozen returns the environment with the values that variables have now, and
// none that could change.
func (e Env) frozen(environ []string) Env {
	set := maps.Clone(e.Set)
	for _, v := range environ {
		name, value, ok := strings.Cut(v, "=")
		if _, is := set[name]; !ok || name == "" || is {
			continue
		}
		if matchesAny(e.Allow, name) {
			if set == nil {
				set = map[string]string{}
			}
			set[name] = value
		}
	}
	return Env{Set: set}
}
