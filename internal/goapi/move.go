package goapi

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// gone reports a package that is gone, and the one that it most likely is now.
// Its types may be there, or in packages that stay.
func (c *comparison) gone(p *pkg) {
	message := "package " + p.path + " is gone"
	best := c.successor(p)
	for _, name := range slices.Sorted(maps.Keys(p.decls)) {
		d := p.decls[name]
		if d.kind != "type" {
			continue
		}
		if best != nil {
			if now := best.decls[renamed(name, p.api(), best.api())]; now != nil {
				c.moved[d.path()] = now.path()
				continue
			}
		}
		if to := c.home(d); to != nil {
			c.moved[d.path()] = to.path()
		}
	}
	if best == nil {
		c.add(p, PackageGone, "", p.path, "", message)
		return
	}
	c.add(p, PackageGone, "", p.path, best.path, message+", and package "+best.path+" of the same declarations is new")
}

// successor returns the new package that has most declarations of one that is
// gone, and more than half of them; nil if there is none.
func (c *comparison) successor(p *pkg) *pkg {
	var best *pkg
	telling := p.telling()
	most := len(telling) / 2
	for _, path := range slices.Sorted(maps.Keys(c.is)) {
		if c.was[path] != nil {
			continue
		}
		now, alike := c.is[path], 0
		for _, line := range telling {
			text := typeName.ReplaceAllStringFunc(line, func(name string) string { return renamed(name, p.api(), now.api()) })
			if now.lines[text] {
				alike++
			}
		}
		if alike > most {
			best, most = now, alike
		}
	}
	return best
}

// scaffold matches lines that every package of an interface has, or every one of
// a world.
var scaffold = regexp.MustCompile(`^(func (Import|Export|Prepare|Instantiate)\(|var Interface |` +
	`method \(\*Prepared\)|method \(\*\w+\) (Close|RT)\(|type (Prepared|Imports)( struct)?(, comparable)?$)`)

// telling returns the lines of a package that say what it is for.
func (p *pkg) telling() []string {
	api := p.api()
	return slices.DeleteFunc(slices.Collect(maps.Keys(p.lines)), func(line string) bool {
		line = strings.Replace(line, "type Unimplemented", "type ", 1)
		return scaffold.MatchString(line) || line == "type "+api+" interface" || line == "type "+api+" struct" || line == "type "+api+", comparable"
	})
}

// api returns the name of what a package is there for, which is that of the
// package: the interface, or the struct of a world. It is "" if there is none, as
// for an interface that only holds types.
func (p *pkg) api() string {
	for name, d := range p.decls {
		if !strings.EqualFold(name, path.Base(p.path)) {
			continue
		}
		if d.text == "interface" && p.decls["Unimplemented"+name] != nil || d.text == "struct" && p.decls["Prepared"] != nil {
			return name
		}
	}
	return ""
}

// renamed returns what a name is where an interface has another one.
func renamed(name, was, is string) string {
	switch {
	case was == "" || is == "":
		return name
	case name == was:
		return is
	case name == "Unimplemented"+was:
		return "Unimplemented" + is
	}
	return name
}

// moves finds the types of a package that are in another one now, or that have
// the name of what was an alias of them.
func (c *comparison) moves(p, now *pkg) {
	for _, name := range slices.Sorted(maps.Keys(p.decls)) {
		d, own := p.decls[name], now.decls[name]
		switch {
		case d.kind != "type":
		case d.alias() != "":
			if own != nil {
				c.merge(d, own)
			}
		case own != nil:
			if of := own.alias(); of != "" { // the old name stays
				if to := c.is.find(c.is.resolved(now, of)); to != nil {
					c.moved[d.path()] = to.path()
				}
			}
		default:
			to := c.home(d)
			if to == nil {
				continue
			}
			c.moved[d.path()] = to.path()
			if !c.follows(d, now) {
				c.add(p, Moved, name, d.path(), to.path(), "type "+d.path()+" is in package "+to.pkg.path+" now")
			}
		}
	}
}

