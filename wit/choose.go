package wit

import (
	"fmt"
	"strings"
)

// ChooseWorld returns the world that a name means: one of the package's own,
// or "ns:pkg/world@version" for one of any package that was loaded with it,
// where the version may be left out if one fits. No name means the package's
// only world. The error lists the worlds there are.
func (p *Package) ChooseWorld(name string) (*World, error) {
	if name == "" {
		if len(p.Worlds) == 1 {
			return p.Worlds[0], nil
		}
		if len(p.Worlds) == 0 {
			return nil, fmt.Errorf("package %s has no world%s", p.Name, p.candidates())
		}
		return nil, fmt.Errorf("package %s has %d worlds, which one is not said%s", p.Name, len(p.Worlds), p.candidates())
	}
	if !strings.Contains(name, ":") {
		if w := p.World(name); w != nil {
			return w, nil
		}
		return nil, fmt.Errorf("package %s has no world %q%s", p.Name, name, p.candidates())
	}
	var found []*World
	for _, w := range p.worlds() {
		base, _, _ := strings.Cut(w.ID(), "@")
		if w.ID() == name {
			return w, nil
		}
		if base == name {
			found = append(found, w)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("no world %q is loaded%s", name, p.candidates())
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("world %q is loaded in several versions%s", name, p.candidates())
}

// worlds returns the worlds that are loaded, the package's own first.
func (p *Package) worlds() []*World {
	list := append([]*World(nil), p.Worlds...)
	if p.origin == nil {
		return list
	}
	for _, q := range p.origin.packages {
		if q != p {
			list = append(list, q.Worlds...)
		}
	}
	return list
}

// candidates returns the end of an error, which lists the worlds there are.
func (p *Package) candidates() string {
	var names []string
	for _, w := range p.worlds() {
		if w.Package == p {
			names = append(names, w.Name)
		} else {
			names = append(names, w.ID())
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; there are " + strings.Join(names, ", ")
}
