package socket

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/ipnamelookup"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
)

// ResolveAddresses returns the addresses of a name, which are looked up once
// somebody asks for the first.
func (s *Sockets) ResolveAddresses(ctx context.Context, h network.Handle, name string) (ipnamelookup.ResolveAddressStream, error) {
	if err := checkHandle(h); err != nil {
		return nil, err
	}
	switch err := s.Policy.CheckName(name); {
	case errors.Is(err, policy.ErrName):
		return nil, fail(network.ErrorCodeInvalidArgument)
	case err != nil:
		_ = s.denied(ctx, "resolve-addresses", err)
		return nil, fail(network.ErrorCodePermanentResolverFailure)
	}
	if !s.lookups.take() {
		return nil, fail(network.ErrorCodeTemporaryResolverFailure)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &lookup{s: s, name: name, ctx: ctx, cancel: cancel}
	l.forget = s.Life.OnEnd(cancel)
	return l, nil
}

// lookup is the resource resolve-address-stream.
type lookup struct {
	poll.Parent
	poll.Signal
	s      *Sockets
	name   string
	ctx    context.Context // of the lookup
	cancel func()
	forget func()

	mu    sync.Mutex
	begun bool
	done  bool
	addrs []netip.Addr
	err   error
}

// begin looks up the name, once.
func (l *lookup) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.begun {
		return
	}
	l.begun = true
	if !l.s.Life.Go(l.look) {
		l.done, l.err = true, context.Canceled
		l.s.lookups.put()
	}
}

// look asks the policy, whose resolver may be anybody's and panic.
func (l *lookup) look() {
	var addrs []netip.Addr
	err := errResolver
	defer func() {
		_ = recover()
		l.mu.Lock()
		l.done, l.addrs, l.err = true, addrs, err
		l.mu.Unlock()
		l.s.lookups.put()
		l.Wake()
	}()
	addrs, err = l.s.Policy.Lookup(l.ctx, l.name)
}

var errResolver = errors.New("the resolver did not return")

// Ready reports whether there is an answer.
func (l *lookup) Ready() bool {
	l.begin()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done
}

// ResolveNextAddress returns the next address, or none after the last.
func (l *lookup) ResolveNextAddress(context.Context) (cm.Option[network.IPAddress], error) {
	none := cm.None[network.IPAddress]()
	if !l.Ready() {
		return none, fail(network.ErrorCodeWouldBlock)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return none, fail(lookupCode(l.err))
	}
	if len(l.addrs) == 0 {
		return none, nil
	}
	a := l.addrs[0]
	l.addrs = l.addrs[1:]
	return cm.Some(toWITAddress(a)), nil
}

// lookupCode returns what a guest is told of an error of the resolver.
func lookupCode(err error) network.ErrorCode {
	e, ok := errors.AsType[*net.DNSError](err)
	switch {
	case ok && e.IsNotFound:
		return network.ErrorCodeNameUnresolvable
	case ok && (e.IsTemporary || e.IsTimeout), errors.Is(err, context.DeadlineExceeded):
		return network.ErrorCodeTemporaryResolverFailure
	}
	return network.ErrorCodePermanentResolverFailure
}

// Subscribe returns a pollable that is ready when there is an answer.
func (l *lookup) Subscribe(context.Context) (iopoll.Pollable, error) { return l.Pollable(l), nil }

// Close ends the lookup.
func (l *lookup) Close(context.Context) error {
	err := l.Check(l.s.Life)
	l.forget()
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.begun {
		l.begun = true
		l.s.lookups.put()
	}
	return err
}
