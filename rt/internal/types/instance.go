package types

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// instance adds a component instance.
func (s *scope) instance(d *binary.Instance) error {
	if !d.Instantiate {
		return s.bag(d)
	}
	at := d.Pos()
	ct, err := get(at, s.comps, d.Component, "component")
	if err != nil {
		return err
	}
	if !s.ck.charge(len(ct.Imports)) {
		return s.exhausted(at)
	}
	args := make(map[string]Extern, len(d.Args))
	for _, a := range d.Args {
		e, err := s.ref(at, a.Ref)
		if err != nil {
			return within(err, "argument %.64q", a.Name)
		}
		if _, ok := args[a.Name]; ok {
			return s.errorf(at, "argument %.64q is given twice", a.Name)
		}
		args[a.Name] = e
	}
	sub := s.ck.substitution(nil)
	for _, im := range ct.Imports {
		a, ok := args[im.Name]
		if !ok {
			return s.errorf(at, "component %d: missing argument for import %.64q", d.Component, im.Name)
		}
		if err := sub.match(im, a); err != nil {
			return s.error(at, fmt.Errorf("argument %.64q of component %d: %w", im.Name, d.Component, err))
		}
	}
	in, err := s.instanceOf(at, sub.openAll(ct.Exports, wit.Owner{}))
	s.instances = append(s.instances, in)
	return err
}

// bag adds an instance that has existing definitions under new names. Those
// names are no place for resources with methods.
func (s *scope) bag(d *binary.Instance) error {
	exports := make([]Extern, 0, len(d.Exports))
	var names names
	for _, x := range d.Exports {
		e, err := s.ref(d.Pos(), x.Ref)
		if err == nil {
			e.Name = x.Name.Name
			if err = names.add(x.Name, e); err != nil {
				err = s.error(d.Pos(), err)
			}
		}
		if err != nil {
			return within(err, "export %.64q", x.Name.Name)
		}
		exports = append(exports, e)
	}
	in, err := s.instanceOf(d.Pos(), exports)
	s.instances = append(s.instances, in)
	return err
}
