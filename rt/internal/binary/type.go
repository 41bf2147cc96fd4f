package binary

// The opcodes of type definitions, primitives aside.
const (
	opRecord    = 0x72
	opVariant   = 0x71
	opList      = 0x70
	opTuple     = 0x6f
	opFlags     = 0x6e
	opEnum      = 0x6d
	opOption    = 0x6b
	opResult    = 0x6a
	opOwn       = 0x69
	opBorrow    = 0x68
	opFixedList = 0x67
	opStream    = 0x66
	opFuture    = 0x65
	opMap       = 0x63
	opFuncAsync = 0x43
	opInstance  = 0x42
	opComponent = 0x41
	opFunc      = 0x40
	opResource  = 0x3f
)

// typeDef takes a type definition. See Binary.md, "Type Definitions".
func (r *reader) typeDef() *Type {
	return &Type{At: At(r.offset()), Type: r.defType()}
}

// defType takes a deftype.
func (r *reader) defType() DefType {
	at := r.offset()
	op := r.byte()
	if p := PrimType(op); p.known() {
		return p
	}
	switch op {
	case opFunc, opFuncAsync:
		return &FuncType{
			Async:  op == opFuncAsync,
			Params: vec(r, "parameters", maxMembers, (*reader).field),
			Result: r.resultList(),
		}
	case opComponent:
		return &ComponentType{Decls: r.decls(true)}
	case opInstance:
		return &InstanceType{Decls: r.decls(false)}
	case opResource:
		return &ResourceType{Rep: r.coreValType(), Dtor: optional(r, "presence of a destructor", (*reader).u32)}
	}
	if t := r.compoundType(op); t != nil {
		return t
	}
	r.failAt(at, "unknown type %#02x", op)
	return nil
}

// compoundType takes what follows the opcode of a value type that is no
// primitive. The result is nil for an unknown opcode.
func (r *reader) compoundType(op byte) DefType {
	switch op {
	case opRecord:
		return &RecordType{Fields: vec(r, "fields", maxMembers, (*reader).field)}
	case opVariant:
		return &VariantType{Cases: vec(r, "cases", maxMembers, (*reader).variantCase)}
	case opList:
		return &ListType{Elem: r.valType()}
	case opFixedList:
		return &ListType{Elem: r.valType(), Fixed: true, Len: r.u32()}
	case opTuple:
		return &TupleType{Types: vec(r, "types of a tuple", maxMembers, (*reader).valType)}
	case opFlags:
		return &FlagsType{Names: vec(r, "flags", maxMembers, (*reader).name)}
	case opEnum:
		return &EnumType{Names: vec(r, "cases", maxMembers, (*reader).name)}
	case opOption:
		return &OptionType{Elem: r.valType()}
	case opResult:
		return &ResultType{OK: r.payload(), Err: r.payload()}
	case opOwn, opBorrow:
		return &HandleType{Borrow: op == opBorrow, Type: r.u32()}
	case opStream:
		return &StreamType{Elem: r.payload()}
	case opFuture:
		return &FutureType{Elem: r.payload()}
	case opMap:
		return &MapType{Key: r.valType(), Value: r.valType()}
	}
	return nil
}

// known reports whether p is the code of a primitive value type.
func (p PrimType) known() bool { return p >= String && p <= Bool || p == ErrorContext }

// valType takes a valtype: a primitive, or a type index. Codes of types and
// indices share one space, that of signed LEB128: one-byte negative numbers
// are codes.
func (r *reader) valType() ValType {
	at := r.offset()
	if b := r.peek(); b&0xc0 == 0x40 {
		r.byte()
		if p := PrimType(b); p.known() {
			return ValType{Prim: p}
		}
		r.failAt(at, "unknown value type %#02x", b)
		return ValType{}
	}
	idx := r.s33()
	if idx < 0 {
		r.failAt(at, "negative type index %d", idx)
	}
	return ValType{Idx: uint32(idx)}
}

// payload takes an optional valtype.
func (r *reader) payload() *ValType {
	return optional(r, "presence of a type", (*reader).valType)
}

// field takes a label and its type.
func (r *reader) field() Field { return Field{Name: r.name(), Type: r.valType()} }

func (r *reader) variantCase() Case {
	c := Case{Name: r.name(), Type: r.payload()}
	r.want(0x00, "end of a case")
	return c
}

// resultList takes a resultlist: one type, or none.
func (r *reader) resultList() *ValType {
	at := r.offset()
	switch kind := r.byte(); kind {
	case 0x00:
		t := r.valType()
		return &t
	case 0x01:
		r.want(0x00, "number of named results")
	default:
		r.failAt(at, "unknown kind %#02x of result list", kind)
	}
	return nil
}
