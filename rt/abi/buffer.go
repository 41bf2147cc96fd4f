package abi

import "context"

// buffered is a context that brings a buffer for the result of a call.
type buffered struct {
	context.Context
	buf []byte
}

// WithBuffer returns the context of a call that brings a buffer; it is
// [github.com/witgen/witgen/rt.WithBuffer].
func WithBuffer(ctx context.Context, buf []byte) context.Context { return &buffered{ctx, buf[:0]} }

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
