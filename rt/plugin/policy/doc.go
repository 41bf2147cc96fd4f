// Package policy says what a plugin may do: a file that people review, the rights
// that follow from it, and what of them a plugin needs.
//
// [Parse] reads a [File], which has a [Policy] for each plugin and the [Ceiling]
// of all of them. What a plugin is granted in the end is what three agree on: the
// component asks for it, its policy grants it, and the ceiling has it; numbers are
// the least of the three, lists what is in all of them. [Resolve] says so, as
// [Effective], with a [Note] for everything that was cut and by whom. Nothing is
// granted that nobody wrote down, but for the numbers of a profile: see
// [Restricted] and [Standard].
//
// [Learned] goes the other way: from what runs of a plugin used and were denied to
// the smallest policy that would do.
//
// The package knows nothing of where plugins are, how they are loaded, and when:
// it is values and arithmetic on them. Values may be shared between goroutines
// that only read them.
package policy
