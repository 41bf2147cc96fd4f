package main

import (
	"cmp"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// releasedNames returns the packages that are released in a directory of golden
// files: those of one name together, the oldest version first. It is an error if
// one is not what it was when it was released.
func releasedNames(dir string) ([]wit.PackageName, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	lock, err := readGoldenLock(dir)
	if err != nil {
		return nil, err
	}
	if lock != nil {
		for _, file := range slices.Sorted(maps.Keys(lock.Files)) {
			if filepath.Ext(file) != ".wit" {
				continue
			}
			text, err := lock.unlike(dir, file)
			if err != nil {
				return nil, err
			}
			if text != "" {
				return nil, errors.New(text)
			}
		}
	}
	var names []wit.PackageName
	for _, e := range entries {
		if n := goldenName(e.Name()); filepath.Ext(e.Name()) == ".wit" && n.Name != "" && lock.has(n) {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, compareNames)
	return names, nil
}

// compareNames orders packages by name and version. One without a version comes
// before those of its name.
func compareNames(a, b wit.PackageName) int {
	switch c := strings.Compare(bare(a), bare(b)); {
	case c != 0:
		return c
	case a.Version == "" || b.Version == "":
		return strings.Compare(a.Version, b.Version)
	}
	return cmp.Or(wit.CompareVersions(a.Version, b.Version), strings.Compare(a.Version, b.Version))
}
