package rt

import (
	"slices"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/near"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/wit"
)

// fitExports says how the exports fit a world.
func (c *Component) fitExports(w World) []FitItem {
	may, own := c.mayLack(w), c.owners(w)
	taken := make(map[*plan.Exports]bool)
	var all []FitItem
	for _, x := range w.Exports {
		it := FitItem{Name: x.Name, Verdict: Matched}
		export := c.export(x.Name)
		switch {
		case may.interfaceLacks(x):
			it.Verdict = Absent
		case export == nil:
			it.Verdict, it.Versions, it.Near = Missing, c.exports().Versions(x.Name), c.nearExport(x.Name)
		default:
			taken[export] = true
			it.With = clip(export.Name + export.Suffix)
			it.Items = c.fitExport(x, export, may, own)
			it.conclude()
		}
		if x.Name == "" {
			all = append(all, it.Items...)
			continue
		}
		all = append(all, it)
	}
	root := &c.plan.Exports
	for i := range root.Instances {
		if e := &root.Instances[i]; !taken[e] {
			all = append(all, FitItem{Name: clip(e.Name + e.Suffix), Verdict: Extra, Items: extras(e, nil)})
		}
	}
	if !taken[root] {
		all = append(all, extras(root, nil)...)
	}
	return all
}

// nearExport returns the export whose name is most like one that is missing.
func (c *Component) nearExport(name string) string {
	var known []string
	for _, e := range c.plan.Exports.Instances {
		known = append(known, e.Name)
	}
	return near.Name(name, known)
}

// fitExport says how what is in an export fits an interface of the world.
func (c *Component) fitExport(x *abi.Interface, export *plan.Exports, may *mayLack, own *owners) []FitItem {
	var all []FitItem
	for _, name := range x.Resources {
		it := FitItem{Name: name, Verdict: Matched}
		if !slices.ContainsFunc(export.Resources, func(r plan.ExportResource) bool { return r.Name == name }) {
			if it.Verdict = Missing; may.lacks(x, export, name) {
				it.Verdict = Absent
			}
		}
		all = append(all, it)
	}
	for _, f := range x.Funcs {
		it := FitItem{Name: f.Name, Verdict: Matched}
		_, wrong := c.exportedFunc(x, export, f, own)
		switch {
		case may.functionLacks(x, export, f):
			it.Verdict, it.Host = Absent, f.Type
		case wrong != nil && wrong.Kind == NoMember:
			it.Verdict, it.Host, it.Near = Missing, f.Type, near.Name(f.Name, funcNames(export))
		case wrong != nil:
			it.Verdict, it.Guest, it.Host = WrongType, wrong.Guest, wrong.Host
		}
		all = append(all, it)
	}
	return append(all, extras(export, x)...)
}

func funcNames(export *plan.Exports) []string {
	names := make([]string, len(export.Funcs))
	for i, f := range export.Funcs {
		names[i] = f.Name
	}
	return names
}

// extras returns the functions of an export that an interface does not have; none
// has them if that is nil.
func extras(export *plan.Exports, x *abi.Interface) (all []FitItem) {
	for _, f := range export.Funcs {
		if x == nil || !slices.ContainsFunc(x.Funcs, func(t abi.FuncType) bool { return t.Name == f.Name }) {
			all = append(all, FitItem{Name: clip(f.Name), Verdict: Extra, Guest: clip(wit.FuncText(f.Func))})
		}
	}
	return all
}
