package owned

import (
	"context"
	"errors"
	"strings"
	"testing"

	v01store "github.com/witgen/witgen/golden/owned/v0_1/store"
	"github.com/witgen/witgen/golden/owned/v0_2/store"
	"github.com/witgen/witgen/rt"
)

// directory is one of the newest version, folder one of the older.
type (
	directory struct{ *count }
	folder    struct{ *count }
)

func (directory) Depth(context.Context) (uint32, error) { return 2, nil }
func (folder) Depth(context.Context) (uint32, error)    { return 2, nil }

// directories is a store that is called with directories, of which it makes others.
type directories struct {
	store.UnimplementedStore
	files *ledger
	got   []store.Directory
	nils  bool // are what it answers with
}

func (d *directories) Enter(_ context.Context, v store.Directory, _ store.Level) (store.Directory, error) {
	d.got = append(d.got, v)
	if d.nils {
		return nil, nil
	}
	return directory{d.files.count()}, nil
}

func (d *directories) EnterAll(_ context.Context, v []store.Directory) ([]store.Directory, error) {
	d.got = append(d.got, v...)
	if d.nils {
		return []store.Directory{directory{d.files.count()}, nil}, nil
	}
	return []store.Directory{directory{d.files.count()}, directory{d.files.count()}}, nil
}

func (d *directories) Visit(ctx context.Context, v store.Directory) (uint32, error) {
	d.got = append(d.got, v)
	return v.Depth(ctx)
}

func (d *directories) Feel(_ context.Context, m store.Mood) (store.Mood, error) {
	if d.nils {
		return nil, nil
	}
	return m, nil
}

func (d *directories) Letters(_ context.Context, m map[string]store.File) (map[string]uint32, error) {
	return map[string]uint32{"one": 1, "other": 2, "two": 3}, nil
}

// folders is a store of the older version that makes others of what it is given.
type folders struct {
	v01store.UnimplementedStore
	files *ledger
	got   []v01store.Folder
}

func (f *folders) Enter(_ context.Context, v v01store.Folder, _ v01store.Level) (v01store.Folder, error) {
	f.got = append(f.got, v)
	return folder{f.files.count()}, nil
}

func (f *folders) EnterAll(_ context.Context, v []v01store.Folder) ([]v01store.Folder, error) {
	f.got = append(f.got, v...)
	return []v01store.Folder{folder{f.files.count()}, folder{f.files.count()}}, nil
}

func (f *folders) Feel(_ context.Context, m v01store.Mood) (v01store.Mood, error) { return m, nil }

// mistake has the conversions that are the user's make nothing, until the test ends.
func mistake(t *testing.T) {
	mistaken = true
	t.Cleanup(func() { mistaken = false })
}

// nothing checks that a call fails for a conversion that was given or has made nil.
func nothing(t *testing.T, err error, why string) {
	t.Helper()
	if !errors.Is(err, rt.ErrLossy) || !strings.HasSuffix(err.Error(), why) {
		t.Errorf("got %v, want one that ends in %q", err, why)
	}
}

// TestKeys has a conversion make one key of two: nothing of what is behind them gets
// lost.
func TestKeys(t *testing.T) {
	ctx := t.Context()
	_, err := storeForV01{&directories{}}.Letters(ctx, nil)
	nothing(t, err, "a map<string, u32> of which some keys are one")
	files := &ledger{}
	_, err = storeOfV01{&folders{}}.Letters(ctx, map[string]store.File{
		"one": storeFileOfV01{oldFile{files.count()}}, "other": storeFileOfV01{oldFile{files.count()}},
	})
	nothing(t, err, "a map<string, own<file>> of which some keys are one")
	files.check(t, 0)
}

