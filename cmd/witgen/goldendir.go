package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/internal/goapi"
	"github.com/witgen/witgen/wit"
)

// goldenDir is the directory in which golden keeps its files.
type goldenDir struct {
	dir      string
	lock     *goldenLock
	fresh    bool     // there was no lock
	released []string // before this run
}

func openGolden(dir string) (*goldenDir, error) {
	lock, err := readGoldenLock(dir)
	if err != nil {
		return nil, err
	}
	g := &goldenDir{dir: dir, lock: lock, fresh: lock == nil}
	if g.fresh {
		g.lock = new(goldenLock)
		g.lock.stamp()
	}
	if g.lock.Files == nil {
		g.lock.Files = make(map[string]string)
	}
	g.released = slices.Clone(g.lock.Released)
	return g, nil
}

// name returns the name of a file as messages have it.
func (g *goldenDir) name(file string) string { return path.Join(filepath.ToSlash(g.dir), file) }

// read returns a file; nil if there is none.
func (g *goldenDir) read(file string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(g.dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, reason(g.name(file), err)
	}
	return plainLines(content), nil
}

// release marks a version as released, which the package has to have.
func (g *goldenDir) release(taken []*snapshot, version string) error {
	var have []string
	found := false
	for _, s := range taken {
		have = append(have, s.name.String())
		if s.name.Version != version {
			continue
		}
		found = true
		if !slices.Contains(g.lock.Released, s.name.String()) {
			g.lock.Released = append(g.lock.Released, s.name.String())
			g.lock.setServed(s)
		}
	}
	if !found {
		text := fmt.Sprintf("there is no version %s to release: the package is %s", version, strings.Join(have, ", "))
		if len(taken) == 1 {
			text += fmt.Sprintf("; write `package %s@%s;`, or release what it is", bare(taken[0].name), version)
		}
		return errors.New(text)
	}
	return nil
}

// pending returns the changes that snapshots ask for, the lock's included.
func (g *goldenDir) pending(taken []*snapshot) ([]change, error) {
	var changes []change
	files := maps.Clone(g.lock.Files)
	for _, s := range taken {
		for _, ext := range slices.Sorted(maps.Keys(s.files)) {
			file := goldenBase(s.name) + ext
			old, err := g.read(file)
			if err != nil {
				return nil, err
			}
			if g.kept(file, s.name, old, s.files[ext]) {
				continue
			}
			files[file] = digest(s.files[ext])
			if old == nil || !bytes.Equal(old, s.files[ext]) {
				changes = append(changes, change{file, old, s.files[ext]})
			}
		}
		removed, err := g.leftOver(s, files)
		if err != nil {
			return nil, err
		}
		changes = append(changes, removed...)
	}
	components, err := g.components()
	if err != nil {
		return nil, err
	}
	locked, err := g.locked(files, components, len(changes) > 0)
	return append(changes, locked...), err
}

// locked returns the change of the lock that these digests ask for, if there is
// one. What wrote the files is none by itself.
func (g *goldenDir) locked(files, components map[string]string, changed bool) ([]change, error) {
	now := *g.lock
	now.Files, now.Components = files, components
	old, err := g.read(goldenLockName)
	if err != nil {
		return nil, err
	}
	if changed || g.fresh || !maps.Equal(files, g.lock.Files) || !maps.Equal(components, g.lock.Components) || len(g.lock.Released) > len(g.released) {
		now.stamp()
	}
	if text := now.text(); !bytes.Equal(old, text) {
		return []change{{goldenLockName, old, text}}, nil
	}
	return nil, nil
}

// kept reports whether a file of a released version says of the contract what a
// snapshot does.
func (g *goldenDir) kept(file string, name wit.PackageName, old, taken []byte) bool {
	if old == nil || g.lock.Files[file] != digest(old) || !slices.Contains(g.released, name.String()) {
		return false
	}
	return path.Ext(file) == ".goapi" && goapi.Gains(lines(old), lines(taken))
}

