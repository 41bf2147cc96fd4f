package types

import "github.com/witgen/witgen/wit"

// substitution replaces resources in types. It returns a type as it is where
// nothing in it is replaced.
type substitution struct {
	ck    *checker
	of    map[*wit.TypeDef]*wit.TypeDef
	done  map[wit.Type]wit.Type
	insts map[*Instance]*Instance
}

func (ck *checker) substitution() *substitution {
	return &substitution{ck, make(map[*wit.TypeDef]*wit.TypeDef), make(map[wit.Type]wit.Type), make(map[*Instance]*Instance)}
}

// externs replaces in each extern. One that is a resource of its own and not
// replaced yet becomes a new resource of that owner.
func (s *substitution) externs(list []Extern, owner wit.Owner) []Extern {
	out := make([]Extern, 0, len(list))
	for _, e := range list {
		if !s.ck.step() {
			break
		}
		out = append(out, s.extern(e, owner))
	}
	return out
}

func (s *substitution) extern(e Extern, owner wit.Owner) Extern {
	switch {
	case e.Func != nil:
		e.Func = s.function(e.Func)
	case e.Type != nil:
		if r := resource(e.Type); r != nil && e.Sub && s.of[r] == nil {
			s.of[r] = &wit.TypeDef{Name: e.Name, Owner: owner, Type: &wit.Resource{}}
		}
		e.Type = s.def(e.Type)
	case e.Instance != nil:
		in := s.insts[e.Instance]
		if in == nil {
			in = &Instance{s.externs(e.Instance.Exports, interfaceOwner(e.Name, owner))}
			s.insts[e.Instance] = in
		}
		e.Instance = in
	case e.Component != nil:
		e.Component = &ComponentType{s.externs(e.Component.Imports, wit.Owner{}), s.externs(e.Component.Exports, wit.Owner{})}
	}
	return e
}

func (s *substitution) def(d Def) Def {
	switch d := d.(type) {
	case Value:
		return Value{s.value(d.Type)}
	case *Func:
		return &Func{s.function(d.Func)}
	case *Instance:
		return &Instance{s.externs(d.Exports, wit.Owner{})}
	}
	return d
}

func (s *substitution) function(f *wit.Func) *wit.Func {
	if len(s.of) == 0 {
		return f
	}
	g := *f
	g.Params = make([]wit.Param, len(f.Params))
	for i, p := range f.Params {
		g.Params[i] = wit.Param{Name: p.Name, Type: s.value(p.Type)}
	}
	if f.Result != nil {
		g.Result = s.value(f.Result)
	}
	return &g
}

// value replaces in a value type. Types are finite trees that share parts, so
// each part is visited once.
func (s *substitution) value(t wit.Type) wit.Type {
	if len(s.of) == 0 {
		return t
	}
	switch t := t.(type) {
	case nil, wit.Primitive, *wit.Enum, *wit.Flags:
		return t
	case *wit.TypeDef:
		if r := s.of[t.Root()]; r != nil {
			return r
		}
		return t
	}
	if u, ok := s.done[t]; ok {
		return u
	}
	if !s.ck.step() {
		return t
	}
	u := s.composite(t)
	s.done[t] = u
	if m, ok := s.ck.measures[t]; ok {
		s.ck.measures[u] = m
	}
	return u
}

func (s *substitution) composite(t wit.Type) wit.Type {
	switch t := t.(type) {
	case *wit.Record:
		u := &wit.Record{Fields: make([]wit.Field, len(t.Fields))}
		for i, f := range t.Fields {
			u.Fields[i] = wit.Field{Name: f.Name, Type: s.value(f.Type)}
		}
		return u
	case *wit.Variant:
		u := &wit.Variant{Cases: make([]wit.Case, len(t.Cases))}
		for i, c := range t.Cases {
			u.Cases[i] = wit.Case{Name: c.Name, Type: s.value(c.Type)}
		}
		return u
	case *wit.Tuple:
		u := &wit.Tuple{Types: make([]wit.Type, len(t.Types))}
		for i, e := range t.Types {
			u.Types[i] = s.value(e)
		}
		return u
	case *wit.Option:
		return &wit.Option{Elem: s.value(t.Elem)}
	case *wit.Result:
		return &wit.Result{OK: s.value(t.OK), Err: s.value(t.Err)}
	case *wit.List:
		return &wit.List{Elem: s.value(t.Elem), Fixed: t.Fixed, Len: t.Len}
	case *wit.Map:
		return &wit.Map{Key: s.value(t.Key), Value: s.value(t.Value)}
	case *wit.Stream:
		return &wit.Stream{Elem: s.value(t.Elem)}
	case *wit.Future:
		return &wit.Future{Elem: s.value(t.Elem)}
	case *wit.Handle:
		if r := s.of[t.Resource]; r != nil {
			return &wit.Handle{Borrow: t.Borrow, Resource: r}
		}
	}
	return t
}
