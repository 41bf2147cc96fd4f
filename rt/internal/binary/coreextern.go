package binary

// coreExternType takes a core:externtype.
func (r *reader) coreExternType() CoreExternType {
	at := r.offset()
	switch s := CoreSort(r.byte()); s {
	case CoreFunc:
		return CoreExternType{Sort: s, Type: r.u32()}
	case CoreTable:
		return r.coreTableType()
	case CoreMemory:
		return CoreExternType{Sort: s, Limits: r.coreLimits(true)}
	case CoreGlobal:
		return r.coreGlobalType()
	case CoreTag:
		return r.coreTagType()
	default:
		r.failAt(at, "unknown core extern kind %#02x", uint8(s))
		return CoreExternType{}
	}
}

func (r *reader) coreTableType() CoreExternType {
	at := r.offset()
	elem := r.coreValType()
	if r.err == nil && !elem.IsRef() {
		r.failAt(at, "table of %#02x, which is no reference type", elem.Code)
	}
	return CoreExternType{Sort: CoreTable, Val: elem, Limits: r.coreLimits(false)}
}

func (r *reader) coreGlobalType() CoreExternType {
	return CoreExternType{Sort: CoreGlobal, Val: r.coreValType(), Mutable: r.flag("mutability")}
}

func (r *reader) coreTagType() CoreExternType {
	r.want(0x00, "attribute of a tag")
	return CoreExternType{Sort: CoreTag, Type: r.u32()}
}

// coreLimits takes limits. Bit 0 of the first byte says that there is a
// maximum, bit 1 that the memory is shared, bit 2 that addresses have 64 bits.
func (r *reader) coreLimits(memory bool) CoreLimits {
	at := r.offset()
	bits := r.byte()
	l := CoreLimits{HasMax: bits&1 != 0, Shared: bits&2 != 0, Is64: bits&4 != 0}
	if bits > 7 || l.Shared && !memory {
		r.failAt(at, "unknown limits %#02x", bits)
	}
	if l.Min = r.coreLimit(l.Is64); l.HasMax {
		l.Max = r.coreLimit(l.Is64)
	}
	return l
}

func (r *reader) coreLimit(is64 bool) uint64 {
	if is64 {
		return r.u64()
	}
	return uint64(r.u32())
}

// The core value types with a heap type after their code.
const (
	codeRefNull = 0x63
	codeRef     = 0x64
)

// IsRef reports whether t is a reference type.
func (t CoreValType) IsRef() bool { return t.Code < 0x7b }

// coreValType takes a core:valtype.
func (r *reader) coreValType() CoreValType {
	at := r.offset()
	code := r.byte()
	switch {
	case code >= 0x7b && code <= 0x7f: // v128, f64, f32, i64, i32
		return CoreValType{Code: code}
	case isHeapType(code):
		return CoreValType{Code: code}
	case code == codeRefNull || code == codeRef:
		return CoreValType{Code: code, Heap: r.coreHeapType()}
	}
	r.failAt(at, "unknown core value type %#02x", code)
	return CoreValType{}
}

// isHeapType reports whether the code is an abstract heap type, which is also
// the short form of a nullable reference to it: 0x69 exn, 0x6a array, 0x6b
// struct, 0x6c i31, 0x6d eq, 0x6e any, 0x6f extern, 0x70 func, 0x71 none, 0x72
// noextern, 0x73 nofunc, 0x74 noexn.
func isHeapType(code byte) bool { return code >= 0x69 && code <= 0x74 }

// coreHeapType takes a heap type: a type index, or an abstract heap type as
// the negative number that its code is as a LEB128 integer.
func (r *reader) coreHeapType() int64 {
	at := r.offset()
	h := r.s33()
	if h < 0 && (h < -0x40 || !isHeapType(byte(h&0x7f))) {
		r.failAt(at, "unknown heap type %d", h)
	}
	return h
}