// leftOver removes the files of an older version of the package in its track
// that was never released, and takes them off the list.
func (g *goldenDir) leftOver(s *snapshot, files map[string]string) ([]change, error) {
	var changes []change
	for _, file := range slices.Sorted(maps.Keys(files)) {
		of := goldenName(file)
		if bare(of) != bare(s.name) || of.Version == s.name.Version || slices.Contains(g.lock.Released, of.String()) ||
			!sameTrack(of.Version, s.name.Version) || wit.CompareVersions(of.Version, s.name.Version) > 0 {
			continue
		}
		delete(files, file)
		old, err := g.read(file)
		if err != nil {
			return nil, err
		}
		if old != nil {
			changes = append(changes, change{name: file, old: old})
		}
	}
	return changes, nil
}

// damaged returns what is wrong with the files of released versions and with the
// components that are kept.
func (g *goldenDir) damaged() ([]string, error) {
	wrong, err := g.lockless()
	if err != nil {
		return nil, err
	}
	before := *g.lock
	before.Released = g.released
	for _, file := range slices.Sorted(maps.Keys(g.lock.Files)) {
		text, err := before.unlike(g.dir, file)
		if err != nil {
			return nil, err
		}
		if text != "" {
			wrong = append(wrong, text)
		}
	}
	other, err := g.otherComponents()
	return append(wrong, other...), err
}

// lockless says what is wrong where contracts are kept and no lock: none of them
// would be released any more.
func (g *goldenDir) lockless() ([]string, error) {
	if !g.fresh {
		return nil, nil
	}
	names, err := releasedNames(g.dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(names) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%s has %s.wit and no %s, which says what is released: restore it, or begin in another directory",
		filepath.ToSlash(g.dir), goldenBase(names[0]), goldenLockName)}, nil
}

// releasedAs returns the package that a file is of, and whether it is among those
// that are released.
func releasedAs(file string, released []string) (string, bool) {
	name := goldenName(file).String()
	return name, slices.Contains(released, name)
}

// check prints what update would change.
func (g *goldenDir) check(taken []*snapshot, stdout, stderr io.Writer) int {
	wrong, err := g.damaged()
	if err != nil {
		return fail(stderr, err)
	}
	alone, err := g.alone()
	if err != nil {
		return fail(stderr, err)
	}
	changes, err := g.pending(taken)
	if err != nil {
		return fail(stderr, err)
	}
	for _, c := range changes {
		printf(stdout, "%s", c.diff(g.name(c.name)))
		if name, ok := releasedAs(c.name, g.released); ok && len(wrong) == 0 {
			wrong = append(wrong, name+" is released, and another contract now: "+g.remedy(c.name, taken))
		}
	}
	wrong = append(wrong, alone...)
	for _, text := range wrong {
		printf(stderr, "witgen: %s\n", text)
	}
	if len(changes)+len(wrong) > 0 {
		return exitDiffer
	}
	return exitOK
}

// remedy says what to do about a file of a released version that would change.
func (g *goldenDir) remedy(file string, taken []*snapshot) string {
	for _, s := range taken {
		served := g.lock.Serves[s.name.String()]
		if file == goldenBase(s.name)+".goapi" && !maps.EqualFunc(served, s.serves, slices.Equal) {
			return "give the package a new version, or serve the versions that it was released with"
		}
	}
	return "give the package a new version"
}

// update writes what changes, unless that is a file of a version that was
// released before.
func (g *goldenDir) update(taken []*snapshot) error {
	wrong, err := g.damaged()
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\nwitgen: "))
	}
	changes, err := g.pending(taken)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if name, ok := releasedAs(c.name, g.released); ok {
			return fmt.Errorf("%s is released, and %s would change: %s", name, g.name(c.name), g.remedy(c.name, taken))
		}
	}
	return g.write(changes)
}

// write makes changes: nothing is replaced before all is on the disk, and
// nothing removed before all is replaced.
func (g *goldenDir) write(changes []change) error {
	var s stage
	defer s.discard()
	for _, c := range changes {
		if c.new == nil {
			continue
		}
		if err := s.write(filepath.Join(g.dir, c.name), c.new); err != nil {
			return reason(g.name(c.name), err)
		}
	}
	if err := s.commit(); err != nil {
		return err
	}
	for _, c := range changes {
		if c.new != nil {
			continue
		}
		if err := os.Remove(filepath.Join(g.dir, c.name)); err != nil {
			return reason(g.name(c.name), err)
		}
	}
	return nil
}
