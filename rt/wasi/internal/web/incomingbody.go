package web

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// incoming is what incoming requests and responses have in common.
type incoming struct {
	headers  *Fields
	source   *source
	life     *poll.Life
	consumed bool
}

// Headers returns a copy of the headers, which cannot be changed.
func (m *incoming) Headers(context.Context) (types.Fields, error) {
	return m.headers.copy(m.source.quota)
}

// Consume returns the body, the first time.
func (m *incoming) Consume(context.Context) (types.IncomingBody, error) {
	if m.consumed {
		return nil, fail
	}
	m.consumed = true
	return &IncomingBody{source: m.source, life: m.life}, nil
}

// Close drops the message, and the body with it if nobody has that.
func (m *incoming) Close(context.Context) error {
	m.headers.drop()
	if !m.consumed {
		m.source.leave()
	}
	return nil
}

// IncomingBody is the body of a message that arrives. See wasi:http/types,
// incoming-body.
type IncomingBody struct {
	poll.Parent // of the stream
	source      *source
	life        *poll.Life
	taken       bool
	held        int // bytes of the stream's buffer
}

var _ types.IncomingBody = (*IncomingBody)(nil)

// Stream returns the stream to read the body from, the first time.
func (b *IncomingBody) Stream(context.Context) (streams.InputStream, error) {
	if b.taken {
		return nil, fail
	}
	var r stream.Reader = stream.Nothing{}
	if size := b.source.size; size != 0 {
		held := stream.Chunk
		if size > 0 {
			held = int(min(size, stream.Chunk))
		}
		if err := b.source.quota.take(held); err != nil {
			return nil, err
		}
		b.held = held
		r = stream.FromReaderSize(b.source, b.source.size, b.life)
	}
	b.taken = true
	return stream.NewInput(r, b.life, &b.Parent), nil
}

// leave says that the guest has the body no more, nor a stream of it.
func (b *IncomingBody) leave() {
	b.source.quota.give(b.held)
	b.held = 0
}

// Close drops the body: what there is still to come is not wanted.
func (b *IncomingBody) Close(context.Context) error {
	if err := b.Check(b.life); err != nil {
		return err
	}
	b.leave()
	b.source.leave()
	return nil
}

// finish turns the body into the trailers after it.
func (b *IncomingBody) finish() (types.FutureTrailers, error) {
	if err := b.Check(b.life); err != nil {
		return nil, err
	}
	b.leave()
	return &FutureTrailers{source: b.source, life: b.life}, nil
}

// FutureTrailers are the trailers of a body, once that is read. What the guest
// did not read of it is read when it asks for them. See wasi:http/types,
// future-trailers.
type FutureTrailers struct {
	poll.Parent // of pollables
	poll.Signal
	source *source
	life   *poll.Life
	told   bool

	mu   sync.Mutex
	busy bool
	done bool
}

var _ types.FutureTrailers = (*FutureTrailers)(nil)

// Ready reports whether Get has something to tell, and reads the rest of the
// body until it has.
func (f *FutureTrailers) Ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = f.done || f.source.failure() != nil
	if f.done || f.busy {
		return f.done
	}
	f.busy = !f.life.Over()
	f.done = !f.busy
	if f.busy {
		go f.drain() // whoever makes the source ends it with the life
	}
	return f.done
}

func (f *FutureTrailers) drain() {
	_, _ = io.Copy(io.Discard, f.source) // its error is kept
	f.mu.Lock()
	f.done = true
	f.mu.Unlock()
	f.Wake()
}

// Subscribe returns a pollable that is ready when Get has something to tell.
func (f *FutureTrailers) Subscribe(context.Context) (iopoll.Pollable, error) {
	return f.Pollable(f), nil
}

type (
	trailersResult = cm.Result[cm.Option[types.Trailers], types.ErrorCode]
	trailersOnce   = cm.Result[trailersResult, struct{}]
)

// Get returns the trailers if the body ended well and has some, or why it did
// not: once, and that it was told after that.
func (f *FutureTrailers) Get(context.Context) (cm.Option[trailersOnce], error) {
	if !f.Ready() {
		return cm.Option[trailersOnce]{}, nil
	}
	if f.told {
		return cm.Some(cm.Fail[trailersResult](struct{}{})), nil
	}
	f.told = true
	trailers, err := f.source.result()
	if err != nil {
		return cm.Some(cm.OK[trailersResult, struct{}](cm.Fail[cm.Option[types.Trailers]](err))), nil
	}
	var some cm.Option[types.Trailers]
	if trailers != nil && len(trailers.list) > 0 {
		some = cm.Some[types.Trailers](trailers)
	} else if trailers != nil {
		trailers.drop()
	}
	return cm.Some(cm.OK[trailersResult, struct{}](cm.OK[cm.Option[types.Trailers], types.ErrorCode](some))), nil
}

// Close drops the trailers, and what there is still to come of the body.
func (f *FutureTrailers) Close(context.Context) error {
	if err := f.Check(f.life); err != nil {
		return err
	}
	f.source.leave()
	return nil
}

// result returns the trailers of a body that was read, for the guest to keep, or
// what became of it.
func (s *source) result() (*Fields, types.ErrorCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code, ok := errors.AsType[types.ErrorCode](s.err); ok {
		return nil, code
	}
	if s.err == nil { // the instance ends
		return nil, types.ErrorCodeInternalError{}
	}
	trailers := s.trailers
	s.trailers = nil
	return trailers, nil
}
