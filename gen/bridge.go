package gen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/witgen/witgen/gen/internal/printer"
)

// bridge is how the package of a world serves components of an older version.
type bridge struct {
	*same
	word string // for its track, in names: V01

	names map[string]string // of packages, by import path

	known       map[string]*conversion
	conversions []*conversion
	wrappers    []*wrapper
	discarders  []*discarder
	stubs       []printer.Code
	taken       map[string]bool // names in the package, which those of other versions are in too
}

// newBridge returns a bridge from an older plan to the newest. Its word is that of no
// other bridge.
func newBridge(s *same, older []*plan, taken map[string]bool) *bridge {
	word := compact(s.older.track)
	for _, o := range older {
		if o != s.older && compact(o.track) == word {
			word = s.older.track // as of 1.10.0-rc and 11.0.0-rc
		}
	}
	b := &bridge{same: s, word: capital(word), known: map[string]*conversion{}, taken: taken, names: map[string]string{}}
	var packages []*goPackage
	add := func(p *goPackage, prefix string) {
		copied := &goPackage{path: p.path, dir: p.dir, name: prefix + p.name}
		for _, longer := range p.longer {
			copied.longer = append(copied.longer, prefix+longer)
		}
		if !slices.ContainsFunc(packages, func(q *goPackage) bool { return q.path == p.path }) {
			packages = append(packages, copied)
		}
	}
	for _, i := range s.newest.interfaces {
		add(i.pkg, "")
	}
	for _, i := range s.older.interfaces {
		add(i.pkg, word)
	}
	add(s.older.world.pkg, word)
	for p, name := range importNames(packages, func(name string) bool { return worldName(name) || glueName(name) || bridgeNames[name] }) {
		b.names[p.path] = name
	}
	return b
}

// compact returns the segment of a track as it stands in names: v0_1 is v01.
func compact(track string) string { return strings.ReplaceAll(track, "_", "") }

// bridgeNames are those that the file of an older version gives a meaning.
var bridgeNames = wordSet(`abi cm context ctx e err errors failed fmt gone imports in key of ok older out p rt v value verr w x`)

// version returns the version that conversions of a way lead to.
func (b *bridge) version(up bool) string {
	if up {
		return b.newest.world.wit.Package.Name.Version
	}
	return b.older.world.wit.Package.Name.Version
}

// unique returns a name that nothing in the package has yet.
func (b *bridge) unique(name string) string {
	plain := name
	for n := 2; b.taken[name]; n++ {
		name = plain + strconv.Itoa(n)
	}
	b.taken[name] = true
	return name
}

// file prints the file of the older version.
func (b *bridge) file(p *plan) (File, error) {
	w := b.newest.world
	kind := "_" + b.older.track
	f := printer.NewFile(w.pkg.path, w.pkg.name, p.header(w.pkg.file(kind)), nil)
	importKnown(f)
	for path, name := range b.names {
		f.Import(path, name)
	}
	f.Add(printer.Use(abi("Version1")))
	f.Add(b.prepared()...)
	for n := 0; n < len(b.wrappers); n++ { // what one needs is behind it
		f.Add(b.wrappers[n].print(b)...)
	}
	for n := 0; n < len(b.conversions); n++ {
		f.Add(b.printConversion(b.conversions[n])...)
	}
	for n := 0; n < len(b.discarders); n++ {
		f.Add(b.discarders[n].print(b))
	}
	f.Add(b.stubs...)
	return render(f, w.pkg.file(kind))
}
