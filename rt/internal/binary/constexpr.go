package binary

// constExpr steps over a constant expression, its end included: the
// instructions of extended constant expressions and those of GC.
//
// See "Constant Expressions" in the core specification.
func (r *reader) constExpr() {
	for r.err == nil {
		at := r.offset()
		switch op := r.byte(); op {
		case 0x0b: // end
			return
		case 0x41: // i32.const
			r.s32()
		case 0x42: // i64.const
			r.s64()
		case 0x43: // f32.const
			r.bytes(4)
		case 0x44: // f64.const
			r.bytes(8)
		case 0x23, 0xd2: // global.get, ref.func
			r.u32()
		case 0xd0: // ref.null
			r.coreHeapType()
		case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e: // add, sub, mul
		case 0xfd:
			if sub := r.u32(); sub != 0x0c { // v128.const
				r.failAt(at, "instruction 0xfd %#02x in a constant expression", sub)
			}
			r.bytes(16)
		case 0xfb:
			r.constGC(at)
		default:
			r.failAt(at, "instruction %#02x in a constant expression", op)
		}
	}
}

// constGC steps over a constant GC instruction, its prefix taken.
func (r *reader) constGC(at int) {
	switch sub := r.u32(); sub {
	case 0x00, 0x01, 0x06, 0x07: // struct.new, struct.new_default, array.new, array.new_default
		r.u32()
	case 0x08: // array.new_fixed
		r.u32()
		r.u32()
	case 0x1a, 0x1b, 0x1c: // any.convert_extern, extern.convert_any, ref.i31
	default:
		r.failAt(at, "instruction 0xfb %#02x in a constant expression", sub)
	}
}
