package policy

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// stateRoot is the directory that the host has for what plugins keep.
const stateRoot = "${state}"

// clean returns the directory with one spelling of its paths and its mode, and a
// quota only where something is written.
func (d Dir) clean() Dir {
	d.Host, d.Guest = cleanPath(d.Host), cleanPath(d.Guest)
	if d.Mode != ReadWrite {
		d.Mode, d.Quota = ReadOnly, 0
	}
	return d
}

// cleanPath returns a path with slashes and without parts that say nothing.
func cleanPath(p string) string {
	if p == "" {
		return ""
	}
	if drive(p) {
		p = strings.ReplaceAll(p, `\`, "/")
	}
	return path.Clean(p)
}

// drive reports whether a path begins with a drive of Windows.
func drive(p string) bool {
	return len(p) >= 3 && p[1] == ':' && (p[2] == '\\' || p[2] == '/') &&
		('a' <= p[0] && p[0] <= 'z' || 'A' <= p[0] && p[0] <= 'Z')
}

// below returns what leads from a directory to a path that is in it, or is it.
func below(p, dir string) (rest string, ok bool) {
	dir = strings.TrimSuffix(dir, "/")
	if p == dir {
		return "", true
	}
	rest, ok = strings.CutPrefix(p, dir+"/")
	return rest, ok
}

// inside returns the directory with a path further in.
func (d Dir) inside(rest string) Dir {
	if rest != "" {
		d.Host, d.Guest = path.Join(d.Host, rest), path.Join(d.Guest, rest)
	}
	return d
}

// andHost returns what of a directory is in another, by their paths on the host.
func (d Dir) andHost(o Dir) (Dir, bool) {
	if _, ok := below(d.Host, o.Host); ok {
		return d.weaker(o), true
	}
	rest, ok := below(o.Host, d.Host)
	return d.inside(rest).weaker(o), ok
}

// andGuest is andHost by the paths of the guest.
func (d Dir) andGuest(o Dir) (Dir, bool) {
	if _, ok := below(d.Guest, o.Guest); ok {
		return d.weaker(o), true
	}
	rest, ok := below(o.Guest, d.Guest)
	return d.inside(rest).weaker(o), ok
}

// weaker returns the directory with the rights that the other has too.
func (d Dir) weaker(o Dir) Dir {
	if o.Mode != ReadWrite {
		d.Mode, d.Quota = ReadOnly, 0
	}
	if d.Mode == ReadWrite && o.Quota != 0 && (d.Quota == 0 || o.Quota < d.Quota) {
		d.Quota = o.Quota
	}
	return d
}

// has reports whether a directory has all of another's paths and rights.
func (d Dir) has(o Dir) bool {
	atHost, ok := below(o.Host, d.Host)
	atGuest, ok2 := below(o.Guest, d.Guest)
	return ok && ok2 && atHost == atGuest && o == o.weaker(d)
}

// String returns the directory for people.
func (d Dir) String() string {
	text := d.Host + " " + string(d.Mode)
	if d.Quota != 0 {
		text += ", quota " + d.Quota.format(" ")
	}
	if d.Guest != "" {
		text += ", at " + d.Guest
	}
	return text
}

// piece is what is left of a directory, and of which.
type piece struct {
	Dir
	of, by int // indexes of who gives it and who lets it
}

// cutDirs returns what of directories others have too, and what they have not. A
// quota that several directories have to share is divided between them.
func cutDirs(dirs, others []Dir, and func(d, o Dir) (Dir, bool), by string) ([]Dir, []Note) {
	var pieces []piece
	others = narrowestFirst(others)
	for i, d := range dirs {
		for j, o := range others {
			if both, ok := and(d, o); ok {
				pieces = append(pieces, piece{both, i, j})
			}
		}
	}
	pieces = slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool {
		return slices.ContainsFunc(pieces, func(o piece) bool {
			// Of two that are the same that stays which is by the narrower one.
			return o.of == p.of && o.has(p.Dir) && (o.Dir != p.Dir || o.by < p.by)
		})
	})
	share(pieces, dirs, func(p piece) int { return p.of })
	share(pieces, others, func(p piece) int { return p.by })
	var all []Dir
	var notes []Note
	for i, d := range dirs {
		var left []string
		for _, p := range pieces {
			if p.of == i {
				all = append(all, p.Dir)
				left = append(left, p.String())
			}
		}
		if to := strings.Join(left, "; "); to != d.String() {
			notes = append(notes, Note{What: "fs", From: d.String(), To: to, By: by})
		}
	}
	return sortDirs(all), notes
}

// narrowestFirst returns directories in an order in which none is in a later one,
// unless it has less rights to the same path.
func narrowestFirst(dirs []Dir) []Dir {
	all := make([]Dir, len(dirs))
	for i, d := range dirs {
		all[i] = d.clean()
	}
	slices.SortFunc(all, func(a, b Dir) int {
		return cmp.Or(cmp.Compare(len(b.Host)+len(b.Guest), len(a.Host)+len(a.Guest)),
			cmp.Compare(a.Host, b.Host), cmp.Compare(a.Guest, b.Guest), cmp.Compare(b.Mode, a.Mode),
			cmp.Compare(uint64(b.Quota-1), uint64(a.Quota-1))) // 0 is the most
	})
	return all
}

// share divides the quota of each directory between the pieces that are of it.
func share(pieces []piece, of []Dir, which func(piece) int) {
	writable := make([]int, len(of))
	for _, p := range pieces {
		if p.Mode == ReadWrite {
			writable[which(p)]++
		}
	}
	for i := range pieces {
		p := &pieces[i]
		n := which(*p)
		if quota := of[n].Quota; p.Mode == ReadWrite && quota != 0 && writable[n] > 1 {
			p.Quota = min(p.Quota, max(quota/Size(writable[n]), 1))
		}
	}
}

// sortDirs sorts directories by the guest's paths, and drops those that are there
// twice.
func sortDirs(dirs []Dir) []Dir {
	slices.SortFunc(dirs, func(a, b Dir) int {
		return cmp.Or(cmp.Compare(a.Guest, b.Guest), cmp.Compare(a.Host, b.Host),
			cmp.Compare(a.Mode, b.Mode), cmp.Compare(a.Quota, b.Quota))
	})
	return slices.Compact(dirs)
}
