package poll

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

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
	var others []*foreign
	for i, p := range in {
		if own, ok := p.(*Pollable); ok {
			sources[i] = own.source
			continue
		}
		f := &foreign{ctx: ctx, p: p}
		sources[i], others = f, append(others, f)
	}
	ready, err := Wait(ctx, sources)
	for _, f := range others {
		err = cmp.Or(err, f.failed())
	}
	if err != nil {
		return nil, err
	}
	return ready, nil
}

// foreign is a pollable that somebody else made, in one call of Poll. Whoever
// watches it waits for it on a goroutine, for as long as somebody watches.
type foreign struct {
	ctx context.Context // of the call
	p   poll.Pollable

	mu    sync.Mutex
	ended bool  // waiting for it did
	err   error // what ends the call
}

func (f *foreign) failed() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *foreign) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended, f.err = true, cmp.Or(f.err, err)
}

// Ready asks the pollable, unless waiting for it ended, which says the same. One
// that fails is ready.
func (f *foreign) Ready() bool {
	f.mu.Lock()
	ended := f.ended
	f.mu.Unlock()
	if ended {
		return true
	}
	ready, err := f.p.Ready(f.ctx)
	if err != nil {
		f.end(err)
	}
	return ready || err != nil
}

// Watch wakes w when the pollable no longer blocks.
func (f *foreign) Watch(w Waker) (stop func()) {
	ctx, cancel := context.WithCancel(f.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer w.Wake()
		if err := f.block(ctx); ctx.Err() == nil {
			f.end(err)
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

var errExit = errors.New("a pollable of another implementation ended the goroutine")

// block waits for the pollable. This is nobody's goroutine: a panic would end the
// process.
func (f *foreign) block(ctx context.Context) (err error) {
	returned := false
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a pollable of another implementation panicked: %v", p)
		} else if !returned {
			f.end(errExit)
		}
	}()
	err = f.p.Block(ctx)
	returned = true
	return err
}
