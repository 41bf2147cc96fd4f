package store

import (
	"maps"
	"slices"
	"time"
)

// State is what is known of all slots. The zero State knows nothing.
type State struct {
	Slots map[string]*Slot `json:"slots,omitempty"`
}

// Slot returns the slot of a name, which is made if it is not there.
func (s *State) Slot(name string) *Slot {
	if s.Slots == nil {
		s.Slots = make(map[string]*Slot)
	}
	slot := s.Slots[name]
	if slot == nil {
		slot = new(Slot)
		s.Slots[name] = slot
	}
	return slot
}

// Slot is what is known of a slot. Each identity in it is one of Revisions.
type Slot struct {
	Stable     Identity              `json:"stable,omitzero"`   // what serves
	LastGood   Identity              `json:"lastGood,omitzero"` // what to go back to
	Canary     *Canary               `json:"canary,omitempty"`  // what is being tried, if anything is
	Quarantine []Quarantine          `json:"quarantine,omitempty"`
	Revisions  map[Identity]Revision `json:"revisions,omitempty"`
}

// Canary is a revision that some of the calls go to.
type Canary struct {
	Identity Identity  `json:"identity"`
	Weight   float64   `json:"weight"` // fraction of the calls, 0 to 1
	Salt     Salt      `json:"salt"`   // the same for the whole rollout
	Step     int       `json:"step"`   // index in the ramp
	Since    time.Time `json:"since"`  // of the step
}

// Quarantine says that a revision is not to be tried again, and why.
type Quarantine struct {
	Identity Identity  `json:"identity"`
	Stage    string    `json:"stage"`  // at which it failed; cut after [MaxStage] bytes
	Reason   string    `json:"reason"` // cut after [MaxReason] bytes
	At       time.Time `json:"at"`
}

// Revision is what a revision is made of, as far as the store has it.
type Revision struct {
	Code   Digest    `json:"code"`
	Staged time.Time `json:"staged"`
}

const (
	// Newest is how many revisions of a slot are kept, with their code, because
	// they are its newest. They count once for each code.
	Newest = 3

	// MaxQuarantine is how many revisions of a slot are in quarantine: beyond it
	// the one that was put there first leaves.
	MaxQuarantine = 32

	// MaxReason is how many bytes a reason has.
	MaxReason = 1 << 10

	// MaxStage is how many bytes the name of a stage has.
	MaxStage = 64

	// maxName is how many bytes the name of a slot has.
	maxName = 256
)

func (s *State) clone() *State {
	c := &State{Slots: maps.Clone(s.Slots)}
	for name, slot := range c.Slots {
		if slot == nil {
			continue // for check to find
		}
		copied := *slot
		if slot.Canary != nil {
			canary := *slot.Canary
			copied.Canary = &canary
		}
		copied.Quarantine = slices.Clone(slot.Quarantine)
		copied.Revisions = maps.Clone(slot.Revisions)
		c.Slots[name] = &copied
	}
	return c
}

// serving calls yield with each identity that calls may go to, and its place.
func (s *Slot) serving(yield func(place string, id Identity) bool) {
	if s.Stable != (Identity{}) && !yield("stable", s.Stable) {
		return
	}
	if s.LastGood != (Identity{}) && !yield("last-good", s.LastGood) {
		return
	}
	if s.Canary != nil {
		yield("canary", s.Canary.Identity)
	}
}

// newest returns the slot's newest revisions, of which no two have the same
// code.
func (s *Slot) newest() []Identity {
	all := slices.SortedFunc(maps.Keys(s.Revisions), func(a, b Identity) int {
		if c := s.Revisions[b].Staged.Compare(s.Revisions[a].Staged); c != 0 {
			return c
		}
		return slices.Compare(a[:], b[:])
	})
	var codes []Digest
	return slices.DeleteFunc(all, func(id Identity) bool {
		code := s.Revisions[id].Code
		if len(codes) == Newest || slices.Contains(codes, code) {
			return true
		}
		codes = append(codes, code)
		return false
	})
}

// needs adds the code without which a slot could not go on after a restart.
func (s *State) needs(to map[Digest]bool) {
	for _, slot := range s.Slots {
		for _, id := range slot.serving {
			to[slot.Revisions[id].Code] = true
		}
	}
}

// keeps adds all code that is not to be collected: what the state needs, and
// what the newest revisions of each slot have. Of what is in quarantine, only
// the digest is kept.
func (s *State) keeps(to map[Digest]bool) {
	s.needs(to)
	for _, slot := range s.Slots {
		for _, id := range slot.newest() {
			to[slot.Revisions[id].Code] = true
		}
	}
}
