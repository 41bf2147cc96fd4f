package web

import (
	"context"
	"errors"
	"sync"

	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
)

// want is what a connection that is being made is told of the request that it is
// for: net/http goes on with it when nobody waits any more.
type want struct {
	ctx    context.Context             // of the request
	refuse func(denied *policy.Denied) // notes that an address was denied
}

// wantKey is for a want in the context of a request, which is all that net/http
// passes on.
type wantKey struct{}

// note notes that an address was denied, if that is why there is no connection.
func (w *want) note(err error) {
	defer func() { _ = recover() }() // the error may be a dialer's that panics when it is asked anything
	if denied, ok := errors.AsType[*policy.Denied](err); ok {
		w.refuse(denied)
	}
}

// denials are those of requests that the guest knows the end of, or has dropped.
// They wait for a goroutine of the guest's.
type denials struct {
	mu  sync.Mutex
	all []audit.Denial
}

// maxLate is how many wait. More come only of resolvers that do not heed their
// context.
const maxLate = 128

func (l *denials) add(d audit.Denial) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) < maxLate {
		l.all = append(l.all, d)
	}
}

func (l *denials) take() []audit.Denial {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.all
	l.all = nil
	return all
}

// TellLate tells of the denials that no call of the guest's was there for.
func (h *Host) TellLate(ctx context.Context) {
	for _, d := range h.late.take() {
		h.o.Audit.Deny(ctx, d)
	}
}
