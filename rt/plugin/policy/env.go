package policy

import (
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

// and returns what both let through, and what the other has not.
func (e Env) and(o Env, by string) (Env, []Note) {
	var notes []Note
	var both Env
	for _, a := range e.Allow {
		var left []string
		for _, b := range o.Allow {
			switch {
			case matches(b, a):
				left = append(left, a)
			case matches(a, b):
				left = append(left, b)
			}
		}
		left = sorted(left)
		if to := strings.Join(left, ", "); to != a {
			notes = append(notes, Note{What: "env", From: a, To: to, By: by})
		}
		both.Allow = append(both.Allow, left...)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Set)) {
		if !slices.ContainsFunc(o.Allow, func(pattern string) bool { return matches(pattern, name) }) {
			notes = append(notes, Note{What: "env " + name, By: by})
			continue
		}
		if both.Set == nil {
			both.Set = map[string]string{}
		}
		both.Set[name] = e.Set[name]
	}
	both.Allow = sorted(both.Allow)
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
		if slices.ContainsFunc(e.Allow, func(pattern string) bool { return matches(pattern, name) }) {
			if set == nil {
				set = map[string]string{}
			}
			set[name] = value
		}
	}
	return Env{Set: set}
}
