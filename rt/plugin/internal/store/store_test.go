package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func then(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openDir opens a directory of the operating system's.
func openDir(t testing.TB, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	then(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

// openOn opens a directory in memory, as /d.
func openOn(t testing.TB, l *lossy) *Dir {
	t.Helper()
	then(t, makeAll(l, "/d"))
	d, err := open(l, "/d")
	then(t, err)
	return d
}

// codeOf is code that is told from others by a number.
func codeOf(n int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("code %d;", n), 100+n%50))
}

func identityOf(n int) (id Identity) {
	copy(id[:], fmt.Sprintf("identity %d", n))
	return id
}

func timeOf(n int) time.Time { return time.Unix(1_700_000_000+int64(n), 0) }

// put stores code and lets it go.
func put(t testing.TB, d *Dir, n int) Digest {
	t.Helper()
	h, err := d.Put(t.Context(), codeOf(n))
	then(t, err)
	h.Release()
	return h.Digest()
}

// advance has a slot go on to revision n, whose code is stored.
func advance(n int) func(*State) error {
	return func(s *State) error {
		slot := s.Slot("slot")
		if slot.Revisions == nil {
			slot.Revisions = make(map[Identity]Revision)
		}
		slot.Revisions[identityOf(n)] = Revision{DigestOf(codeOf(n)), timeOf(n)}
		slot.LastGood, slot.Stable = slot.Stable, identityOf(n)
		slot.Canary = &Canary{slot.Stable, float64(n%8) / 8, Salt{byte(n)}, n, timeOf(n)}
		return nil
	}
}

// at returns which revision a slot is at, 0 if none.
func at(s *State) int {
	if slot := s.Slots["slot"]; slot != nil {
		return slot.Canary.Step
	}
	return 0
}

// wantWhole opens and reads everything that a state needs.
func wantWhole(t testing.TB, d *Dir, s *State) {
	t.Helper()
	need := make(map[Digest]bool)
	s.needs(need)
	if len(need) == 0 && len(s.Slots) > 0 {
		t.Fatal("a state with slots needs nothing")
	}
	for digest := range need {
		if data, err := d.Get(t.Context(), digest); err != nil || DigestOf(data) != digest {
			t.Errorf("code that the state needs: %v", err)
		}
	}
}

// TestPut: code is found as it was stored, in files for the user alone.
func TestPut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b")
	d := openDir(t, path)
	for _, data := range [][]byte{{}, []byte("x"), codeOf(1), make([]byte, 3<<20)} {
		digest := DigestOf(data)
		if ok, err := d.Has(digest); ok || err != nil {
			t.Errorf("before: %v, %v", ok, err)
		}
		if _, err := d.Get(t.Context(), digest); !errors.Is(err, ErrNotStored) {
			t.Errorf("before: %v, want ErrNotStored", err)
		}
		for range 2 {
			h, err := d.Put(t.Context(), data)
			if err != nil || h.Digest() != digest {
				t.Fatalf("Put: %v, %v", h, err)
			}
			h.Release()
			h.Release()
		}
		got, err := d.Get(t.Context(), digest)
		if err != nil || string(got) != string(data) {
			t.Errorf("%d bytes, %v; want %d", len(got), err, len(data))
		}
		if ok, err := d.Has(digest); !ok || err != nil {
			t.Errorf("after: %v, %v", ok, err)
		}
	}
	list, err := d.List()
	then(t, err)
	if len(list) != 4 || !slices.IsSortedFunc(list, func(a, b Code) int { return slices.Compare(a.Digest[:], b.Digest[:]) }) {
		t.Errorf("list = %v", list)
	}
	if len(d.held) > 0 {
		t.Errorf("held = %v", d.held)
	}
	then(t, d.Close())
	again := openDir(t, path)
	if got, err := again.List(); err != nil || !slices.Equal(got, list) {
		t.Errorf("list = %v, %v; want %v", got, err, list)
	}
}

