package compat

import (
	"cmp"
	"slices"
	"strings"
)

// Category says whom a finding concerns.
type Category string

// The categories. Compare never finds anything in GO: what Go callers see is
// compared from generated packages.
const (
	Guests Category = "GUESTS" // existing guests keep linking to new hosts, and mean the same
	Hosts  Category = "HOSTS"  // guests built for the new contract run on hosts that are out there
	Names  Category = "NAMES"  // names that no core module sees
	Go     Category = "GO"     // generated Go packages keep compiling what uses them
)

// Severity is how much a finding weighs.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Direction says which side of a link is the older one. What breaks Go code is of
// the direction ToHosts: hosts are what is written against generated packages.
type Direction string

// The directions.
const (
	ToGuests Direction = "guests" // a guest of the old contract on a host of the new one
	ToHosts  Direction = "hosts"  // a guest of the new contract on a host of the old one
)

// Role says on which side of a world an item stands, seen from the guest.
type Role string

// The roles. The zero Role is both.
const (
	BothRoles Role = ""
	Imports   Role = "imports" // the host implements it
	Exports   Role = "exports" // the guest implements it
)

// Place is an item on one side of a comparison.
type Place struct {
	// Text is the item as WIT, without documentation, on one line. Of very many
	// fields, cases or flags it has the first.
	Text string `json:"text"`
	// File, Line and Col say where it stands; Line and Col count from 1,
	// columns in bytes. File is empty where that is not known.
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
}

// Finding is one effect of one change, in one direction. It is plain data,
// which JSON keeps whole.
type Finding struct {
	Rule      string    `json:"rule"`
	Category  Category  `json:"category"`
	Severity  Severity  `json:"severity"`
	Direction Direction `json:"direction"`

	// Silent says that core signatures do not show the change: a host that
	// compares no component types would load the guest and misread values.
	Silent bool `json:"silent"`

	// Package is the package of the item, such as "acme:kv@0.2.1": of the
	// new contract, or of the old one when the item is gone.
	Package string `json:"package"`
	// World is the first world that has the item in that role, by its bare
	// name, and OtherWorlds are those after it. World is empty for an item
	// that no world has.
	World       string   `json:"world"`
	OtherWorlds []string `json:"other_worlds,omitempty"`
	Role        Role     `json:"role"`

	// Item is the path of what changed, without a version:
	// "acme:kv/store", "acme:kv/handler#flush", "acme:kv/types#entry.key".
	Item string `json:"item"`
	// Old and New are the item before and after; nil where it is not there.
	Old *Place `json:"old"`
	New *Place `json:"new"`

	// Message says what changed and what follows from it.
	Message string `json:"message"`
	// UsedBy lists the functions that a changed type concerns, by path.
	UsedBy []string `json:"used_by,omitempty"`
	// Fix says what to do about it.
	Fix string `json:"fix"`
	// Bump is the least change of the package's version that admits it: NoBump
	// where none is needed, and where none does.
	Bump Bump `json:"suggested_bump"`
}

// Place returns where to show a finding: its place in the new contract, or in
// the old one if it is gone; nil if neither is known.
func (f Finding) Place() *Place {
	if f.New != nil && f.New.Line > 0 {
		return f.New
	}
	if f.Old != nil && f.Old.Line > 0 {
		return f.Old
	}
	return nil
}

// String returns "file:line:col: severity RULE [CATEGORY]: message" and, on a
// line of its own, what to do about it.
func (f Finding) String() string {
	at := "-"
	if p := f.Place(); p != nil {
		at = p.String()
	}
	s := at + ": " + string(f.Severity) + " " + f.Rule + " [" + string(f.Category) + "]: " + f.Message
	if f.Fix != "" {
		s += "\n    fix: " + f.Fix
	}
	return s
}

// Sort puts findings in order: by where they stand in the new contract, those
// of one item together, what concerns guests first.
func Sort(found []Finding) {
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(
			comparePlaces(a.Place(), b.Place()),
			strings.Compare(a.Item, b.Item),
			strings.Compare(string(a.Role), string(b.Role)),
			strings.Compare(a.Rule, b.Rule),
			strings.Compare(string(a.Direction), string(b.Direction)),
		)
	})
}

// comparePlaces orders places; what is nowhere comes last.
func comparePlaces(a, b *Place) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}
