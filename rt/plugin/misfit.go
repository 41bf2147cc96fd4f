package plugin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// misfits is the error of a component that does not fit its host, in the words of
// who made or loads the plugin.
type misfits struct {
	pipeline *pipeline
	texts    []string
	link     *rt.LinkError // nil if the policy alone is what it does not fit
}

// Error returns all of it, on one line.
func (e *misfits) Error() string { return strings.Join(e.texts, "; ") }

// Unwrap returns the error of package rt.
func (e *misfits) Unwrap() error {
	if e.link == nil {
		return nil
	}
	return e.link
}

// misfits makes the error of a component that does not fit, or whose imports are
// denied. Its code is that of the first that the text says.
func (p *pipeline) misfits(g *rights, link *rt.LinkError, denied []string) error {
	e := &misfits{pipeline: p, link: link}
	var imports, exports []rt.Misfit
	world := ""
	if link != nil {
		world = link.World
		for _, m := range link.Misfits {
			if m.Export {
				exports = append(exports, m)
			} else {
				imports = append(imports, m)
			}
		}
	}
	code := e.imports(imports, denied)
	for _, name := range denied {
		told := g.ExplainImport(p.ceiling(), p.slot.name, name, g.notes)
		told.What = "" // which stands in the list
		if _, review, ok := strings.Cut(told.Error(), "; "); ok && !slices.Contains(e.texts, review) {
			e.texts = append(e.texts, review)
		}
	}
	if c := e.exports(exports, world); code == "" {
		code = c
	}
	if link != nil && link.More > 0 {
		e.texts = append(e.texts, fmt.Sprintf("and %d more", link.More))
	}
	return &listed{code, e}
}

// imports adds what is wrong with imports. Those that the host has in other versions
// or of other types alone have messages of their own.
func (e *misfits) imports(all []rt.Misfit, denied []string) (code string) {
	versions := len(all) > 0 && len(denied) == 0
	types := versions
	var list []string
	for _, m := range all {
		versions = versions && len(m.Versions) > 0
		types = types && m.Kind == rt.OtherType
	}
	add := func(text string) {
		if !slices.Contains(list, text) { // as it is said once of an interface
			list = append(list, text)
		}
	}
	for _, m := range all {
		switch {
		case versions:
			add("imports " + m.Interface + "; host has " + e.served(m))
		case types:
			add(named(m.Interface, m.Name) + ": " + typeDiff(m.Guest, m.Host))
		default:
			add(unversioned(m) + " (" + reason(m) + ")")
		}
	}
	for _, name := range denied {
		add(name + " (denied by policy)")
	}
	switch {
	case len(list) == 0:
		return ""
	case versions:
		e.texts, code = append(e.texts, list...), "RT201"
	case types:
		e.texts, code = append(e.texts, list...), "RT202"
	default:
		what := "imports missing"
		if len(list) == 1 {
			what = "import missing"
		}
		e.texts, code = append(e.texts, fmt.Sprintf("%d %s: %s", len(list), what, strings.Join(list, ", "))), "RT203"
	}
	return code
}

// exports adds what is wrong with exports.
func (e *misfits) exports(all []rt.Misfit, world string) (code string) {
	var missing []string
	for _, m := range all {
		base, _, versioned := strings.Cut(m.Interface, "@")
		switch {
		case versioned && len(m.Versions) > 0:
			code = "RT201"
			e.texts = append(e.texts, "exports "+base+"@"+strings.Join(m.Versions, ", ")+"; host wants "+e.served(m))
		case m.Kind != rt.OtherType:
			missing = append(missing, unversioned(m))
		}
	}
	if len(missing) > 0 {
		code = cmp.Or(code, "RT204")
		text := "missing export " + strings.Join(missing, ", ")
		if world != "" {
			text += " (world " + world + ")"
		}
		e.texts = append(e.texts, text)
	}
	for _, m := range all {
		if m.Kind == rt.OtherType {
			e.texts = append(e.texts, "export "+named(m.Interface, m.Name)+": "+typeDiff(m.Guest, m.Host))
			if code == "" {
				code = "RT202"
			}
		}
	}
	return code
}

// reason says why an import is missing.
func reason(m rt.Misfit) string {
	switch {
	case m.Kind == rt.OtherType:
		return typeDiff(m.Guest, m.Host)
	case len(m.Versions) > 0:
		_, version, _ := strings.Cut(m.Interface, "@")
		return "version " + version + ", host has " + strings.Join(m.Versions, ", ")
	case m.Near != "":
		return "not implemented; did you mean " + m.Near + "?"
	}
	return "not implemented"
}

// served says which versions the host has of an interface that the component has in
// another one. Where that is one that it has too, for plugins of another version of the
// world, the text says for which these are.
func (e *misfits) served(m rt.Misfit) string {
	base, wanted, _ := strings.Cut(m.Interface, "@")
	have, guest := slices.Clone(m.Versions), []string{m.Interface}
	if m.Export {
		have, guest = []string{wanted}, nil
		for _, v := range m.Versions {
			guest = append(guest, base+"@"+v)
		}
	}
	of := ""
	if whole := e.pipeline.slot.world.whole; whole != nil {
		for _, older := range whole.Older {
			names := e.pipeline.names(older, m.Export)
			if slices.ContainsFunc(guest, func(name string) bool { _, ok := names.Find(name); return ok }) {
				of = " for a plugin of " + e.link.World
			} else {
				have = append(have, names.Versions(base)...)
			}
		}
	}
	slices.SortFunc(have, wit.CompareVersions)
	have = slices.Compact(have)
	return fmt.Sprintf("%s (%s)%s", strings.Join(have, ", "), tracks(base, have), of)
}

// names finds the interfaces of one side of a world.
func (p *pipeline) names(w rt.World, exports bool) wit.Names {
	side := w.Imports
	if exports {
		side = w.Exports
	}
	all := make([]string, len(side))
	for i, x := range side {
		all[i] = x.Name
	}
	return wit.NewNames(p.slot.host.Config.Engine.Versions, all)
}

// tracks says in which tracks of compatibility versions are.
func tracks(base string, versions []string) string {
	var all []string
	for _, v := range versions {
		_, track, _ := strings.Cut(wit.InTrack(base+"@"+v), "@")
		if !slices.Contains(all, track) {
			all = append(all, track)
		}
	}
	if len(all) == 1 {
		return "track " + all[0]
	}
	return "tracks " + strings.Join(all, ", ")
}

// named names what is in an interface: "acme:kv/store@0.2.6.get".
func named(iface, name string) string {
	switch {
	case iface == "":
		return name
	case name == "":
		return iface
	}
	return iface + "." + name
}

// unversioned names it as policies do: "acme:kv/store.get".
func unversioned(m rt.Misfit) string {
	plain, _, _ := strings.Cut(m.Interface, "@")
	return named(plain, m.Name)
}
