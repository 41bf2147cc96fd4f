package wit

import (
	"github.com/witgen/witgen/wit/internal/binary"
	"github.com/witgen/witgen/wit/internal/entity"
)

// lookup returns the declaration that a type was given in an interface or
// world, the nearest if there are several; nil if it has none.
func (d *decoder) lookup(offset int, t *entity.Type) (*TypeDef, error) {
	for ; t != nil; t = t.Alias {
		if def := d.types[t]; def != nil {
			return def, nil
		}
		if err := d.spend(offset, 1); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// use returns what a declared type is called here. One of another interface
// is used, under its own name, unless it was.
func (s *draft) use(offset int, def *TypeDef) (*TypeDef, error) {
	if def.Owner == s.owner {
		return def, nil
	}
	if known := s.aliases[def]; known != nil {
		return known, nil
	}
	if err := s.usable(offset, def); err != nil {
		return nil, err
	}
	alias := &TypeDef{Name: def.Name, Owner: s.owner, Type: def}
	s.aliases[def] = alias
	return alias, s.declare(offset, alias)
}

// usable reports a type that WIT has no way to use here.
func (s *draft) usable(offset int, def *TypeDef) error {
	if i := def.Owner.Interface; i != nil && i.Name != "" {
		return nil
	}
	return errorAt(offset, "%s uses type %s of a world or of an interface without a name, which WIT cannot express", s.name(), def.Name)
}

// define returns the declaration of a type.
func (s *draft) define(x entity.Extern, t *entity.Type) (*TypeDef, error) {
	if err := checkLabel(x.Offset, x.Name.Text); err != nil {
		return nil, err
	}
	known, err := s.lookup(x.Offset, t)
	if err != nil {
		return nil, err
	}
	def := &TypeDef{Name: x.Name.Text, Owner: s.owner, ExternalID: x.Name.ExternalID}
	switch {
	case known != nil && known.Owner == s.owner && known.Name == def.Name:
		return known, nil
	case known != nil && known.Owner == s.owner:
		def.Type = known
	case known != nil:
		if err := s.usable(x.Offset, known); err != nil {
			return nil, err
		}
		def.Type = known
		if s.aliases[known] == nil {
			s.aliases[known] = def
		}
	default:
		root := t.Root()
		if def.Type, err = s.structure(root); err != nil {
			return nil, err
		}
		if nominal(root.Def.Kind) && s.named[root] == nil {
			s.named[root] = def
		}
	}
	return def, nil
}

// nominal reports whether WIT has types of a kind only with a name.
func nominal(k binary.Kind) bool {
	switch k {
	case binary.Record, binary.Variant, binary.Enum, binary.Flags:
		return true
	}
	return false
}

// sameDef reports whether two declarations of one name say the same.
func sameDef(a, b *TypeDef) bool {
	a, b = a.Root(), b.Root()
	if a == b {
		return true
	}
	_, resource := a.Type.(*Resource)
	_, too := b.Type.(*Resource)
	if resource || too {
		// Each time that an interface is met its resources are new ones.
		return resource && too && a.Name == b.Name && a.Owner == b.Owner
	}
	return same(a.Type, b.Type)
}

// same reports whether two types are, written with the names of one scope.
func same(a, b Type) bool { return declText(a) == declText(b) }

func declText(t Type) string {
	p := printer{}
	p.typeDef(&TypeDef{Type: t}, nil)
	return p.b.String()
}

// sameFunc reports whether two functions of one name have the same type.
func sameFunc(a, b *Func) bool {
	p := printer{}
	return p.signature(a) == p.signature(b)
}
