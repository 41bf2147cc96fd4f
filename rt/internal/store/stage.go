package store

import (
	"fmt"
	"os"
	"path/filepath"
)

// Stage is where an image is made. It is used by one goroutine, and closed.
type Stage struct {
	dir    *Dir
	path   string
	native string // where the file of native code is
}

// Stage makes a stage.
func (d *Dir) Stage() (*Stage, error) {
	s := &Stage{dir: d, path: d.temp("stage")}
	return s, os.Mkdir(s.path, 0o700)
}

// Path returns a directory for the core runtime to put its file of native code
// in, inside one that it makes itself.
func (s *Stage) Path() string { return s.path }

// Native finds the file, and returns its name.
func (s *Stage) Native() (string, error) {
	sub, err := only(s.path)
	if err != nil {
		return "", err
	}
	sub = filepath.Join(s.path, sub)
	name, err := only(sub)
	s.native = filepath.Join(sub, name)
	return name, err
}

// Commit makes an image of the file and im, unless there is one that is not to
// be replaced, and sets im.Part.
func (s *Stage) Commit(key Key, im *Image, replace bool) error {
	native, _, err := open(s.native)
	if err != nil {
		return err
	}
	defer native.Close()
	m := manifest{
		Format: Format, Key: key.String(), Wasm: file{int64(len(im.Wasm)), sumOf(im.Wasm)}, Name: im.Native, Notes: im.Notes,
	}
	if m.Native, err = measure(native); err != nil {
		return err
	}
	text, err := seal(m)
	if err != nil {
		return err
	}
	if err := s.dir.room(m.Wasm.Size + m.Native.Size + int64(len(text))); err != nil {
		return err
	}
	entry := filepath.Join(s.path, "entry")
	if err := os.Mkdir(entry, 0o700); err != nil {
		return err
	}
	if err := write(filepath.Join(entry, wasmFile), im.Wasm); err != nil {
		return err
	}
	if err := os.Rename(s.native, filepath.Join(entry, nativeFile)); err != nil {
		return err
	}
	if err := write(filepath.Join(entry, manifestFile), text); err != nil {
		return err
	}
	flush(entry)
	if err := s.dir.put(entry, s.dir.image(key), replace); err != nil {
		return err
	}
	im.Part = Part{m}
	return nil
}

// Close removes what is left of the stage.
func (s *Stage) Close() error {
	if err := os.RemoveAll(s.path); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	return nil
}
