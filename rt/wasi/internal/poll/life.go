package poll

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Life is how long an instance lives: goroutines that work for it end when it
// does. The zero Life has begun; End ends it. It may be used from any goroutine.
type Life struct {
	mu   sync.Mutex
	over bool
	ends map[*ending]struct{}
	wg   sync.WaitGroup
}

type ending struct{ f func() }

// call calls what a life ends with, part of which may be a host's own: if that
// panics, the rest is called all the same.
func (e *ending) call() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the end panicked: %v", p)
		}
	}()
	e.f()
	return nil
}

// Over reports whether the life has ended. A nil Life never ends.
func (l *Life) Over() bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

// OnEnd has f called when the life ends, unless forget is called before. If it
// has ended, f is called at once.
func (l *Life) OnEnd(f func()) (forget func()) {
	if l == nil {
		return func() {}
	}
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		f()
		return func() {}
	}
	defer l.mu.Unlock()
	if l.ends == nil {
		l.ends = make(map[*ending]struct{})
	}
	e := &ending{f}
	l.ends[e] = struct{}{}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.ends, e)
	}
}

// Go runs f on a goroutine that End waits for. F ends soon after what it was
// given for OnEnd is called. It reports whether it did, which is not the case
// once the life is over.
func (l *Life) Go(f func()) bool {
	if l == nil {
		go f()
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.wg.Go(f)
	return true
}

// End ends the life and waits for its goroutines. It returns the context's
// cause if that is done first; what does not end is then left alone.
func (l *Life) End(ctx context.Context) error {
	return l.EndWith(ctx, func() error { return nil })
}

// EndWith is End with something to do once the goroutines have ended, even if
// that is after EndWith has returned. It returns the error of that.
func (l *Life) EndWith(ctx context.Context, last func() error) error {
	l.mu.Lock()
	l.over = true
	ends := l.ends
	l.ends = nil
	l.mu.Unlock()
	var errs []error
	for e := range ends {
		if err := e.call(); err != nil {
			errs = append(errs, err)
		}
	}
	ended := make(chan error, 1)
	go func() {
		l.wg.Wait()
		err := errGone
		defer func() { // also if last ends the goroutine
			if p := recover(); p != nil {
				err = fmt.Errorf("the end panicked: %v", p)
			}
			ended <- err
		}()
		err = last()
	}()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if len(errs) == 0 {
		return err
	}
	return errors.Join(append(errs, err)...)
}

var errGone = errors.New("the end ended the goroutine")
