package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// updated is a disk with two states on it, at 1 and at 2.
func updated(t testing.TB) *lossy {
	t.Helper()
	l := newLossy()
	d := openOn(t, l)
	for n := 1; n <= 2; n++ {
		put(t, d, n)
		then(t, d.Update(t.Context(), advance(n)))
	}
	then(t, d.Close())
	return l
}

// TestDamagedState: of every state that is cut, or has a bit flipped, anywhere,
// the one before it is used instead; an error says so until the state is
// stored; and if both are damaged nothing is made up.
func TestDamagedState(t *testing.T) {
	l := updated(t)
	text := l.bytes("/d/state.json")
	var damaged [][]byte
	for i := range text {
		damaged = append(damaged, text[:i])
		for bit := range 8 {
			if testing.Short() && bit != i%8 {
				continue
			}
			bad := bytes.Clone(text)
			bad[i] ^= 1 << bit
			damaged = append(damaged, bad)
		}
	}
	damaged = append(damaged, append(bytes.Clone(text), '\n'), append([]byte(" "), text...),
		bytes.Replace(text, []byte("\"version\": 1"), []byte("\"version\":  1"), 1))
	for _, bad := range damaged {
		l.setBytes("/d/state.json", bad)
		d := openOn(t, l)
		s, err := d.Load()
		loss, ok := errors.AsType[*LossError](err)
		if !ok || loss.Empty() || at(s) != 1 {
			t.Fatalf("%q: state at %d, %v; want the one before", bad, at(s), err)
		}
		if _, ok := errors.AsType[*DamageError](err); !ok {
			t.Fatalf("%q: %v; want a DamageError in it", bad, err)
		}
	}
	t.Logf("%d damaged states", len(damaged))
	for i, bad := range damaged {
		if i%7 != 0 {
			continue
		}
		l.setBytes("/d/state.json", text)
		l.setBytes("/d/state.json.old", bad)
		if s, err := openOn(t, l).Load(); err != nil || at(s) != 2 {
			t.Fatalf("older %q: state at %d, %v", bad, at(s), err)
		}
	}
	for i, bad := range damaged {
		if i%7 != 0 {
			continue
		}
		l.setBytes("/d/state.json", bad)
		s, err := openOn(t, l).Load()
		loss, ok := errors.AsType[*LossError](err)
		if !ok || !loss.Empty() || !reflect.DeepEqual(s, new(State)) {
			t.Fatalf("both damaged: %+v, %v", s, err)
		}
	}
}

// TestLoss: what is known, and said, and kept, when a state could not be read,
// and after the next is stored.
func TestLoss(t *testing.T) {
	const newest, older = "/d/state.json", "/d/state.json.old"
	for _, test := range []struct {
		name          string
		newest, older string // "" is whole, "-" is not there
		at            int
		empty, fresh  bool
		want          string
	}{
		{"newest damaged", "bad", "", 1, false, false, newest + ": damaged: "},
		{"newest gone", "-", "", 1, false, false, newest + " is not there; the state before it is used"},
		{"both damaged", "bad", "worse", 0, true, false, older + ": damaged: "},
		{"newest damaged, older gone", "bad", "-", 0, true, false, older + " is not there"},
		{"newest gone, older damaged", "-", "bad", 0, true, false, "no state is left: "},
		{"both gone", "-", "-", 0, false, true, ""},
		{"older damaged", "", "bad", 2, false, true, ""},
		{"older gone", "", "-", 2, false, true, ""},
		{"too large", strings.Repeat("x", maxState+1), "", 1, false, false, "it has 16777217 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := updated(t)
			for path, text := range map[string]string{newest: test.newest, older: test.older} {
				if text == "-" {
					delete(l.live, path)
				} else if text != "" {
					l.setBytes(path, []byte(text))
				}
			}
			d := openOn(t, l)
			for range 2 { // it is said again
				s, err := d.Load()
				if at(s) != test.at || (err == nil) != test.fresh {
					t.Fatalf("state at %d, %v", at(s), err)
				}
				if loss, ok := errors.AsType[*LossError](err); ok &&
					(loss.Empty() != test.empty || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("%v, empty %v", err, loss.Empty())
				}
				gone, err := d.Collect(t.Context())
				if (err == nil) != test.fresh || !test.fresh && len(gone) > 0 {
					t.Errorf("Collect = %v, %v", gone, err)
				}
			}
			before := l.bytes(older)
			put(t, d, 3)
			if !test.fresh {
				then(t, d.Update(t.Context(), func(*State) error { return nil })) // even if nothing changes
				if s, err := d.Load(); err != nil || at(s) != test.at {
					t.Errorf("stored again: at %d, %v", at(s), err)
				}
				if test.newest == "bad" && string(l.bytes(newest+".damaged")) != "bad" ||
					test.older == "worse" && string(l.bytes(older+".damaged")) != "worse" {
					t.Error("the damaged files are gone")
				}
				if !test.empty && string(l.bytes(older)) != string(before) {
					t.Error("the state before was replaced by the damaged one")
				}
			}
			then(t, d.Update(t.Context(), advance(3)))
			if s, err := openOn(t, l).Load(); err != nil || at(s) != 3 {
				t.Errorf("at %d, %v", at(s), err)
			}
		})
	}
}

