package compat

import (
	"slices"
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
)

// Bump is a change of a package's version.
type Bump string

// The bumps, from the least to the greatest.
const (
	NoBump    Bump = "none"
	PatchBump Bump = "patch"
	MinorBump Bump = "minor"
	MajorBump Bump = "major"
)

var bumps = []Bump{NoBump, PatchBump, MinorBump, MajorBump}

// effect is what the findings of a rule do to a contract.
type effect uint8

const (
	unchanged effect = iota
	addition
	breaking
)

// bumpFor returns the bump that a change of a version needs: under 0.y a break
// needs a new minor and an addition a patch, from 1.0 on it is a major and a
// minor. A version without a track, 0.0.z or a pre-release, promises nothing,
// and a package without a version has none to change.
func bumpFor(version string, e effect) Bump {
	if e == unchanged || version == "" || wit.Track(version) == "" {
		return NoBump
	}
	n := 1
	if e == breaking {
		n++
	}
	if !strings.HasPrefix(version, "0.") {
		n++
	}
	return bumps[n]
}

// BumpFor returns the bump that a change of a contract of a version needs that
// breaks somebody, or that only adds: NoBump for a version that promises
// nothing. The findings of Compare have theirs.
func BumpFor(version string, breaks bool) Bump {
	if breaks {
		return bumpFor(version, breaking)
	}
	return bumpFor(version, addition)
}

// AtLeast reports whether a bump is as great as another one, or greater.
func (b Bump) AtLeast(other Bump) bool { return slices.Index(bumps, b) >= slices.Index(bumps, other) }

// Needed returns the greatest bump of findings: what the version of the package
// must change by at least.
func Needed(found []Finding) Bump {
	need := 0
	for _, f := range found {
		need = max(need, slices.Index(bumps, f.Bump))
	}
	return bumps[need]
}

// Declared returns how much a version differs from an older one. It is NoBump
// when it is not newer. Both are valid SemVer 2 or empty.
func Declared(old, now string) Bump {
	if old == "" || now == "" || wit.CompareVersions(old, now) >= 0 {
		return NoBump
	}
	a, b := numbers(old), numbers(now)
	for i, bump := range []Bump{MajorBump, MinorBump} {
		if a[i] != b[i] {
			return bump
		}
	}
	return PatchBump
}

// Next returns the version after one that a bump leads to, such as "0.3.0" for
// 0.2.1 and MinorBump. It is the version itself for NoBump.
func Next(version string, b Bump) string {
	if version == "" || b == NoBump {
		return version
	}
	n := numbers(version)
	switch b {
	case MajorBump:
		n = [3]string{increment(n[0]), "0", "0"}
	case MinorBump:
		n = [3]string{n[0], increment(n[1]), "0"}
	default:
		n[2] = increment(n[2])
	}
	return strings.Join(n[:], ".")
}

// numbers returns the numbers of a version as they are written.
func numbers(version string) [3]string {
	core, _, _ := strings.Cut(version, "+")
	core, _, _ = strings.Cut(core, "-")
	var n [3]string
	copy(n[:], strings.SplitN(core, ".", 3))
	return n
}

func increment(number string) string {
	n, err := strconv.ParseUint(number, 10, 63)
	if err != nil {
		return number
	}
	return strconv.FormatUint(n+1, 10)
}

// CheckBump finds out whether the version of a package says of it what findings
// from the comparison with an older one do, and is no less than that's: a finding of
// the rule PACKAGE_VERSION_BUMP, or nil when the version is fine. Its category is Go where
// findings of that category alone need so much, and it weighs no more than they
// do.
func CheckBump(found []Finding, old, now *wit.Package) *Finding {
	if now.Name.Version == "" {
		return nil // there is none, and PACKAGE_SAME_NAME is for one that is gone
	}
	need, declared := Needed(found), Declared(old.Name.Version, now.Name.Version)
	if is := wentBack(old.Name, now.Name); is != "" {
		return versionFinding(old, now, Finding{Category: Guests, Severity: Error, Direction: ToGuests, Message: is, Bump: need})
	}
	if declared.AtLeast(need) {
		return nil
	}
	category, direction, severity, what := Guests, ToGuests, Error, "what changed"
	isGo := func(f Finding) bool { return f.Category == Go }
	if !Needed(slices.DeleteFunc(slices.Clone(found), isGo)).AtLeast(need) {
		category, direction, what = Go, ToHosts, "what changed for Go code"
		if !slices.ContainsFunc(found, func(f Finding) bool { return f.Bump == need && f.Severity == Error }) {
			severity = Warning
		}
	}
	if need == bumpFor(old.Name.Version, addition) {
		severity = Warning // nothing breaks; releases only do not tell which one has it
	}
	is := "is still " + now.Name.Version
	if declared != NoBump {
		is = "is " + now.Name.Version + ", a " + string(declared) + " after " + old.Name.Version
	}
	return versionFinding(old, now, Finding{
		Category: category, Severity: severity, Direction: direction, Bump: need,
		Message: "the version of " + bare(now.Name) + " " + is + "; " + what + " needs a " + string(need) + " at least",
	})
}

// versionFinding completes a finding about the version of a package.
func versionFinding(old, now *wit.Package, f Finding) *Finding {
	f.Rule, f.Package, f.Item = "PACKAGE_VERSION_BUMP", now.Name.String(), bare(now.Name)
	f.Old, f.New = place(old.Pos, packageText(old)), place(now.Pos, packageText(now))
	f.Fix = "write `package " + bare(now.Name) + "@" + Next(old.Name.Version, f.Bump) + ";`"
	return &f
}

// wentBack says of a package whose version is less than it was what that does; "" if
// it is not so.
func wentBack(old, now wit.PackageName) string {
	was, is := old.Version, now.Version
	if bare(old) != bare(now) || was == "" || wit.CompareVersions(is, was) >= 0 {
		return ""
	}
	unlinked := "guests of " + old.String() + " are linked to no host of it"
	if wit.InTrack("@"+is) == wit.InTrack("@"+was) {
		unlinked = "versions only go up"
	}
	return "the version of " + bare(now) + " is " + is + ", it was " + was + ": " + unlinked
}
