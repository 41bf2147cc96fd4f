package types

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// substitution replaces the types that imports bring, and resources, in types.
// It returns a type as it is where nothing in it is replaced.
type substitution struct {
	ck   *checker
	up   *substitution // what it replaces is replaced here too
	of   map[*wit.TypeDef]wit.Type
	done map[wit.Type]wit.Type

	opened, closed map[*Instance]*Instance
	comps          map[*ComponentType]*ComponentType
}

func (ck *checker) substitution(up *substitution) *substitution {
	return &substitution{
		ck: ck, up: up, of: make(map[*wit.TypeDef]wit.Type), done: make(map[wit.Type]wit.Type),
		opened: make(map[*Instance]*Instance), closed: make(map[*Instance]*Instance), comps: make(map[*ComponentType]*ComponentType),
	}
}

// lookup returns what a name is replaced by, or nil.
func (s *substitution) lookup(t *wit.TypeDef) wit.Type {
	for ; s != nil; s = s.up {
		if u := s.of[t]; u != nil {
			return u
		}
	}
	return nil
}

func (s *substitution) isEmpty() bool {
	for ; s != nil; s = s.up {
		if len(s.of) > 0 {
			return false
		}
	}
	return true
}

// openAll replaces in each extern, as open does.
func (s *substitution) openAll(list []Extern, owner wit.Owner) []Extern {
	if !s.ck.charge(len(list)) {
		return nil
	}
	out := make([]Extern, len(list))
	for i, e := range list {
		out[i] = s.open(e, owner)
	}
	return out
}

// open replaces in the extern. Resources of its own that are not replaced yet
// become new resources of that owner: it is what an instance has that was just
// made or imported.
func (s *substitution) open(e Extern, owner wit.Owner) Extern {
	switch {
	case e.Sub:
		if r := resource(e.Type); s.lookup(r) == nil && s.ck.charge(4) {
			s.of[r] = &wit.TypeDef{Name: e.Name, Owner: owner, Type: &wit.Resource{}}
		}
	case e.Instance != nil:
		in := s.opened[e.Instance]
		if in == nil {
			in = &Instance{Exports: s.openAll(e.Instance.Exports, interfaceOwner(e, owner)), depth: e.Instance.depth}
			if slices.Equal(in.Exports, e.Instance.Exports) {
				in = e.Instance
			}
			s.opened[e.Instance] = in
		}
		e.Instance = in
		return e
	}
	return s.replace(e)
}

// replaceAll replaces in each extern, as replace does.
func (s *substitution) replaceAll(list []Extern) []Extern {
	if !s.ck.charge(len(list)) {
		return nil
	}
	out := make([]Extern, len(list))
	for i, e := range list {
		out[i] = s.replace(e)
	}
	if slices.Equal(out, list) {
		return list
	}
	return out
}

// replace replaces in the extern and makes nothing new.
func (s *substitution) replace(e Extern) Extern {
	if s.isEmpty() {
		return e
	}
	switch {
	case e.Func != nil:
		e.Func = s.function(e.Func)
	case e.Type != nil:
		e.Type = s.def(e.Type)
	case e.Instance != nil:
		e.Instance = s.instance(e.Instance)
	case e.Component != nil:
		e.Component = s.component(e.Component)
	}
	return e
}

func (s *substitution) def(d Def) Def {
	switch d := d.(type) {
	case Value:
		return Value{s.value(d.Type)}
	case *Func:
		if f := s.function(d.Func); f != d.Func {
			return &Func{f}
		}
	case *Instance:
		return s.instance(d)
	case *ComponentType:
		return s.component(d)
	}
	return d
}

func (s *substitution) instance(in *Instance) *Instance {
	out := s.closed[in]
	if out == nil {
		out = &Instance{Exports: s.replaceAll(in.Exports), depth: in.depth}
		if slices.Equal(out.Exports, in.Exports) {
			out = in
		}
		s.closed[in] = out
	}
	return out
}

