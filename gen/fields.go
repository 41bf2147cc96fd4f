package gen

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// fieldNamer names the fields for interfaces: of the struct of a world's imports,
// and of the one that is an instance of it.
type fieldNamer struct {
	*namer
	in         item // the world
	interfaces map[*wit.Interface]*iface
	versions   map[string]int // of each interface that has a field under its own name
}

func newFieldNamer(n *namer, in item, w *wit.World, interfaces map[*wit.Interface]*iface) *fieldNamer {
	f := &fieldNamer{namer: n, in: in, interfaces: interfaces, versions: make(map[string]int)}
	seen := make(map[*iface]bool)
	for _, item := range slices.Concat(w.Imports, w.Exports) {
		x, ok := interfaces[item.Interface]
		if !ok || item.Label != "" || len(x.methods) == 0 || seen[x] {
			continue
		}
		seen[x] = true
		f.versions[unversionedID(x.wit)]++
	}
	return f
}

// unversionedID returns what all versions of an interface are called.
func unversionedID(i *wit.Interface) string { return unversioned(i.Package.Name) + "/" + i.Name }

// field is a field for an interface that is being named.
type field struct {
	slot
	item  item
	names []string // that it may have, the best first
}

// fill names the fields for the interfaces among imports or exports. Others are
// names that something else in the struct will have.
func (f *fieldNamer) fill(s scope, items []*wit.WorldItem, verb string, others map[string]bool) []slot {
	var fields []field
	var names [][]string // of those that there will be
	for _, item := range items {
		if x, ok := f.interfaces[item.Interface]; ok {
			n := f.field(item, x)
			fields = append(fields, n)
			if n.declared() {
				names = append(names, n.names)
			}
		}
	}
	chosen := shortest(names, func(name string) bool {
		_, taken := s[name]
		return taken || others[name]
	})
	var slots []slot
	for _, n := range fields {
		if n.declared() {
			name := chosen[0]
			chosen = chosen[1:]
			f.claim(s, n.item, name)
			if n.label != "" {
				n.alias = verb + name
			}
			if len(n.iface.methods) > 0 {
				n.slot.field = name
			}
		}
		slots = append(slots, n.slot)
	}
	return slots
}

// declared reports whether there is something in the world's package that has
// the name.
func (n *field) declared() bool { return len(n.iface.methods) > 0 || n.label != "" }

// field returns what an item of the world has as a field. An interface of
// another package has its package's name in front, so that two called types do
// not meet, and one that the world has several versions of has its version
// behind: both depend on what is there, and not on what comes first. Those that
// the world has a name for have that.
func (f *fieldNamer) field(item *wit.WorldItem, x *iface) field {
	n := field{slot: slot{iface: x}, item: x.item, names: []string{x.name}}
	i := x.wit
	of := i.Package.Name
	switch _, renamed := f.renamed(x.item); {
	case i.Name == "": // it is written in the world
	case item.Label != "":
		n.item = f.in.of("interface", item.Label, item.Pos)
		n.label, n.docs = item.Label, item.Docs
		n.names[0] = exportedName(item.Label)
		if r, ok := f.renamed(n.item); ok {
			n.names[0] = r
		}
	case renamed || of == f.home:
	default:
		name, home := x.name, unversioned(of) == unversioned(f.home)
		if home || f.versions[unversionedID(i)] > 1 {
			name += capital(f.tracks[of])
		}
		inPackage := exportedName(of.Name) + name
		n.names = []string{inPackage, exportedName(of.Namespace) + inPackage}
		if home {
			n.names = slices.Insert(n.names, 0, name)
		}
	}
	return n
}

// functionNames returns the names that the functions which a world exports will
// have beside the fields.
func (w *world) functionNames(n *namer) map[string]bool {
	if w.own == nil {
		return nil
	}
	names := make(map[string]bool)
	for _, m := range w.own.calls {
		name := exportedName(m.wit.Name)
		if r, ok := n.renamed(w.own.item.of("function", m.wit.Name, m.wit.Pos)); ok {
			name = r
		}
		names[name] = true
	}
	return names
}

// shortest chooses a name for each of those that have several, the best first.
// All that want one name get their next ones, so that what one gets does not
// depend on which comes first; and so does who wants a name that is taken. Those
// that have no other keep their last.
func shortest(names [][]string, taken func(string) bool) []string {
	at := make([]int, len(names))
	for {
		users := make(map[string]int)
		for k, list := range names {
			users[list[at[k]]]++
		}
		settled := true
		for k, list := range names {
			if name := list[at[k]]; (users[name] > 1 || taken(name)) && at[k]+1 < len(list) {
				at[k]++
				settled = false
			}
		}
		if settled {
			break
		}
	}
	chosen := make([]string, len(names))
	for k, list := range names {
		chosen[k] = list[at[k]]
	}
	return chosen
}
