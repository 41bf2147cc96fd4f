package binary

// Kind is what a type is.
type Kind byte

// The kinds of type, with the numbers that binaries give them. Those up to
// ErrorContext have no parts.
const (
	Bool         Kind = 0x7f
	S8           Kind = 0x7e
	U8           Kind = 0x7d
	S16          Kind = 0x7c
	U16          Kind = 0x7b
	S32          Kind = 0x7a
	U32          Kind = 0x79
	S64          Kind = 0x78
	U64          Kind = 0x77
	F32          Kind = 0x76
	F64          Kind = 0x75
	Char         Kind = 0x74
	String       Kind = 0x73
	ErrorContext Kind = 0x64

	Record    Kind = 0x72 // Members with types
	Variant   Kind = 0x71 // Members with types or none
	List      Kind = 0x70 // Args[0]
	Tuple     Kind = 0x6f // Args
	Flags     Kind = 0x6e // Members
	Enum      Kind = 0x6d // Members
	Option    Kind = 0x6b // Args[0]
	Result    Kind = 0x6a // Args: ok and error, either may be None
	Own       Kind = 0x69 // Args[0]
	Borrow    Kind = 0x68 // Args[0]
	FixedList Kind = 0x67 // Args[0], Len
	Stream    Kind = 0x66 // Args[0], may be None
	Future    Kind = 0x65 // Args[0], may be None
	Map       Kind = 0x63 // Args: key and value

	FuncType      Kind = 0x40 // Members are parameters; Args[0] is the result, may be None
	AsyncFuncType Kind = 0x43 // likewise
	ComponentType Kind = 0x41 // Decls
	InstanceType  Kind = 0x42 // Decls
	Resource      Kind = 0x3f
)

// Primitive reports whether the kind is that of a type without parts.
func (k Kind) Primitive() bool { return k >= String && k <= Bool || k == ErrorContext }

// Type is the definition of a type.
type Type struct {
	Offset  int
	Kind    Kind
	Members []Member
	Args    []Value
	Len     uint32
	Decls   []Def
}

// Member is a field, a case, a flag or a parameter.
type Member struct {
	Name string
	Type Value
}

// Value is the type of a value: one without parts, the index of a type, or
// none.
type Value struct {
	Kind  Kind // None, Indexed or a primitive
	Index uint32
}

// The kinds of a Value beside those of primitives.
const (
	None    Kind = 0
	Indexed Kind = 1
)

// typ takes the definition of a type.
func (r *reader) typ() *Type {
	defer r.enter()()
	t := &Type{Offset: r.offset()}
	t.Kind = Kind(r.byte())
	switch t.Kind {
	case Record:
		r.members(t, "fields", r.value)
	case Variant:
		r.list("cases", func() {
			m := Member{r.name(), r.optional()}
			r.want(0x00, "end of a case")
			t.Members = append(t.Members, m)
		})
	case Flags, Enum:
		r.members(t, "labels", func() Value { return Value{} })
	case Tuple:
		r.list("types", func() { t.Args = append(t.Args, r.value()) })
	case List, Option:
		t.Args = []Value{r.value()}
	case FixedList:
		t.Args = []Value{r.value()}
		t.Len = r.u32()
	case Map:
		t.Args = []Value{r.value(), r.value()}
	case Result:
		t.Args = []Value{r.optional(), r.optional()}
	case Stream, Future:
		t.Args = []Value{r.optional()}
	case Own, Borrow:
		t.Args = []Value{{Indexed, r.u32()}}
	case FuncType, AsyncFuncType:
		r.members(t, "parameters", r.value)
		t.Args = []Value{r.result()}
	case ComponentType, InstanceType:
		r.list("declarations", func() { r.decl(t) })
	case Resource:
		r.resource()
	default:
		if !t.Kind.Primitive() {
			r.fail(t.Offset, "unknown type %#02x", byte(t.Kind))
		}
	}
	return t
}

// members takes names with what stands behind each.
func (r *reader) members(t *Type, what string, value func() Value) {
	r.list(what, func() { t.Members = append(t.Members, Member{r.name(), value()}) })
}

// value takes the type of a value.
func (r *reader) value() Value {
	at := r.offset()
	b := r.byte()
	if r.err != nil {
		return Value{}
	}
	if b&0xc0 != 0x40 { // no negative number of one byte
		r.pos--
		return Value{Indexed, r.index()}
	}
	if !Kind(b).Primitive() {
		r.fail(at, "unknown type %#02x of a value", b)
	}
	return Value{Kind: Kind(b)}
}

// optional takes the type of a value, or none.
func (r *reader) optional() Value {
	if r.flag("optional type") {
		return r.value()
	}
	return Value{}
}

// result takes the result of a function.
func (r *reader) result() Value {
	if r.flag("result") {
		r.want(0x00, "number of named results")
		return Value{}
	}
	return r.value()
}

// resource takes what follows the kind of a resource: how a component
// represents it and drops it, which its type does not show.
func (r *reader) resource() {
	at := r.offset()
	if rep := r.byte(); rep != 0x7f && rep != 0x7e {
		r.fail(at, "unknown representation %#02x of a resource", rep)
	}
	if r.flag("destructor") {
		r.u32()
	}
}

// decl takes a declaration of a component type or instance type.
func (r *reader) decl(t *Type) {
	at := r.offset()
	switch kind := r.byte(); {
	case kind == 0x01:
		t.Decls = append(t.Decls, r.typ())
	case kind == 0x02:
		if a := r.alias(); a.Sort != CoreSort {
			t.Decls = append(t.Decls, a)
		}
	case kind == 0x03 && t.Kind == ComponentType:
		t.Decls = append(t.Decls, r.importDef())
	case kind == 0x04:
		t.Decls = append(t.Decls, r.exportDecl())
	case kind == 0x00:
		r.fail(at, "a type of core WebAssembly, which no type of WIT has in it")
	default:
		r.fail(at, "unknown kind %#02x of declaration", kind)
	}
}
