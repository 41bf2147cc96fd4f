package store

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/witgen/witgen/rt/internal/owned"
)

// Private is the directory that a core runtime takes for its cache: files of
// native code are in it while the runtime reads them, and nothing else. The
// runtime looks for them under names of its own making.
type Private struct {
	path string
	sub  string // in it, where the runtime has its files
	lone bool   // it is not in the directory, which cannot be written to

	mu    sync.Mutex
	lent  map[string]int // loads by the file that they want
	loads int
	stray bool // the runtime wrote files itself
}

// Private makes a private directory: inside the directory, or if that cannot
// be written to, among the system's temporary files.
func (d *Dir) Private() (*Private, error) {
	p := &Private{path: d.temp("engine"), lent: make(map[string]int)}
	err := os.Mkdir(p.path, 0o700)
	if err != nil {
		var temp error
		if p.path, temp = os.MkdirTemp("", "witgen-"); temp != nil {
			return nil, errors.Join(err, temp)
		}
		p.lone = true
	}
	return p, nil
}

// Path returns where the directory is.
func (p *Private) Path() string { return p.path }

// Runtime returns the name of the directory that the core runtime has made for
// its files, which says what the runtime is.
func (p *Private) Runtime() (string, error) {
	sub, err := only(p.path)
	if err == nil {
		p.sub = filepath.Join(p.path, sub)
	}
	return sub, err
}

// Learn returns what the core runtime calls the file of a core module that it
// has compiled, which depends on the processor too: lent was lent to it, if that
// is not nil, and any other file it has written. That is made an image, and
// removed.
func (p *Private) Learn(d *Dir, key Key, wasm []byte, lent *Image) (string, error) {
	list, err := os.ReadDir(p.sub)
	if err != nil {
		return "", err
	}
	for _, x := range list {
		if lent != nil && x.Name() == lent.Native {
			continue
		}
		s, err := d.Stage()
		if err != nil { // there can be no images, but what it is called is known
			return x.Name(), os.Remove(filepath.Join(p.sub, x.Name()))
		}
		s.native = filepath.Join(s.path, x.Name())
		err = os.Rename(filepath.Join(p.sub, x.Name()), s.native)
		if err == nil {
			_ = s.Commit(key, &Image{Wasm: wasm, Native: x.Name()}, true) // it only saves time
		}
		return x.Name(), errors.Join(err, s.Close())
	}
	if lent == nil {
		return "", fmt.Errorf("%s: the core runtime has written no file", p.sub)
	}
	return lent.Native, nil
}

// Lend puts an image's native code under the name that the runtime looks for,
// until Return.
func (p *Private) Lend(d *Dir, im *Image) error {
	return p.lend(filepath.Join(d.Place(im), nativeFile), im.Native)
}

// LendStaged is Lend for an image that is only being made.
func (p *Private) LendStaged(s *Stage, native string) error { return p.lend(s.native, native) }

func (p *Private) lend(from, native string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lent[native] == 0 {
		if err := p.put(from, filepath.Join(p.sub, native)); err != nil {
			return err
		}
	}
	p.lent[native]++
	p.loads++
	return nil
}

// put makes the file, in place of one that the runtime may have made.
func (p *Private) put(from, to string) error {
	err := p.place(from, to)
	if errors.Is(err, fs.ErrExist) {
		if err := os.Remove(to); err != nil {
			return err
		}
		err = p.place(from, to)
	}
	return err
}

// place makes the file, and its directory again if somebody cleared it away.
func (p *Private) place(from, to string) error {
	if p.lone {
		return p.copy(from, to)
	}
	err := os.Link(from, to)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(p.sub, 0o700); err != nil {
			return err
		}
		err = os.Link(from, to)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		return err
	}
	return p.copy(from, to) // the file system has no links
}

// copy copies the file.
func (p *Private) copy(from, to string) (err error) {
	src, _, err := open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	if err := p.own(); err != nil {
		return err
	}
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err = errors.Join(err, dst.Close(), p.own()); err != nil {
		_ = os.Remove(to)
	}
	return err
}

// own makes sure that the directory is the user's. One that is not in the store
// is where anybody can make another, should it have been cleared away. That
// happens to none that was just used.
func (p *Private) own() error {
	if err := os.MkdirAll(p.sub, 0o700); err != nil {
		return err
	}
	for _, path := range []string{p.path, p.sub} {
		touch(path)
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		if why := owned.Insecure(info); why != "" || !info.IsDir() {
			return &InsecureError{fmt.Sprintf("%s is not the directory that it was: it %s", path, cmp.Or(why, "is none"))}
		}
	}
	return nil
}

// Return takes a file away again.
func (p *Private) Return(native string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lent[native]--; p.lent[native] == 0 {
		delete(p.lent, native)
		_ = os.Remove(filepath.Join(p.sub, native))
	}
	p.landed()
}

// Begin tells of a load for which the runtime may write files, until End. It
// fails with an [InsecureError] if others could have put files there for the
// runtime to read, and there is nothing to end then.
func (p *Private) Begin() error {
	if p.lone {
		err := p.own()
		if _, ok := errors.AsType[*InsecureError](err); ok {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loads++
	p.stray = true
	return nil
}

// End ends what Begin began.
func (p *Private) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.landed()
}

// landed removes the files that the runtime wrote, when nothing is being loaded
// of which they might be.
func (p *Private) landed() {
	p.loads--
	if p.loads > 0 || !p.stray {
		return
	}
	p.stray = false
	list, _ := os.ReadDir(p.sub)
	for _, x := range list {
		_ = os.Remove(filepath.Join(p.sub, x.Name()))
	}
}

// Close removes the directory.
func (p *Private) Close() error { return os.RemoveAll(p.path) }
