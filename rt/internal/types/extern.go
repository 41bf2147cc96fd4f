package types

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// importDef adds an import.
func (s *scope) importDef(at int, n binary.Name, t binary.ExternType) error {
	e, err := s.extern(at, n, t)
	if err == nil {
		err = s.addImport(at, n, e)
	}
	return within(err, "import %.64q", n.Name)
}

func implements(n binary.Name) string {
	if n.Implements == nil {
		return ""
	}
	return *n.Implements
}

func suffix(n binary.Name) string {
	if n.VersionSuffix == nil {
		return ""
	}
	return *n.VersionSuffix
}

func (s *scope) addImport(at int, n binary.Name, e Extern) error {
	if err := s.importNames.add(n, e); err != nil {
		return s.error(at, err)
	}
	if err := s.visible(at, s.importable, e); err != nil {
		return err
	}
	s.markImported(e, make(map[*Instance]bool))
	s.importNames.introduce(n.Name, e)
	s.imports = append(s.imports, e)
	s.add(e)
	return nil
}

// addExport adds an export and the index that it makes.
func (s *scope) addExport(at int, n binary.Name, e Extern) error {
	if err := s.exportNames.add(n, e); err != nil {
		return s.error(at, err)
	}
	if err := s.visible(at, s.exportable, e); err != nil {
		return err
	}
	s.exportNames.introduce(n.Name, e)
	s.exports = append(s.exports, e)
	s.add(e)
	return nil
}

func (s *scope) visible(at int, v *visibility, e Extern) error {
	if v == nil {
		return nil
	}
	if t := v.hidden(e); t != nil {
		by := "import"
		if v == s.exportable {
			by = "import or export"
		}
		return s.errorf(at, "the %s refers to %s by a type index that no earlier %s makes: it has no name outside", e.kind(), typeText(t), by)
	}
	return nil
}

// markImported notes the resources that an import brings: unlike a
// component's own they are not made anew by each instantiation. It visits each
// instance once.
func (s *scope) markImported(e Extern, done map[*Instance]bool) {
	if e.Sub {
		if s.imported == nil {
			s.imported = make(map[*wit.TypeDef]bool)
		}
		s.imported[resource(e.Type)] = true
	}
	if in := e.Instance; in != nil && !done[in] && s.ck.charge(len(in.Exports)) {
		done[in] = true
		for _, x := range in.Exports {
			s.markImported(x, done)
		}
	}
}

// extern returns the type of an import or export. What it brings in is new:
// names and resources are made for it.
func (s *scope) extern(at int, n binary.Name, t binary.ExternType) (Extern, error) {
	name := n.Name
	e := Extern{Name: name, Implements: implements(n), Suffix: suffix(n)}
	switch t.Sort {
	case binary.SortCore:
		ct, err := get(at, s.coreTypes, t.Idx, "core type")
		if err == nil && ct.module == nil {
			err = s.errorf(at, "core type %d is not a module type", t.Idx)
		}
		e.Module = ct.module
		return e, err
	case binary.SortType:
		if t.Sub {
			e.Type, e.Sub = Value{&wit.TypeDef{Name: name, Type: &wit.Resource{}}}, true
			return e, nil
		}
		d, err := get(at, s.types, t.Idx, "type")
		if v, ok := d.(Value); ok {
			d = Value{s.ck.named(name, v.Type)}
		}
		e.Type = d
		return e, err
	case binary.SortValue:
		return e, s.beyond(at, "values are")
	}
	d, err := get(at, s.types, t.Idx, "type")
	if err != nil {
		return e, err
	}
	switch d := d.(type) {
	case *Func:
		e.Func = d.Func
	case *Instance:
		e.Instance = d
	case *ComponentType:
		e.Component = d
	}
	switch {
	case t.Sort == binary.SortFunc && e.Func == nil:
		return e, s.errorf(at, "type %d is not a function type", t.Idx)
	case t.Sort == binary.SortInstance && e.Instance == nil:
		return e, s.errorf(at, "type %d is not an instance type", t.Idx)
	case t.Sort == binary.SortComponent && e.Component == nil:
		return e, s.errorf(at, "type %d is not a component type", t.Idx)
	}
	return s.ck.substitution(nil).open(e, wit.Owner{}), nil
}

// export adds an export of a component, and the index that it makes. A type
// that is ascribed is the export's from then on.
func (s *scope) export(d *binary.Export) error {
	at, name := d.Pos(), d.Name.Name
	e, err := s.ref(at, d.Ref)
	if err != nil {
		return err
	}
	e.Name = name
	if v, ok := e.Type.(Value); ok {
		e.Type = Value{s.ck.named(name, v.Type)}
	}
	if d.Type != nil {
		want, err := s.extern(at, d.Name, *d.Type)
		if err != nil {
			return err
		}
		if err := s.ck.substitution(nil).match(want, e); err != nil {
			return s.errorf(at, "ascribed type does not fit: %v", err)
		}
		e = want
	}
	e.Implements, e.Suffix = implements(d.Name), suffix(d.Name)
	s.own(&e, interfaceOwner(e, wit.Owner{}), make(map[*Instance]*Instance))
	return s.addExport(at, d.Name, e)
}

// own gives the resources of an export that are the component's own the name
// they are exported by, if they have none yet, and marks them as such. It
// visits each instance once.
func (s *scope) own(e *Extern, owner wit.Owner, done map[*Instance]*Instance) {
	if r := resource(e.Type); r != nil {
		if e.Sub = s.makes(e.Type); e.Sub {
			if r.Name == "" {
				r.Name = e.Name
			}
			if r.Owner == (wit.Owner{}) {
				r.Owner = owner
			}
		}
	}
	if e.Instance == nil {
		return
	}
	if in := done[e.Instance]; in != nil {
		e.Instance = in
		return
	}
	if !s.ck.charge(len(e.Instance.Exports) + 1) {
		return
	}
	in := &Instance{Exports: make([]Extern, len(e.Instance.Exports)), depth: e.Instance.depth}
	for i, x := range e.Instance.Exports {
		s.own(&x, owner, done)
		in.Exports[i] = x
	}
	done[e.Instance] = in
	e.Instance = in
}
