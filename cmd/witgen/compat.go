package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/witgen/witgen/wit"
)

func runCompat(args []string, stdout, stderr io.Writer) int {
	f, err := parseCompat(args)
	if err != nil {
		return usage(stderr, "compat", "%v", err)
	}
	if err := f.configure(); err != nil {
		return fail(stderr, err)
	}
	all, err := f.supports()
	if err != nil {
		return fail(stderr, err)
	}
	switch {
	case f.check != "":
		return checkTable(f.check, all, stdout, stderr)
	case f.write != "":
		err = writeTable(f.write, all)
	case f.format == jsonTable:
		err = printSupportJSON(stdout, all)
	case f.format == mdTable:
		_, err = io.WriteString(stdout, supportMarkdown(all))
	default:
		_, err = io.WriteString(stdout, supportText(all))
	}
	if err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

// edition is a version of a contract.
type edition struct {
	pkg *wit.Package
	// released says that golden keeps it, and changed that it has the version of
	// one that golden keeps, and is another contract.
	released, changed bool
	// path is where it is worked on; empty for what was released and is not.
	path string
}

// String returns what tables call it.
func (e *edition) String() string {
	text := e.pkg.Name.Version
	if text == "" {
		text = "no version"
	}
	switch {
	case e.changed:
		text += " (changed)"
	case !e.released:
		text += " (unreleased)"
	}
	return text
}

// editions returns what is released and what is worked on: those of a package
// together, in the order of versions.
func (f *compatFlags) editions() ([]*edition, error) {
	names, err := releasedNames(f.golden)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such directory: 'witgen golden --release X.Y.Z' makes it", filepath.ToSlash(f.golden))
	}
	if err != nil {
		return nil, err
	}
	var all []*edition
	for _, n := range names {
		pkg, err := wit.Load(f.released(n), f.options)
		if err != nil {
			return nil, err
		}
		all = append(all, &edition{pkg: pkg, released: true})
	}
	for _, path := range f.paths {
		e, err := f.current(path, all)
		if err != nil {
			return nil, err
		}
		if e != nil {
			all = append(all, e)
		}
	}
	packages := make([]*wit.Package, len(all))
	for i, e := range all {
		packages[i] = e.pkg
	}
	if err := checkOptional(f.optional, packages); err != nil {
		return nil, err
	}
	if err := f.checkNames(packages); err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b *edition) int { return compareNames(a.pkg.Name, b.pkg.Name) })
	return all, nil
}

// checkNames looks for optional exports and features that options name and that are
// nowhere in the packages.
func (f *compatFlags) checkNames(packages []*wit.Package) error {
	var optional, features []string
	if f.given["optional-export"] {
		optional = f.optional
	}
	if f.given["features"] {
		features = f.options.Features
	}
	if len(optional)+len(features) == 0 {
		return nil
	}
	return misspelt(optional, features, append(packages, withAllFeatures(f.paths)...))
}

// released returns where golden keeps the WIT of a package.
func (f *compatFlags) released(n wit.PackageName) string {
	return filepath.Join(f.golden, goldenBase(n)+".wit")
}

// current returns the edition at a path; nil if it is one that is there already,
// which is marked as such.
func (f *compatFlags) current(path string, all []*edition) (*edition, error) {
	pkg, err := wit.Load(path, f.options)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.pkg.Name != pkg.Name {
			continue
		}
		equal, err := f.sameText(path, f.released(pkg.Name))
		if err != nil {
			return nil, err
		}
		if equal {
			e.path = path
			return nil, nil
		}
		return &edition{pkg: pkg, changed: true, path: path}, nil
	}
	return &edition{pkg: pkg, path: path}, nil
}

// sameText reports whether two paths lead to the same contract.
func (f *compatFlags) sameText(a, b string) (bool, error) {
	var texts [2]string
	for i, path := range []string{a, b} {
		pkg, err := wit.Load(path, f.options)
		if err != nil {
			return false, err
		}
		texts[i] = string(goldenWIT(pkg))
	}
	return texts[0] == texts[1], nil
}

// worldNames returns the names of the worlds of editions, those of the newest
// first, or the one that is asked for.
func (f *compatFlags) worldNames(list []*edition) []string {
	var names []string
	for _, e := range slices.Backward(list) {
		for _, w := range e.pkg.Worlds {
			if !slices.Contains(names, w.Name) && isWorld(w, f.world) {
				names = append(names, w.Name)
			}
		}
	}
	return names
}
