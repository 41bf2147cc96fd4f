package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestUpdate: a state is found as it was stored, also by who opens the
// directory later, and no caller's value is the store's.
func TestUpdate(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	digest := put(t, d, 1)
	if s, err := d.Load(); err != nil || len(s.Slots) > 0 {
		t.Errorf("at first: %+v, %v", s, err)
	}
	want := &State{Slots: map[string]*Slot{
		"a": {
			Stable: identityOf(1), LastGood: identityOf(2),
			Canary:     &Canary{identityOf(3), 0.05, Salt{1, 2, 3}, 2, timeOf(1).UTC()},
			Quarantine: []Quarantine{{identityOf(4), "PROBE", "initialize: <\"no\">\n", timeOf(2).UTC()}},
			Revisions: map[Identity]Revision{
				identityOf(1): {digest, timeOf(1).UTC()}, identityOf(2): {digest, timeOf(2).UTC()},
				identityOf(3): {digest, timeOf(3).UTC()}, identityOf(4): {digest, timeOf(4).UTC()},
			},
		},
		"b/ü": {},
	}}
	var kept *State
	then(t, d.Update(t.Context(), func(s *State) error {
		*s = *want.clone()
		kept = s
		return nil
	}))
	kept.Slot("a").Canary.Step = 77
	got, err := d.Load()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	got.Slots["a"].Canary.Step = 78
	got.Slots["a"].Revisions[identityOf(9)] = Revision{}
	got.Slots["a"].Quarantine[0].Stage = "x"
	delete(got.Slots, "b/ü")
	if got, err := d.Load(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	refused := errors.New("refused")
	if err := d.Update(t.Context(), func(s *State) error { clear(s.Slots); return refused }); !errors.Is(err, refused) {
		t.Errorf("Update = %v, want what f returned", err)
	}
	then(t, d.Close())
	d = openDir(t, path)
	if got, err := d.Load(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("opened again: %+v, %v; want %+v", got, err, want)
	}
}

// TestOlder: one older state is kept beside the newest, and storing the same
// again writes nothing.
func TestOlder(t *testing.T) {
	l := newLossy()
	d := openOn(t, l)
	for n := 1; n <= 4; n++ {
		put(t, d, n)
		before := l.bytes("/d/state.json")
		then(t, d.Update(t.Context(), advance(n)))
		if got := l.bytes("/d/state.json.old"); string(got) != string(before) {
			t.Errorf("%d: the older state is\n%s\nwant\n%s", n, got, before)
		}
		calls := l.calls
		then(t, d.Update(t.Context(), func(*State) error { return nil }))
		if l.calls != calls {
			t.Errorf("%d: the same state again: %q", n, l.log[calls:])
		}
	}
}

// TestOrder holds the calls of the file system to their order: what has a name
// is on the disk before, and the name is when the method returns.
func TestOrder(t *testing.T) {
	l := newLossy()
	then(t, makeAll(l, "/v/d"))
	if want := []string{"stat /v/d", "stat /v", "stat /", "mkdir /v", "syncdir /", "mkdir /v/d", "syncdir /v"}; !slices.Equal(l.log, want) {
		t.Errorf("directories: got %q, want %q", l.log, want)
	}
	d := openOn(t, l)
	write := func(name string) []string {
		dir := filepath.ToSlash(filepath.Dir(name))
		return []string{
			"create " + dir + "/temp", "write " + dir + "/temp", "sync " + dir + "/temp", "close " + dir + "/temp",
			"rename " + dir + "/temp " + name,
		}
	}
	want := func(what string, want ...string) {
		t.Helper()
		got := slices.DeleteFunc(l.log, func(call string) bool {
			return strings.HasPrefix(call, "stat ") || strings.HasPrefix(call, "list ")
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		l.log = nil
	}
	l.log = nil
	code := "/d/store/sha256/" + DigestOf(codeOf(1)).file()
	put(t, d, 1)
	want("Put", append(write(code), "syncdir /d/store/sha256")...)
	put(t, d, 1)
	want("Put again", "open "+code, "read "+code, "close "+code, "syncdir /d/store/sha256")
	then(t, d.Update(t.Context(), advance(1)))
	want("first Update", append(write("/d/state.json"), "syncdir /d")...)
	put(t, d, 2)
	l.log = nil
	then(t, d.Update(t.Context(), advance(2)))
	want("second Update", append(append(write("/d/state.json.old"), write("/d/state.json")...), "syncdir /d")...)
}

// TestRefused: states that say what cannot be are not stored.
func TestRefused(t *testing.T) {
	d := openDir(t, t.TempDir())
	put(t, d, 1)
	then(t, d.Update(t.Context(), advance(1)))
	before, err := d.Load()
	then(t, err)
	none := identityOf(99)
	for _, test := range []struct {
		name   string
		change func(*State)
		want   string
	}{
		{"no name", func(s *State) { s.Slot("") }, "is not a name"},
		{"long name", func(s *State) { s.Slot(strings.Repeat("x", maxName+1)) }, "is not a name"},
		{"name that is no text", func(s *State) { s.Slot("\xff") }, "is not a name"},
		{"nil slot", func(s *State) { s.Slots["x"] = nil }, "is nil"},
		{"stable", func(s *State) { s.Slot("slot").Stable = none }, `slot "slot": stable: ` + none.String() + " is none of"},
		{"last-good", func(s *State) { s.Slot("slot").LastGood = none }, "last-good: "},
		{"canary", func(s *State) { s.Slot("slot").Canary.Identity = none }, "canary: "},
		{"canary of none", func(s *State) { s.Slot("slot").Canary = &Canary{} }, "canary: "},
		{"weight", func(s *State) { s.Slot("slot").Canary.Weight = 1.01 }, "weight 1.01"},
		{"negative weight", func(s *State) { s.Slot("slot").Canary.Weight = -0.5 }, "weight -0.5"},
		{"no weight", func(s *State) { s.Slot("slot").Canary.Weight = nan() }, "weight NaN"},
		{"step", func(s *State) { s.Slot("slot").Canary.Step = -1 }, "step -1"},
		{"year", func(s *State) { s.Slot("slot").Canary.Since = time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC) }, "year"},
		{"quarantine", func(s *State) { s.Slot("slot").Quarantine = []Quarantine{{Identity: none}} }, "quarantine 0: "},
		{"no code", func(s *State) { s.Slot("slot").Revisions[none] = Revision{} }, "has no code"},
		{"zero identity", func(s *State) { s.Slot("slot").Revisions[Identity{}] = Revision{Code: Digest{1}} }, "zero identity"},
		{"code that is not there", func(s *State) {
			s.Slot("slot").Revisions[none] = Revision{Code: DigestOf(codeOf(99))}
			s.Slot("slot").Stable = none
		}, DigestOf(codeOf(99)).String() + " is not in the store"},
		{"size", func(s *State) {
			for i := range maxState / (MaxQuarantine * MaxReason) {
				slot := s.Slot(fmt.Sprint(i))
				slot.Revisions = make(map[Identity]Revision)
				for n := range MaxQuarantine {
					slot.Revisions[identityOf(n)] = Revision{Code: Digest{1}}
					slot.Quarantine = append(slot.Quarantine, Quarantine{Identity: identityOf(n), Reason: strings.Repeat("x", MaxReason)})
				}
			}
		}, "bytes as it is written"},
	} {
		if test.name == "size" && testing.Short() {
			continue // it takes longer than all others
		}
		err := d.Update(t.Context(), func(s *State) error { test.change(s); return nil })
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q in it", test.name, err, test.want)
		}
		if after, err := d.Load(); err != nil || !reflect.DeepEqual(after, before) {
			t.Fatalf("%s: the state has changed: %+v, %v", test.name, after, err)
		}
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}
