package socket

import (
	"context"
	"errors"
	"sync"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/io/ioerror"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/instancenetwork"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/ipnamelookup"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcpcreatesocket"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udpcreatesocket"
)

// maxSockets is how many sockets an instance may have open, unless it is said
// otherwise, and maxLookups how many names it may look up at a time.
const (
	maxSockets = 1024
	maxLookups = 64
)

// Options say what the sockets of an instance may do.
type Options struct {
	Policy *policy.Policy // nil denies all
	Life   *poll.Life
	Audit  audit.Log

	// Max is how many sockets may be open, those that were accepted and those
	// that still send among them; 0 means 1,024.
	Max int
}

// Sockets is wasi:sockets for one instance.
type Sockets struct {
	Options
	sockets, lookups quota
}

var (
	_ network.Network                 = (*Sockets)(nil)
	_ instancenetwork.InstanceNetwork = (*Sockets)(nil)
	_ tcpcreatesocket.TCPCreateSocket = (*Sockets)(nil)
	_ udpcreatesocket.UDPCreateSocket = (*Sockets)(nil)
	_ ipnamelookup.IPNameLookup       = (*Sockets)(nil)
)

// New returns the sockets of an instance.
func New(o Options) *Sockets {
	if o.Max == 0 {
		o.Max = maxSockets
	}
	return &Sockets{Options: o, sockets: quota{left: o.Max}, lookups: quota{left: maxLookups}}
}

// quota counts what there may be more of. It may be used from any goroutine.
type quota struct {
	mu   sync.Mutex
	left int
}

// take takes one, if there is one left.
func (q *quota) take() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.left <= 0 {
		return false
	}
	q.left--
	return true
}

func (q *quota) put() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.left++
}

// handle is the resource network: what an instance may do does not depend on
// it.
type handle struct{}

func (handle) Close(context.Context) error { return nil }

var errHandle = errors.New("network: the resource is of another implementation")

func checkHandle(h network.Handle) error {
	if _, ok := h.(handle); !ok {
		return errHandle
	}
	return nil
}

// InstanceNetwork returns the network.
func (s *Sockets) InstanceNetwork(context.Context) (network.Handle, error) { return handle{}, nil }

// NetworkErrorCode returns the code of an error that a TCP stream gave, and none
// for any other.
func (s *Sockets) NetworkErrorCode(_ context.Context, e ioerror.Error) (cm.Option[network.ErrorCode], error) {
	f, ok := errors.AsType[*failure](stream.Cause(e))
	if !ok {
		return cm.None[network.ErrorCode](), nil
	}
	return cm.Some(f.code), nil
}

// failure is the error of a stream of a socket.
type failure struct {
	code network.ErrorCode
	err  error
}

func (f *failure) Error() string { return f.err.Error() }

// Unwrap returns what the system said.
func (f *failure) Unwrap() error { return f.err }

// fail returns the error that a method of wasi:sockets answers.
func fail(code network.ErrorCode) error { return cm.Err[network.ErrorCode]{Value: code} }

// denied returns what a guest is answered for an error of the policy, and tells
// of it.
func (s *Sockets) denied(ctx context.Context, operation string, err error) error {
	if d, ok := errors.AsType[*policy.Denied](err); ok {
		s.Audit.Deny(ctx, d.Denial(operation))
	}
	return fail(network.ErrorCodeAccessDenied)
}

// allow returns nil if something of a protocol is granted, or else what a guest
// is answered that wants a socket.
func (s *Sockets) allow(ctx context.Context, p policy.Protocol, operation string) error {
	if s.Policy.Any(p) {
		return nil
	}
	return s.denied(ctx, operation, &policy.Denied{Protocol: p, Reason: "no rule grants anything of " + p.String()})
}
