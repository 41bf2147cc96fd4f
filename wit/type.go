package wit

// A Type is a WIT type where one is used or defined.
//
// The types are [Primitive], [*TypeDef] (a name), [*Record], [*Variant],
// [*Enum], [*Flags], [*Tuple], [*Option], [*Result], [*List], [*Map],
// [*Resource], [*Handle], [*Stream] and [*Future]. Record, Variant, Enum,
// Flags and Resource stand only directly under a TypeDef.
type Type interface{ isType() }

// Primitive is a type without parts.
type Primitive uint8

// The primitive types.
const (
	Bool Primitive = iota + 1
	S8
	U8
	S16
	U16
	S32
	U32
	S64
	U64
	F32
	F64
	Char
	String
	ErrorContext
)

var primitiveNames = [...]string{
	Bool: "bool", S8: "s8", U8: "u8", S16: "s16", U16: "u16", S32: "s32", U32: "u32",
	S64: "s64", U64: "u64", F32: "f32", F64: "f64", Char: "char", String: "string",
	ErrorContext: "error-context",
}

// String returns the type's WIT keyword.
func (p Primitive) String() string {
	if p == 0 || int(p) >= len(primitiveNames) {
		return "invalid"
	}
	return primitiveNames[p]
}

// TypeDef is a named type: a definition, or an alias when its Type is a
// TypeDef too.
type TypeDef struct {
	Name      string
	Owner     Owner // where it is declared
	Type      Type
	Docs      Docs
	Stability Stability
	// ExternalID is the string of @external-id, empty for most.
	ExternalID string
	Pos        Pos
}

// Owner is what declares a type. Exactly one field is set.
type Owner struct {
	Interface *Interface
	World     *World
}

// Root follows aliases to the definition behind them.
func (t *TypeDef) Root() *TypeDef {
	for {
		next, ok := t.Type.(*TypeDef)
		if !ok {
			return t
		}
		t = next
	}
}

// Underlying returns what is behind a name, through any number of aliases;
// a type without a name is its own.
func Underlying(t Type) Type {
	if d, ok := t.(*TypeDef); ok {
		return d.Root().Type
	}
	return t
}

// Record is a record; it has at least one field.
type Record struct{ Fields []Field }

// Field is a field of a record.
type Field struct {
	Name string
	Type Type
	Docs Docs
	Pos  Pos
}

// Variant is a variant; it has at least one case.
type Variant struct{ Cases []Case }

// Case is a case of a variant; Type is nil when it has no payload.
type Case struct {
	Name string
	Type Type
	Docs Docs
	Pos  Pos
}

// Enum is an enum; it has at least one case.
type Enum struct{ Cases []Label }

// Flags is a set of flags, at least one and at most 32.
type Flags struct{ Flags []Label }

// Label is the name of a flag or an enum case.
type Label struct {
	Name string
	Docs Docs
	Pos  Pos
}

// Tuple is a tuple; it has at least one type.
type Tuple struct{ Types []Type }

// Option is an option.
type Option struct{ Elem Type }

// Result is a result; OK and Err are nil where it has no payload.
type Result struct{ OK, Err Type }

// List is a list; Len is its length when Fixed.
type List struct {
	Elem  Type
	Fixed bool
	Len   uint32
}

// Map is a map.
type Map struct{ Key, Value Type }

// Resource is a resource type. Each Resource is a type of its own: two are
// equal only if they are one.
type Resource struct{ _ byte }

// Handle is a handle to a resource: own, or borrow when Borrow. Its Resource
// leads through aliases to a TypeDef whose Type is a *Resource.
type Handle struct {
	Borrow   bool
	Resource *TypeDef
}

// Stream is a stream; Elem is nil when it has no element type.
type Stream struct{ Elem Type }

// Future is a future; Elem is nil when it has no element type.
type Future struct{ Elem Type }

func (Primitive) isType() {}
func (*TypeDef) isType()  {}
func (*Record) isType()   {}
func (*Variant) isType()  {}
func (*Enum) isType()     {}
func (*Flags) isType()    {}
func (*Tuple) isType()    {}
func (*Option) isType()   {}
func (*Result) isType()   {}
func (*List) isType()     {}
func (*Map) isType()      {}
func (*Resource) isType() {}
func (*Handle) isType()   {}
func (*Stream) isType()   {}
func (*Future) isType()   {}