// home returns the declaration that a type has become in another package, which
// had none of its name; nil if there is none.
func (c *comparison) home(d *decl) *decl {
	for _, path := range slices.Sorted(maps.Keys(c.is)) {
		to := c.is[path].decls[d.name]
		if to != nil && (c.was[path] == nil || c.was[path].decls[d.name] == nil) && c.alike(d, to) {
			return to
		}
	}
	return nil
}

// alike reports whether two types declare the same: also where they have another
// name, or are in another package together with types that they are made of.
func (c *comparison) alike(a, b *decl) bool {
	if a.kind != b.kind || a.text != b.text || a.sealed != b.sealed || len(a.members) != len(b.members) {
		return false
	}
	rename := func(name string) string {
		if name == a.path() {
			return b.path()
		}
		if d := c.was.find(name); d != nil && c.is.find(name) == nil && b.pkg.decls[d.name] != nil {
			return b.pkg.path + "." + d.name
		}
		return name
	}
	for m, was := range a.members {
		is, ok := b.members[m]
		if !ok || a.pkg.qualified(was, rename) != b.pkg.qualified(is, func(name string) string { return name }) {
			return false
		}
	}
	return true
}

// substitutes reports whether two texts differ only in types that have another
// name now: those that are gone stand where new ones do that declare the same.
func (c *comparison) substitutes(was, is string) bool {
	if typeName.ReplaceAllString(was, "T") != typeName.ReplaceAllString(is, "T") {
		return false
	}
	names := typeName.FindAllString(is, -1)
	for n, name := range typeName.FindAllString(was, -1) {
		d, to := c.was.find(name), c.is.find(names[n])
		switch {
		case name == names[n]:
		case d == nil || to == nil || d.kind != "type" || c.is.find(name) != nil || c.was.find(names[n]) != nil || c.moved[name] != "" || !c.alike(d, to):
			return false
		default:
			c.moved[name], c.merged[name] = names[n], true
		}
	}
	return true
}

// merge takes down that a type has taken the name of an alias of it.
func (c *comparison) merge(alias, own *decl) {
	of := c.was.find(c.was.resolved(alias.pkg, alias.alias()))
	if of != nil && c.is.find(of.path()) == nil && c.alike(of, own) && (own.comparable || !of.comparable) {
		c.moved[of.path()], c.merged[of.path()] = own.path(), true
	}
}

// declares reports whether what was an alias is now a type, the one that it was
// another name of.
func (c *comparison) declares(alias, now *decl) bool {
	if alias.alias() == "" {
		return false
	}
	of := c.was.resolved(alias.pkg, alias.alias())
	return c.merged[of] && c.moved[of] == now.path()
}

// follows reports whether a declaration is gone because of a type that is: the
// case of an enum or of a variant, a method's companion, the type of a resource.
func (c *comparison) follows(d *decl, now *pkg) bool {
	lost := func(name string) bool {
		t := d.pkg.decls[name]
		return t != nil && t != d && t.kind == "type" && now.decls[name] == nil
	}
	switch d.kind {
	case "const":
		name, _, _ := strings.Cut(d.text, " ")
		return lost(name)
	case "var":
		name, ok := strings.CutSuffix(d.name, "Resource")
		return ok && lost(name)
	}
	if name, ok := strings.CutPrefix(d.name, "Unimplemented"); ok && lost(name) {
		return true
	}
	v := d.variant()
	if v == nil || !lost(v.name) {
		return false
	}
	// A case of a variant that moved has moved with it, or is gone by itself.
	return c.moved[v.path()] == "" || c.merged[v.path()] || c.moved[d.path()] != ""
}

// variant returns the variant that a type is a case of, by their names and by
// what a case holds; nil if it is none.
func (d *decl) variant() *decl {
	if d.text != "struct" {
		return nil
	}
	for m := range d.members {
		if m != "field Value" {
			return nil
		}
	}
	for n := len(d.name) - 1; n > 0; n-- {
		if v := d.pkg.decls[d.name[:n]]; v != nil && v.sealed {
			return v
		}
	}
	return nil
}
