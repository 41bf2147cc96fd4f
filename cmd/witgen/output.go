package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// output is what generated files do to a directory.
//
// A file in it is the output's if its header says that it is at its place in
// this directory, not of one above or below, and of this world, or of one that
// the package no longer has. The output replaces and removes its own files, and
// none else.
type output struct {
	*job
	root    string // import path of the directory
	world   *wit.World
	files   []gen.File
	changes []change
}

// name returns the name of a file of the directory as messages have it.
func (o *output) name(file string) string { return path.Join(filepath.ToSlash(o.out), file) }

// path returns the path of a file of the directory.
func (o *output) path(file string) string { return filepath.Join(o.out, filepath.FromSlash(file)) }

// change is a file to write or remove.
type change struct {
	name     string // below the output directory, with forward slashes
	old, new []byte // nil where there is no file
}

// verb says what a change does.
func (c change) verb() string {
	if c.new == nil {
		return "remove"
	}
	return "write"
}

// findChanges compares the files with the directory.
func (o *output) findChanges() error {
	current := make(map[string]bool)
	for _, f := range o.files {
		current[f.Path] = true
		old, err := o.read(f.Path)
		if err != nil {
			return err
		}
		if old == nil || !bytes.Equal(old, f.Content) {
			o.changes = append(o.changes, change{f.Path, old, f.Content})
		}
	}
	stale, err := o.findStale(current)
	o.changes = append(o.changes, stale...)
	return err
}

// read returns what is where a file of the output belongs; nil if nothing is.
// Version control may have given its lines other ends, which is no change.
func (o *output) read(file string) ([]byte, error) {
	old, err := os.ReadFile(o.path(file))
	switch {
	case err != nil && o.blocked(file) != "":
		return nil, fmt.Errorf("%s is a file, where a directory is wanted", o.blocked(file))
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, reason(o.name(file), err)
	}
	header, ok := gen.ParseHeader(old)
	switch {
	case !ok:
		return nil, fmt.Errorf("%s is not from witgen: move it away, or choose another directory", o.name(file))
	case header.Path != "" && header.Path != file:
		return nil, fmt.Errorf("%s is %s of another output directory: choose one that leads to no file of that",
			o.name(file), header.Path)
	case header.World != "" && o.isOther(header.World):
		return nil, fmt.Errorf("%s is of world %s: choose another directory for %s, or remove that file",
			o.name(file), header.World, o.world.ID())
	}
	return bytes.ReplaceAll(old, []byte("\r\n"), []byte("\n")), nil
}

// blocked returns the file, if there is one, that stands where a file of the
// output wants a directory.
func (o *output) blocked(file string) string {
	for dir := o.path(file); ; {
		dir = filepath.Dir(dir)
		switch info, err := os.Stat(dir); {
		case err == nil && !info.IsDir():
			return filepath.ToSlash(dir)
		case err == nil, dir == filepath.Dir(dir):
			return ""
		}
	}
}

// isOther reports whether an ID is that of another world of the package.
func (o *output) isOther(id string) bool {
	of, name := splitWorld(id)
	own, _ := splitWorld(o.world.ID())
	return of == own && name != o.world.Name && o.world.Package.World(name) != nil
}

// isOwn reports whether an ID is that of the world, in any version, or of one
// that the package no longer has.
func (o *output) isOwn(id string) bool {
	of, _ := splitWorld(id)
	own, _ := splitWorld(o.world.ID())
	return of == own && !o.isOther(id)
}

// splitWorld returns the package, without its version, and the name of a world.
func splitWorld(id string) (of, name string) {
	of, name, _ = strings.Cut(unversioned(id), "/")
	return of, name
}

// findStale returns the removal of files of the output that it had before and
// has no longer.
func (o *output) findStale(current map[string]bool) ([]change, error) {
	var changes []change
	err := fs.WalkDir(os.DirFS(o.out), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case name == "." && errors.Is(err, fs.ErrNotExist):
			return fs.SkipAll
		case errors.Is(err, fs.ErrNotExist):
			return nil // another run was quicker
		case name != "." && d.IsDir() && errors.Is(err, fs.ErrPermission):
			return fs.SkipDir // so it is nothing of ours
		case err != nil:
			return reason(o.name(name), err)
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.Type().IsRegular() || !strings.HasSuffix(name, gen.Suffix) || current[name]:
			return nil
		}
		old, err := os.ReadFile(o.path(name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // another run was quicker
		case err != nil:
			return reason(o.name(name), err)
		}
		if header, _ := gen.ParseHeader(old); header.Path == name && o.isOwn(header.World) {
			changes = append(changes, change{name: name, old: old})
		}
		return nil
	})
	return changes, err
}

// apply makes the changes of outputs. All that is to be written is on the disk
// before the first file is replaced, and that before the first is removed. Who
// interrupts it waits for the rest, which is a matter of milliseconds.
func apply(outputs []*output) error {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupts)
	var s stage
	defer s.discard()
	for _, o := range outputs {
		for _, c := range o.changes {
			if c.new == nil {
				continue
			}
			if err := s.write(o.path(c.name), c.new); err != nil {
				return reason(o.name(c.name), err)
			}
		}
	}
	if err := s.commit(); err != nil {
		return err
	}
	for _, o := range outputs {
		for _, c := range o.changes {
			if c.new != nil {
				continue
			}
			if err := o.remove(c.name); err != nil {
				return reason(o.name(c.name), err)
			}
		}
	}
	return nil
}

// remove removes a file, and the directories that it leaves empty.
func (o *output) remove(file string) error {
	if err := os.Remove(o.path(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if os.Remove(o.path(dir)) != nil {
			break // not empty
		}
	}
	return nil
}

// reason returns why something cannot be done with a file, without the names
// that the file goes by on the way.
func reason(name string, err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		err = wrapped.Err
	} else if wrapped, ok := errors.AsType[*os.LinkError](err); ok {
		err = wrapped.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// diff returns the change as a unified diff, under the name of its file.
func (c change) diff(name string) string {
	name = strings.TrimPrefix(name, "/")
	from, to := "a/"+name, "b/"+name
	if c.old == nil {
		from = "/dev/null"
	}
	if c.new == nil {
		to = "/dev/null"
	}
	return unified(from, to, lines(c.old), lines(c.new))
}

// lines splits text after its newlines.
func lines(text []byte) []string { return slices.Collect(strings.Lines(string(text))) }
