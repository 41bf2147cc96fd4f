package rt

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// digest is the SHA-256 of something.
type digest = [sha256.Size]byte

// programs are those of an engine, found by the digest of the component's bytes.
// What else a program depends on is the engine's and never changes.
type programs struct {
	engine *Engine
	build  func(ctx context.Context, key digest, wasm []byte) (*program, error)
	budget int64 // bytes of components that may be idle

	mu      sync.Mutex
	all     map[digest]*program
	flights map[digest]*flight
	idle    list.List // *program that nobody has, the one idle for longest first
	kept    int64     // bytes of components that are idle
}

// flight is a program being made. Who waits for it may leave; the last one to
// leave stops it.
type flight struct {
	stop context.CancelCauseFunc
	done chan struct{} // closed when program and err are set

	program *program // with a reference for each who waits
	err     error
	waiters int // guarded by the mutex of the programs
}

// get returns the program of a component with a reference, which it makes if
// nobody has. Errors are not kept.
func (s *programs) get(ctx context.Context, wasm []byte) (*program, error) {
	key := sha256.Sum256(wasm)
	p, f := s.find(key)
	if p == nil && f == nil {
		if ctx.Done() != nil {
			wasm = bytes.Clone(wasm) // the caller may leave and use them for something else
		}
		p, f = s.start(ctx, key, wasm)
	}
	if p != nil {
		return p, nil
	}
	select {
	case <-f.done:
		return f.program, f.err
	case <-ctx.Done():
		return s.leave(f, key, context.Cause(ctx))
	}
}

// find returns the program with a reference, or the flight that makes it, or
// neither.
func (s *programs) find(key digest) (*program, *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lookup(key)
}

// lookup is find for whoever holds the mutex.
func (s *programs) lookup(key digest) (*program, *flight) {
	if p := s.all[key]; p != nil {
		if p.refs == 0 {
			s.unshelve(p)
		}
		p.refs++
		return p, nil
	}
	f := s.flights[key]
	if f != nil {
		f.waiters++
	}
	return nil, f
}

// start makes a program on a goroutine that the engine waits for, unless
// somebody else was first.
func (s *programs) start(ctx context.Context, key digest, wasm []byte) (*program, *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, f := s.lookup(key); p != nil || f != nil {
		return p, f
	}
	ctx, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	f := &flight{stop: stop, done: make(chan struct{}), waiters: 1}
	if s.flights == nil {
		s.all, s.flights = make(map[digest]*program), make(map[digest]*flight)
	}
	s.flights[key] = f
	s.engine.more()
	go func() {
		defer s.engine.end()
		defer stop(nil)
		p, err := s.attempt(ctx, key, wasm)
		s.land(ctx, f, key, int64(len(wasm)), p, err)
	}()
	return nil, f
}

// attempt builds a program. Whatever bytes might make that panic are no reason
// to end the process: it runs on no goroutine of the host's, which could recover.
func (s *programs) attempt(ctx context.Context, key digest, wasm []byte) (p *program, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("component: compiling panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return s.build(ctx, key, wasm)
}

// land ends a flight.
func (s *programs) land(ctx context.Context, f *flight, key digest, size int64, p *program, err error) {
	s.mu.Lock()
	if s.flights[key] == f {
		delete(s.flights, key)
	}
	var rest []*program
	switch {
	case err != nil:
	case s.all[key] != nil: // everybody left a flight that landed all the same
		rest = []*program{p}
		if p = s.all[key]; p.refs == 0 && f.waiters > 0 {
			s.unshelve(p)
		}
		p.refs += f.waiters
	default:
		p.key, p.size, p.refs = key, size, f.waiters
		s.all[key] = p
		if p.refs == 0 {
			rest = s.shelve(p)
		}
	}
	f.program, f.err = p, err
	close(f.done)
	s.mu.Unlock()
	_ = free(ctx, rest) // nobody is there to be told
}

// leave counts one less who waits for a flight, and stops it if that was the
// last. If it is over by now, it was worth waiting for.
func (s *programs) leave(f *flight, key digest, cause error) (*program, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-f.done:
		return f.program, f.err
	default:
	}
	f.waiters--
	if f.waiters == 0 {
		f.stop(cause)
		delete(s.flights, key) // who comes now needs one that goes on
	}
	return nil, cause
}

// drop takes a reference away. The last one leaves the program to be kept, as
// far as the budget goes, and what has to go for that is freed.
func (s *programs) drop(ctx context.Context, p *program) error {
	s.mu.Lock()
	p.refs--
	var gone []*program
	if p.refs == 0 {
		gone = s.shelve(p)
	}
	s.mu.Unlock()
	return free(ctx, gone)
}

// shelve keeps a program that nobody has, and returns those that are then too
// many: it may be one of them.
func (s *programs) shelve(p *program) (gone []*program) {
	p.place = s.idle.PushBack(p)
	s.kept += p.size
	for s.kept > s.budget {
		oldest := s.idle.Front().Value.(*program)
		if p.size > s.budget {
			oldest = p // it would push out all others and not stay either
		}
		s.unshelve(oldest)
		delete(s.all, oldest.key)
		gone = append(gone, oldest)
	}
	return gone
}

func (s *programs) unshelve(p *program) {
	s.idle.Remove(p.place)
	s.kept -= p.size
	p.place = nil
}

// close frees all programs that nobody has and keeps none any more.
func (s *programs) close(ctx context.Context) error {
	s.mu.Lock()
	s.budget = 0
	var gone []*program
	for s.idle.Len() > 0 {
		p := s.idle.Front().Value.(*program)
		s.unshelve(p)
		delete(s.all, p.key)
		gone = append(gone, p)
	}
	s.mu.Unlock()
	return free(ctx, gone)
}

func free(ctx context.Context, all []*program) error {
	var errs []error
	for _, p := range all {
		errs = append(errs, p.free(ctx))
	}
	return errors.Join(errs...)
}