// TestDamagedCode: code that is not what was stored is never served, is put
// aside, and can be stored again.
func TestDamagedCode(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func([]byte) []byte
	}{
		{"flipped", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }},
		{"cut", func(b []byte) []byte { return b[:len(b)-1] }},
		{"empty", func([]byte) []byte { return nil }},
		{"longer", func(b []byte) []byte { return append(b, 0) }},
		{"other code", func([]byte) []byte { return codeOf(2) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := openDir(t, t.TempDir())
			digest := put(t, d, 1)
			file := d.code(digest)
			bad := test.damage(codeOf(1))
			then(t, os.WriteFile(file, bad, 0o600))
			data, err := d.Get(t.Context(), digest)
			damage, ok := errors.AsType[*DamageError](err)
			if !ok || data != nil {
				t.Fatalf("%d bytes, %v; want a DamageError", len(data), err)
			}
			if damage.Path != file || !strings.Contains(err.Error(), DigestOf(bad).String()) {
				t.Errorf("%v", err)
			}
			if aside, err := os.ReadFile(damage.Aside); err != nil || string(aside) != string(bad) {
				t.Errorf("aside: %q, %v", aside, err)
			}
			if ok, err := d.Has(digest); ok || err != nil {
				t.Errorf("it is still there: %v, %v", ok, err)
			}
			put(t, d, 1)
			if data, err := d.Get(t.Context(), digest); err != nil || string(data) != string(codeOf(1)) {
				t.Errorf("stored again: %v", err)
			}
			then(t, os.WriteFile(file, bad, 0o600)) // and noticed by Put itself
			put(t, d, 1)
			if data, err := d.Get(t.Context(), digest); err != nil || string(data) != string(codeOf(1)) {
				t.Errorf("stored over damage: %v", err)
			}
		})
	}
}

// TestRepaired: code that was stored again since it was found damaged is not put
// aside.
func TestRepaired(t *testing.T) {
	l := newLossy()
	d := openOn(t, l)
	digest := put(t, d, 1)
	l.setBytes(d.code(digest), []byte("bad"))
	l.fail = func(_ int, call string) error {
		if strings.HasPrefix(call, "close ") { // of what was read
			l.setBytes(d.code(digest), codeOf(1))
		}
		return nil
	}
	_, err := d.Get(t.Context(), digest)
	if damage, ok := errors.AsType[*DamageError](err); !ok || damage.Aside != "" {
		t.Errorf("Get = %v", err)
	}
	if data, err := d.Get(t.Context(), digest); err != nil || string(data) != string(codeOf(1)) {
		t.Errorf("stored again: %v", err)
	}
}

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

// TestConcurrent: updates are not lost, and what is held is there, whatever
// others do.
func TestConcurrent(t *testing.T) {
	d := openOn(t, newLossy())
	const workers, rounds = 8, 25
	var removed atomic.Int64
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := range rounds {
				n := 1 + (w*rounds+i)%40 // others store the same
				h, err := d.Put(t.Context(), codeOf(n))
				if err != nil {
					t.Error(err)
					return
				}
				gone, err := d.Collect(t.Context())
				if err != nil || slices.Contains(gone, h.Digest()) {
					t.Errorf("Collect = %v, %v", gone, err)
				}
				removed.Add(int64(len(gone)))
				if _, err := d.Get(t.Context(), h.Digest()); err != nil {
					t.Errorf("what is held: %v", err)
				}
				err = d.Update(t.Context(), func(s *State) error {
					step := at(s)
					err := advance(n)(s)
					s.Slot("slot").Canary.Step = step + 1
					return err
				})
				if err != nil {
					t.Error(err)
				}
				h.Release()
				s, err := d.Load()
				if err != nil || at(s) == 0 {
					t.Errorf("Load = %+v, %v", s, err)
				}
			}
		})
	}
	group.Wait()
	s, err := d.Load()
	then(t, err)
	if at(s) != workers*rounds {
		t.Errorf("%d updates, want %d", at(s), workers*rounds)
	}
	if removed.Load() == 0 {
		t.Error("nothing was ever removed")
	}
	wantWhole(t, d, s)
}

