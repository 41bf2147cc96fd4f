package gen

import (
	"cmp"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// everyInterface stands for all interfaces of a package, and for the last
// element of the import path of each.
const everyInterface = "*"

// existing finds the interfaces that have bindings already, by Options.With.
type existing struct {
	rules []*withRule
	errs  *ErrorList
}

// withRule says where the bindings of interfaces are.
type withRule struct {
	item, path string // as they are given
	itemPath          // whose name may be everyInterface
	used       bool

	only map[*wit.Interface]bool // for a rule that nobody gave: what it is about
}

// itemPath is how options name an interface or a world.
type itemPath struct {
	pkg     string // namespace and package
	name    string
	version string // a version or a track; empty for any
}

// parsePath reads a path, which may leave out the package if that is home.
func parsePath(home wit.PackageName, path string) (p itemPath, ok bool) {
	name, version, versioned := strings.Cut(path, "@")
	pkg, last, full := strings.Cut(name, "/")
	if !full {
		pkg, last = unversioned(home), name
	}
	namespace, of, ok := strings.Cut(pkg, ":")
	ok = ok && namespace != "" && of != "" && last != "" && !strings.Contains(last, "/") && (!versioned || version != "")
	return itemPath{pkg, last, version}, ok
}

// names reports whether it is the path of an item of a package.
func (p itemPath) names(of wit.PackageName, name string) bool {
	return p.pkg == unversioned(of) && p.name == name && (p.version == "" || p.version == of.Version || p.version == wit.Track(of.Version))
}

// newExisting returns the rules of a world whose package is home.
func newExisting(home wit.PackageName, with map[string]string, errs *ErrorList) *existing {
	x := &existing{errs: errs}
	for _, item := range slices.Sorted(maps.Keys(with)) {
		r, wrong := newWithRule(home, item, with[item])
		if wrong != "" {
			errs.addRule(r.rule(), "%s", wrong)
			continue
		}
		x.rules = append(x.rules, r)
	}
	return x
}

// newWithRule reads a rule, and says what is wrong with it.
func newWithRule(home wit.PackageName, item, to string) (r *withRule, wrong string) {
	r = &withRule{item: item, path: to}
	p, ok := parsePath(home, item)
	if !ok {
		return r, "want an interface, as in store, acme:kv/store or acme:kv/store@0.2, or acme:kv/* for all of a package"
	}
	r.itemPath = p
	dir := strings.TrimSuffix(to, "/"+everyInterface)
	if (dir != to) != (p.name == everyInterface) {
		return r, "want * at the end of both, or of neither"
	}
	if !importable(dir) {
		return r, quote(to) + " is no import path"
	}
	return r, ""
}

// unversioned returns a package's name without its version.
func unversioned(p wit.PackageName) string { return p.Namespace + ":" + p.Name }

// importable reports whether a package may have an import path, by its
// characters.
func importable(p string) bool {
	for element := range strings.SplitSeq(p, "/") {
		if strings.Trim(element, ".") == "" {
			return false
		}
	}
	return !strings.ContainsFunc(p, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune("/-._~+", r)
	})
}

func (r *withRule) rule() Rule { return Rule{"with", r.item, r.path} }

// precision tells how much of an interface a rule says; 0 if it is about
// others.
func (r *withRule) precision(i *wit.Interface) int {
	of := i.Package.Name
	if i.Name == "" { // it is written in a world
		return 0
	}
	if r.pkg != unversioned(of) || r.name != i.Name && r.name != everyInterface {
		return 0
	}
	if r.only != nil { // any other says more
		if r.only[i] {
			return 1
		}
		return 0
	}
	n := 2
	switch r.version {
	case "":
	case of.Version:
		n += 2
	case wit.Track(of.Version):
		n++
	default:
		return 0
	}
	if r.name != everyInterface {
		n += 3
	}
	return n
}

// find returns the rule that says most of an interface, nil if none is about
// it.
func (x *existing) find(i *wit.Interface) *withRule {
	var best *withRule
	for _, r := range x.rules {
		n := r.precision(i)
		if n == 0 {
			continue
		}
		r.used = true
		if best == nil || cmp.Or(cmp.Compare(n, best.precision(i)), cmp.Compare(len(r.item), len(best.item))) > 0 {
			best = r
		}
	}
	return best
}

// has reports whether an interface has bindings already.
func (x *existing) has(i *wit.Interface) bool { return x.find(i) != nil }

// check reports the interfaces that have bindings already while others, whose
// types those are made of, have none: there are Go types for those too, and
// the ones that would be generated are not the same.
func (x *existing) check(interfaces []*wit.Interface) {
	for _, i := range interfaces {
		r := x.find(i)
		if r == nil {
			continue
		}
		seen := make(map[*wit.Interface]bool)
		for _, t := range i.Types {
			d, ok := t.Type.(*wit.TypeDef)
			if !ok || d.Owner.Interface == i || d.Owner.Interface == nil || seen[d.Owner.Interface] || x.has(d.Owner.Interface) {
				continue
			}
			seen[d.Owner.Interface] = true
			x.errs.add(t.Pos, "interface %s has its bindings in %s, but it uses types of %s; say where those are: --with %s=PATH",
				quote(i.ID()), r.path, quote(d.Owner.Interface.ID()), d.Owner.Interface.ID())
		}
	}
}

// majorVersion matches elements of import paths that no package is named by.
var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// existing returns the package of bindings that exist. Their name is the last
// element of their path, as in all that witgen generates; where that is no
// name, files call it what they would call it here.
func (p *placer) existing(r *withRule, it item, i *wit.Interface) *goPackage {
	of := i.Package.Name
	pkg := p.goPackage(of, r.path, p.packageName(it, of, i.Name))
	if dir, all := strings.CutSuffix(r.path, everyInterface); all {
		pkg.path = dir + pkg.name
	} else if last := path.Base(pkg.path); token.IsIdentifier(last) && !badPackage(last) && !majorVersion.MatchString(last) {
		pkg.name = last
	}
	if before, taken := p.paths[pkg.path]; taken {
		if r.only != nil && p.ours[pkg.path] {
			return pkg // versions of a draft that differ in nothing but their name
		}
		p.errs.addRule(r.rule(), "%s would have its bindings in %s, and so has %s", it.what, pkg.path, before.what)
		return pkg
	}
	p.paths[pkg.path] = it
	if r.only != nil {
		p.ours[pkg.path] = true
	}
	return pkg
}
