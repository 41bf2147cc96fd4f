package binary

// The parts that may follow the number of a canonical definition.
const (
	partIndex   = 'i'
	partFlag    = 'f'
	partOptions = 'o'
	partResult  = 'r' // of a function
	partCore    = 'c' // a core value type
)

// canonParts lists what follows the number of each canonical definition but
// lift. See Binary.md, "Canonical Definitions".
var canonParts = map[byte]string{
	0x01: "fio",            // lower, the flag being its sort
	0x02: "i",              // resource.new
	0x03: "i",              // resource.drop
	0x04: "i",              // resource.rep
	0x05: "",               // task.cancel
	0x06: "f",              // subtask.cancel
	0x09: "ro",             // task.return
	0x0a: "ci",             // context.get
	0x0b: "ci",             // context.set
	0x0c: "f",              // thread.yield
	0x0d: "",               // subtask.drop
	0x0e: "i",              // stream.new
	0x0f: "io", 0x10: "io", // stream.read, stream.write
	0x11: "if", 0x12: "if", // stream.cancel-read, stream.cancel-write
	0x13: "i", 0x14: "i", // stream.drop-readable, stream.drop-writable
	0x15: "i",              // future.new
	0x16: "io", 0x17: "io", // future.read, future.write
	0x18: "if", 0x19: "if", // future.cancel-read, future.cancel-write
	0x1a: "i", 0x1b: "i", // future.drop-readable, future.drop-writable
	0x1c: "o", 0x1d: "o", // error-context.new, error-context.debug-message
	0x1e: "",               // error-context.drop
	0x1f: "",               // waitable-set.new
	0x20: "fi", 0x21: "fi", // waitable-set.wait, waitable-set.poll
	0x22: "",           // waitable-set.drop
	0x23: "",           // waitable.join
	0x24: "", 0x25: "", // backpressure.inc, backpressure.dec
	0x26: "",                        // thread.index
	0x27: "ii",                      // thread.new-indirect
	0x28: "",                        // thread.resume-later
	0x29: "f", 0x2a: "f", 0x2b: "f", // thread.suspend, suspend-then-resume, yield-then-resume
	0x2c: "f", 0x2d: "f", // thread.suspend-then-promote, yield-then-promote
	0x40: "fi", 0x41: "fii", 0x42: "f", // thread.spawn-ref, spawn-indirect, available-parallelism
}

// canon takes a canonical definition, and returns the function that it
// defines, unless that is one of core WebAssembly.
func (r *reader) canon() *Func {
	at := r.offset()
	op := r.byte()
	if op == 0x00 {
		r.want(0x00, "sort of what is lifted")
		r.u32()
		r.options()
		return &Func{Offset: at, Type: r.u32()}
	}
	parts, ok := canonParts[op]
	if !ok {
		r.fail(at, "unknown canonical definition %#02x", op)
	}
	for _, part := range parts {
		switch part {
		case partIndex:
			r.u32()
		case partFlag:
			r.flag("canonical definition")
		case partOptions:
			r.options()
		case partResult:
			r.result()
		case partCore:
			r.byte()
		}
	}
	return nil
}

// options takes the options of a canonical definition.
func (r *reader) options() {
	r.list("options", func() {
		at := r.offset()
		switch op := r.byte(); op {
		case 0x03, 0x04, 0x05, 0x07, 0x08: // memory, realloc, post-return, callback, core-type
			r.u32()
		case 0x00, 0x01, 0x02, 0x06, 0x09: // utf8, utf16, latin1+utf16, async, gc
		default:
			r.fail(at, "unknown canonical option %#02x", op)
		}
	})
}
