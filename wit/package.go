package wit

import (
	"strconv"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// Package is a resolved WIT package: every name in it leads to what it means.
type Package struct {
	Name       PackageName
	Docs       Docs
	Interfaces []*Interface // in the order of its files, sorted by path
	Worlds     []*World     // likewise
	Deps       []*Package   // packages of what its items refer to, and those they need, each before those that need it
	Pos        Pos          // of the package header

	origin *origin
}

// origin is what the packages have in common that were loaded together.
type origin struct {
	packages []*Package
	comments map[Pos]Docs // all comments before an item, where not all of them are documentation
	sources  map[string]*syntax.Source
}

// source returns the source that a position is in, or nil.
func (o *origin) source(pos Pos) *syntax.Source {
	if o == nil {
		return nil
	}
	return o.sources[pos.File]
}

// Interface returns the interface of that name, or nil.
func (p *Package) Interface(name string) *Interface {
	for _, i := range p.Interfaces {
		if i.Name == name {
			return i
		}
	}
	return nil
}

// World returns the world of that name, or nil.
func (p *Package) World(name string) *World {
	for _, w := range p.Worlds {
		if w.Name == name {
			return w
		}
	}
	return nil
}

// PackageName is a package's namespace, name and, if it has one, version.
type PackageName struct {
	Namespace string
	Name      string
	Version   string // SemVer 2 without a leading v; empty when unversioned
}

// String returns the name as WIT writes it: "ns:name@1.2.3".
func (n PackageName) String() string { return n.item("") }

// item returns the ID of an interface or world of the package.
func (n PackageName) item(name string) string {
	s := n.Namespace + ":" + n.Name
	if name != "" {
		s += "/" + name
	}
	if n.Version != "" {
		s += "@" + n.Version
	}
	return s
}

// Pos is a place in a source file. The zero Pos is unknown.
type Pos struct {
	File      string // as it was given to Load, with forward slashes
	Line, Col int    // from 1; columns count bytes
}

// String returns "file:line:col", or "-" for the zero Pos.
func (p Pos) String() string {
	if p.Line == 0 {
		return "-"
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}

// Docs is the documentation of an item: the text of its /// and /** */
// comments without markers and common indent, lines joined by "\n".
type Docs string

// Stability is what the @since, @unstable and @deprecated gates of an item
// say. The zero Stability is an item without gates.
type Stability struct {
	Since      string // version of @since
	Feature    string // feature of @unstable
	Deprecated string // version of @deprecated
}
