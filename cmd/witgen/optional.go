package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// qualified reports whether an optional export says which package it is of.
func qualified(export string) bool {
	of, _, _ := strings.Cut(export, "#")
	return strings.Contains(of, "/")
}

// entryOptionals returns what the entries of a file say that components may lack,
// each with its package: that of the entry's world where it says none, since it is
// not for packages of other entries.
func entryOptionals(file *config.File, dir string) (all []string, err error) {
	for _, g := range file.Generate {
		home := ""
		for _, export := range g.OptionalExports {
			if !qualified(export) {
				if home == "" {
					if home, err = homeOf(newJob(dir, g)); err != nil {
						return nil, err
					}
				}
				export = home + "/" + export
			}
			all = append(all, export)
		}
	}
	return all, nil
}

// homeOf returns the package of the world that a job is for.
func homeOf(j *job) (string, error) {
	p, err := wit.Load(j.path, wit.Options{AllFeatures: true})
	if err != nil {
		return "", err
	}
	w, err := p.ChooseWorld(j.world)
	if err != nil {
		return "", err
	}
	return bare(w.Package.Name), nil
}

// checkOptional returns an error for an optional export that does not say of which
// package it is, if several have it.
func checkOptional(exports []string, packages []*wit.Package) error {
	for _, export := range exports {
		if qualified(export) {
			continue
		}
		var have []string
		for _, p := range packages {
			if slices.ContainsFunc(p.Worlds, func(w *wit.World) bool { return len(optionalIn(w, []string{export})) > 0 }) {
				have = append(have, bare(p.Name)+"/"+export)
			}
		}
		slices.Sort(have)
		if have = slices.Compact(have); len(have) > 1 {
			return fmt.Errorf("optional export %s: several packages have it: say %s", export, strings.Join(have, " or "))
		}
	}
	return nil
}

// optionalIn returns those of optional exports that a world has.
func optionalIn(w *wit.World, exports []string) (known []string) {
	for _, export := range exports {
		if _, err := gen.Optional(w, []string{export}); err == nil {
			known = append(known, export)
		}
	}
	return known
}

// sharedOptionals returns what a file says that components may lack, of whatever it
// is about: what breaks nobody by that has to load.
func sharedOptionals(file *config.File) []string {
	if file.Breaking == nil {
		return nil
	}
	return file.Breaking.OptionalExports
}

// optionals returns the exports of a world that its components may lack.
func (j *job) optionals(w *wit.World) []string {
	return slices.Concat(j.optional, optionalIn(w, j.shared))
}
