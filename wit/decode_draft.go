package wit

import "github.com/witgen/witgen/wit/internal/entity"

// draft is an interface or world being decoded.
type draft struct {
	*decoder
	owner Owner
	// whole is set when all there is in an interface is known. Others are met
	// in parts, in each world that needs some of them.
	whole bool

	types   map[string]*TypeDef
	funcs   map[string]*Func
	aliases map[*TypeDef]*TypeDef      // types of other interfaces to what they are called here
	named   map[*entity.Type]*TypeDef  // records and the like to their names here
	plain   map[*entity.Type]plainType // types without a name
}

// plainType is a type without a name, and how many parts it has when it is
// written out.
type plainType struct {
	typ   Type
	parts int
}

func (d *decoder) newDraft(o Owner) *draft {
	return &draft{
		decoder: d,
		owner:   o,
		types:   make(map[string]*TypeDef),
		funcs:   make(map[string]*Func),
		aliases: make(map[*TypeDef]*TypeDef),
		named:   make(map[*entity.Type]*TypeDef),
		plain:   make(map[*entity.Type]plainType),
	}
}

// draftOf returns the interface of that name in a package.
func (d *decoder) draftOf(p *Package, name string) *draft {
	id := p.Name.item(name)
	s := d.interfaces[id]
	if s == nil {
		i := &Interface{Package: p, Name: name}
		p.Interfaces = append(p.Interfaces, i)
		s = d.newDraft(Owner{Interface: i})
		d.interfaces[id] = s
	}
	return s
}

// namedInterface returns the interface that an import or export is called by,
// with what this instance of it has.
func (d *decoder) namedInterface(file string, x entity.Extern) (*Interface, error) {
	inst, ok := x.Item.(*entity.Instance)
	if !ok {
		return nil, errorAt(x.Offset, "%q is no instance, as an interface would be", x.Name.Text)
	}
	text, suffix := x.Name.Text, x.Name.VersionSuffix
	if x.Name.Implements != "" {
		text, suffix = x.Name.Implements, ""
	}
	pkg, name, err := parseID(x.Offset, text, suffix)
	if err != nil {
		return nil, err
	}
	if todo := d.pending[pkg.item(name)]; todo != nil {
		if err := d.settle(file, todo); err != nil {
			return nil, err
		}
	}
	s := d.draftOf(d.pkg(pkg, file), name)
	return s.owner.Interface, s.merge(inst)
}

// fill adds all there is in an interface.
func (s *draft) fill(inst *entity.Instance) error {
	err := s.merge(inst)
	s.whole = true
	return err
}

// merge adds what an instance of an interface has that is not known yet, and
// compares the rest.
func (s *draft) merge(inst *entity.Instance) error {
	for _, x := range inst.Exports {
		if err := s.item(x); err != nil {
			return err
		}
	}
	return nil
}

// item adds a type or function.
func (s *draft) item(x entity.Extern) error {
	name := x.Name.Text
	switch item := x.Item.(type) {
	case *entity.Type:
		def, err := s.define(x, item)
		if err != nil {
			return err
		}
		if known := s.types[name]; known != nil {
			if s.types[name] != def && !sameDef(known, def) {
				return errorAt(x.Offset, "%s has two types %s, which differ", s.name(), name)
			}
			s.decoder.types[item] = known
			return nil
		}
		s.decoder.types[item] = def
		return s.declare(x.Offset, def)
	case *entity.Func:
		f, err := s.function(x, item)
		if err != nil {
			return err
		}
		if known := s.funcs[name]; known != nil {
			if !sameFunc(known, f) {
				return errorAt(x.Offset, "%s has two functions %s, which differ", s.name(), name)
			}
			return nil
		}
		return s.addFunc(x.Offset, f)
	}
	return errorAt(x.Offset, "%s has %q, which is neither a type nor a function", s.name(), name)
}

// declare adds a type.
func (s *draft) declare(offset int, def *TypeDef) error {
	if err := s.open(offset, def.Name); err != nil {
		return err
	}
	s.types[def.Name] = def
	if i := s.owner.Interface; i != nil {
		i.Types = append(i.Types, def)
		return nil
	}
	w := s.owner.World
	w.Imports = append(w.Imports, &WorldItem{Label: def.Name, Type: def, ExternalID: def.ExternalID})
	return nil
}

func (s *draft) addFunc(offset int, f *Func) error {
	if err := s.open(offset, f.Name); err != nil {
		return err
	}
	s.funcs[f.Name] = f
	i := s.owner.Interface
	i.Funcs = append(i.Funcs, f)
	return nil
}

// arrange puts the functions of each resource in one place, as text has them,
// and those places in the order of the resources.
func (i *Interface) arrange() {
	of := make(map[*TypeDef][]*Func)
	for _, f := range i.Funcs {
		if f.Resource != nil {
			of[f.Resource] = append(of[f.Resource], f)
		}
	}
	var resources []*TypeDef // with functions
	for _, d := range i.Types {
		if of[d] != nil {
			resources = append(resources, d)
		}
	}
	placed := make(map[*TypeDef]bool)
	funcs := make([]*Func, 0, len(i.Funcs))
	for _, f := range i.Funcs {
		switch {
		case f.Resource == nil:
			funcs = append(funcs, f)
		case !placed[f.Resource]:
			placed[f.Resource] = true
			funcs = append(funcs, of[resources[0]]...)
			resources = resources[1:]
		}
	}
	i.Funcs = funcs
}

// open reports a name that cannot be added.
func (s *draft) open(offset int, name string) error {
	switch {
	case s.types[name] != nil || s.funcs[name] != nil:
		return errorAt(offset, "%s has two items %s", s.name(), name)
	case s.whole:
		return errorAt(offset, "%s has no %s, which is wanted of it here", s.name(), name)
	}
	return nil
}

// name says what the draft is, for errors.
func (s *draft) name() string {
	switch i := s.owner.Interface; {
	case i == nil:
		return "world " + s.owner.World.Name
	case i.Name == "":
		return "an interface of the world"
	default:
		return "interface " + i.ID()
	}
}
