package types

import "github.com/witgen/witgen/rt/internal/binary"

// coreInstance adds a core instance: its type is the list of its exports.
func (s *scope) coreInstance(d *binary.CoreInstance) error {
	at := d.Pos()
	if !d.Instantiate {
		return s.coreBag(d)
	}
	m, err := get(at, s.modules, d.Module, "core module")
	if err != nil {
		return err
	}
	args := make(map[string]*coreExports, len(d.Args))
	for _, a := range d.Args {
		exports, err := get(at, s.coreInsts, a.Instance, "core instance")
		if err != nil {
			return within(err, "argument %.64q", a.Name)
		}
		if _, ok := args[a.Name]; ok {
			return s.errorf(at, "argument %.64q is given twice", a.Name)
		}
		args[a.Name] = exports
	}
	for _, im := range m.Imports {
		if !s.ck.charge(im.steps()) {
			return s.exhausted(at)
		}
		exports, ok := args[im.Module]
		if !ok {
			return s.errorf(at, "core module %d imports %.64q %.64q, and no argument has that name", d.Module, im.Module, im.Name)
		}
		ex, ok := exports.export(im.Name)
		if !ok {
			return s.errorf(at, "core module %d imports %.64q %.64q, which its argument does not export", d.Module, im.Module, im.Name)
		}
		if err := ex.fits(im); err != nil {
			return s.errorf(at, "core module %d imports %.64q %.64q: %v", d.Module, im.Module, im.Name, err)
		}
	}
	s.coreInsts = append(s.coreInsts, m.exports)
	return nil
}

// coreBag adds a core instance that has existing definitions under new names.
func (s *scope) coreBag(d *binary.CoreInstance) error {
	exports := make([]CoreExtern, len(d.Exports))
	seen := make(map[string]bool, len(d.Exports))
	for i, x := range d.Exports {
		e, err := get(d.Pos(), s.core[x.Sort], x.Idx, "core "+x.Sort.String())
		if err != nil {
			return within(err, "export %.64q", x.Name)
		}
		if seen[x.Name] {
			return s.errorf(d.Pos(), "export %.64q is not unique", x.Name)
		}
		seen[x.Name] = true
		e.Name = x.Name
		exports[i] = e
	}
	s.coreInsts = append(s.coreInsts, &coreExports{list: exports})
	return nil
}
