package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// keep returns the findings that are asked for, with the severity that is: not
// those of the other direction, excepted or ignored. A component is a guest
// that is out there already.
func (f *breakingFlags) keep(found []compat.Finding, component bool) []compat.Finding {
	var kept []compat.Finding
	for _, x := range found {
		switch {
		case f.direction != "" && x.Direction != f.direction:
		case component && x.Direction != compat.ToGuests:
		case f.excepted(x):
		case f.ignored(x):
		default:
			x.Severity = f.severity(x)
			kept = append(kept, x)
		}
	}
	return kept
}

// excepted reports whether a finding is of what --except leaves out.
func (f *breakingFlags) excepted(x compat.Finding) bool {
	return slices.Contains(f.except, x.Rule) || slices.Contains(f.except, string(x.Category)) && !slices.Contains(f.use, x.Rule)
}

// severity returns how much a finding weighs by --use: an error if its rule or
// category is in it, and a warning if not, unless the rule has a severity of
// its own or core modules cannot see the change.
func (f *breakingFlags) severity(x compat.Finding) compat.Severity {
	rule, _ := findRule(x.Rule)
	switch {
	case len(f.use) == 0, x.Severity == compat.Info && rule.Severity != compat.Info: // it is not one in this case
		return x.Severity
	case slices.Contains(f.use, x.Rule):
		return compat.Error
	case rule.Severity != "":
		return x.Severity
	case x.Silent || slices.Contains(f.use, string(x.Category)):
		return compat.Error
	}
	return compat.Warning
}

// ignored reports whether an entry of the file ignores a finding. One that has
// expired does not.
func (f *breakingFlags) ignored(x compat.Finding) bool {
	found := false
	for _, g := range f.ignores {
		if !within(x.Item, g.Item) || len(g.Rules) > 0 && !slices.Contains(g.Rules, x.Rule) {
			continue
		}
		g.used = true
		found = found || !expired(g.Until, time.Now())
	}
	return found
}

// within reports whether an item is another one or a part of it.
func within(item, whole string) bool {
	rest, ok := strings.CutPrefix(item, whole)
	return ok && (rest == "" || strings.ContainsRune("/#.", rune(rest[0])))
}

// expired reports whether a day is over, anywhere on earth.
func expired(until, now time.Time) bool { return now.After(until.Add(36 * time.Hour)) }

// staleIgnores returns findings about entries of the file that have expired, or
// that there was nothing of, as --except and --use have them.
func (f *breakingFlags) staleIgnores(now time.Time) []findings.Finding {
	var stale []findings.Finding
	for _, g := range f.ignores {
		x := findings.Finding{
			Place: findings.Place{File: g.Pos.File, Line: g.Pos.Line, Col: g.Pos.Col}, Item: g.Item, Key: g.Item + " " + strings.Join(g.Rules, " "),
		}
		day := g.Until.Format(time.DateOnly)
		switch {
		case expired(g.Until, now):
			x.Severity, x.Rule = findings.Error, "IGNORE_EXPIRED"
			x.Message = "what is ignored of `" + g.Item + "` was to be until " + day + ": " + g.Reason
			x.Fix = "remove the entry, or decide again until when"
		case !g.used && !f.partly:
			x.Severity, x.Rule = findings.Warning, "IGNORE_UNUSED"
			x.Message = "nothing is found of `" + g.Item + "` that the entry could ignore"
			x.Fix = "remove the entry, or correct its item"
		default:
			continue
		}
		if slices.Contains(f.except, x.Rule) {
			continue
		}
		if slices.Contains(f.use, x.Rule) {
			x.Severity = findings.Error
		}
		x.Data = compat.Finding{
			Rule: x.Rule, Severity: compat.Severity(x.Severity), Item: x.Item, Message: x.Message, Fix: x.Fix, Bump: compat.NoBump,
			New: &compat.Place{File: x.Place.File, Line: x.Place.Line, Col: x.Place.Col},
		}
		stale = append(stale, x)
	}
	return stale
}

// report returns the findings as all commands print theirs, in the order of
// their places.
func (c *comparison) report() []findings.Finding {
	var all []findings.Finding
	for _, x := range c.found {
		own := x.Package == c.now.Name.String() || x.Package == c.old.pkg.Name.String()
		if own && c.moved() {
			x.Severity = compat.Info
		}
		y := findings.Finding{
			Place: c.place(x), Severity: findings.Severity(x.Severity), Rule: x.Rule, Tag: string(x.Category), Item: x.Item,
			Message: x.Message, Fix: x.Fix, Data: x,
			Key: strings.Join([]string{string(x.Direction), string(x.Role), x.World, x.Item}, "\x00"),
		}
		if x.Old != nil && x.Old.File != "" {
			y.Related = []findings.Related{{Label: "old", Place: c.oldPlace(x.Old), Elsewhere: c.old.below != "" || c.old.encoded, Text: x.Old.Text}}
		}
		all = append(all, y)
	}
	slices.SortStableFunc(all, func(a, b findings.Finding) int {
		return cmp.Or(strings.Compare(a.Place.File, b.Place.File), cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Col, b.Place.Col))
	})
	return all
}

// oldPlace returns a place in the old contract, as far as it is one in a file.
func (c *comparison) oldPlace(p *compat.Place) findings.Place {
	if c.old.encoded {
		return findings.Place{File: c.old.from}
	}
	return findings.Place{File: c.old.below + p.File, Line: p.Line, Col: p.Col}
}

// place returns where to show a finding: at the item, or at what the item is
// missing from.
func (c *comparison) place(x compat.Finding) findings.Place {
	var p findings.Place
	if x.New != nil && x.New.Line > 0 {
		p = findings.Place{File: x.New.File, Line: x.New.Line, Col: x.New.Col}
	} else {
		pos := container(c.now, x)
		p = findings.Place{File: pos.File, Line: pos.Line, Col: pos.Col}
	}
	if c.encoded {
		p.Line, p.Col = 0, 0
	}
	return p
}

// container returns the place of the smallest thing that an item was in and
// that is still there.
func container(p *wit.Package, x compat.Finding) wit.Pos {
	for _, of := range append([]*wit.Package{p}, p.Deps...) {
		rest, ok := strings.CutPrefix(x.Item, bare(of.Name)+"/")
		if !ok {
			continue
		}
		if end := strings.IndexAny(rest, "#."); end >= 0 {
			rest = rest[:end]
		}
		if i := of.Interface(rest); i != nil {
			return i.Pos
		}
		if w := of.World(rest); w != nil {
			return w.Pos
		}
	}
	if w := p.World(x.World); w != nil {
		return w.Pos
	}
	return p.Pos
}
