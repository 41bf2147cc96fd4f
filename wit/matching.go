package wit

import "strings"

// Matching says which versions of an interface stand for one another when
// components are linked.
type Matching uint8

// The ways of matching. A name has any of the forms that components have: a full
// version, such as 0.2.6, or one that is the track alone, such as 1, 0.2 or 0.0.1.
// Build metadata never counts.
const (
	// MatchTrack takes the version itself, or else the greatest of its track. A
	// version 0.0.z and a pre-release stand for nothing but themselves.
	MatchTrack Matching = iota
	// MatchExact takes the version itself and no other one.
	MatchExact
	// MatchPrerelease is MatchTrack, with pre-releases in the tracks of their
	// releases.
	MatchPrerelease
)

// track returns the name of an interface with the track in which others may
// stand for it; empty if there is none.
func (m Matching) track(name string) string {
	if m == MatchExact {
		return ""
	}
	if m == MatchPrerelease {
		base, version, ok := strings.Cut(name, "@")
		core, _, _ := strings.Cut(version, "-")
		if ok && Track(core) != "" {
			return base + "@" + Track(core)
		}
	}
	return InTrack(name)
}

// SameText reports whether two types are the same by their texts, as [FuncText]
// and [TypeText] have them. Those name resources by the tracks that versions have
// by themselves: where pre-releases are in tracks, they are there too.
func (m Matching) SameText(a, b string) bool {
	return a == b || m == MatchPrerelease && released(a) == released(b)
}

// released returns the text of a type with the pre-releases in it in their tracks.
func released(text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "@")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		// What follows is "version.resource>", with labels of resources that have no dots.
		inside, after, _ := strings.Cut(rest, ">")
		dot := max(strings.LastIndexByte(inside, '.'), 0)
		b.WriteString(MatchPrerelease.track("@" + inside[:dot]))
		b.WriteString(inside[dot:])
		b.WriteByte('>')
		text = after
	}
}
