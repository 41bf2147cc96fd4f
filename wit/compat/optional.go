package compat

import (
	"strings"

	"github.com/witgen/witgen/wit"
)

// optionalPaths returns the paths of what guests may leave out, each with its
// package and without a version.
func optionalPaths(paths []string, contract wit.PackageName) map[string]bool {
	m := make(map[string]bool, len(paths))
	for _, p := range paths {
		of, in, inside := strings.Cut(p, "#")
		of, _, _ = strings.Cut(of, "@")
		if !strings.Contains(of, ":") {
			of = bare(contract) + "/" + of
		}
		if inside {
			of += "#" + in
		}
		m[of] = true
	}
	return m
}

// optional says of a new export that guests may leave out that they may.
func (c *comparer) optional(ch change) change {
	if ch.guests && c.optionals[ch.item] {
		ch.lacking("guests may leave it out")
	}
	return ch
}

// optionalResource is optional for a resource: guests may leave it out if they
// may leave out all of its functions.
func (c *comparer) optionalResource(b *bodyPair, r *wit.TypeDef, ch change) change {
	has := false
	for _, f := range b.now.funcs {
		if f.Resource == r {
			has = true
			if !c.optionals[b.prefix+funcPath(f)] {
				return ch
			}
		}
	}
	if has && ch.guests {
		ch.lacking("guests may leave out all that it has")
	}
	return ch
}

// lacking has the change break nobody: it adds something.
func (ch *change) lacking(then string) {
	ch.severity, ch.adds, ch.then = Info, true, then
	ch.fix = "call it where the client says that it is there, and fall back where not"
}
