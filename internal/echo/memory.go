package echo

// Instructions of core code that these guests are made of.
const (
	trap       = "\x00"
	loadNext   = "\x23\x00" // a global: where the next allocation begins
	storeNext  = "\x24\x00"
	loadOpen   = "\x23\x01" // a global: calls that have begun and not ended
	storeOpen  = "\x24\x01"
	ifTrue     = "\x04\x40"
	otherwise  = "\x05"
	block      = "\x02\x40"
	loop       = "\x03\x40"
	end        = "\x0b"
	isZero     = "\x45"
	isEqual    = "\x46"
	isLess     = "\x49" // unsigned
	isGreater  = "\x4a" // signed
	add        = "\x6a"
	sub        = "\x6b"
	mul        = "\x6c"
	and        = "\x71"
	or         = "\x72"
	shiftLeft  = "\x74"
	shiftRight = "\x76" // unsigned
	choose     = "\x1b"
	wrap       = "\xa7" // i32 of i64
	extend     = "\xad" // and back, unsigned
	load       = "\x28\x00\x00"
	store      = "\x36\x00\x00"
	memorySize = "\x3f\x00"
	memoryGrow = "\x40\x00"
	memoryCopy = "\xfc\x0a\x00\x00" // to, from, size
	memoryFill = "\xfc\x0b\x00"     // at, byte, size
)

func constant(n int) string { return "\x41" + signed(n) } // i32
func get(local int) string  { return "\x20" + unsigned(local) }
func set(local int) string  { return "\x21" + unsigned(local) }
func tee(local int) string  { return "\x22" + unsigned(local) }
func call(fn int) string    { return "\x10" + unsigned(fn) }

// leaveIf and again branch to a label, which is so many blocks around.
func leaveIf(label int) string { return "\x0d" + unsigned(label) }
func again(label int) string   { return "\x0c" + unsigned(label) }

// loads read an unsigned number of so many bytes.
var loads = map[uint32]string{1: "\x2d\x00\x00", 2: "\x2f\x00\x00", 4: load}

// coreI32 is the encoding of the core type i32.
const coreI32 = "\x7f"

// coreType encodes the type of a core function.
func coreType(params, results string) string { return "\x60" + sized(params) + sized(results) }

const (
	heapBase = 1021 // aligned to one byte and no more
	junk     = 0xa5
)

// reallocBody is the code of realloc(old, was, align, size). What it allocates
// is never inside or beside what was there, and no better aligned than it has
// to be.
const (
	reallocOld = iota
	reallocWas
	reallocAlign
	reallocSize
	reallocNew   // a local
	reallocPages // a local: how many are missing
)

func reallocBody() string {
	return "\x01\x02" + coreI32 + // two locals
		loadNext + get(reallocAlign) + add + constant(1) + sub + constant(0) + get(reallocAlign) + sub + and + tee(reallocNew) +
		get(reallocSize) + add + storeNext +
		loadNext + get(reallocNew) + isLess + ifTrue + trap + end +
		loadNext + constant(0xffff) + add + constant(16) + shiftRight + memorySize + sub + tee(reallocPages) +
		constant(0) + isGreater + ifTrue +
		get(reallocPages) + memoryGrow + constant(-1) + isEqual + ifTrue + trap + end +
		end +
		get(reallocNew) + constant(junk) + get(reallocSize) + memoryFill +
		get(reallocNew) + get(reallocOld) +
		get(reallocWas) + get(reallocSize) + get(reallocWas) + get(reallocSize) + isLess + choose + memoryCopy +
		get(reallocNew) + end
}

// beginBody is the code that begins a call, after that of the one before was
// ended.
func beginBody() string {
	return "\x00" + // no locals
		loadOpen + ifTrue + trap + end +
		constant(1) + storeOpen + end
}

// resetBody is the code of a post-return: it ends the call, frees what was
// allocated for it, and overwrites that.
func resetBody() string {
	return "\x00" + // no locals
		loadOpen + isZero + ifTrue + trap + end +
		constant(0) + storeOpen +
		constant(heapBase) + constant(junk) + loadNext + constant(heapBase) + sub + memoryFill +
		constant(heapBase) + storeNext + end
}

// reset is the name of the post-return of functions with core results of these
// types: one at most.
func reset(results string) string { return "reset" + results }

// The types of functions that the program imports of the memory's module.
var (
	reallocType = coreType(coreI32+coreI32+coreI32+coreI32, coreI32)
	beginType   = coreType("", "")
)

// memoryModule is the core module of the guest's memory, which exports
// "memory", "realloc", "begin" and the resets.
func memoryModule() string {
	types := []string{reallocType, beginType}
	funcs := []string{unsigned(0), unsigned(1)}
	exports := []string{sized("memory") + "\x02\x00", sized("realloc") + "\x00\x00", sized("begin") + "\x00\x01"}
	bodies := []string{sized(reallocBody()), sized(beginBody())}
	for _, results := range []string{"", coreI32, "\x7e", "\x7d", "\x7c"} {
		i := unsigned(len(types))
		types = append(types, coreType(results, ""))
		funcs = append(funcs, i)
		exports = append(exports, sized(reset(results))+"\x00"+i)
		bodies = append(bodies, sized(resetBody()))
	}
	return modulePreamble + section(1, types...) + section(3, funcs...) +
		section(5, "\x00\x01") + // a page at first
		section(6, coreI32+"\x01"+constant(heapBase)+end, coreI32+"\x01"+constant(0)+end) +
		section(7, exports...) + section(10, bodies...)
}
