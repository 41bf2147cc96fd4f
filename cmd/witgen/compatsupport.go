package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// support is the support table of a world.
type support struct {
	world  string // with its package, without a version
	hosts  []*edition
	guests []*edition // that are released
	cells  [][]answer // by guests, then hosts
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
	var tables []*support
	for len(all) > 0 {
		n := 0
		for n < len(all) && bare(all[n].pkg.Name) == bare(all[0].pkg.Name) {
			n++
		}
		of := all[:n]
		all = all[n:]
		for _, world := range f.worldNames(of) {
			if s := f.support(world, of); len(s.guests) > 0 {
				tables = append(tables, s)
			}
		}
	}
	if len(tables) == 0 {
		return nil, fmt.Errorf("%s has no released contract with a world%s", filepath.ToSlash(f.golden), map[bool]string{true: " " + f.world}[f.world != ""])
	}
	return tables, f.unserved(tables)
}

// unserved returns an error for tracks that the newest host is to serve, and of
// which nothing is released.
func (f *compatFlags) unserved(tables []*support) error {
	var errs []error
	for _, track := range f.versions {
		has := func(s *support) bool { return servedBy(track, s.guests) != nil }
		if !slices.ContainsFunc(tables, has) {
			errs = append(errs, fmt.Errorf("--versions %s: %s has no released version of this track", track, filepath.ToSlash(f.golden)))
		}
	}
	return errors.Join(errs...)
}

// support returns the support table of a world.
func (f *compatFlags) support(world string, all []*edition) *support {
	s := &support{world: bare(all[0].pkg.Name) + "/" + world}
	newest := all[0]
	for _, e := range all {
		if e.current || !newest.current {
			newest = e
		}
		s.hosts = append(s.hosts, e)
		if e.released && e.pkg.World(world) != nil {
			s.guests = append(s.guests, e)
		}
	}
	for _, g := range s.guests {
		var row []answer
		for _, h := range s.hosts {
			row = append(row, f.answer(world, s, g, h, h == newest))
		}
		s.cells = append(s.cells, row)
	}
	return s
}

// answer says whether components built for an edition run on a host, which is the
// newest one or is not.
func (f *compatFlags) answer(world string, s *support, guest, host *edition, newest bool) answer {
	a := f.compared(world, guest.pkg, host.pkg)
	was, is := guest.pkg.Name.Version, host.pkg.Name.Version
	if a.verdict == supported || sameTrack(was, is) {
		return a
	}
	if newest {
		for _, track := range f.versions {
			if served := servedBy(track, s.guests); sameTrack(track, was) && served != nil {
				a = f.compared(world, guest.pkg, served.pkg)
				a.track = trackText(was)
				return a
			}
		}
	}
	apart := []string{trackText(was), trackText(is)}
	slices.Sort(apart) // which is one note for both ways
	return answer{verdict: refused, apart: apart}
}

// servedBy returns the newest edition of a track, which is what code is generated
// from that serves the track; nil if there is none.
func servedBy(track string, released []*edition) *edition {
	for _, e := range slices.Backward(released) {
		if sameTrack(track, e.pkg.Name.Version) {
			return e
		}
	}
	return nil
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
		if x.Role == compat.Imports && x.Rule != "WORLD_ITEM_SAME_DIRECTION" {
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
