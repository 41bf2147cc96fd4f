package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// older loads the world as released contracts have it, one for each track of
// --versions but the package's own, the newest first.
func (j *job) older(world *wit.World) ([]*wit.World, error) {
	if len(j.versions) == 0 {
		return nil, nil
	}
	now := world.Package.Name
	if now.Version == "" {
		return nil, fmt.Errorf("--versions: package %s has no version", now)
	}
	if !slices.ContainsFunc(j.versions, func(v string) bool { return inTrackOf(v, now.Version) }) {
		return nil, fmt.Errorf("--versions %s: package %s is of none of them, and it is the newest", strings.Join(j.versions, ","), now)
	}
	dir := j.golden
	released, err := releasedNames(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	released = slices.DeleteFunc(released, func(n wit.PackageName) bool { return bare(n) != bare(now) })
	var names []wit.PackageName
	for _, v := range j.versions {
		if inTrackOf(v, now.Version) {
			continue
		}
		n, err := newestOf(released, v)
		if err != nil {
			return nil, fmt.Errorf("--versions %s: %s %w", v, filepath.ToSlash(dir), err)
		}
		if wit.CompareVersions(n.Version, now.Version) > 0 {
			return nil, fmt.Errorf("--versions %s: %s is newer than package %s", v, n, now)
		}
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b wit.PackageName) int { return wit.CompareVersions(b.Version, a.Version) })
	var worlds []*wit.World
	for _, n := range names {
		pkg, err := wit.Load(filepath.Join(dir, goldenBase(n)+".wit"), wit.Options{AllFeatures: true})
		if err != nil {
			return nil, err
		}
		w := pkg.World(world.Name)
		if w == nil {
			return nil, fmt.Errorf("--versions: %s has no world %s", n, world.Name)
		}
		worlds = append(worlds, w)
	}
	return worlds, nil
}

// inTrackOf reports whether a version that is given, a track such as 0.1 or a whole
// one, is of the track of another.
func inTrackOf(given, version string) bool {
	return given == version || given == wit.Track(version) || given != "" && wit.Track(given) != "" && wit.Track(given) == wit.Track(version)
}

// newestOf returns the released package of a version that is given, which of a
// track is the newest.
func newestOf(released []wit.PackageName, given string) (wit.PackageName, error) {
	whole := strings.Count(given, ".") >= 2
	for _, n := range slices.Backward(released) { // in the order of versions
		if n.Version == given || !whole && inTrackOf(given, n.Version) {
			return n, nil
		}
	}
	if len(released) == 0 {
		return wit.PackageName{}, errors.New("has no released version of the package: witgen golden --release X.Y.Z keeps one")
	}
	var have []string
	for _, n := range released {
		have = append(have, n.Version)
	}
	return wit.PackageName{}, fmt.Errorf("has no released version of that, only of %s", strings.Join(have, ", "))
}
