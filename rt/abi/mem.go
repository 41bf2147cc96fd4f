package abi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/witgen/witgen/rt/internal/task"
)

// Mem is a view of a guest's linear memory during one call. The first access
// that fails is kept; every access after it reads zero or writes nothing, so
// that a row of accesses needs one check at its end.
//
// Pointers and lengths are what the guest says they are: nothing is assumed
// of them. The zero Mem is a memory of size zero.
type Mem struct {
	view  []byte // valid until the guest runs again; empty while it is stale, and after a failure
	stale bool   // the view is to be taken at the next access
	seen  uint32 // the memory's size in bytes when it was last asked for
	opts  *task.Options
	task  *task.Task
	err   error
	fault fault         // who made err
	most  int64         // bytes that the call may lift
	left  int64         // how many of them it has not
	stack [4]uint64     // for realloc
	text  task.Encoding // of strings

	buffer []byte // for each list<u8> that is lifted, as long as it has room; what is taken is its length
	many   bool   // a long list is being lifted: its short strings share memory
	share  []byte // what is left of that

	handles *Handles   // nil until a call has resources in it
	under   *Interface // the interface of the function, by the world's name for it; nil if it has none
	answers bool       // the call is one of the guest to the host
}

// fault says who made a call fail.
type fault uint8

const (
	faultGuest fault = iota // it handed over what it may not, or trapped
	faultValue              // the host handed over what has no form in WIT
	faultHost               // a host function returned an error or panicked
)

// Start makes m the view for a call with these options; only package rt can
// call it.
func (m *Mem) Start(o *task.Options, t *task.Task) {
	m.opts, m.task, m.text, m.seen, m.most = o, t, o.Encoding, 0, task.DefaultLift
	if tree := o.Instance.Tree; tree != nil && tree.Lift != 0 {
		m.most = tree.Lift
	}
	m.begin()
}

// begin makes m the view for a call like the last. Pointers that stay are not
// written again, here and below: while garbage is collected that takes longer.
func (m *Mem) begin() {
	m.view, m.stale, m.left = m.view[:0], true, m.most
	if m.err != nil {
		m.err = nil
	}
	if m.many || m.buffer != nil {
		m.many, m.share, m.buffer = false, nil, nil
	}
}

// Refresh has the view taken again at the next access: memory may have moved
// while the guest ran. A call that accesses no memory never takes it.
func (m *Mem) Refresh() { m.view, m.stale = m.view[:0], m.err == nil }

// take takes the view, of as much as was seen of the memory: it may have grown
// since, but never shrinks.
func (m *Mem) take() {
	m.stale = false
	if m.seen > 0 {
		if v, ok := m.opts.Memory.Read(0, m.seen); ok {
			if len(v) == cap(m.view) && unsafe.SliceData(v) == unsafe.SliceData(m.view) {
				m.view = m.view[:len(v)]
				return
			}
			m.view = v
			return
		}
	}
	m.measure()
}

// measure takes the view of all of the memory.
func (m *Mem) measure() {
	if m.opts == nil || m.opts.Memory == nil {
		return
	}
	// Size is 0 for a memory of exactly 4 GiB, whose last byte then stays out of reach.
	m.seen = m.opts.Memory.Size()
	if m.seen == 0 {
		if pages, _ := m.opts.Memory.Grow(0); pages > 0 {
			m.seen = math.MaxUint32
		}
	}
	m.view, _ = m.opts.Memory.Read(0, m.seen)
}

// holds reports whether the memory has end bytes.
func (m *Mem) holds(end uint64) bool {
	if m.stale {
		m.take()
	}
	return end <= uint64(len(m.view)) || m.grown(end)
}

// grown is holds for more than was seen of the memory.
func (m *Mem) grown(end uint64) bool {
	if m.err == nil {
		m.measure()
	}
	return end <= uint64(len(m.view))
}

// Err returns the first failure, or nil.
func (m *Mem) Err() error { return m.err }

// Trap keeps the error of a host function, unless a failure is kept already.
// It is for errors that have no form in WIT: the guest that called is stopped.
func (m *Mem) Trap(err error) { m.keep(err, faultHost) }

// Fail keeps a failure of the host that is about a value, such as a string
// that is not UTF-8, unless a failure is kept already.
func (m *Mem) Fail(err error) { m.keep(err, faultValue) }

// Reject keeps a failure of the guest, unless one is kept already: it handed
// over what it may not.
func (m *Mem) Reject(err error) { m.keep(err, faultGuest) }

func (m *Mem) keep(err error, f fault) {
	if m.err == nil {
		m.err, m.fault, m.view, m.stale = err, f, m.view[:0], false
	}
}

// at returns size bytes of the view, or nil if they are not all inside. The
// guest is to blame for that.
func (m *Mem) at(ptr uint32, size uint64) []byte {
	if end := uint64(ptr) + size; end <= uint64(len(m.view)) {
		return m.view[ptr:end]
	}
	return m.reach(ptr, size)
}

