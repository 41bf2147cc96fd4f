package types

import "github.com/witgen/witgen/wit"

// visibility says which types of a component the outside can name: those that
// imports bring, and for exports those that are exported, too. The type of an
// import or export may refer to no other resource, record, variant, enum or
// flags. See Explainer.md, "External Visibility of Types".
//
// A name belongs to the type index that an import or export introduces, not to
// the one that it was made of: an index is a type of its own here, be it a
// *wit.TypeDef, and is looked up by identity.
type visibility struct {
	ck    *checker
	up    *visibility // what it can name is visible here too
	named map[wit.Type]bool
	clear map[any]bool // types and instances that hide nothing; they never will again
}

func (ck *checker) visibility(up *visibility) *visibility {
	return &visibility{ck, up, make(map[wit.Type]bool), make(map[any]bool)}
}

func (v *visibility) has(t wit.Type) bool {
	for ; v != nil; v = v.up {
		if v.named[t] {
			return true
		}
	}
	return false
}

// hidden returns a type that the extern refers to and the outside cannot name,
// or nil. The types that the extern introduces are visible from then on: in an
// instance each to those after it.
func (v *visibility) hidden(e Extern) wit.Type {
	switch {
	case e.Func != nil:
		return v.hiddenFunc(e.Func)
	case e.Type != nil:
		if t := v.hiddenDef(e.Type); t != nil {
			return t
		}
		if d, ok := e.Type.(Value); ok {
			v.named[d.Type] = true
		}
	case e.Instance != nil:
		return v.hiddenInstance(e.Instance)
	}
	return nil // components and core modules are closed
}

func (v *visibility) hiddenInstance(in *Instance) wit.Type {
	if v.clear[in] || !v.ck.charge(len(in.Exports)) {
		return nil
	}
	for _, e := range in.Exports {
		if t := v.hidden(e); t != nil {
			return t
		}
	}
	v.clear[in] = true
	return nil
}

// hiddenDef looks inside a type that gets a name.
func (v *visibility) hiddenDef(d Def) wit.Type {
	switch d := d.(type) {
	case Value:
		if resource(d) != nil {
			return nil
		}
		switch t := wit.Underlying(d.Type).(type) {
		case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags:
			return v.hiddenAny(parts(t))
		default:
			return v.hiddenType(t)
		}
	case *Func:
		return v.hiddenFunc(d.Func)
	case *Instance:
		// What the instance exports has a name inside it and nowhere else.
		return v.ck.visibility(v).hiddenInstance(d)
	}
	return nil
}

func (v *visibility) hiddenFunc(f *wit.Func) wit.Type {
	if v.clear[f] {
		return nil
	}
	if t := v.hiddenAny(funcTypes(f)); t != nil {
		return t
	}
	v.clear[f] = true
	return nil
}

func (v *visibility) hiddenAny(types []wit.Type) wit.Type {
	if !v.ck.charge(len(types)) {
		return nil
	}
	for _, t := range types {
		if hidden := v.hiddenType(t); hidden != nil {
			return hidden
		}
	}
	return nil
}

// hiddenType looks at a type that is used.
func (v *visibility) hiddenType(t wit.Type) wit.Type {
	switch t := t.(type) {
	case nil, wit.Primitive:
		return nil
	case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags, *wit.TypeDef:
		if v.has(t) {
			return nil
		}
		return t
	case *wit.Handle:
		return v.hiddenType(t.Resource)
	}
	if v.clear[t] {
		return nil
	}
	if hidden := v.hiddenAny(parts(t)); hidden != nil {
		return hidden
	}
	v.clear[t] = true
	return nil
}
