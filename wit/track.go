package wit

import "strings"

// Track returns the compatibility track of a version: what changes inside it
// is meant to stay compatible. It is "1" for 1.2.3 and "0.2" for 0.2.6. A
// version 0.0.z and a pre-release are compatible with nothing but themselves:
// their track is empty. The version is valid SemVer 2.
func Track(version string) string {
	core, _, _ := strings.Cut(version, "+")
	if strings.Contains(core, "-") {
		return ""
	}
	major, rest, _ := strings.Cut(core, ".")
	minor, _, _ := strings.Cut(rest, ".")
	switch {
	case major != "0":
		return major
	case minor != "0" && minor != "":
		return major + "." + minor
	}
	return ""
}

// InTrack returns the name of an interface with its version replaced by the
// version's track, such as "wasi:io/streams@0.2" for "wasi:io/streams@0.2.6".
// A version without a track stays as it is, without build metadata, which never
// counts, and so does a name without a version.
func InTrack(id string) string {
	name, version, ok := strings.Cut(id, "@")
	if !ok {
		return id
	}
	track := Track(version)
	if track == "" {
		return unbuilt(id)
	}
	return name + "@" + track
}

// CompareVersions compares two versions as SemVer 2 orders them: build
// metadata does not count. Both are valid SemVer 2.
func CompareVersions(a, b string) int { return compareVersions(a, b) }
