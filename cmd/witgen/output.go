package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/gen"
)

// output is what generated files do to a directory.
type output struct {
	dir     string
	files   []gen.File
	changes []change
}

// name returns the name of a file of the directory as messages have it.
func (o *output) name(file string) string { return path.Join(filepath.ToSlash(o.dir), file) }

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
		old, err := os.ReadFile(filepath.Join(o.dir, filepath.FromSlash(f.Path)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err != nil || !bytes.Equal(old, f.Content) {
			o.changes = append(o.changes, change{f.Path, old, f.Content})
		}
	}
	stale, err := findStale(o.dir, source(o.files[0].Content), current)
	o.changes = append(o.changes, stale...)
	return err
}

// findStale returns the removal of files that were generated for the package
// and are not any more.
func findStale(out, pkg string, current map[string]bool) ([]change, error) {
	var changes []change
	err := fs.WalkDir(os.DirFS(out), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case name == "." && errors.Is(err, fs.ErrNotExist):
			return fs.SkipAll
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.Type().IsRegular() || !strings.HasSuffix(name, gen.Suffix) || current[name]:
			return nil
		}
		old, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
		if err == nil && source(old) == pkg {
			changes = append(changes, change{name: name, old: old})
		}
		return err
	})
	return changes, err
}

// source returns the WIT package, without its version, that a file was
// generated for; "" if it was not generated.
func source(content []byte) string {
	first, rest, _ := strings.Cut(string(content), "\n")
	second, _, _ := strings.Cut(rest, "\n")
	if strings.TrimSuffix(first, "\r") != gen.Generated {
		return ""
	}
	name, ok := strings.CutPrefix(second, "// Source: ")
	if !ok {
		return ""
	}
	name, _, _ = strings.Cut(name, ". Format")
	name, _, _ = strings.Cut(name, "@")
	return name
}

// apply makes the changes, and removes the directories they leave empty.
func (o *output) apply() error {
	for _, c := range o.changes {
		name := filepath.Join(o.dir, filepath.FromSlash(c.name))
		if c.new != nil {
			if err := write(name, c.new); err != nil {
				return err
			}
			continue
		}
		if err := os.Remove(name); err != nil {
			return err
		}
		for dir := path.Dir(c.name); dir != "."; dir = path.Dir(dir) {
			if os.Remove(filepath.Join(o.dir, filepath.FromSlash(dir))) != nil {
				break // not empty
			}
		}
	}
	return nil
}

// write replaces a file at once, so that no reader sees half of it.
func write(name string, content []byte) (err error) {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(dir, ".witgen-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
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
