package binary

// CoreValType is a core value type by its code in the binary form: 0x7f i32,
// 0x7e i64, 0x7d f32, 0x7c f64, 0x7b v128; reference types keep their leading
// byte, with the heap type of a typed reference in Heap.
type CoreValType struct {
	Code uint8
	Heap int64 // for 0x63 (ref null ht) and 0x64 (ref ht): the heap type, an s33
}

// A CoreDefType is what a core type definition defines: [*CoreFuncType],
// [*CoreModuleType] or [*CoreOtherType].
type CoreDefType interface{ coreDefType() }

// CoreFuncType is a core function type.
type CoreFuncType struct{ Params, Results []CoreValType }

// CoreModuleType is a core module type: declarations in order.
type CoreModuleType struct{ Decls []CoreModuleDecl }

// CoreOtherType is a core type this runtime has no use for (GC types),
// kept as its bytes.
type CoreOtherType struct{ Bytes []byte }

func (*CoreFuncType) coreDefType()   {}
func (*CoreModuleType) coreDefType() {}
func (*CoreOtherType) coreDefType()  {}

// A CoreModuleDecl is a declaration in a core module type; exactly one field
// is set.
type CoreModuleDecl struct {
	Import *CoreImport
	Type   CoreDefType
	Outer  *CoreOuterAlias
	Export *CoreExportDecl
}

// CoreOuterAlias is an alias of a core type of an enclosing scope.
type CoreOuterAlias struct{ Count, Idx uint32 }

// CoreImport is an import of a core module or core module type.
type CoreImport struct {
	Module, Name string
	Type         CoreExternType
}

// CoreExportDecl is an export of a core module type, or of a core module.
type CoreExportDecl struct {
	Name string
	Type CoreExternType
}

// CoreExternType is the type of a core import or export. Which fields mean
// something depends on Sort.
type CoreExternType struct {
	Sort    CoreSort
	Type    uint32      // func, tag: type index
	Val     CoreValType // global: its type; table: its element type
	Mutable bool        // global
	Limits  CoreLimits  // table, memory
}

// CoreLimits are the limits of a table (entries) or a memory (pages).
type CoreLimits struct {
	Min    uint64
	Max    uint64 // when HasMax
	HasMax bool
	Shared bool
	Is64   bool
}
