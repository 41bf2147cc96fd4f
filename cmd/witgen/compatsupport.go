package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// support is the support table of a world.
type support struct {
	name   string
	world  string // with its package, without a version
	hosts  []*edition
	guests []*edition              // that are released
	newest *edition                // of the hosts
	served map[*edition][]*edition // by hosts, beside their own
	cells  [][]answer              // by guests, then hosts
}

// answer says whether components built for an edition run on a host.
type answer struct {
	verdict supportVerdict
	track   string // that the host serves beside its own; empty if it is that
	reasons []supportReason
	// apart are the tracks of the two, where they are others and the host serves
	// its own alone.
	apart []string
}

// supportVerdict is what a cell of the table says.
type supportVerdict string

// The verdicts.
const (
	supported supportVerdict = "yes"
	partly    supportVerdict = "partly"
	refused   supportVerdict = "no"
)

// supportReason is why components do not run, or what they must not use.
type supportReason struct {
	item, rule, message string
	usedBy              []string
}

// supports returns the support table of each world.
func (f *compatFlags) supports() ([]*support, error) {
	all, err := f.editions()
	if err != nil {
		return nil, err
	}
	hint := ": 'witgen golden --release X.Y.Z' keeps one"
	if slices.ContainsFunc(all, func(e *edition) bool { return e.released }) {
		hint = ""
	}
	var tables []*support
	unserved := make(map[string]error) // by the versions in --versions
	for len(all) > 0 {
		n := 0
		for n < len(all) && bare(all[n].pkg.Name) == bare(all[0].pkg.Name) {
			n++
		}
		for _, world := range f.worldNames(all[:n]) {
			s := newSupport(world, all[:n])
			if len(s.guests) == 0 {
				continue
			}
			tables = append(tables, s)
			if err := f.serve(s, unserved); err != nil {
				return nil, err
			}
			if err := f.serveReleased(s); err != nil {
				return nil, err
			}
			f.fill(s)
		}
		all = all[n:]
	}
	if len(tables) == 0 {
		return nil, fmt.Errorf("%s has no released contract with a world%s%s", filepath.ToSlash(f.golden), map[bool]string{true: " " + f.world}[f.world != ""], hint)
	}
	for _, v := range f.versions {
		if unserved[v] != nil {
			return nil, unserved[v]
		}
	}
	return tables, nil
}

// newSupport returns the table of a world, without its cells.
func newSupport(world string, all []*edition) *support {
	s := &support{served: make(map[*edition][]*edition), name: world, world: bare(all[0].pkg.Name) + "/" + world, hosts: all, newest: all[0]}
	for _, e := range all {
		if e.path != "" || s.newest.path == "" {
			s.newest = e
		}
		if e.released && e.pkg.World(world) != nil {
			s.guests = append(s.guests, e)
		}
	}
	return s
}

// serve settles which released versions the newest host serves beside its own. Of
// those that flags ask for, each wants to be there in one table at least.
func (f *compatFlags) serve(s *support, unserved map[string]error) error {
	var names []wit.PackageName
	for _, g := range s.guests {
		names = append(names, g.pkg.Name)
	}
	for _, v := range f.served(s.newest, s.name) {
		if inTrackOf(v, s.newest.pkg.Name.Version) {
			unserved[v] = nil
			continue
		}
		n, err := newestOf(names, v)
		_, told := unserved[v]
		switch {
		case err == nil:
			unserved[v] = nil
			s.served[s.newest] = append(s.served[s.newest], s.guests[slices.Index(names, n)])
		case !f.given["versions"]:
			return fmt.Errorf("versions %s: %s %w", v, filepath.ToSlash(f.golden), err)
		case !told:
			unserved[v] = fmt.Errorf("--versions %s: %s %w", v, filepath.ToSlash(f.golden), err)
		}
	}
	return nil
}

