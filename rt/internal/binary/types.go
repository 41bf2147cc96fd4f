package binary

// CoreSort is a sort of core definition, by its code in the binary form.
type CoreSort uint8

// The core sorts.
const (
	CoreFunc     CoreSort = 0x00
	CoreTable    CoreSort = 0x01
	CoreMemory   CoreSort = 0x02
	CoreGlobal   CoreSort = 0x03
	CoreTag      CoreSort = 0x04
	CoreTypeSort CoreSort = 0x10
	CoreModSort  CoreSort = 0x11
	CoreInstSort CoreSort = 0x12
)

// Sort is a sort of component definition, by its code in the binary form.
type Sort uint8

// The sorts.
const (
	SortCore      Sort = 0x00
	SortFunc      Sort = 0x01
	SortValue     Sort = 0x02
	SortType      Sort = 0x03
	SortComponent Sort = 0x04
	SortInstance  Sort = 0x05
)

// ExternType is the type of an import or export.
type ExternType struct {
	Sort Sort   // SortCore means a core module
	Idx  uint32 // type index; for SortCore a core type index
	// Sub: for SortType, a fresh resource type instead of an equal one;
	// for SortValue, Val is the type instead of a value index in Idx.
	Sub bool
	Val ValType
}

// PrimType is a primitive value type by its code, or 0 for none.
type PrimType uint8

// The primitive value types.
const (
	Bool         PrimType = 0x7f
	S8           PrimType = 0x7e
	U8           PrimType = 0x7d
	S16          PrimType = 0x7c
	U16          PrimType = 0x7b
	S32          PrimType = 0x7a
	U32          PrimType = 0x79
	S64          PrimType = 0x78
	U64          PrimType = 0x77
	F32          PrimType = 0x76
	F64          PrimType = 0x75
	Char         PrimType = 0x74
	String       PrimType = 0x73
	ErrorContext PrimType = 0x64
)

// ValType is a value type where one is used: a primitive, or the index of a
// defined type when Prim is 0.
type ValType struct {
	Prim PrimType
	Idx  uint32
}

// A DefType is what a type definition defines.
//
// The forms are [PrimType], [*RecordType], [*VariantType], [*ListType],
// [*MapType], [*TupleType], [*FlagsType], [*EnumType], [*OptionType],
// [*ResultType], [*HandleType], [*StreamType], [*FutureType],
// [*ResourceType], [*FuncType], [*ComponentType] and [*InstanceType].
type DefType interface{ defType() }

// RecordType is a record.
type RecordType struct{ Fields []Field }

// Field is a field of a record or a parameter of a function.
type Field struct {
	Name string
	Type ValType
}

// VariantType is a variant.
type VariantType struct{ Cases []Case }

// Case is a case of a variant; Type is nil when it has no payload.
type Case struct {
	Name string
	Type *ValType
}

// ListType is a list, of fixed length when Fixed.
type ListType struct {
	Elem  ValType
	Fixed bool
	Len   uint32
}

// MapType is a map.
type MapType struct{ Key, Value ValType }

// TupleType is a tuple.
type TupleType struct{ Types []ValType }

// FlagsType is a set of flags.
type FlagsType struct{ Names []string }

// EnumType is an enum.
type EnumType struct{ Names []string }

// OptionType is an option.
type OptionType struct{ Elem ValType }

// ResultType is a result; nil types are absent.
type ResultType struct{ OK, Err *ValType }

// HandleType is an own handle, or a borrow handle when Borrow.
type HandleType struct {
	Borrow bool
	Type   uint32
}

// StreamType is a stream; Elem is nil when it has no element type.
type StreamType struct{ Elem *ValType }

// FutureType is a future; Elem is nil when it has no element type.
type FutureType struct{ Elem *ValType }

// ResourceType is a resource type defined by this component.
type ResourceType struct {
	Rep  CoreValType
	Dtor *uint32 // core function index; nil when it has none
}

// FuncType is a function type; Result is nil when it has none.
type FuncType struct {
	Async  bool
	Params []Field
	Result *ValType
}

// ComponentType is a component type: declarations in order.
type ComponentType struct{ Decls []Decl }

// InstanceType is an instance type: declarations in order, never an import.
type InstanceType struct{ Decls []Decl }

// A Decl is a declaration inside a component or instance type: [*CoreType],
// [*Type], [*Alias], [*ImportDecl] or [*ExportDecl].
type Decl interface {
	Pos() int
	decl()
}

// ImportDecl is an import of a component type.
type ImportDecl struct {
	At
	Name Name
	Type ExternType
}

