package goapi

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Change is a change of the Go API that breaks those who use it.
type Change struct {
	// Rule names what is broken, such as "GO_DECL_NO_DELETE".
	Rule string
	// Package is the path of the package, as lines have it.
	Package string
	// Item is the declaration, with a dot before its field or method: "Entry.Key".
	// It is empty for a package.
	Item string
	// Old and New are what it was and is; empty where it is not there.
	Old, New string
	// Message says what changed.
	Message string
	// Embeddable says that only those are broken who implement an interface
	// without embedding its Unimplemented type.
	Embeddable bool
}

// The rules that changes break.
const (
	PackageGone  = "GO_PACKAGE_NO_DELETE"
	DeclGone     = "GO_DECL_NO_DELETE"
	DeclChanged  = "GO_DECL_SAME_TYPE"
	MethodAdded  = "GO_IFACE_METHOD_ADDED"
	Incomparable = "GO_COMPARABLE_KEPT"
	Moved        = "TYPE_SAME_HOME"
)

// Gains reports whether an API that was and one that is differ only in what is
// new and breaks nobody.
func Gains(was, is []string) bool {
	return !slices.ContainsFunc(Compare(was, is), func(c Change) bool { return !c.Embeddable })
}

// Compare returns what of the change from one API to another breaks those who
// use it, sorted by package and item. A package that is gone is one change, and
// so is a declaration that is in another package now.
func Compare(was, is []string) []Change {
	c := &comparison{was: parse(was), is: parse(is), moved: make(map[string]string), merged: make(map[string]bool)}
	for _, path := range slices.Sorted(maps.Keys(c.was)) {
		if c.is[path] == nil {
			c.gone(c.was[path])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(c.was)) {
		if c.is[path] != nil {
			c.moves(c.was[path], c.is[path])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(c.was)) {
		if p := c.is[path]; p != nil {
			c.declarations(c.was[path], p)
		}
	}
	slices.SortStableFunc(c.changes, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.Package, b.Package), strings.Compare(a.Item, b.Item))
	})
	return c.changes
}

// comparison compares two surfaces.
type comparison struct {
	was, is surface
	// moved has what types are now that have another name, or belong to another
	// package, by names with their packages.
	moved map[string]string
	// merged are those of them whose names nothing has any more: a type has
	// another name now, which may have been that of an alias.
	merged  map[string]bool
	changes []Change
}

func (c *comparison) add(p *pkg, rule, item, old, now, message string) {
	c.changes = append(c.changes, Change{Rule: rule, Package: p.path, Item: item, Old: old, New: now, Message: message})
}

// same reports whether two texts mean the same types.
func (c *comparison) same(p, now *pkg, was, is string) bool {
	rename := func(name string) string { return cmp.Or(c.moved[name], name) }
	old, text := p.qualified(was, rename), now.qualified(is, func(name string) string { return name })
	if old == text || c.substitutes(old, text) {
		return true
	}
	a := p.qualified(c.was.resolved(p, was), rename)
	return a == c.is.resolved(now, is)
}

// declarations compares what is declared in a package that stays.
func (c *comparison) declarations(p, now *pkg) {
	for _, name := range slices.Sorted(maps.Keys(p.decls)) {
		d, is := p.decls[name], now.decls[name]
		switch {
		case is != nil:
			c.declaration(d, is)
		case c.moved[d.path()] != "" && !c.merged[d.path()], c.follows(d, now):
		default:
			c.add(p, DeclGone, name, d.kind+" "+name, "", d.kind+" "+p.path+"."+name+" is gone")
		}
	}
}

// declaration compares a declaration with what is there of its name.
func (c *comparison) declaration(d, is *decl) {
	p, now := d.pkg, is.pkg
	item := d.path()
	if c.declares(d, is) {
		return
	}
	if to := c.moved[item]; to != "" { // and this is the name that stayed
		if now = c.is.find(to).pkg; is.kind == "type" {
			is = c.is.find(to)
		}
	}
	switch {
	case d.kind != is.kind:
		c.add(p, DeclChanged, d.name, d.kind+" "+d.name, is.kind+" "+is.name, item+" was a "+d.kind+", and is a "+is.kind)
		return
	case d.text == is.text && (d.text == "struct" || d.text == "interface"):
	case !c.same(p, now, d.text, is.text) && !widened(d.text, is.text):
		c.add(p, DeclChanged, d.name, d.kind+" "+d.name+" "+d.text, is.kind+" "+is.name+" "+is.text,
			d.kind+" "+item+" was "+d.text+", and is "+is.text)
		return
	}
	for _, m := range slices.Sorted(maps.Keys(d.members)) {
		c.member(d, is, now, m)
	}
	for _, m := range slices.Sorted(maps.Keys(is.members)) {
		if _, had := d.members[m]; !had && strings.HasPrefix(m, "method ") && !d.sealed {
			c.gained(d, is, strings.TrimPrefix(m, "method "))
		}
	}
	if is.sealed && !d.sealed && d.text == "interface" {
		c.add(p, MethodAdded, d.name, "", "", "interface "+item+" has a method that nobody else can have")
	}
	if d.comparable && !is.comparable {
		c.add(p, Incomparable, d.name, "", "", "values of type "+item+" cannot be compared with == any more")
	}
}

// member compares a field or method.
func (c *comparison) member(d, is *decl, now *pkg, m string) {
	kind, name, _ := strings.Cut(m, " ")
	if kind == "func" {
		kind = "method"
	}
	was := d.members[m]
	to, still := is.members[m]
	switch {
	case still && c.same(d.pkg, now, was, to):
	case c.companion(d, is, name):
	case still:
		c.add(d.pkg, DeclChanged, d.name+"."+name, name+" "+was, name+" "+to,
			kind+" "+d.pkg.path+"."+d.name+"."+name+" was "+was+", and is "+to)
	default:
		c.add(d.pkg, DeclGone, d.name+"."+name, name+" "+was, "", kind+" "+d.pkg.path+"."+d.name+"."+name+" is gone")
	}
}

// companion reports whether a type is the Unimplemented one of an interface
// that had the same method, so that the change is told of there.
func (c *comparison) companion(d, is *decl, method string) bool {
	name, ok := strings.CutPrefix(d.name, "Unimplemented")
	if !ok || is.name != d.name || d.pkg.decls[name] == nil {
		return false
	}
	_, has := d.pkg.decls[name].members["method "+method]
	return has
}

// gained reports a method that an interface has and had not.
func (c *comparison) gained(d, is *decl, method string) {
	item := d.pkg.path + "." + d.name
	companion := "Unimplemented" + d.name
	change := Change{
		Rule: MethodAdded, Package: d.pkg.path, Item: d.name + "." + method, New: method + is.members["method "+method],
		Message: "interface " + item + " has the method " + method + " now",
	}
	if d.pkg.decls[companion] != nil && is.pkg.decls[companion] != nil {
		change.Embeddable = true
		change.Message += ", which types that embed " + companion + " have already"
	}
	c.changes = append(c.changes, change)
}

// widths are the integer types that hold all values of those before them.
var widths = [][]string{
	{"uint8", "uint16", "uint32", "uint64"},
	{"int8", "int16", "int32", "int64"},
	{"float32", "float64"},
}

// widened reports whether a type of numbers became one that has all of its
// values. Those who use it as a type of its own need not change.
func widened(was, is string) bool {
	for _, w := range widths {
		if a, b := slices.Index(w, was), slices.Index(w, is); a >= 0 && b > a {
			return true
		}
	}
	return false
}
