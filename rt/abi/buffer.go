package abi

import "context"

// buffered is a context that brings places for what comes of a call.
type buffered struct {
	context.Context
	buf  []byte  // for its result
	fuel *uint64 // for what it has used; nil for none
}

// WithBuffer returns the context of a call that brings a buffer; it is
// [github.com/witgen/witgen/rt.WithBuffer].
func WithBuffer(ctx context.Context, buf []byte) context.Context {
	b := brings(ctx)
	b.buf = buf[:0]
	return b
}

// WithFuelUsed returns the context of a call that says what it has used; it is
// [github.com/witgen/witgen/rt.WithFuelUsed].
func WithFuelUsed(ctx context.Context, used *uint64) context.Context {
	b := brings(ctx)
	b.fuel = used
	return b
}

// brings returns a context that brings what another does.
func brings(ctx context.Context) *buffered {
	if b, ok := ctx.(*buffered); ok {
		return &buffered{b.Context, b.buf, b.fuel}
	}
	return &buffered{Context: ctx}
}

// count has the call say what fuel it uses.
func (c *Call) count(used *uint64) {
	if c.fn.tree.Fuel == nil {
		*used = 0
		return
	}
	c.used, c.before = used, c.fn.tree.Fuel()
	c.fn.plain = false
}

// tell says what fuel the call has used, if that was asked for. The call has the
// turn.
func (c *Call) tell() {
	if f := c.fn; c.used != nil {
		*c.used = f.tree.Fuel() - c.before
		c.used = nil
		f.plain = f.fn != nil && f.simple()
	}
}

// buffered returns n bytes of the caller's buffer, or nil if it has not as many
// left.
func (m *Mem) buffered(n uint32) []byte {
	left := m.buffer
	if uint64(n) > uint64(cap(left)-len(left)) {
		return nil
	}
	end := len(left) + int(n)
	m.buffer = left[:end]
	return left[len(left):end:end]
}

// Use has a list<u8> that is lifted next put into a buffer that has room for it.
// Whoever is given the list may not keep it for longer than the buffer is not
// used for another.
func (m *Mem) Use(buf []byte) { m.buffer = buf[:0] }
