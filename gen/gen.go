// Package gen writes Go bindings for a WIT world: for each interface a package
// with a Go interface and the glue that carries its calls over the canonical
// ABI, and for the world a package that starts components, with what stands in
// the world outside of interfaces.
//
// It works in three steps. The world is checked for what has no bindings. A
// plan settles everything there is to choose: packages, Go names, layouts, and
// which glue is reachable in which direction. Then each file is printed from
// the plan, which nothing changes any more. All of it is a function of the
// world and the options: nothing is read, written or remembered.
//
// Every type that WIT has is a Go type. Functions with a stream, a future or an
// error context in theirs have signatures and no glue: package rt does not
// support those, and calls say so.
package gen

import (
	"cmp"
	"errors"
	"slices"

	"github.com/witgen/witgen/wit"
)

// Format is the number of the form of generated code. It changes when the same
// WIT leads to other code.
const Format = 1

// Suffix is how the name of every generated file ends.
const Suffix = ".wit.go"

// Options are choices that WIT does not make.
type Options struct {
	// PackageRoot is the import path of the output directory. It is required.
	PackageRoot string
	// Rename gives Go names to WIT items, by their path: an interface or
	// world ("host-api", with its package if that is another:
	// "wasi:io/streams", and its version if only one of several is meant:
	// "wasi:io/streams@0.2.0"), an item of it ("host-api.get-config"), or a field
	// or case of that ("plugin-api.process-request.input"). Items of a world
	// are its functions and types, the interfaces that are written in it, and
	// its names for others. Of an interface that is imported and one that is
	// exported by one label, "plugin.imports.log" and "plugin.exports.log"
	// tell which is meant.
	Rename map[string]string
	// With says which interfaces have bindings already: by their path, as in
	// Rename ("store", "acme:kv/store"), with a version or a track if only
	// those are meant ("wasi:io/streams@0.2"), or all of a package
	// ("wasi:io/*@0.2"). The value is the import path of their package, whose
	// last element is * for all of a package, and stands for the name that
	// witgen gives each. Nothing is generated for them: other packages refer
	// to their types, and the world to their Interface, Import and Export.
	//
	// Witgen has generated that package, in the same [Format], for a world
	// that imports the interface if this one does, and exports it if this one
	// does, and with the same entries of Rename for the interface and all in
	// it. The interfaces whose types it uses need entries too; where it uses
	// their resources, that world exports them if this one does.
	With map[string]string
	// OptionalExports are what components of the world may lack of what it
	// exports: interfaces by their path, as in With ("extra", "acme:kv/extra"),
	// functions in them ("acme:kv/handler#flush", and "acme:kv/handler#session.end"
	// or "#session.constructor" for those of a resource, which may be lacking too if
	// all of them are), and what the world has a name of its own for: functions,
	// interfaces that are written in it, and names for others ("plugin#reset",
	// "plugin#status", "plugin#status.run").
	//
	// The field for such an interface is a cm.Option. For a function the world's
	// type has a method that tells whether the component exports it: HasHandlerFlush,
	// HasReset. If not, a call fails with rt.ErrNotExported. The packages of
	// interfaces are the same as without.
	OptionalExports []string
	// GenerateWASI has the interfaces of WASI treated as any others. Else those
	// of WASI 0.2, and of drafts of wasi:config, wasi:logging and wasi:keyvalue,
	// that With says nothing of have their bindings in the packages below
	// rt/wasi/p2 and rt/wasi/draft; the world leaves the ones that it imports to
	// package rt/wasi, which implements them.
	GenerateWASI bool
	// Older are the world as older versions of its package have it, the newest
	// first: components that were built for one of them run too. No two of them,
	// the world included, may be of one compatibility track, see [wit.Track].
	//
	// The packages of each version land below a segment for its track: v0_2,
	// v0_1. A type that is the same in Go as the newest version's is an alias of
	// that. The package of the newest version's world serves the others by
	// conversions: for what Go cannot settle, its file for that version refers to
	// functions that are yours to write, and does not compile without them.
	Older []*wit.World
	// Package is the name of the world's package, and of its directory. By
	// default it is the world's name without dashes.
	Package string
}

// File is a generated file.
type File struct {
	Path    string // below the output directory, with forward slashes
	Content []byte
}

// Generate returns the files of a world's bindings, sorted by path. The error
// is an [ErrorList] if the world or the options are at fault.
func Generate(world *wit.World, o Options) ([]File, error) {
	switch {
	case o.PackageRoot == "":
		return nil, errors.New("the import path of the output directory is missing")
	case !importable(o.PackageRoot):
		rule := Rule{Option: "package-root", Value: o.PackageRoot}
		return nil, ErrorList{{Rule: rule, Message: "this is no import path"}}
	}
	plans, err := newPlans(world, o)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, p := range plans {
		out, err := p.print()
		if err != nil {
			return nil, err
		}
		files = append(files, out...)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

// print prints the files of a plan.
func (p *plan) print() ([]File, error) {
	var files []File
	for _, i := range p.interfaces {
		if i.pkg.exists() {
			continue
		}
		out, err := printInterface(p, i)
		if err != nil {
			return nil, err
		}
		files = append(files, out...)
	}
	out, err := printWorld(p)
	if err != nil {
		return nil, err
	}
	files = append(files, out...)
	for _, b := range p.world.bridges {
		f, err := b.file(p)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}
