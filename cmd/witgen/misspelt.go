package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// misspelt returns an error for each optional export that no world of packages has,
// and each feature that no item of them is for: what it is meant for is not done.
func misspelt(optional, features []string, packages []*wit.Package) error {
	var names []string
	for _, p := range packages {
		if name := bare(p.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	all := strings.Join(names, " or ")
	var wrong []string
	for _, export := range optional {
		if !slices.ContainsFunc(packages, func(p *wit.Package) bool {
			return slices.ContainsFunc(p.Worlds, func(w *wit.World) bool { return len(optionalIn(w, []string{export})) > 0 })
		}) {
			wrong = append(wrong, fmt.Sprintf("optional export %s: no world of %s exports that", export, all))
		}
	}
	known := featuresOf(packages...)
	for _, name := range features {
		if slices.Contains(known, name) {
			continue
		}
		text := fmt.Sprintf("feature %s: no item of %s is @unstable(feature = %s)", name, all, name)
		if len(known) > 0 {
			text += "; the features are " + strings.Join(known, ", ")
		}
		wrong = append(wrong, text)
	}
	if len(wrong) == 0 {
		return nil
	}
	return errors.New(strings.Join(wrong, "\nwitgen: "))
}

// withAllFeatures returns the packages at paths with all features on, as far as
// they can be loaded so: what is off may be wrong.
func withAllFeatures(paths []string) (all []*wit.Package) {
	for _, path := range paths {
		if p, err := wit.Load(path, wit.Options{AllFeatures: true}); err == nil {
			all = append(all, p)
		}
	}
	return all
}
