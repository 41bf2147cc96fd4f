package compat

import "slices"

// Rule is a kind of change that someone notices.
type Rule struct {
	// ID names the rule, such as "FUNC_NO_DELETE".
	ID string `json:"id"`
	// Categories are those its findings can have.
	Categories []Category `json:"categories"`
	// Severity is that of its findings whatever their category; empty for
	// that of the category: see [Rule.Default].
	Severity Severity `json:"severity,omitempty"`
	// Subtyping says that some of the changes which the rule finds are breaks
	// because types of values are equal or are not, and that subtyping between
	// such types, which the component model keeps for later, could admit them.
	// No version of it that is released does. See Explainer.md "Type Checking".
	Subtyping bool `json:"subtyping,omitempty"`
	// Summary says in one sentence what the rule finds.
	Summary string `json:"summary"`
	// Why says what happens to those who do not know of the change.
	Why string `json:"why"`
	// Before and After are an example: what stands in an interface that
	// worlds import or export, or a file, which begins with its package.
	Before string `json:"before"`
	After  string `json:"after"`
	// Fix says what to do instead.
	Fix string `json:"fix"`

	effect effect
	always bool // no version of the package admits it
}

// Default returns the severity of a finding of the rule. What core modules
// cannot see is an error where it would have been a warning, unless the rule
// has a severity of its own.
func (r Rule) Default(c Category, silent bool) Severity {
	switch {
	case r.Severity != "":
		return r.Severity
	case c == Guests || silent:
		return Error
	}
	return Warning
}

// Rules returns all rules, sorted by ID. The slice is the caller's.
func Rules() []Rule { return slices.Clone(rules) }

// FindRule returns the rule of that ID.
func FindRule(id string) (Rule, bool) {
	for _, r := range rules {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}
