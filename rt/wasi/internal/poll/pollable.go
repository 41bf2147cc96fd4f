package poll

import (
	"context"
	"errors"

	"github.com/witgen/witgen/rt/wasi/p2/io/poll"
)

// Pollable is a guest's view of a source. See wasi:io/poll, pollable.
type Pollable struct {
	source Source
	parent *Parent // nil if it is nobody's child
}

var _ poll.Pollable = (*Pollable)(nil)

// New returns a pollable that is nobody's child.
func New(s Source) *Pollable { return &Pollable{source: s} }

// Ready reports whether the source is ready.
func (p *Pollable) Ready(context.Context) (bool, error) { return p.source.Ready(), nil }

// Block waits until the source is ready.
func (p *Pollable) Block(ctx context.Context) error { return Until(ctx, p.source) }

// Close ends the view, not the source.
func (p *Pollable) Close(context.Context) error {
	p.parent.release()
	return nil
}

// Poll is wasi:io/poll for guests whose pollables are all of this package, or
// of others that know when they are ready and how to wait for that.
type Poll struct{}

var _ poll.Poll = Poll{}

var errEmpty = errors.New("poll: the list of pollables is empty")

// Poll waits until one of the pollables is ready, and returns which are. A
// guest may not ask for none.
func (Poll) Poll(ctx context.Context, in []poll.Pollable) ([]uint32, error) {
	if len(in) == 0 {
		return nil, errEmpty
	}
	sources := make([]Source, len(in))
	for i, p := range in {
		own, ok := p.(*Pollable)
		if !ok {
			own = New(&foreign{p: p})
		}
		sources[i] = own.source
	}
	return Wait(ctx, sources)
}

// foreign is a pollable that somebody else made. Whoever watches it waits for
// it on a goroutine, for as long as somebody watches.
type foreign struct{ p poll.Pollable }

// Ready asks the pollable.
func (f *foreign) Ready() bool {
	ready, err := f.p.Ready(context.Background())
	return ready || err != nil // waiting would end
}

// Watch wakes w when the pollable no longer blocks.
func (f *foreign) Watch(w Waker) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if f.p.Block(ctx) == nil {
			w.Wake()
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}