// reach is at for an access that the view does not hold.
func (m *Mem) reach(ptr uint32, size uint64) []byte {
	end := uint64(ptr) + size
	if m.holds(end) {
		return m.view[ptr:end]
	}
	if m.err == nil {
		m.Reject(fmt.Errorf("pointer %#x: %d bytes outside a memory of %d", ptr, size, len(m.view)))
	}
	return nil
}

// Ptr checks the pointer to a value that was spilled to memory: aligned, and
// with size bytes inside the memory. It returns the pointer.
func (m *Mem) Ptr(flat uint64, size, align uint32) uint32 {
	ptr := uint32(flat)
	if ptr&(align-1) != 0 {
		m.Reject(errors.New("unaligned pointer"))
		return 0
	}
	if m.at(ptr, uint64(size)) == nil {
		return 0
	}
	return ptr
}

// far reads an integer of size bytes that the view does not hold.
func (m *Mem) far(ptr, size uint32) (v uint64) {
	b := m.reach(ptr, uint64(size))
	for i := range b {
		v |= uint64(b[i]) << (8 * i)
	}
	return v
}

// LoadU8 reads one byte.
func (m *Mem) LoadU8(ptr uint32) uint8 {
	if uint64(ptr) < uint64(len(m.view)) {
		return m.view[ptr]
	}
	return uint8(m.far(ptr, 1))
}

// LoadU16 reads two bytes.
func (m *Mem) LoadU16(ptr uint32) uint16 {
	if uint64(ptr)+2 <= uint64(len(m.view)) {
		return binary.LittleEndian.Uint16(m.view[ptr:])
	}
	return uint16(m.far(ptr, 2))
}

// LoadU32 reads four bytes.
func (m *Mem) LoadU32(ptr uint32) uint32 {
	if uint64(ptr)+4 <= uint64(len(m.view)) {
		return binary.LittleEndian.Uint32(m.view[ptr:])
	}
	return uint32(m.far(ptr, 4))
}

// LoadU64 reads eight bytes.
func (m *Mem) LoadU64(ptr uint32) uint64 {
	if uint64(ptr)+8 <= uint64(len(m.view)) {
		return binary.LittleEndian.Uint64(m.view[ptr:])
	}
	return m.far(ptr, 8)
}

// LoadPair reads two words side by side: the pointer and length of a list or
// string.
func (m *Mem) LoadPair(ptr uint32) (a, b uint32) {
	v := m.at(ptr, 8)
	if v == nil {
		return 0, 0
	}
	return binary.LittleEndian.Uint32(v), binary.LittleEndian.Uint32(v[4:])
}

// LoadBool reads a bool: any byte but zero is true.
func (m *Mem) LoadBool(ptr uint32) bool { return m.LoadU8(ptr) != 0 }

// LoadF32 reads an f32.
func (m *Mem) LoadF32(ptr uint32) float32 { return F32(uint64(m.LoadU32(ptr))) }

// LoadF64 reads an f64.
func (m *Mem) LoadF64(ptr uint32) float64 { return F64(m.LoadU64(ptr)) }

// LoadChar reads a char. It must be a Unicode scalar value.
func (m *Mem) LoadChar(ptr uint32) rune { return m.Char(uint64(m.LoadU32(ptr))) }

// StoreU8 writes one byte.
func (m *Mem) StoreU8(ptr uint32, v uint8) {
	if b := m.at(ptr, 1); b != nil {
		b[0] = v
	}
}

// StoreU16 writes two bytes.
func (m *Mem) StoreU16(ptr uint32, v uint16) {
	if b := m.at(ptr, 2); b != nil {
		binary.LittleEndian.PutUint16(b, v)
	}
}

// StoreU32 writes four bytes.
func (m *Mem) StoreU32(ptr uint32, v uint32) {
	if b := m.at(ptr, 4); b != nil {
		binary.LittleEndian.PutUint32(b, v)
	}
}

// StoreU64 writes eight bytes.
func (m *Mem) StoreU64(ptr uint32, v uint64) {
	if b := m.at(ptr, 8); b != nil {
		binary.LittleEndian.PutUint64(b, v)
	}
}

// StoreBool writes a bool as 1 or 0.
func (m *Mem) StoreBool(ptr uint32, v bool) { m.StoreU8(ptr, uint8(Bool(v))) }

// StoreF32 writes an f32.
func (m *Mem) StoreF32(ptr uint32, v float32) { m.StoreU32(ptr, math.Float32bits(v)) }

// StoreF64 writes an f64.
func (m *Mem) StoreF64(ptr uint32, v float64) { m.StoreU64(ptr, math.Float64bits(v)) }

// StoreChar writes a char. It must be a Unicode scalar value.
func (m *Mem) StoreChar(ptr uint32, v rune) { m.StoreU32(ptr, uint32(m.LowerChar(v))) }

// StorePair writes two words side by side: the pointer and length of a list
// or string.
func (m *Mem) StorePair(ptr, a, b uint32) {
	if v := m.at(ptr, 8); v != nil {
		binary.LittleEndian.PutUint32(v, a)
		binary.LittleEndian.PutUint32(v[4:], b)
	}
}
