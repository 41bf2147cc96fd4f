package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// unknownFeatures returns errors for the features that no item is for: they are
// most likely misspelt, and what they are meant for is missing.
func (j *job) unknownFeatures(pkg *wit.Package, world *wit.World) gen.ErrorList {
	missing := slices.DeleteFunc(slices.Clone(j.features), has(featuresOf(pkg, world.Package)))
	if len(missing) == 0 {
		return nil
	}
	// Items of a feature may be in what another one turns on.
	all, err := wit.Load(j.path, wit.Options{AllFeatures: true})
	if err != nil {
		return nil // features that are off hide what is wrong, and maybe these
	}
	packages := []*wit.Package{all}
	if w, err := all.ChooseWorld(world.ID()); err == nil {
		packages = append(packages, w.Package)
	}
	known := featuresOf(packages...)
	var errs gen.ErrorList
	for _, name := range slices.DeleteFunc(missing, has(known)) {
		text := "no item is @unstable(feature = " + name + ")"
		if len(known) > 0 {
			text += "; the features are " + strings.Join(known, ", ")
		}
		errs = append(errs, &gen.Error{Rule: gen.Rule{Option: "features", Value: name}, Message: text})
	}
	return errs
}

func has(names []string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}

// featuresOf returns the features of all items of packages, and of those that
// they refer to.
func featuresOf(packages ...*wit.Package) []string {
	f := make(featureSet)
	for _, p := range packages {
		for _, p := range append(slices.Clone(p.Deps), p) {
			for _, i := range p.Interfaces {
				f.ofInterface(i)
			}
			for _, w := range p.Worlds {
				f.ofWorld(w)
			}
		}
	}
	delete(f, "")
	return slices.Sorted(maps.Keys(f))
}

type featureSet map[string]bool

func (f featureSet) ofWorld(w *wit.World) {
	f[w.Stability.Feature] = true
	for _, item := range slices.Concat(w.Imports, w.Exports) {
		f[item.Stability.Feature] = true
		switch {
		case item.Func != nil:
			f[item.Func.Stability.Feature] = true
		case item.Type != nil:
			f[item.Type.Stability.Feature] = true
		default:
			f.ofInterface(item.Interface)
		}
	}
}

func (f featureSet) ofInterface(i *wit.Interface) {
	f[i.Stability.Feature] = true
	for _, t := range i.Types {
		f[t.Stability.Feature] = true
	}
	for _, x := range i.Funcs {
		f[x.Stability.Feature] = true
	}
}
