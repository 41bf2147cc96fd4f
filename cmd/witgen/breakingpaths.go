package main

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/goapi"
	"github.com/witgen/witgen/wit"
)

// bindings are what is generated for a world and the older ones that are served
// beside it.
type bindings struct {
	world *wit.World
	older []*wit.World
	files []gen.File
}

// api returns the lines of their Go API.
func (b *bindings) api() ([]string, error) {
	return goapi.Of(goapi.Source{Root: anyRoot, Files: b.files})
}

// of returns the world that a package is generated for: that of one track, if there
// are several.
func (b *bindings) of(pkg string) *wit.World {
	for _, w := range append([]*wit.World{b.world}, b.older...) {
		if slices.ContainsFunc(b.files, func(f gen.File) bool {
			return path.Dir(f.Path) == pkg && bytes.Contains(f.Content, []byte("\n// Source: "+w.ID()+". "))
		}) {
			return w
		}
	}
	return nil
}

// plain returns the path of a package without the segment for its track.
func (b *bindings) plain(pkg string) string {
	if len(b.older) > 0 {
		_, pkg, _ = strings.Cut(pkg, "/")
	}
	return pkg
}

// serving returns the world that components for a world are served as, by its track;
// nil if there is none.
func (b *bindings) serving(w *wit.World) *wit.World {
	for _, own := range append([]*wit.World{b.world}, b.older...) {
		if sameTrack(own.Package.Name.Version, w.Package.Name.Version) {
			return own
		}
	}
	return nil
}

// moved says what to do about a package of other bindings that is gone because these
// serve other tracks, which are in import paths; "" if that is not why.
func (b *bindings) moved(was *bindings, pkg string) string {
	if w := was.of(pkg); len(was.older) > 0 && w != nil && b.serving(w) == nil {
		return keepVersions(w.Package.Name.Version)
	}
	to := cmp.Or(b.serving(was.world), b.world)
	i := slices.IndexFunc(b.files, func(f gen.File) bool {
		is := path.Dir(f.Path)
		return b.plain(is) == was.plain(pkg) && b.of(is) == to
	})
	switch {
	case i < 0:
	case len(was.older) == 0 && len(b.older) > 0:
		return "import " + path.Dir(b.files[i].Path) + " instead, or serve no older version yet"
	case len(was.older) > 0 && len(b.older) == 0:
		var versions []string
		for _, w := range was.older {
			versions = append(versions, w.Package.Name.Version)
		}
		return keepVersions(versions...)
	}
	return ""
}