// TestWait: who waits to write leaves with the context, and Close waits for who
// writes.
func TestWait(t *testing.T) {
	d := openDir(t, t.TempDir())
	entered, leave, updated := make(chan bool), make(chan bool), make(chan error)
	go func() {
		updated <- d.Update(context.Background(), func(s *State) error {
			s.Slot("x")
			entered <- true
			<-leave
			return nil
		})
	}()
	<-entered
	cause := errors.New("cause")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, err := d.Put(ctx, codeOf(1)); !errors.Is(err, cause) {
		t.Errorf("Put = %v, want the cause", err)
	}
	if err := d.Update(ctx, func(*State) error { t.Error("called"); return nil }); !errors.Is(err, cause) {
		t.Errorf("Update = %v, want the cause", err)
	}
	if _, err := d.Collect(ctx); !errors.Is(err, cause) {
		t.Errorf("Collect = %v, want the cause", err)
	}
	closed := make(chan error)
	go func() { closed <- d.Close() }()
	for d.use() == nil { // until Close has begun
		d.users.Done()
		runtime.Gosched()
	}
	select {
	case <-closed:
		t.Error("Close did not wait")
	default:
	}
	if _, err := Open(d.Path()); err == nil && locks {
		t.Error("it could be opened again")
	}
	leave <- true
	then(t, <-updated)
	then(t, <-closed)
	then(t, d.Close())
	if _, err := d.Put(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Put = %v", err)
	}
	if _, err := d.Get(t.Context(), Digest{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Get = %v", err)
	}
	if err := d.Update(t.Context(), func(*State) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("Update = %v", err)
	}
	s, err := openDir(t, d.Path()).Load()
	if err != nil || s.Slots["x"] == nil {
		t.Errorf("Load = %+v, %v", s, err)
	}
}

// TestPutCancelled: code of which only a part is written never has its name.
func TestPutCancelled(t *testing.T) {
	l := newLossy()
	d := openOn(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	l.fail = func(_ int, call string) error {
		if strings.HasPrefix(call, "write") {
			cancel()
		}
		return nil
	}
	data := make([]byte, 3<<20)
	if _, err := d.Put(ctx, data); !errors.Is(err, context.Canceled) {
		t.Errorf("Put = %v", err)
	}
	if list, err := l.list(d.at(codeDir)); err != nil || len(list) > 0 {
		t.Errorf("%v is left, %v", list, err)
	}
	if len(d.held) > 0 {
		t.Errorf("held = %v", d.held)
	}
}

// TestDigest: what is written of each name is read again, in no other way.
func TestDigest(t *testing.T) {
	want := DigestOf([]byte("x"))
	text, err := want.MarshalText()
	then(t, err)
	var got Digest
	if err := got.UnmarshalText(text); err != nil || got != want {
		t.Errorf("%s: %v, %v", text, got, err)
	}
	if got, ok := digestOfFile(want.file()); !ok || got != want {
		t.Errorf("%s: %v, %v", want.file(), got, ok)
	}
	for _, bad := range []string{"", "sha256:", string(text[:70]), string(text) + "0", strings.ToUpper(string(text)),
		strings.Replace(string(text), "sha256:", "sha512:", 1), "sha256:" + strings.ToUpper(string(text[7:])),
		string(text[:70]) + "g"} {
		if err := got.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
	for _, bad := range []string{"", codeSuffix, strings.ToUpper(want.file()), want.file() + "x", ".tmp-" + want.file()} {
		if _, ok := digestOfFile(bad); ok {
			t.Errorf("%q is a file of code", bad)
		}
	}
	var id Identity
	var salt Salt
	if id.UnmarshalText([]byte("00")) == nil || salt.UnmarshalText(nil) == nil {
		t.Error("names of the wrong length are read")
	}
	if err := (&FaultError{Full, fs.ErrInvalid}); !errors.Is(err, fs.ErrInvalid) {
		t.Error("a fault does not have its cause in it")
	}
}
