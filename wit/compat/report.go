package compat

import (
	"slices"
	"strconv"
	"strings"
)

// position is where worlds have an interface or an item of their own.
type position struct {
	role   Role
	worlds []string // none for an interface that no world has
}

// change is a change that a rule is about.
type change struct {
	rule          string
	guests, hosts bool // the directions in which it is noticed
	pkg, item     string
	old, new      *Place
	what          string   // the first half of the message
	then          string   // the second half, where it is not that something does not link; %s are the guests that it is about
	partly        bool     // only what uses the item notices
	silent        bool     // core signatures do not show it
	shown         bool     // some of them do
	adds          bool     // it breaks nobody, whatever the rule says
	severity      Severity // empty for that of the rule
	users         []string // paths of the functions that a changed type concerns
	fix           string   // empty for that of the rule
}

// having says which guests an item of an interface concerns: not those of the
// other role.
func (at position) having(item string) string {
	of, _, inside := strings.Cut(item, "#")
	name := of[strings.LastIndexByte(of, '/')+1:]
	switch {
	case !inside || slices.Contains(at.worlds, name):
		return ""
	case at.role == Imports:
		return " that use it" // what a component does not use is not among its imports
	case at.role == Exports:
		return " that export `" + of + "`"
	}
	return ""
}

// add adds the findings of a change.
func (c *comparer) add(at position, ch change) {
	r, _ := FindRule(ch.rule)
	if ch.adds {
		r.effect = addition
	}
	for _, d := range []Direction{ToGuests, ToHosts} {
		if d == ToGuests && !ch.guests || d == ToHosts && !ch.hosts {
			continue
		}
		category := r.category(d)
		f := Finding{
			Rule: ch.rule, Category: category, Direction: d, Silent: ch.silent,
			Severity: ch.severity,
			Package:  ch.pkg, Role: at.role, Item: ch.item, Old: ch.old, New: ch.new,
			Message: c.message(at, d, ch), UsedBy: ch.users, Fix: ch.fix,
			Bump: bumpFor(c.old.contract.Version, r.effect),
		}
		if r.always {
			f.Bump = NoBump
		}
		if f.Severity == "" {
			f.Severity = r.Default(category, ch.silent)
		}
		if f.Fix == "" {
			f.Fix = c.fix(r, f.Bump)
		}
		if len(at.worlds) > 0 {
			f.World, f.OtherWorlds = at.worlds[0], at.worlds[1:]
		}
		c.found = append(c.found, f)
	}
}

// message says what changed and what follows in a direction.
func (c *comparer) message(at position, d Direction, ch change) string {
	text := ch.what
	switch n := len(ch.users); {
	case n == 1:
		text += ", used by `" + ch.users[0] + "`"
	case n > 1:
		text += ", used by " + strconv.Itoa(n) + " functions: " + quoted(ch.users, 5)
	}
	guests, hosts := "guests of "+c.was, ""
	if d == ToHosts {
		guests, hosts = "guests of "+c.is, " to hosts of "+c.was
	}
	if ch.partly {
		guests += " that use it"
	} else {
		guests += at.having(ch.item)
	}
	if ch.then != "" {
		return text + "; " + strings.Replace(ch.then, "%s", guests, 1)
	}
	text += "; " + guests + " do not link" + hosts
	switch {
	case ch.silent && ch.shown:
		text += ", and not every core signature shows it"
	case ch.silent:
		text += ", and no core signature shows it"
	}
	return text
}

// fix returns what to do about a finding.
func (c *comparer) fix(r Rule, b Bump) string {
	if r.effect != breaking || b == NoBump {
		return r.Fix
	}
	if Declared(c.old.contract.Version, c.now.contract.Version).AtLeast(b) {
		return r.Fix
	}
	return r.Fix + "; or release it as " + Next(c.old.contract.Version, b)
}

// category returns the category of findings in a direction.
func (r Rule) category(d Direction) Category {
	if slices.Contains(r.Categories, Names) {
		return Names
	}
	if d == ToHosts {
		return Hosts
	}
	return Guests
}

// folded returns what was found, once for all worlds that have it.
func (c *comparer) folded() []Finding {
	type key struct {
		rule, item, message string
		direction           Direction
		role                Role
	}
	first := make(map[key]int)
	var found []Finding
	for _, f := range c.found {
		k := key{f.Rule, f.Item, f.Message, f.Direction, f.Role}
		i, ok := first[k]
		if !ok {
			first[k] = len(found)
			f.OtherWorlds = append([]string(nil), f.OtherWorlds...)
			found = append(found, f)
			continue
		}
		for _, w := range append([]string{f.World}, f.OtherWorlds...) {
			if g := &found[i]; w != "" && w != g.World && !slices.Contains(g.OtherWorlds, w) {
				g.OtherWorlds = append(g.OtherWorlds, w)
			}
		}
	}
	return found
}