func (s *substitution) component(c *ComponentType) *ComponentType {
	out := s.comps[c]
	if out == nil {
		out = &ComponentType{Imports: s.replaceAll(c.Imports), Exports: s.replaceAll(c.Exports), depth: c.depth}
		s.comps[c] = out
	}
	return out
}

func (s *substitution) function(f *wit.Func) *wit.Func {
	if s.isEmpty() || !s.ck.charge(2*len(f.Params)+4) {
		return f
	}
	g := *f
	g.Params = make([]wit.Param, len(f.Params))
	for i, p := range f.Params {
		g.Params[i] = wit.Param{Name: p.Name, Type: s.value(p.Type)}
	}
	g.Result = s.value(f.Result)
	if g.Result == f.Result && slices.Equal(g.Params, f.Params) {
		return f
	}
	return &g
}

// value replaces in a value type. Types are finite trees that share parts, so
// each part is visited once.
func (s *substitution) value(t wit.Type) wit.Type {
	switch t.(type) {
	case nil, wit.Primitive, *wit.Enum, *wit.Flags:
		return t
	}
	if s.isEmpty() {
		return t
	}
	if u, ok := s.done[t]; ok {
		return u
	}
	var u wit.Type
	switch t := t.(type) {
	case *wit.TypeDef:
		u = s.name(t)
	case *wit.Handle:
		u = t
		if r := s.value(t.Resource).(*wit.TypeDef); r != t.Resource {
			u = &wit.Handle{Borrow: t.Borrow, Resource: r}
		}
	default:
		u = s.composite(t)
	}
	s.done[t] = u
	if u != t {
		s.ck.measures[u] = s.ck.measure(t)
	}
	return u
}

// name replaces a name. A name that stays keeps its identity; it becomes
// another if what it stands for is replaced.
func (s *substitution) name(t *wit.TypeDef) wit.Type {
	if u := s.lookup(t); u != nil {
		return u
	}
	if root := t.Root(); isResource(root) {
		if u := s.lookup(root); u != nil {
			return &wit.TypeDef{Name: t.Name, Type: u.(*wit.TypeDef).Root()}
		}
		return t
	}
	if u := s.value(t.Type); u != t.Type {
		return &wit.TypeDef{Name: t.Name, Owner: t.Owner, Type: u}
	}
	return t
}

func (s *substitution) composite(t wit.Type) wit.Type {
	old := parts(t)
	if !s.ck.charge(len(old) + 1) {
		return t
	}
	ps := make([]wit.Type, len(old))
	for i, p := range old {
		ps[i] = s.value(p)
	}
	if slices.Equal(ps, old) || !s.ck.charge(len(old)) {
		return t
	}
	switch t := t.(type) {
	case *wit.Record:
		u := &wit.Record{Fields: make([]wit.Field, len(ps))}
		for i, p := range ps {
			u.Fields[i] = wit.Field{Name: t.Fields[i].Name, Type: p}
		}
		return u
	case *wit.Variant:
		u := &wit.Variant{Cases: make([]wit.Case, len(ps))}
		for i, p := range ps {
			u.Cases[i] = wit.Case{Name: t.Cases[i].Name, Type: p}
		}
		return u
	case *wit.Tuple:
		return &wit.Tuple{Types: ps}
	case *wit.Option:
		return &wit.Option{Elem: ps[0]}
	case *wit.Result:
		return &wit.Result{OK: ps[0], Err: ps[1]}
	case *wit.List:
		return &wit.List{Elem: ps[0], Fixed: t.Fixed, Len: t.Len}
	case *wit.Map:
		return &wit.Map{Key: ps[0], Value: ps[1]}
	case *wit.Stream:
		return &wit.Stream{Elem: ps[0]}
	case *wit.Future:
		return &wit.Future{Elem: ps[0]}
	}
	return t
}
