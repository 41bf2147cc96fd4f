package binary

import "fmt"

var sortNames = map[Sort]string{
	SortFunc:      "func",
	SortValue:     "value",
	SortType:      "type",
	SortComponent: "component",
	SortInstance:  "instance",
}

var coreSortNames = map[CoreSort]string{
	CoreFunc:     "func",
	CoreTable:    "table",
	CoreMemory:   "memory",
	CoreGlobal:   "global",
	CoreTag:      "tag",
	CoreTypeSort: "type",
	CoreModSort:  "module",
	CoreInstSort: "instance",
}

// String returns the sort's name in the text format.
func (s CoreSort) String() string {
	if name, ok := coreSortNames[s]; ok {
		return name
	}
	return fmt.Sprintf("sort(%#02x)", uint8(s))
}

// String returns the sort's name in the text format.
func (s Sort) String() string {
	if s == SortCore {
		return "core"
	}
	if name, ok := sortNames[s]; ok {
		return name
	}
	return fmt.Sprintf("sort(%#02x)", uint8(s))
}

// sortName is the name of a sort that may be a core one.
func sortName(s Sort, core CoreSort) string {
	if s == SortCore {
		return "core " + core.String()
	}
	return s.String()
}

var primNames = map[PrimType]string{
	Bool:         "bool",
	S8:           "s8",
	U8:           "u8",
	S16:          "s16",
	U16:          "u16",
	S32:          "s32",
	U32:          "u32",
	S64:          "s64",
	U64:          "u64",
	F32:          "f32",
	F64:          "f64",
	Char:         "char",
	String:       "string",
	ErrorContext: "error-context",
}

// String returns the type's name.
func (p PrimType) String() string {
	if name, ok := primNames[p]; ok {
		return name
	}
	return fmt.Sprintf("type(%#02x)", uint8(p))
}

// String returns the name of a primitive, else the type index.
func (t ValType) String() string {
	if t.Prim != 0 {
		return t.Prim.String()
	}
	return fmt.Sprint(t.Idx)
}

var coreTypeNames = map[uint8]string{
	0x7f: "i32",
	0x7e: "i64",
	0x7d: "f32",
	0x7c: "f64",
	0x7b: "v128",
	0x74: "nullexnref",
	0x73: "nullfuncref",
	0x72: "nullexternref",
	0x71: "nullref",
	0x70: "funcref",
	0x6f: "externref",
	0x6e: "anyref",
	0x6d: "eqref",
	0x6c: "i31ref",
	0x6b: "structref",
	0x6a: "arrayref",
	0x69: "exnref",
}

// String returns the type's name in the core text format. Heap types of
// typed references are type indices, or negative numbers for abstract ones.
func (t CoreValType) String() string {
	switch t.Code {
	case codeRefNull:
		return fmt.Sprintf("(ref null %d)", t.Heap)
	case codeRef:
		return fmt.Sprintf("(ref %d)", t.Heap)
	}
	if name, ok := coreTypeNames[t.Code]; ok {
		return name
	}
	return fmt.Sprintf("core(%#02x)", t.Code)
}
