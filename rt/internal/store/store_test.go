package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

func open1(t *testing.T, limit int64) *Dir {
	t.Helper()
	d, err := Open(filepath.Join(t.TempDir(), "store"), limit)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stage makes a stage with a file of native code, as a core runtime would.
func stage(t *testing.T, d *Dir, native string) (s *Stage, name string) {
	t.Helper()
	s, err := d.Stage()
	then(t, err)
	sub := filepath.Join(s.Path(), "runtime-1")
	then(t, os.Mkdir(sub, 0o700))
	then(t, os.WriteFile(filepath.Join(sub, "abc"), []byte(native), 0o600))
	name, err = s.Native()
	then(t, err)
	return s, name
}

func then(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, d *Dir, key Key, native string, replace bool) *Image {
	t.Helper()
	s, name := stage(t, d, native)
	im := &Image{Wasm: []byte("wasm of " + native), Notes: "notes of " + native, Native: name}
	then(t, s.Commit(key, im, replace))
	then(t, s.Close())
	return im
}

// TestCommit: an image is found as it was stored, and stays until it is
// replaced.
func TestCommit(t *testing.T) {
	d := open1(t, 1<<20)
	key := Key{1}
	if _, err := d.Image(key); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("image that is not there: %v", err)
	}
	for _, test := range []struct {
		native  string
		replace bool
		want    string
	}{{"one", false, "one"}, {"two", false, "one"}, {"three", true, "three"}, {"four", true, "four"}} {
		commit(t, d, key, test.native, test.replace)
		im, err := d.Image(key)
		then(t, err)
		native, err := os.ReadFile(filepath.Join(d.Place(im), nativeFile))
		then(t, err)
		if string(native) != test.want || string(im.Wasm) != "wasm of "+test.want ||
			im.Native != "abc" || im.Notes != "notes of "+test.want {
			t.Errorf("after %s: %+v with %s", test.native, im, native)
		}
		part, err := d.Part(im.Part)
		then(t, err)
		if part.Part != im.Part || string(part.Wasm) != string(im.Wasm) {
			t.Errorf("after %s: as a part it is %+v", test.native, part)
		}
	}
	if list, err := os.ReadDir(filepath.Join(d.Path(), tempDir)); len(list) > 0 || err != nil {
		t.Errorf("%v is left, %v", list, err)
	}
}

// TestComponent: what is written of a component is what is known of it.
func TestComponent(t *testing.T) {
	d := open1(t, 1<<20)
	key := Key{2}
	if _, err := d.Component(key); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("component that is not there: %v", err)
	}
	for _, parts := range [][]Part{{commit(t, d, Key{1}, "a", false).Part, {}, commit(t, d, Key{3}, "b", false).Part}, {}} {
		then(t, d.PutComponent(key, parts))
		got, err := d.Component(key)
		if err != nil || !slices.Equal(got, parts) {
			t.Errorf("component = %v, %v; want %v", got, err, parts)
		}
	}
	bad := commit(t, d, Key{4}, "c", false).Part
	for _, name := range []string{"../abc", "/abc", "..", ".", "", "a/b"} {
		bad.manifest.Name = name
		then(t, d.PutComponent(key, []Part{bad}))
		if got, err := d.Component(key); err == nil {
			t.Errorf("a file may be called %q: %v", name, got)
		}
	}
}

// TestRoom: entries go that were not used for longest, images and components
// alike, and no more than have to.
func TestRoom(t *testing.T) {
	d := open1(t, 1<<20)
	var keys []Key
	for i := range 4 {
		keys = append(keys, Key{byte(i + 1)})
		commit(t, d, keys[i], "native", false)
		at := time.Now().Add(time.Duration(i-10) * time.Hour)
		then(t, os.Chtimes(d.image(keys[i]), at, at))
	}
	component := Key{9}
	then(t, d.PutComponent(component, nil))
	at := time.Now().Add(-20 * time.Hour)
	then(t, os.Chtimes(d.component(component), at, at))
	if _, err := d.Image(keys[0]); err != nil { // it is used
		t.Fatal(err)
	}
	entries := d.entries(imagesDir)
	if len(entries) != len(keys) {
		t.Fatalf("%d entries, want %d", len(entries), len(keys))
	}
	each := entries[0].size
	other, err := Open(d.Path(), 4*each+each/2) // it has to look what is there
	then(t, err)
	commit(t, other, Key{5}, "native", false)
	_, gone := os.Stat(d.component(component))
	if !errors.Is(gone, fs.ErrNotExist) {
		t.Error("the component is still there, which was oldest")
	}
	for i, want := range []bool{true, false, true, true} {
		if _, err := d.Image(keys[i]); (err == nil) != want {
			t.Errorf("image %d: %v, want it there: %v", i, err, want)
		}
	}
	s, _ := stage(t, d, "native")
	defer s.Close()
	if err := s.Commit(Key{6}, &Image{Wasm: make([]byte, 1<<20), Native: "abc"}, false); err == nil {
		t.Error("an image is stored that is larger than all may be")
	}
}

