package compat

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// side is one of the two packages of a comparison, and the names by which what
// is in it finds its counterpart.
type side struct {
	pkg *wit.Package
	// contract is the name of the package that is compared whatever its
	// version is: the package's own, or for a component the one of its
	// packages that the other side is about.
	contract wit.PackageName
	// keys are the names of what has none of its own: of worlds, and of
	// interfaces written in one.
	keys map[wit.Owner]string
	// unstable says that what is @unstable counts.
	unstable bool
	shapes   map[wit.Type]shape
}

// componentPackage is the package of a component's world, see [wit.Decode].
var componentPackage = wit.PackageName{Namespace: "root", Name: "component"}

func newSide(p, other *wit.Package, o Options) *side {
	s := &side{
		pkg: p, contract: p.Name, unstable: o.Unstable,
		keys:   make(map[wit.Owner]string),
		shapes: make(map[wit.Type]shape),
	}
	if p.Name != componentPackage {
		return s
	}
	for _, d := range p.Deps {
		if bare(d.Name) == bare(other.Name) && (s.contract == p.Name || newer(d.Name, s.contract)) {
			s.contract = d.Name
		}
	}
	return s
}

// newer reports whether the version of a package is above another one.
func newer(a, b wit.PackageName) bool {
	return a.Version != "" && (b.Version == "" || wit.CompareVersions(a.Version, b.Version) > 0)
}

// ofComponent reports whether the side is a component's own world.
func (s *side) ofComponent() bool { return s.pkg.Name == componentPackage }

// visible reports whether something counts.
func (s *side) visible(st wit.Stability) bool { return s.unstable || st.Feature == "" }

// ownKey begins the keys of interfaces of the contract.
const ownKey = "./"

// key names an interface or a world for the other side: interfaces of the
// contract by their names, others with the track of their version.
func (s *side) key(o wit.Owner) string {
	if k, ok := s.keys[o]; ok {
		return k
	}
	switch i := o.Interface; {
	case i == nil || i.Name == "":
		return ""
	case i.Package.Name == s.contract:
		return ownKey + i.Name
	default:
		return wit.InTrack(i.ID())
	}
}

// itemKey names an import or export of a world for the other side.
func (s *side) itemKey(item *wit.WorldItem) string {
	if item.Label != "" {
		return item.Label
	}
	return s.key(wit.Owner{Interface: item.Interface})
}

// worldItems returns what a world imports and exports. What something else has
// types of is an import at least, also where it is gated itself; exports have them of
// other exports if they can.
func (s *side) worldItems(w *wit.World) [2]itemList {
	exported, needed := make(map[*wit.Interface]bool), make(map[*wit.Interface]bool)
	for _, item := range w.Exports {
		if item.Label == "" && s.visible(itemStability(item)) {
			exported[item.Interface] = true
		}
	}
	for n, item := range slices.Concat(w.Exports, w.Imports) {
		switch {
		case !s.visible(itemStability(item)):
		case item.Interface != nil:
			for _, d := range s.body(item.Interface).types {
				if from := origin(d); from != nil && (n >= len(w.Exports) || !exported[from]) {
					s.dependency(d, needed)
				}
			}
		case item.Type != nil:
			s.dependency(item.Type, needed)
		}
	}
	imports := slices.Clone(w.Imports)
	for _, item := range w.Exports {
		if !s.visible(itemStability(item)) && item.Label == "" && needed[item.Interface] {
			imports = append(imports, item)
		}
	}
	return [2]itemList{s.items(imports, needed), s.items(w.Exports, nil)}
}

// dependencies collects the interfaces that one uses types of, through any
// number of others.
func (s *side) dependencies(i *wit.Interface, seen map[*wit.Interface]bool) {
	for _, d := range s.body(i).types {
		s.dependency(d, seen)
	}
}

func (s *side) dependency(d *wit.TypeDef, seen map[*wit.Interface]bool) {
	if from := origin(d); from != nil && !seen[from] {
		seen[from] = true
		s.dependencies(from, seen)
	}
}

// origin returns the interface that a type is used from, nil if it is declared where
// it is, or used from a world.
func origin(d *wit.TypeDef) *wit.Interface {
	if declared(d) {
		return nil
	}
	return d.Type.(*wit.TypeDef).Owner.Interface
}

// items returns what a world imports or exports, by key: what is not gated, or
// needed all the same. Of two versions in one track it is the newer one.
func (s *side) items(list []*wit.WorldItem, needed map[*wit.Interface]bool) itemList {
	l := itemList{byKey: make(map[string]*wit.WorldItem)}
	for _, item := range list {
		if !s.visible(itemStability(item)) && (item.Label != "" || !needed[item.Interface]) {
			continue
		}
		k := s.itemKey(item)
		prior := l.byKey[k]
		if prior == nil {
			l.keys = append(l.keys, k)
		}
		if prior == nil || prior.Interface == nil || item.Interface == nil || newer(item.Interface.Package.Name, prior.Interface.Package.Name) {
			l.byKey[k] = item
		}
	}
	return l
}

// itemStability returns the gate of an item: its own, or that of what it is.
func itemStability(item *wit.WorldItem) wit.Stability {
	of := item.Stability
	switch {
	case of.Feature != "":
	case item.Interface != nil:
		of = item.Interface.Stability
	case item.Func != nil:
		of = item.Func.Stability
	case item.Type != nil:
		of = item.Type.Stability
	}
	return of
}

// itemList is items by key, and the keys in order.
type itemList struct {
	keys  []string
	byKey map[string]*wit.WorldItem
}

// path returns the path of an interface or world, without a version.
func path(p *wit.Package, name string) string { return bare(p.Name) + "/" + name }