// ExportDecl is an export of a component or instance type.
type ExportDecl struct {
	At
	Name Name
	Type ExternType
}

func (PrimType) defType()       {}
func (*RecordType) defType()    {}
func (*VariantType) defType()   {}
func (*ListType) defType()      {}
func (*MapType) defType()       {}
func (*TupleType) defType()     {}
func (*FlagsType) defType()     {}
func (*EnumType) defType()      {}
func (*OptionType) defType()    {}
func (*ResultType) defType()    {}
func (*HandleType) defType()    {}
func (*StreamType) defType()    {}
func (*FutureType) defType()    {}
func (*ResourceType) defType()  {}
func (*FuncType) defType()      {}
func (*ComponentType) defType() {}
func (*InstanceType) defType()  {}

func (*CoreType) decl()   {}
func (*Type) decl()       {}
func (*Alias) decl()      {}
func (*ImportDecl) decl() {}
func (*ExportDecl) decl() {}

// CanonOp is the kind of a canonical definition, by its code.
type CanonOp uint8

// The canonical definitions.
const (
	CanonLift                       CanonOp = 0x00
	CanonLower                      CanonOp = 0x01
	CanonResourceNew                CanonOp = 0x02
	CanonResourceDrop               CanonOp = 0x03
	CanonResourceRep                CanonOp = 0x04
	CanonTaskCancel                 CanonOp = 0x05
	CanonSubtaskCancel              CanonOp = 0x06
	CanonTaskReturn                 CanonOp = 0x09
	CanonContextGet                 CanonOp = 0x0a
	CanonContextSet                 CanonOp = 0x0b
	CanonThreadYield                CanonOp = 0x0c
	CanonSubtaskDrop                CanonOp = 0x0d
	CanonStreamNew                  CanonOp = 0x0e
	CanonStreamRead                 CanonOp = 0x0f
	CanonStreamWrite                CanonOp = 0x10
	CanonStreamCancelRead           CanonOp = 0x11
	CanonStreamCancelWrite          CanonOp = 0x12
	CanonStreamDropReadable         CanonOp = 0x13
	CanonStreamDropWritable         CanonOp = 0x14
	CanonFutureNew                  CanonOp = 0x15
	CanonFutureRead                 CanonOp = 0x16
	CanonFutureWrite                CanonOp = 0x17
	CanonFutureCancelRead           CanonOp = 0x18
	CanonFutureCancelWrite          CanonOp = 0x19
	CanonFutureDropReadable         CanonOp = 0x1a
	CanonFutureDropWritable         CanonOp = 0x1b
	CanonErrorContextNew            CanonOp = 0x1c
	CanonErrorContextDebugMessage   CanonOp = 0x1d
	CanonErrorContextDrop           CanonOp = 0x1e
	CanonWaitableSetNew             CanonOp = 0x1f
	CanonWaitableSetWait            CanonOp = 0x20
	CanonWaitableSetPoll            CanonOp = 0x21
	CanonWaitableSetDrop            CanonOp = 0x22
	CanonWaitableJoin               CanonOp = 0x23
	CanonBackpressureInc            CanonOp = 0x24
	CanonBackpressureDec            CanonOp = 0x25
	CanonThreadIndex                CanonOp = 0x26
	CanonThreadNewIndirect          CanonOp = 0x27
	CanonThreadResumeLater          CanonOp = 0x28
	CanonThreadSuspend              CanonOp = 0x29
	CanonThreadSuspendThenResume    CanonOp = 0x2a
	CanonThreadYieldThenResume      CanonOp = 0x2b
	CanonThreadSuspendThenPromote   CanonOp = 0x2c
	CanonThreadYieldThenPromote     CanonOp = 0x2d
	CanonThreadSpawnRef             CanonOp = 0x40
	CanonThreadSpawnIndirect        CanonOp = 0x41
	CanonThreadAvailableParallelism CanonOp = 0x42
)

// CanonOptOp is a canonical option, by its code.
type CanonOptOp uint8

// The canonical options.
const (
	OptUTF8        CanonOptOp = 0x00
	OptUTF16       CanonOptOp = 0x01
	OptLatin1UTF16 CanonOptOp = 0x02
	OptMemory      CanonOptOp = 0x03
	OptRealloc     CanonOptOp = 0x04
	OptPostReturn  CanonOptOp = 0x05
	OptAsync       CanonOptOp = 0x06
	OptCallback    CanonOptOp = 0x07
	OptCoreType    CanonOptOp = 0x08
	OptGC          CanonOptOp = 0x09
)