// serveReleased settles which versions released hosts serve beside their own: those
// that they did when they were released. Of one that is worked on it is known.
func (f *compatFlags) serveReleased(s *support) error {
	lock, err := readGoldenLock(f.golden)
	if err != nil || lock == nil {
		return err
	}
	for _, h := range s.hosts {
		if !h.released || h == s.newest && (h.path != "" || f.given["versions"]) {
			continue
		}
		versions := lock.Serves[h.pkg.Name.String()][s.name]
		for _, g := range s.guests {
			if slices.Contains(versions, g.pkg.Name.Version) {
				s.served[h] = append(s.served[h], g)
			}
		}
	}
	return nil
}

// fill fills the cells.
func (f *compatFlags) fill(s *support) {
	for _, g := range s.guests {
		var row []answer
		for _, h := range s.hosts {
			row = append(row, f.answer(s, g, h))
		}
		s.cells = append(s.cells, row)
	}
}

// answer says whether components built for an edition run on a host.
func (f *compatFlags) answer(s *support, guest, host *edition) answer {
	was, is := guest.pkg.Name.Version, host.pkg.Name.Version
	if sameTrack(was, is) || meet(guest.pkg.World(s.name), host.pkg.World(s.name)) {
		return f.compared(s.name, guest.pkg, host.pkg)
	}
	for _, e := range s.served[host] {
		if sameTrack(e.pkg.Name.Version, was) {
			a := f.compared(s.name, guest.pkg, e.pkg)
			a.track = trackText(was)
			return a
		}
	}
	apart := []string{trackText(was), trackText(is)}
	slices.Sort(apart) // which is one note for both ways
	return answer{verdict: refused, apart: apart}
}

// meet reports whether the interfaces of two worlds meet by their names, as those
// of two tracks do that have none of their own.
func meet(guest, host *wit.World) bool {
	return guest != nil && host != nil && namesIn(guest.Imports, host.Imports) && namesIn(host.Exports, guest.Exports)
}

// namesIn reports whether something stands for each interface among those that are
// had.
func namesIn(wanted, had []*wit.WorldItem) bool {
	var list []string
	for _, item := range had {
		if item.Interface != nil {
			list = append(list, item.Name())
		}
	}
	names := wit.NewNames(wit.MatchTrack, list)
	for _, item := range wanted {
		if item.Interface == nil {
			continue
		}
		if _, ok := names.Find(item.Name()); !ok {
			return false
		}
	}
	return true
}

// trackText returns the track of a version as tables have it.
func trackText(version string) string {
	if version == "" {
		return "no version"
	}
	return wit.InTrack("@" + version)[1:]
}

// compared says whether components built for one contract run on a host of
// another, by what package compat finds for guests. What they import and do not
// use is not asked for when they are linked; what they export is.
func (f *compatFlags) compared(world string, guest, host *wit.Package) answer {
	found := compat.Compare(guest, host, compat.Options{Worlds: []string{world}, Unstable: f.unstable, Optional: f.optional})
	a := answer{verdict: supported}
	var some, none []supportReason
	for _, x := range found {
		if x.Direction != compat.ToGuests || x.Severity != compat.Error {
			continue
		}
		to := &none
		if x.Role == compat.Imports && x.Rule != "WORLD_ITEM_SAME_DIRECTION" && !usedByExport(x, guest.World(world)) {
			to = &some
		}
		r := supportReason{x.Item, x.Rule, x.Message, x.UsedBy}
		if !slices.ContainsFunc(*to, func(o supportReason) bool { return o.item == r.item && o.rule == r.rule }) {
			*to = append(*to, r)
		}
	}
	switch {
	case len(none) > 0:
		a.verdict, a.reasons = refused, none
	case len(some) > 0:
		a.verdict, a.reasons = partly, some
	}
	return a
}

// usedByExport reports whether a finding about a type concerns a function that a
// world exports: components have that, whatever they use.
func usedByExport(x compat.Finding, w *wit.World) bool {
	return w != nil && slices.ContainsFunc(x.UsedBy, func(function string) bool {
		of, name, _ := strings.Cut(function, "#")
		label, _, _ := strings.Cut(name, ".")
		return slices.ContainsFunc(w.Exports, func(item *wit.WorldItem) bool {
			if item.Label != "" {
				return item.Label == label && of == bare(w.Package.Name)+"/"+w.Name
			}
			return item.Interface != nil && of == unversioned(item.Interface.ID())
		})
	})
}
