package compat

import (
	"slices"
	"strings"
)

// rules is the table of rules, sorted by ID.
var rules = slices.SortedFunc(slices.Values(slices.Concat(funcRules, typeRules, worldRules)),
	func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })

var (
	wire       = []Category{Guests, Hosts}
	guestsOnly = []Category{Guests}
	hostsOnly  = []Category{Hosts}
	namesOnly  = []Category{Names}
)
