package binary

// The opcodes of core type definitions.
const (
	opCoreFunc     = 0x60
	opCoreStruct   = 0x5f
	opCoreArray    = 0x5e
	opCoreSub      = 0x50 // also a core module type, where a component allows one
	opCoreSubFinal = 0x4f
	opCoreRec      = 0x4e
)

// coreTypes takes a core type definition of a component, which may define a
// group of types. See Binary.md, "Type Definitions", core:type.
func (r *reader) coreTypes() []*CoreType {
	at := At(r.offset())
	var types []*CoreType
	for _, t := range r.coreDefTypes() {
		types = append(types, &CoreType{At: at, Type: t})
	}
	return types
}

// coreDefTypes takes a core:deftype. There 0x50 opens a module type, and a
// non-final subtype is marked by a 0x00 before its own 0x50.
func (r *reader) coreDefTypes() []CoreDefType {
	switch r.peek() {
	case opCoreSub:
		return []CoreDefType{r.coreModuleType()}
	case 0x00:
		r.byte()
		if op := r.peek(); op != opCoreSub {
			r.failAt(r.offset(), "core type 0x00 is followed by %#02x, not %#02x", op, opCoreSub)
		}
		return []CoreDefType{r.coreSubType()}
	}
	return r.coreRecType()
}

// coreRecType takes a core:rectype: a group of types, or one type.
func (r *reader) coreRecType() []CoreDefType {
	if r.peek() != opCoreRec {
		return []CoreDefType{r.coreSubType()}
	}
	r.byte()
	return vec(r, "types of a group", maxMembers, (*reader).coreSubType)
}

// coreSubType takes a core:subtype. A final one without supertypes is the
// type it wraps.
func (r *reader) coreSubType() CoreDefType {
	start := r.pos
	plain := true
	switch op := r.peek(); op {
	case opCoreSub, opCoreSubFinal:
		r.byte()
		supers := r.indices("supertypes", maxMembers)
		plain = op == opCoreSubFinal && len(supers) == 0
	}
	if t := r.coreCompType(); plain && t != nil {
		return t
	}
	return &CoreOtherType{Bytes: r.buf[start:r.pos]}
}

// coreCompType takes a core:comptype. The result is nil unless it is a
// function type.
func (r *reader) coreCompType() CoreDefType {
	at := r.offset()
	switch op := r.byte(); op {
	case opCoreFunc:
		return &CoreFuncType{
			Params:  vec(r, "core parameters", maxCoreParts, (*reader).coreValType),
			Results: vec(r, "core results", maxCoreParts, (*reader).coreValType),
		}
	case opCoreStruct:
		vec(r, "fields of a core struct", maxMembers, (*reader).coreFieldType)
	case opCoreArray:
		r.coreFieldType()
	default:
		r.failAt(at, "unknown core type %#02x", op)
	}
	return nil
}

// coreFieldType steps over the type of a field of a core struct or array.
func (r *reader) coreFieldType() struct{} {
	switch r.peek() {
	case 0x77, 0x78: // i16, i8
		r.byte()
	default:
		r.coreValType()
	}
	r.flag("mutability")
	return struct{}{}
}

// coreModuleType takes a core:moduletype.
func (r *reader) coreModuleType() *CoreModuleType {
	r.enter()
	defer r.leave()
	r.byte()
	t := &CoreModuleType{}
	for range r.count("declarations of a core module type", maxNodes) {
		t.Decls = append(t.Decls, r.coreModuleDecls()...)
		if r.err != nil {
			break
		}
	}
	return t
}

// coreModuleDecls takes a core:moduledecl; a group of types makes several.
func (r *reader) coreModuleDecls() []CoreModuleDecl {
	r.node()
	at := r.offset()
	switch kind := r.byte(); kind {
	case 0x00:
		im := r.coreImport()
		return []CoreModuleDecl{{Import: &im}}
	case 0x01:
		var decls []CoreModuleDecl
		for _, t := range r.coreDefTypes() {
			decls = append(decls, CoreModuleDecl{Type: t})
		}
		return decls
	case 0x02:
		r.want(byte(CoreTypeSort), "sort of a core alias")
		r.want(0x01, "kind of a core alias")
		return []CoreModuleDecl{{Outer: &CoreOuterAlias{Count: r.u32(), Idx: r.u32()}}}
	case 0x03:
		return []CoreModuleDecl{{Export: &CoreExportDecl{Name: r.name(), Type: r.coreExternType()}}}
	default:
		r.failAt(at, "unknown kind %#02x of core module declaration", kind)
		return nil
	}
}

func (r *reader) coreImport() CoreImport {
	return CoreImport{Module: r.name(), Name: r.name(), Type: r.coreExternType()}
}