// TestYours has what the user converts go both ways.
func TestYours(t *testing.T) {
	ctx := t.Context()
	d := &directories{files: &ledger{}}
	given := directory{d.files.count()}
	v, err := storeForV01{d}.Enter(ctx, hostFolder{given}, v01store.LevelLow)
	if made := (directory{(*d.files)[1]}); err != nil || v != (hostFolder{made}) || d.got[0] != given {
		t.Errorf("%v, %v, given %v", v, err, d.got)
	}
	if n, err := (storeForV01{d}).Visit(ctx, hostFolder{given}); n != 2 || err != nil {
		t.Errorf("visit = %d, %v", n, err)
	}
	if m, err := (storeForV01{d}).Feel(ctx, v01store.MoodBad); m != v01store.MoodBad || err != nil {
		t.Errorf("feel = %v, %v", m, err)
	}
	d.files.check(t, 0)

	f := &folders{files: &ledger{}}
	mine := folder{f.files.count()}
	w, err := storeOfV01{f}.Enter(ctx, guestFolder{mine}, store.LevelLow)
	if made := (folder{(*f.files)[1]}); err != nil || w != (guestFolder{made}) || f.got[0] != mine {
		t.Errorf("%v, %v, given %v", w, err, f.got)
	}
	if m, err := (storeOfV01{f}).Feel(ctx, store.MoodGood{}); m != (store.MoodGood{}) || err != nil {
		t.Errorf("feel = %v, %v", m, err)
	}
	f.files.check(t, 0)
}

// TestYoursFail has what the user converts fail: what was given away is closed once,
// the first of several and those beside what fails too.
func TestYoursFail(t *testing.T) {
	ctx := t.Context()
	d := &directories{files: &ledger{}}
	stranger := folder{d.files.count()}
	if _, err := (storeForV01{d}).Enter(ctx, stranger, v01store.LevelLow); !errors.Is(err, rt.ErrLossy) || len(d.got) > 0 {
		t.Errorf("%v, given %v", err, d.got)
	}
	all := []v01store.Folder{hostFolder{directory{d.files.count()}}, folder{d.files.count()}}
	if _, err := (storeForV01{d}).EnterAll(ctx, all); !errors.Is(err, rt.ErrLossy) || len(d.got) > 0 {
		t.Errorf("%v, given %v", err, d.got)
	}
	d.files.check(t, 1)
	lent := &ledger{}
	if _, err := (storeForV01{d}).Visit(ctx, folder{lent.count()}); !errors.Is(err, rt.ErrLossy) {
		t.Error(err)
	}
	lent.check(t, 0)
}

// TestYoursNil has what the user converts make nil of something, and be called for
// nil: no side sees it, and nothing is left open.
func TestYoursNil(t *testing.T) {
	ctx := t.Context()
	d := &directories{files: &ledger{}, nils: true}
	_, err := storeForV01{d}.Enter(ctx, hostFolder{directory{d.files.count()}}, v01store.LevelLow)
	nothing(t, err, "an own<directory> that is nil")
	_, err = storeForV01{d}.Feel(ctx, v01store.MoodGood)
	nothing(t, err, "a mood that is nil")
	d.files.check(t, 0)
	*d.files = nil
	_, err = storeForV01{d}.EnterAll(ctx, nil)
	nothing(t, err, "an own<directory> that is nil")
	d.files.check(t, 1)
	_, err = storeOfV01{&folders{}}.Enter(ctx, nil, store.LevelLow)
	nothing(t, err, "an own<directory> that is nil")

	mistake(t)
	d = &directories{files: &ledger{}}
	_, err = storeForV01{d}.Enter(ctx, hostFolder{directory{d.files.count()}}, v01store.LevelLow)
	nothing(t, err, "of which upV01StoreDirectory makes nil")
	_, err = storeForV01{d}.EnterAll(ctx, nil)
	nothing(t, err, "of which downV01StoreDirectory makes nil")
	d.files.check(t, 1)
	_, err = storeForV01{d}.Feel(ctx, v01store.MoodGood)
	nothing(t, err, "of which upV01StoreMood makes nil")
	f := &folders{files: &ledger{}}
	_, err = storeOfV01{f}.EnterAll(ctx, nil)
	nothing(t, err, "of which upV01StoreDirectoryExport makes nil")
	f.files.check(t, 1)
	mine := &ledger{}
	_, err = storeOfV01{f}.Enter(ctx, guestFolder{folder{mine.count()}}, store.LevelLow)
	nothing(t, err, "of which downV01StoreDirectoryExport makes nil")
	mine.check(t, 0)
}
