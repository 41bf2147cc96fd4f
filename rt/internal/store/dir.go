package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/witgen/witgen/rt/internal/owned"
)

// Format is the format of what is in the directory. It is part of what the
// caller makes keys of, so that other formats are other entries.
const Format = 1

const (
	imagesDir     = "images"
	componentsDir = "components"
	tempDir       = "tmp"
)

// Key names an entry: the SHA-256 of all that its contents depend on.
type Key [32]byte

func (k Key) String() string { return hex.EncodeToString(k[:]) }

// parse reads a key as it is written.
func (k *Key) parse(s string) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(k) {
		return fmt.Errorf("%q is not a key", s)
	}
	copy(k[:], b)
	return nil
}

// Dir is an open directory. There is nothing to close.
type Dir struct {
	path  string // absolute, without symbolic links
	limit int64

	mu    sync.Mutex
	known bool  // the directory was looked at
	size  int64 // of all entries when it was, with what was stored since
}

// InsecureError is the error of a directory that is not the user's alone.
type InsecureError struct{ text string }

func (e *InsecureError) Error() string { return e.text }

// Open opens a directory, which it makes if it is not there. Its entries may
// have limit bytes together. It fails with an [InsecureError] if others than
// the user, or root, could have put something in; where the system has no such
// modes it is not looked at. A directory that cannot be written to is no error.
func Open(name string, limit int64) (*Dir, error) {
	name, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, err
	}
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return nil, err
	}
	d := &Dir{path: name, limit: limit}
	for _, sub := range []string{"", imagesDir, componentsDir, tempDir} {
		if err := secure(filepath.Join(name, sub)); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// secure makes a directory, and looks at who can write to it. What cannot be
// made is missed by those who need it.
func secure(name string) error {
	_ = os.Mkdir(name, 0o700)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if why := owned.Insecure(info); why != "" {
		return &InsecureError{fmt.Sprintf("%s %s, and what is in it is executed: "+
			"remove what others may have put in, have the user of the process own it, and chmod 700 %[1]s", name, why)}
	}
	return nil
}

// Path returns where the directory is.
func (d *Dir) Path() string { return d.path }

func (d *Dir) image(k Key) string     { return filepath.Join(d.path, imagesDir, k.String()) }
func (d *Dir) component(k Key) string { return filepath.Join(d.path, componentsDir, k.String()) }

// temp returns a path for something that is not to stay.
func (d *Dir) temp(kind string) string {
	return filepath.Join(d.path, tempDir, kind+"-"+strconv.FormatUint(rand.Uint64(), 36))
}

// discard removes an entry: under its name at once, then its files.
func (d *Dir) discard(path string) error {
	gone := d.temp("gone")
	if err := os.Rename(path, gone); err != nil {
		return err
	}
	return os.RemoveAll(gone)
}

// put gives something its name. What has it already stays, unless it is to be
// replaced.
func (d *Dir) put(from, to string, replace bool) error {
	err := os.Rename(from, to)
	if err != nil {
		if _, none := os.Lstat(to); none != nil {
			return err
		}
		if !replace {
			return nil
		}
		if err := d.discard(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
	}
	flush(filepath.Dir(to))
	return nil
}

// touch notes that an entry was used, to the minute. That it cannot be is no
// harm.
func touch(path string) {
	now := time.Now()
	if info, err := os.Lstat(path); err == nil && now.Sub(info.ModTime()).Abs() > time.Minute {
		_ = os.Chtimes(path, now, now)
	}
}

// flush has a directory written to the disk, where the system can.
func flush(path string) {
	if f, err := os.Open(path); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// write makes a file that is on the disk when it returns.
func write(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// only returns the name of the one file in a directory.
func only(dir string) (string, error) {
	list, err := os.ReadDir(dir)
	if err == nil && len(list) != 1 {
		err = &fs.PathError{Op: "list", Path: dir, Err: fmt.Errorf("%d files, want 1", len(list))}
	}
	if err != nil {
		return "", err
	}
	return list[0].Name(), nil
}
