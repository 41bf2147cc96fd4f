package gen

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
)

// goPackage is where a package of generated code lands.
type goPackage struct {
	path string // import path
	dir  string // below the output directory; empty for bindings that exist
	name string

	longer []string // names for importers where name is taken, the shortest first
}

// exists reports whether the package is not generated.
func (p *goPackage) exists() bool { return p.dir == "" }

// file returns the path of a file of the package; kind is "" or "_abi". It has
// no underscore of the package's name, as what is behind one may be a system that
// Go takes the file to be for.
func (p *goPackage) file(kind string) string {
	return path.Join(p.dir, strings.ReplaceAll(p.name, "_", "")+kind+Suffix)
}

// placer finds a place for each package. Interfaces of the world's own package
// land in <iface>, others in <namespace>/<package>/<iface>, and those that are
// written in the world in <world>/<label>. Where the world reaches several
// versions of a package, each has a segment for its version, but for the world's
// own, which has no segments. Of several versions of the world each has a segment
// in front of all that.
type placer struct {
	*namer
	with  *existing
	root  string
	track string          // the segment that all that is generated is below; empty for none
	paths scope           // import paths
	ours  map[string]bool // those of them that the runtime has bindings at
}

func newPlacer(n *namer, root, track string, with *existing, interfaces []*wit.Interface) *placer {
	p := &placer{namer: n, with: with, root: root, track: track, paths: scope{}, ours: map[string]bool{}}
	p.tracks = make(map[wit.PackageName]string)
	versions := map[string][]string{unversioned(n.home): {n.home.Version}} // by package without version
	for _, i := range interfaces {
		name := i.Package.Name
		if _, ok := p.tracks[name]; ok || name == n.home {
			continue
		}
		p.tracks[name] = ""
		versions[unversioned(name)] = append(versions[unversioned(name)], name.Version)
	}
	for name := range p.tracks {
		all := versions[unversioned(name)]
		if len(all) < 2 {
			continue
		}
		segment := trackWord(name.Version)
		for _, other := range all {
			if other != name.Version && trackWord(other) == segment {
				segment = versionWord(name.Version)
			}
		}
		p.tracks[name] = segment
	}
	return p
}

// placeInterface returns the package of an interface.
func (p *placer) placeInterface(it item, i *wit.Interface) *goPackage {
	if r := p.with.find(i); r != nil {
		return p.existing(r, it, i)
	}
	return p.place(it, i.Package.Name, p.packageName(it, i.Package.Name, i.Name))
}

// placeWorld returns the package of a world, whose name may be given.
func (p *placer) placeWorld(it item, w *wit.World, name string) *goPackage {
	of := w.Package.Name
	if name == "" {
		return p.place(it, of, p.packageName(it, of, w.Name))
	}
	rule := Rule{Option: "package", Value: name}
	dir := p.dir(of, name)
	pkg := p.goPackage(of, path.Join(p.root, dir), name)
	pkg.dir = dir
	before, taken := p.paths[pkg.path]
	switch {
	case !packageElement(name):
		p.errs.addRule(rule, "no package of that name can be imported")
	case taken:
		p.errs.addRule(rule, "%s is package %s in Go", before.what, dir)
	}
	return pkg
}

// packageName returns the name of the package of an interface or world. A
// renamed one has its Go name in small letters.
func (p *placer) packageName(i item, of wit.PackageName, name string) string {
	word := packageWord(name)
	if r, ok := p.renamed(i); ok {
		word = strings.ToLower(r)
	}
	if badPackage(word) {
		word = packageWord(of.Name) + word
	}
	return word
}

// place returns the package of a name that an interface or world gets.
func (p *placer) place(i item, of wit.PackageName, last string) *goPackage {
	dir := p.dir(of, last)
	p.claimDir(i, dir)
	pkg := p.goPackage(of, path.Join(p.root, dir), last)
	pkg.dir = dir
	return pkg
}

// dir returns the directory of the package of an item of a WIT package.
func (p *placer) dir(of wit.PackageName, last string) string {
	if of == p.home {
		return path.Join(p.track, last)
	}
	return path.Join(p.track, directory(of.Namespace), directory(of.Name), p.tracks[of], last)
}

// goPackage returns a package for an item of a WIT package.
func (p *placer) goPackage(of wit.PackageName, path, name string) *goPackage {
	in := packageWord(of.Name) + name
	version := strings.ReplaceAll(cmp.Or(p.tracks[of], p.track), "_", "")
	return &goPackage{
		path: path, name: name,
		longer: []string{in, in + version, packageWord(of.Namespace) + in + version},
	}
}

// claimDir records where a package lands.
func (p *placer) claimDir(i item, dir string) {
	for element := range strings.SplitSeq(dir, "/") {
		if !packageElement(element) {
			p.errs.add(i.pos, "%s would be a package in %s, which is no import path", i.what, quote(dir))
			return
		}
	}
	full := path.Join(p.root, dir)
	if before, taken := p.paths[full]; taken {
		p.clash(i, before, "package "+dir)
		return
	}
	p.paths[full] = i
}

// importNames returns the names by which a file refers to the packages it may
// import. Those that want the same name all get longer ones, so that the name
// of one does not depend on which comes first. Those that agree in every name
// are numbered by their paths.
func importNames(packages []*goPackage, taken func(string) bool) map[*goPackage]string {
	names := make(map[*goPackage]string)
	lists := make([][]string, len(packages))
	for k, p := range packages {
		lists[k] = append([]string{p.name}, p.longer...)
	}
	for k, name := range shortest(lists, taken) {
		names[packages[k]] = name
	}
	last := make(map[string]int)
	byPath := func(a, b *goPackage) int { return strings.Compare(a.path, b.path) }
	for _, p := range slices.SortedFunc(slices.Values(packages), byPath) {
		name := names[p]
		if last[name]++; last[name] > 1 || taken(name) {
			names[p] = name + "x" + strconv.Itoa(last[name])
		}
	}
	return names
}

// directory returns the element of an import path for a namespace or package.
func directory(name string) string {
	word := packageWord(name)
	if badPackage(word) {
		return word + "wit"
	}
	return word
}

// trackWord returns the word for the compatibility track of a version, or for the
// version itself if it has none.
func trackWord(version string) string { return versionWord(cmp.Or(wit.Track(version), version)) }

func versionWord(version string) string {
	if version == "" {
		return ""
	}
	return "v" + strings.ToLower(strings.NewReplacer(".", "_", "-", "_", "+", "_").Replace(version))
}
