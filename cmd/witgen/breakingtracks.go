package main

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// trackGone is the rule about older versions that hosts serve.
const trackGone = "TRACK_NO_DELETE"

// trackRules are the rules of breaking about what lock.json says beside contracts.
var trackRules = []compat.Rule{{
	ID: trackGone, Categories: []compat.Category{compat.Guests},
	Summary: "Hosts go on serving the older versions that those of the release before served.",
	Why: "A guest that was built for an older version is linked by hosts that serve its track beside their own, with that version or a later one. " +
		"Where hosts do so no more, it has none. What those of a release serve is in lock.json, from witgen golden --release.",
	Before: "generate: [{world: plugin, out: api, versions: [\"0.1\", \"0.2\"]}]",
	After:  "generate: [{world: plugin, out: api, versions: [\"0.2\"]}]",
	Fix:    "keep it in versions of witgen.yaml, or in --versions",
}}

// keepVersions says how hosts go on serving versions.
func keepVersions(versions ...string) string {
	tracks := make([]string, len(versions))
	for i, v := range versions {
		tracks[i] = trackText(v)
	}
	return "keep " + strings.Join(tracks, " and ") + " in versions of witgen.yaml, or in --versions"
}

// tracksGone finds what hosts of the old contract served beside it, and those of the
// package at a path do not.
func (c *comparison) tracksGone(name string) ([]compat.Finding, error) {
	var found []compat.Finding
	for _, was := range c.old.pkg.Worlds {
		served, _, err := c.served(was)
		if err != nil {
			return nil, err
		}
		is := worldOf(c.now, was.Name)
		if is == nil || len(served) == 0 || len(c.flags.worlds) > 0 && !slices.Contains(c.flags.worlds, is.Name) {
			continue
		}
		older, at, err := c.serves(name, is)
		if err != nil {
			return nil, err
		}
		gone := slices.DeleteFunc(slices.Clone(served), func(v string) bool {
			return slices.ContainsFunc(older, func(w *wit.World) bool {
				is := w.Package.Name.Version
				return sameTrack(is, v) && wit.CompareVersions(is, v) >= 0
			})
		})
		if len(gone) > 0 {
			found = append(found, c.trackFinding(is, gone, at))
		}
	}
	return found, nil
}

// trackFinding returns the finding that hosts of a world serve versions no more.
func (c *comparison) trackFinding(w *wit.World, gone []string, at *compat.Place) compat.Finding {
	list := strings.Join(gone, " or ")
	item := bare(w.Package.Name) + "/" + w.Name
	x := compat.Finding{
		Rule: trackGone, Category: compat.Guests, Severity: compat.Error, Direction: compat.ToGuests,
		Package: c.now.Name.String(), World: w.Name, Item: item, Old: &compat.Place{Text: list}, New: at,
		Message: "hosts of `" + item + "` no longer serve guests that were built for version " + list,
		Fix:     keepVersions(gone...), Bump: compat.BumpFor(c.old.pkg.Name.Version, true),
	}
	return c.releasable(x)
}

// releasable has a finding say which version admits it, if the package has no such
// version yet.
func (c *comparison) releasable(x compat.Finding) compat.Finding {
	if was := c.old.pkg.Name.Version; !compat.Declared(was, c.now.Name.Version).AtLeast(x.Bump) {
		x.Fix += "; or release it as " + compat.Next(was, x.Bump)
	}
	return x
}

// served returns the older versions that hosts of a world of the old contract serve,
// and whether that is known, as it is of a release.
func (c *comparison) served(was *wit.World) ([]string, bool, error) {
	lock, err := readGoldenLock(c.flags.golden)
	if err != nil || lock == nil || !lock.has(was.Package.Name) {
		return nil, false, err
	}
	return lock.Serves[was.Package.Name.String()][was.Name], true, nil
}

// olderThen returns the worlds that hosts of the old contract serve beside it. Where
// that is not known they are those of now, as all options are the same for both.
func (c *comparison) olderThen(was *wit.World, now []*wit.World) ([]*wit.World, error) {
	served, known, err := c.served(was)
	switch own := was.Package.Name; {
	case err != nil:
		return nil, err
	case !known:
		return slices.DeleteFunc(slices.Clone(now), func(w *wit.World) bool {
			n := w.Package.Name
			return bare(n) != bare(own) || own.Version == "" || sameTrack(n.Version, own.Version) || wit.CompareVersions(n.Version, own.Version) > 0
		}), nil
	case len(served) == 0:
		return nil, nil
	default:
		return (&job{versions: append([]string{own.Version}, served...), golden: c.flags.golden}).older(was)
	}
}

// older returns the worlds that a job serves beside its own, or those that --versions
// says. A package that does not go on from the old one has none to serve.
func (c *comparison) older(j *job, w *wit.World) ([]*wit.World, error) {
	f := c.flags
	if f.given["versions"] {
		j = &job{versions: f.versions, golden: f.golden}
	}
	older, err := j.older(w)
	switch was, is := c.old.pkg.Name, c.now.Name; {
	case err == nil:
		return older, nil
	case bare(was) != bare(is) || is.Version == "" || was.Version != "" && wit.CompareVersions(is.Version, was.Version) < 0:
		return nil, nil // which is what there is to tell
	}
	return nil, j.at("versions", err)
}

// serves returns the worlds that hosts of a world of the package at a path serve beside
// it, and where the configuration file says so, if it does.
func (c *comparison) serves(name string, w *wit.World) (older []*wit.World, at *compat.Place, err error) {
	if c.flags.given["versions"] {
		older, err = c.older(nil, w)
		return older, nil, err
	}
	for _, j := range c.flags.generates {
		if !same(j.path, name) || !isWorld(w, j.world) {
			continue
		}
		more, err := c.older(j, w)
		if err != nil {
			return nil, nil, err
		}
		pos := j.entry.KeyPos("versions", "")
		if pos == (wit.Pos{}) {
			pos = j.entry.Pos
		}
		older, at = append(older, more...), &compat.Place{File: pos.File, Line: pos.Line, Col: pos.Col}
	}
	return older, at, nil
}