// lone makes a private directory where the store cannot be written to.
func lone(t *testing.T, d *Dir) *Private {
	t.Helper()
	then(t, os.RemoveAll(filepath.Join(d.Path(), tempDir)))
	then(t, os.WriteFile(filepath.Join(d.Path(), tempDir), nil, 0o600))
	p, err := d.Private()
	then(t, err)
	if !p.lone {
		t.Fatal("it is in the store")
	}
	return p
}

// TestPrivate lends files and takes them back, in both kinds of directory and
// where others have to be cleared away.
func TestPrivate(t *testing.T) {
	for _, alone := range []bool{false, true} {
		d := open1(t, 1<<20)
		im := commit(t, d, Key{1}, "native", false)
		p, err := d.Private()
		then(t, err)
		if alone {
			then(t, p.Close())
			p = lone(t, d)
		}
		sub := filepath.Join(p.Path(), "runtime-1")
		then(t, os.Mkdir(sub, 0o700))
		if dir, err := p.Runtime(); dir != "runtime-1" || err != nil {
			t.Errorf("runtime = %s, %v", dir, err)
		}
		if _, err := p.Learn(d, Key{8}, nil, nil); err == nil {
			t.Error("it learns from no file")
		}
		has := func(when string, want ...string) {
			t.Helper()
			list, _ := os.ReadDir(sub)
			var names []string
			for _, x := range list {
				names = append(names, x.Name())
			}
			if !slices.Equal(names, want) {
				t.Errorf("%s it has %q, want %q", when, names, want)
			}
		}
		var first *Image
		for _, name := range []string{"first", "of another processor"} {
			then(t, os.WriteFile(filepath.Join(sub, name), nil, 0o600))
			if first != nil {
				then(t, p.Lend(d, first))
			}
			if got, err := p.Learn(d, Key{8}, []byte("wasm"), first); got != name || err != nil {
				t.Errorf("learn = %s, %v; want %s", got, err, name)
			}
			if first != nil {
				if got, err := p.Learn(d, Key{8}, nil, first); got != first.Native || err != nil {
					t.Errorf("learn = %s, %v; want %s, which was lent", got, err, first.Native)
				}
				p.Return(first.Native)
			}
			has("after the first")
			if alone {
				continue // nothing is stored
			}
			first, err = d.Image(Key{8})
			if err != nil || first.Native != name || string(first.Wasm) != "wasm" {
				t.Fatalf("the first image is %+v, %v", first, err)
			}
		}
		then(t, p.Lend(d, im))
		then(t, p.Lend(d, im))
		p.Return(im.Native)
		has("while one of two needs it", im.Native)
		native, err := os.ReadFile(filepath.Join(sub, im.Native))
		if string(native) != "native" || err != nil {
			t.Errorf("it lends %q, %v", native, err)
		}
		then(t, p.Begin())
		then(t, os.WriteFile(filepath.Join(sub, "own"), nil, 0o600))
		p.End()
		has("while another is loaded", im.Native, "own")
		p.Return(im.Native)
		has("when all are loaded")
		then(t, p.Begin())
		then(t, os.WriteFile(filepath.Join(sub, im.Native), nil, 0o600))
		then(t, p.Lend(d, im))
		native, _ = os.ReadFile(filepath.Join(sub, im.Native))
		if string(native) != "native" {
			t.Errorf("it lends what the runtime wrote: %q", native)
		}
		p.End()
		p.Return(im.Native)
		then(t, os.RemoveAll(p.Path()))
		then(t, p.Lend(d, im))
		has("after it was removed", im.Native)
		p.Return(im.Native)
		gone := *im
		gone.Part.manifest.Key = Key{7}.String()
		if err := p.Lend(d, &gone); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("lend what is not there = %v", err)
		}
		then(t, p.Close())
		then(t, p.Close())
		if _, err := os.Stat(p.Path()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it is left: %v", err)
		}
	}
}

// TestPrivateReplaced: a directory among the temporary files that is somebody
// else's now is not used.
func TestPrivateReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such modes")
	}
	d := open1(t, 1<<20)
	im := commit(t, d, Key{1}, "native", false)
	p := lone(t, d)
	defer p.Close()
	p.sub = filepath.Join(p.Path(), "runtime-1")
	for _, replace := range []func(){
		func() { then(t, os.Mkdir(p.Path(), 0o700)); then(t, os.Chmod(p.Path(), 0o777)) },
		func() { then(t, os.MkdirAll(p.sub, 0o700)); then(t, os.Chmod(p.sub, 0o777)) },
		func() { then(t, os.Symlink(t.TempDir(), p.Path())) },
	} {
		then(t, os.RemoveAll(p.Path()))
		replace()
		_, insecure := errors.AsType[*InsecureError](p.Begin())
		if !insecure {
			t.Error("the runtime may look for files there")
		}
		if err := p.Lend(d, im); err == nil {
			t.Error("it lends there")
		}
	}
}
