package wit

import (
	"strings"

	"github.com/witgen/witgen/wit/internal/entity"
)

// world fills a world. What a component imports beside, such as modules, is
// left out of the world of a component.
func (d *decoder) world(file string, w *World, imports, exports []entity.Extern, component bool) error {
	s := d.newDraft(Owner{World: w})
	names := make(map[string]bool)
	for _, x := range imports {
		if t, ok := x.Item.(*entity.Type); ok {
			names[x.Name.Text] = true
			if err := s.importType(x, t); err != nil {
				return err
			}
			continue
		}
		item, err := s.extern(file, x)
		if err != nil {
			return err
		}
		if item == nil {
			if !component {
				return errorAt(x.Offset, "world %s imports %q, which WIT has no place for", w.Name, x.Name.Text)
			}
			continue
		}
		if names[item.Name()] || item.Label != "" && s.types[item.Label] != nil {
			return errorAt(x.Offset, "world %s has two imports %s", w.Name, item.Name())
		}
		names[item.Name()] = true
		w.Imports = append(w.Imports, item)
	}
	names = make(map[string]bool)
	for _, x := range exports {
		item, err := s.extern(file, x)
		switch {
		case err != nil:
			return err
		case item == nil:
			return errorAt(x.Offset, "world %s exports %q, which is neither a function nor an interface", w.Name, x.Name.Text)
		case names[item.Name()]:
			return errorAt(x.Offset, "world %s has two exports %s", w.Name, item.Name())
		case item.Func != nil && item.Func.Resource != nil:
			return errorAt(x.Offset, "world %s exports %s, and resources can only be exported in interfaces", w.Name, item.Label)
		}
		names[item.Name()] = true
		w.Exports = append(w.Exports, item)
	}
	return nil
}

// importType adds a type that a world imports, which is how it declares one.
func (s *draft) importType(x entity.Extern, t *entity.Type) error {
	def, err := s.define(x, t)
	if err != nil {
		return err
	}
	s.decoder.types[t] = def
	return s.declare(x.Offset, def)
}

// extern returns an import or export of a world; nil if WIT has no place for
// it.
func (s *draft) extern(file string, x entity.Extern) (*WorldItem, error) {
	item := &WorldItem{ExternalID: x.Name.ExternalID}
	switch contents := x.Item.(type) {
	case *entity.Func:
		f, err := s.function(x, contents)
		if err != nil {
			return nil, err
		}
		item.Label, item.Func = f.Name, f
		return item, nil
	case *entity.Instance:
		byID := strings.ContainsAny(x.Name.Text, ":/@")
		if !byID {
			if err := checkLabel(x.Offset, x.Name.Text); err != nil {
				return nil, err
			}
			item.Label = x.Name.Text
		}
		var err error
		if byID || x.Name.Implements != "" {
			item.Interface, err = s.namedInterface(file, x)
			return item, err
		}
		item.Interface = &Interface{Package: s.owner.World.Package}
		inline := s.newDraft(Owner{Interface: item.Interface})
		err = inline.fill(contents)
		item.Interface.arrange()
		return item, err
	}
	return nil, nil
}