// TestForeign: what a newer program has stored is neither used nor replaced.
func TestForeign(t *testing.T) {
	good, err := encode(new(State))
	then(t, err)
	for _, test := range []struct {
		name          string
		newest, older []byte
		version       int
		want          string
	}{
		{"newer", seal(2, []byte(`[1]`)).text(), good, 2, "has version 2 of the schema, this program knows version 1"},
		{"newer before", good, seal(7, []byte(`{}`)).text(), 7, "has version 7"},
		{"newer before damage", []byte("bad"), seal(7, []byte(`{}`)).text(), 7, "has version 7"},
		{"version that never was", seal(0, []byte(`{}`)).text(), good, 0, "has version 0"},
		{"field", seal(1, []byte(`{"slots":{"a":{"colour":1}}}`)).text(), good, 1, `"colour"`},
	} {
		l := newLossy()
		then(t, openOn(t, l).Close())
		l.setBytes("/d/state.json", test.newest)
		l.setBytes("/d/state.json.old", test.older)
		_, err := open(l, "/d")
		foreign, ok := errors.AsType[*ForeignError](err)
		if !ok || foreign.Version != test.version || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
		if !bytes.Equal(l.bytes("/d/state.json"), test.newest) || !bytes.Equal(l.bytes("/d/state.json.old"), test.older) {
			t.Errorf("%s: the files have changed", test.name)
		}
	}
	if _, err := decode("x", seal(1, []byte(`{"colour":1,"slots":2}`)).text()); err == nil {
		t.Error("nonsense is read")
	} else if _, ok := errors.AsType[*ForeignError](err); ok {
		t.Errorf("nonsense is of another program: %v", err)
	}
}

// FuzzDecode reads files of states: nothing panics, and what is read is written
// again as it was. The state is given the right checksum too, for more to be read.
func FuzzDecode(f *testing.F) {
	text := updated(f).bytes("/d/state.json")
	f.Add(text)
	f.Add([]byte(`{"slots":{"a":{"stable":"00"}}}`))
	f.Add([]byte(`{"slots":{"a":null,"a":{"canary":{"weight":1e999}}}}`))
	f.Add([]byte("{\n \"version\": 2,\n \"sha256\": \"\",\n \"state\": null\n}\n"))
	var e envelope
	if i := bytes.Index(text, []byte(`"state": `)); i > 0 {
		e.State = bytes.TrimSuffix(text[i+len(`"state": `):], []byte("\n}\n"))
		f.Add([]byte(e.State))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, seal(Version, text).text()} {
			s, err := decode("x", text)
			if err != nil {
				continue
			}
			s.tidy()
			then(t, s.check())
			again, err := encode(s)
			if err != nil {
				continue // larger than may be, or a time that is none
			}
			got, err := decode("x", again)
			if err != nil {
				t.Fatalf("%s\n%v", again, err)
			}
			if third, err := encode(got); err != nil || !bytes.Equal(third, again) {
				t.Errorf("%s\nis written again as\n%s\n%v", again, third, err)
			}
		}
	})
}

// TestWritten holds the file to its form, which later programs have to read.
func TestWritten(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "state-1.json"))
	then(t, err)
	s := new(State)
	then(t, advance(1)(s))
	then(t, advance(2)(s))
	slot := s.Slot("slot")
	slot.Quarantine = []Quarantine{{identityOf(1), "PROBE", "a <b> & \"c\"", timeOf(3)}}
	s.tidy()
	got, err := encode(s)
	then(t, err)
	if string(got) != string(want) {
		t.Errorf("got\n%s\nwant\n%s\nA change of it is another version of the schema.", got, want)
	}
	if read, err := decode("x", want); err != nil || !reflect.DeepEqual(read, s) {
		t.Errorf("it is read as %+v, %v; want %+v", read, err, s)
	}
}
