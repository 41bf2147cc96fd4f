package store

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTidy: what would grow for ever is bounded.
func TestTidy(t *testing.T) {
	long := strings.Repeat("é", MaxReason)
	s := &Slot{Revisions: make(map[Identity]Revision)}
	add := func(n, code int) {
		s.Revisions[identityOf(n)] = Revision{DigestOf(codeOf(code)), timeOf(n)}
	}
	for n := range 100 {
		add(n, n)
		s.Quarantine = append(s.Quarantine, Quarantine{identityOf(n), long, "\xffx" + long, timeOf(n)})
	}
	s.Quarantine = append(s.Quarantine, Quarantine{Identity: identityOf(70), Reason: "again", At: timeOf(500)})
	add(200, 1000)
	add(201, 1000) // the same code as a newer one
	add(202, 1000)
	add(203, 1001)
	s.Stable, s.LastGood = identityOf(1), identityOf(2)
	s.tidy()
	if n := len(s.Quarantine); n != MaxQuarantine {
		t.Errorf("%d in quarantine, want %d", n, MaxQuarantine)
	}
	last := s.Quarantine[MaxQuarantine-1]
	if last.Reason != "again" || s.Quarantine[0].Identity != identityOf(68) {
		t.Errorf("in quarantine from %v to %v", s.Quarantine[0], last)
	}
	first := s.Quarantine[0]
	if len(first.Stage) != MaxStage || len(first.Reason) != MaxReason || !strings.HasPrefix(first.Reason, "\uFFFDxé") {
		t.Errorf("texts of %d and %d bytes: %.10q", len(first.Stage), len(first.Reason), first.Reason)
	}
	want := []Identity{identityOf(1), identityOf(2), identityOf(202), identityOf(203)}
	for n := 68; n < 100; n++ {
		want = append(want, identityOf(n))
	}
	got := slices.SortedFunc(maps.Keys(s.Revisions), func(a, b Identity) int { return slices.Compare(a[:], b[:]) })
	slices.SortFunc(want, func(a, b Identity) int { return slices.Compare(a[:], b[:]) })
	if !slices.Equal(got, want) {
		t.Errorf("revisions\n%s\nwant\n%s", got, want)
	}
	for _, test := range []struct {
		in   string
		n    int
		want string
	}{{"", 3, ""}, {"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"aéé", 4, "aé"}, {"aéé", 5, "aéé"}, {"éé", 1, ""}} {
		if got := cut(test.in, test.n); got != test.want {
			t.Errorf("cut(%q, %d) = %q, want %q", test.in, test.n, got, test.want)
		}
	}
}

// TestCollect: what a restart may need stays, what is held stays, all else goes.
func TestCollect(t *testing.T) {
	d := openDir(t, t.TempDir())
	for n := 1; n <= 12; n++ {
		put(t, d, n)
	}
	other := put(t, d, 50) // of no slot
	held := d.Hold(put(t, d, 51))
	name := func(slot *Slot, n int) {
		if slot.Revisions == nil {
			slot.Revisions = make(map[Identity]Revision)
		}
		slot.Revisions[identityOf(n)] = Revision{DigestOf(codeOf(n)), timeOf(n)}
	}
	then(t, d.Update(t.Context(), func(s *State) error {
		slot := s.Slot("a")
		for n := 1; n <= 10; n++ {
			name(slot, n)
		}
		slot.Stable, slot.LastGood = identityOf(2), identityOf(1)
		slot.Canary = &Canary{Identity: identityOf(3)}
		slot.Quarantine = []Quarantine{{Identity: identityOf(4)}, {Identity: identityOf(9)}}
		name(s.Slot("b"), 11)
		return nil
	}))
	then(t, d.Update(t.Context(), func(s *State) error {
		slot := s.Slot("a")
		slot.LastGood, slot.Stable, slot.Canary = identityOf(2), identityOf(3), nil // 1 is in the state before
		delete(s.Slots, "b")                                                        // and so is 11
		return nil
	}))
	collect := func(want ...Digest) {
		t.Helper()
		got, err := d.Collect(t.Context())
		then(t, err)
		slices.SortFunc(want, func(a, b Digest) int { return slices.Compare(a[:], b[:]) })
		if !slices.Equal(got, want) {
			t.Errorf("removed\n%s\nwant\n%s", got, want)
		}
		for _, digest := range want {
			if ok, err := d.Has(digest); ok || err != nil {
				t.Errorf("it is there: %v, %v", ok, err)
			}
		}
	}
	numbered := func(ns ...int) (all []Digest) {
		for _, n := range ns {
			all = append(all, DigestOf(codeOf(n)))
		}
		return all
	}
	then(t, os.WriteFile(filepath.Join(d.at(codeDir), "notes.txt"), nil, 0o600))
	collect(append(numbered(4, 5, 6, 7, 12), other)...)
	collect()
	held.Release()
	collect(held.Digest())
	then(t, d.Update(t.Context(), func(s *State) error { s.Slot("c"); return nil }))
	collect(numbered(1, 11)...)
	list, err := d.List()
	then(t, err)
	if len(list) != 5 { // 2, 3, and the newest: 8, 9, 10
		t.Errorf("%d are left, want 5", len(list))
	}
	if _, err := os.Stat(filepath.Join(d.at(codeDir), "notes.txt")); err != nil {
		t.Errorf("what is not the store's: %v", err)
	}
}

// TestCollectAside: damaged code does not pile up.
func TestCollectAside(t *testing.T) {
	l := newLossy()
	d := openOn(t, l)
	for n := range maxAside + 3 {
		digest := put(t, d, n)
		l.live[d.code(digest)].data = nil
		if _, err := d.Get(t.Context(), digest); err == nil {
			t.Fatal("damage was not noticed")
		}
	}
	_, err := d.Collect(t.Context())
	then(t, err)
	list, err := d.entries(d.at(damagedDir))
	then(t, err)
	if len(list) != maxAside {
		t.Errorf("%d are left, want %d", len(list), maxAside)
	}
	for n := range 3 {
		if l.live[d.at(damagedDir)+"/"+DigestOf(codeOf(n)).file()] != nil {
			t.Errorf("%d is left, which was put aside before the others", n)
		}
	}
}
