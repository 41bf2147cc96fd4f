package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// checkPromises returns an error for the packages that are to be released and break
// what the release before in their track promises, by what witgen breaking finds. Once
// they are released, that compares with them.
func (f *goldenFlags) checkPromises(taken []*snapshot) error {
	names, err := releasedNames(f.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var broken []string
	for _, s := range taken {
		if s.name.Version != f.release || slices.Contains(names, s.name) {
			continue
		}
		var last *wit.PackageName
		for _, n := range names { // in the order of versions
			if bare(n) == bare(s.name) && sameTrack(n.Version, s.name.Version) && wit.CompareVersions(n.Version, s.name.Version) < 0 {
				last = &n
			}
		}
		if last == nil {
			continue
		}
		text, err := f.checkPromise(s, *last)
		if err != nil {
			return err
		}
		if text != "" {
			broken = append(broken, text)
		}
	}
	if len(broken) > 0 {
		return errors.New(strings.Join(broken, "\nwitgen: "))
	}
	return nil
}

// checkPromise says what a package breaks of a release; "" if that is nothing.
func (f *goldenFlags) checkPromise(s *snapshot, release wit.PackageName) (string, error) {
	b := &breakingFlags{
		config: f.config, paths: []string{s.path}, against: filepath.Join(f.dir, goldenBase(release)+".wit"),
		given: map[string]bool{"PATH": true},
	}
	if len(f.versions) > 0 {
		b.versions, b.given["versions"] = f.versions, true
	}
	if len(f.features) > 0 {
		b.options.Features, b.given["features"] = f.features, true
	}
	if err := b.configure(); err != nil {
		return "", err
	}
	b.golden = f.dir
	c, err := b.compare(s.path)
	if err != nil {
		return "", err
	}
	r := findings.Report{Strict: b.strict}
	n := 0
	for _, x := range c.report() {
		if r.Fails(x.Severity) {
			n++
		}
	}
	if n == 0 {
		return "", nil
	}
	command := "witgen breaking " + filepath.ToSlash(s.path) + " --against " + filepath.ToSlash(b.against)
	if len(f.versions) > 0 {
		command += " --versions " + strings.Join(f.versions, ",")
	}
	text := fmt.Sprintf("%s breaks what %s promises: '%s' finds %d error", s.name, release, command, n)
	if n > 1 {
		text += "s"
	}
	if next := compat.Next(release.Version, compat.Needed(c.found)); !compat.Declared(release.Version, s.name.Version).AtLeast(compat.Needed(c.found)) {
		text += "; release it as " + next
	}
	return text, nil
}
