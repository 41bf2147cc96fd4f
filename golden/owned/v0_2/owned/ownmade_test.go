package owned

import (
	"context"
	"errors"
	"testing"

	v01store "github.com/witgen/witgen/golden/owned/v0_1/store"
	"github.com/witgen/witgen/golden/owned/v0_2/store"
	"github.com/witgen/witgen/rt"
)

// door is one of the newest version; the older one has its name.
type door struct{ *count }

func (door) Name(context.Context) (string, error) { return "door", nil }

// rooms is a store that is given doors, and lets them be.
type rooms struct {
	store.UnimplementedStore
	got int
}

func (r *rooms) Unlock(_ context.Context, _ store.Door, all []store.Door, _ store.Level) (uint64, error) {
	r.got += 1 + len(all)
	return 0, nil
}

func (r *rooms) Furnish(_ context.Context, all map[string]store.Hall) (uint64, error) {
	r.got += len(all)
	return 0, nil
}

func (r *rooms) Label(_ context.Context, all map[rune]store.Door) (uint64, error) {
	r.got += len(all)
	return 0, nil
}

// oldRooms is a store of the older version that answers with halls.
type oldRooms struct {
	v01store.UnimplementedStore
	all []v01store.Hall
}

func (r oldRooms) Halls(context.Context, v01store.Level) ([]v01store.Hall, error) { return r.all, nil }

// TestMade has what the user converts make resources of what has none. Where the call
// then fails to be converted nobody gets them, and each is closed once.
func TestMade(t *testing.T) {
	const low, stale = v01store.LevelLow, v01store.LevelStale
	files, made := &ledger{}, &ledger{}
	doors = func() store.Door { return door{made.count()} }
	t.Cleanup(func() { doors = nil })
	ctx, r := t.Context(), &rooms{}
	x := storeForV01{r}
	hall := func(door string, l v01store.Level) v01store.Hall {
		return v01store.Hall{Door: door, File: storeFileForV01{file{files.count()}}, Level: l}
	}
	unlock := func(l v01store.Level, first string, all ...string) func() error {
		return func() error { _, err := x.Unlock(ctx, first, all, l); return err }
	}
	furnish := func(all map[string]v01store.Hall) func() error {
		return func() error { _, err := x.Furnish(ctx, all); return err }
	}
	label := func(all map[string]string) func() error {
		return func() error { _, err := x.Label(ctx, all); return err }
	}
	halls := func(all ...v01store.Hall) func() error {
		for i := range all {
			all[i].File = oldFile{files.count()}
		}
		return func() error { _, err := storeOfV01{oldRooms{all: all}}.Halls(ctx, store.LevelLow); return err }
	}
	for _, tt := range []struct {
		name  string
		call  func() func() error
		made  int
		fails bool
	}{
		{"all that is given", func() func() error { return unlock(low, "a", "b", "c") }, 3, false},
		{"the first parameter", func() func() error { return unlock(low, "", "b") }, 0, true},
		{"the last of a list", func() func() error { return unlock(low, "a", "b", "c", "") }, 3, true},
		{"the parameter behind them", func() func() error { return unlock(stale, "a", "b") }, 2, true},
		{"a map", func() func() error {
			return furnish(map[string]v01store.Hall{"a": hall("a", low), "b": hall("b", low)})
		}, 2, false},
		{"a field behind it", func() func() error { return furnish(map[string]v01store.Hall{"a": hall("a", stale)}) }, 1, true},
		{"some of a map", func() func() error {
			return furnish(map[string]v01store.Hall{"a": hall("a", low), "b": hall("b", low), "c": hall("c", stale), "d": hall("d", low)})
		}, -1, true},
		{"behind keys", func() func() error { return label(map[string]string{"a": "a", "b": "b"}) }, 2, false},
		{"behind keys of which two are one", func() func() error {
			return label(map[string]string{"a": "a", "b": "b", "one": "c", "other": "d"})
		}, -1, true},
		{"behind keys of which one is none", func() func() error { return label(map[string]string{"a": "a", "": "b", "c": "c"}) }, -1, true},
		{"all that is answered", func() func() error { return halls(v01store.Hall{Door: "a"}, v01store.Hall{Door: "b"}) }, 2, false},
		{"the last answered", func() func() error { return halls(v01store.Hall{Door: "a"}, v01store.Hall{Door: "b", Level: stale}) }, 2, true},
		{"one answered without a door", func() func() error { return halls(v01store.Hall{Door: "a"}, v01store.Hall{}) }, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			*files, *made, r.got = nil, nil, 0
			err := tt.call()()
			if errors.Is(err, rt.ErrLossy) != tt.fails || (err != nil) != tt.fails || tt.fails && r.got > 0 {
				t.Errorf("got %v, and the other side %d", err, r.got)
			}
			if tt.made >= 0 && len(*made) != tt.made {
				t.Errorf("%d are made, want %d", len(*made), tt.made)
			}
			times := 0
			if tt.fails {
				times = 1
			}
			made.check(t, times)
			files.check(t, times)
		})
	}
}

// TestMadePanics has the user's conversion panic: in a call of the host's that is the
// host's to see.
func TestMadePanics(t *testing.T) {
	doors = func() store.Door { panic("no doors today") }
	defer func() {
		doors = nil
		if got := recover(); got != "no doors today" {
			t.Errorf("got %v", got)
		}
	}()
	_, err := storeOfV01{oldRooms{all: []v01store.Hall{{Door: "a"}}}}.Halls(t.Context(), store.LevelLow)
	t.Errorf("got %v", err)
}
