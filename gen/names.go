package gen

import (
	"maps"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// item is something that gets a Go name.
type item struct {
	what  string   // as errors name it: function `get-config`
	paths []string // by which --rename finds it, the best first; none for names of witgen's own
	pos   wit.Pos
}

// own is a name that generated code declares by itself.
func own(what string) item { return item{what: what} }

// of returns an item inside it.
func (i item) of(kind, name string, pos wit.Pos) item {
	in := item{what: kind + " " + quote(name), pos: pos}
	for _, p := range i.paths {
		in.paths = append(in.paths, p+"."+name)
	}
	return in
}

func quote(name string) string { return "`" + name + "`" }

// scope is the Go names that cannot be given twice, and what has each.
type scope map[string]item

// namer gives names, and collects what is wrong with them.
type namer struct {
	home   wit.PackageName            // whose items need no package in a path
	tracks map[wit.PackageName]string // segments for the versions of packages that are there several times
	rename map[string]string
	used   map[string]bool
	errs   *ErrorList
}

func newNamer(home wit.PackageName, rename map[string]string, errs *ErrorList) *namer {
	n := &namer{home: home, rename: rename, used: map[string]bool{}, errs: errs}
	for _, path := range slices.Sorted(maps.Keys(rename)) {
		if name := rename[path]; !validName(name) {
			errs.addRule(Rule{"rename", path, name}, "%s is no name of an exported Go item", quote(name))
		}
	}
	return n
}

// root returns the item of an interface or world.
func (n *namer) root(kind string, p wit.PackageName, name, id string, pos wit.Pos) item {
	i := item{what: kind + " " + quote(name), pos: pos}
	if p == n.home {
		i.paths = append(i.paths, name)
	} else {
		i.what = kind + " " + quote(id)
	}
	unversioned, _, _ := strings.Cut(id, "@")
	switch {
	case id == unversioned:
		i.paths = append(i.paths, id)
	case n.tracks[p] != "":
		i.paths = append(i.paths, id, unversioned)
	default:
		i.paths = append(i.paths, unversioned, id)
	}
	return i
}

// renamed returns the Go name that --rename gives an item. Of several the one
// wins whose path says most.
func (n *namer) renamed(i item) (string, bool) {
	name, exact := "", ""
	for _, p := range i.paths {
		r, ok := n.rename[p]
		if !ok {
			continue
		}
		n.used[p] = true
		if validName(r) && len(p) > len(exact) { // else it is reported already
			name, exact = r, p
		}
	}
	return name, name != ""
}

// name gives an item its Go name in a scope: what --rename says, else the one
// proposed.
func (n *namer) name(s scope, i item, proposed string) string {
	if r, ok := n.renamed(i); ok {
		proposed = r
	}
	n.claim(s, i, proposed)
	return proposed
}

// claim records that an item has a name. If the name is taken, that is an
// error, whichever comes first in the WIT: a name that depended on the order
// would change under its users.
func (n *namer) claim(s scope, i item, name string) {
	if !validName(name) {
		n.errs.addRename(i, "%s has no Go name; give it one with", i.what)
		return
	}
	before, taken := s[name]
	if !taken {
		s[name] = i
		return
	}
	n.clash(i, before, name)
}

// clash reports two items of one name.
func (n *namer) clash(i, before item, name string) {
	also := "so is " + before.what
	if before.pos != (wit.Pos{}) {
		also += " (" + before.pos.String() + ")"
	}
	n.errs.addRename(i, "%s is %s in Go, and %s; settle it with", i.what, name, also)
}

// unused reports the renames and the rules for bindings that exist which name
// nothing.
func (u *used) unused(o Options, errs *ErrorList) {
	for _, path := range slices.Sorted(maps.Keys(o.Rename)) {
		if !u.rename[path] {
			errs.addRule(Rule{"rename", path, o.Rename[path]}, "the world has no such item")
		}
	}
	for _, item := range slices.Sorted(maps.Keys(o.With)) {
		if known, ok := u.with[item]; ok && !known { // else it is reported already
			errs.addRule(Rule{"with", item, o.With[item]}, "the world has no such interface")
		}
	}
}

// locals names things that are seen in one place only, such as parameters. A
// name that is taken, or is that of one before, gets a longer one. Each name
// can be had as it is if nothing else wants it, so the order matters only among
// those that clash. No name may be taken with every number of suffixes.
func locals(names []string, taken func(string) bool, suffix string) []string {
	out := slices.Clone(names)
	used := make(map[string]bool)
	var clashing []int
	for i, name := range names {
		if taken(name) || used[name] {
			clashing = append(clashing, i)
			continue
		}
		used[name] = true
	}
	for _, i := range clashing {
		for taken(out[i]) || used[out[i]] {
			out[i] += suffix
		}
		used[out[i]] = true
	}
	return out
}
