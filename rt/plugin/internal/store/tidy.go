package store

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// tidy bounds what a state has, and has it as it will be read again.
func (s *State) tidy() {
	for _, slot := range s.Slots {
		if slot != nil {
			slot.tidy()
		}
	}
}

func (s *Slot) tidy() {
	if s.Canary != nil {
		s.Canary.Since = plain(s.Canary.Since)
	}
	for i := range s.Quarantine {
		q := &s.Quarantine[i]
		q.Stage, q.Reason, q.At = cut(q.Stage, MaxStage), cut(q.Reason, MaxReason), plain(q.At)
	}
	slices.SortStableFunc(s.Quarantine, func(a, b Quarantine) int { return a.At.Compare(b.At) })
	s.Quarantine = latest(s.Quarantine)
	if n := len(s.Quarantine) - MaxQuarantine; n > 0 {
		s.Quarantine = slices.Delete(s.Quarantine, 0, n)
	}
	for id, r := range s.Revisions {
		r.Staged = plain(r.Staged)
		s.Revisions[id] = r
	}
	named := s.newest()
	for _, id := range s.serving {
		named = append(named, id)
	}
	for _, q := range s.Quarantine {
		named = append(named, q.Identity)
	}
	for id := range s.Revisions {
		if !slices.Contains(named, id) {
			delete(s.Revisions, id)
		}
	}
}

// latest returns the last entry for each identity.
func latest(all []Quarantine) []Quarantine {
	seen := make(map[Identity]bool, len(all))
	slices.Reverse(all)
	all = slices.DeleteFunc(all, func(q Quarantine) bool {
		again := seen[q.Identity]
		seen[q.Identity] = true
		return again
	})
	slices.Reverse(all)
	return all
}

// plain returns a time as it is read again.
func plain(t time.Time) time.Time { return t.Round(0).UTC() }

// cut returns as much of a text as there may be, without half a character.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// check says what is wrong with a state.
func (s *State) check() error {
	for name, slot := range s.Slots {
		if name == "" || len(name) > maxName || !utf8.ValidString(name) {
			return fmt.Errorf("slot %.80q: is not a name of 1 to %d bytes of UTF-8", name, maxName)
		}
		if slot == nil {
			return fmt.Errorf("slot %q: is nil", name)
		}
		if err := slot.check(); err != nil {
			return fmt.Errorf("slot %q: %w", name, err)
		}
	}
	return nil
}

func (s *Slot) check() error {
	for id, r := range s.Revisions {
		if id == (Identity{}) {
			return errors.New("revisions: the zero identity is none")
		}
		if r.Code == (Digest{}) {
			return fmt.Errorf("revision %s: has no code", id)
		}
	}
	for place, id := range s.serving {
		if _, ok := s.Revisions[id]; !ok {
			return fmt.Errorf("%s: %s is none of the revisions", place, id)
		}
	}
	for i, q := range s.Quarantine {
		if _, ok := s.Revisions[q.Identity]; !ok {
			return fmt.Errorf("quarantine %d: %s is none of the revisions", i, q.Identity)
		}
	}
	if c := s.Canary; c != nil {
		if math.IsNaN(c.Weight) || c.Weight < 0 || c.Weight > 1 {
			return fmt.Errorf("canary: weight %v is not between 0 and 1", c.Weight)
		}
		if c.Step < 0 {
			return fmt.Errorf("canary: step %d is negative", c.Step)
		}
	}
	return nil
}
