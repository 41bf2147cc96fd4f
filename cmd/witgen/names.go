package main

import (
	"path"
	"strings"

	"github.com/witgen/witgen/wit"
)

// bare returns the name of a package without its version.
func bare(n wit.PackageName) string { return n.Namespace + ":" + n.Name }

// unversioned returns the name of an interface or a world without its version.
func unversioned(id string) string {
	id, _, _ = strings.Cut(id, "@")
	return id
}

// sameTrack reports whether two versions are to be compatible. One that has no
// track is with itself. A track stands for its versions.
func sameTrack(a, b string) bool {
	if a == "" || b == "" {
		return a == b
	}
	return wit.InTrack("@"+a) == wit.InTrack("@"+b)
}

// goldenBase returns how the names of the files of a package begin.
func goldenBase(n wit.PackageName) string {
	base := n.Namespace + "_" + n.Name
	if n.Version != "" {
		base += "@" + n.Version
	}
	return base
}

// goldenName returns the package that a file is of, by its name: zero for a file
// of none.
func goldenName(file string) (n wit.PackageName) {
	base, version, _ := strings.Cut(strings.TrimSuffix(file, path.Ext(file)), "@")
	namespace, name, ok := strings.Cut(base, "_")
	if !ok || strings.Contains(file, "/") {
		return n
	}
	return wit.PackageName{Namespace: namespace, Name: name, Version: version}
}
