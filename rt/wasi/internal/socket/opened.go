package socket

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
)

// maxRefused is how many connections are refused before the guest, or the
// context of its call, has its turn.
const maxRefused = 16

// opened is what a socket listens with, by means of the host's own. One
// connection is accepted ahead of the guest, on a goroutine, once it asks.
type opened struct {
	asked netip.AddrPort  // what start-bind was given
	at    netip.AddrPort  // what the listener says
	ctx   context.Context // of start-listen, for the audit

	mu      sync.Mutex
	l       net.Listener
	busy    bool // one is being accepted
	over    bool
	waiting *accepted // for a look at who it is
	next    *accepted // for the guest
}

// accepted is a connection, or why there is none.
type accepted struct {
	conn net.Conn
	from netip.AddrPort // not valid if the connection does not say
	err  error
}

// start returns nil if an operation may begin, in one of the states.
func (t *dialled) start(states ...dialState) error {
	switch t.state {
	case dialling, listenBinding, listenOpening:
		return fail(network.ErrorCodeConcurrencyConflict)
	}
	if !slices.Contains(states, t.state) {
		return fail(network.ErrorCodeInvalidState)
	}
	return nil
}

// StartBind notes where the socket is to listen: it is bound when it does. It is
// not supported by hosts without a listener.
func (t *dialled) StartBind(ctx context.Context, h network.Handle, local network.IPSocketAddress) error {
	if t.s.Policy.Listener() == nil {
		return errUnsupported
	}
	if err := checkHandle(h); err != nil {
		return err
	}
	if err := t.start(dialNone); err != nil {
		return err
	}
	addr, err := ofFamily(local, t.family)
	if err != nil {
		return err
	}
	if !isUnicast(addr.Addr()) {
		return fail(network.ErrorCodeInvalidArgument)
	}
	if err := t.s.Policy.Check(ctx, policy.TCPBind, addr); err != nil {
		return t.s.denied(ctx, "tcp-socket.start-bind", err)
	}
	t.opened.asked, t.state = addr, listenBinding
	return nil
}

// FinishBind ends what StartBind began.
func (t *dialled) FinishBind(context.Context) error {
	if t.state != listenBinding {
		return fail(network.ErrorCodeNotInProgress)
	}
	t.state = listenBound
	return nil
}

// SetListenBacklogSize leaves it to the listener how many may wait.
func (t *dialled) SetListenBacklogSize(_ context.Context, n uint64) error {
	switch {
	case t.s.Policy.Listener() == nil:
		return errUnsupported
	case n == 0:
		return fail(network.ErrorCodeInvalidArgument)
	case t.state == dialling || t.state == dialConnected || t.state == dialFailed:
		return fail(network.ErrorCodeInvalidState)
	}
	return nil
}

// StartListen begins to listen.
func (t *dialled) StartListen(ctx context.Context) error {
	if t.s.Policy.Listener() == nil {
		return errUnsupported
	}
	if err := t.start(listenBound); err != nil {
		return err
	}
	if err := t.s.Policy.Check(ctx, policy.TCPListen, t.opened.asked); err != nil {
		return t.s.denied(ctx, "tcp-socket.start-listen", err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	t.opened.ctx, t.state = ctx, listenOpening
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cancel, t.settled, t.err = cancel, false, nil
	t.holds++
	if !t.s.Life.Go(func() { t.listen(ctx) }) {
		t.settled, t.err = true, context.Canceled
		t.holds--
	}
	return nil
}

var errListener = errors.New("the listener did not return")

// listen asks the host's listener, which may end the goroutine.
func (t *dialled) listen(ctx context.Context) {
	var l net.Listener
	err := errListener
	defer func() {
		t.opened.mu.Lock()
		t.opened.l = l
		t.opened.mu.Unlock()
		t.mu.Lock()
		t.err, t.settled = err, true
		t.mu.Unlock()
		t.release()
		t.Wake()
	}()
	kind := "tcp4"
	if t.family == network.IPAddressFamilyIPv6 {
		kind = "tcp6"
	}
	l, err = t.s.Policy.Listener().Listen(ctx, kind, t.opened.asked.String())
}

// FinishListen ends what StartListen began.
func (t *dialled) FinishListen(context.Context) error {
	switch {
	case t.state != listenOpening:
		return fail(network.ErrorCodeNotInProgress)
	case !t.isSettled():
		return fail(network.ErrorCodeWouldBlock)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		t.state = listenBound
		return fail(connCode(t.err))
	}
	t.state = listenOpen
	t.opened.mu.Lock()
	defer t.opened.mu.Unlock()
	if l := t.opened.l; l != nil { // the instance has not ended
		t.opened.at = addressOf(l.Addr())
	}
	return nil
}

// IsListening reports whether connections may be accepted.
func (t *dialled) IsListening(context.Context) (bool, error) { return t.state == listenOpen, nil }

// arrive reports whether there is a connection for the guest, or an error, and
// has one accepted if not. Those that the policy refuses are closed, and never
// seen by the guest.
func (t *dialled) arrive() bool {
	o := &t.opened
	for range maxRefused {
		if o.next != nil {
			return true
		}
		a := o.take()
		if a == nil {
			t.accept()
			return false
		}
		o.next = t.admit(a)
	}
	if o.next == nil {
		t.Wake() // who waits asks again
	}
	return o.next != nil
}

func (o *opened) take() *accepted {
	o.mu.Lock()
	defer o.mu.Unlock()
	a := o.waiting
	o.waiting = nil
	return a
}

// accept has a connection accepted, unless that is under way.
func (t *dialled) accept() {
	o := &t.opened
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.l; l != nil && !o.busy {
		o.busy = t.s.Life.Go(func() { t.acceptFrom(l) })
	}
}

func (t *dialled) acceptFrom(l net.Listener) {
	a := &accepted{err: errListener}
	defer func() { // also if the listener ends the goroutine
		o := &t.opened
		o.mu.Lock()
		o.busy = false
		if o.over && a.conn != nil {
			_ = a.conn.Close() // nobody wants it
		} else {
			o.waiting = a
		}
		o.mu.Unlock()
		t.Wake()
	}()
	a.conn, a.err = l.Accept()
	if a.err == nil {
		a.from = addressOf(a.conn.RemoteAddr())
	}
}

// admit returns what the guest is given of a connection, nil if nothing.
func (t *dialled) admit(a *accepted) *accepted {
	if a.err != nil {
		return &accepted{err: fail(connCode(a.err))}
	}
	o := &t.opened
	if err := t.s.Policy.CheckPeer(o.ctx, policy.TCPAccept, o.asked, a.from); err != nil {
		_ = t.s.denied(o.ctx, "tcp-socket.accept", err)
		_ = a.conn.Close() // it is refused
		return nil
	}
	if !t.s.sockets.take() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.waiting = a // for when there is room
		return &accepted{err: fail(network.ErrorCodeNewSocketLimit)}
	}
	return a
}

// Accept returns a connection and its streams.
func (t *dialled) Accept(context.Context) (v cm.Tuple3[tcp.TCPSocket, streams.InputStream, streams.OutputStream], err error) {
	if t.state != listenOpen {
		return v, fail(network.ErrorCodeInvalidState)
	}
	if !t.arrive() {
		return v, fail(network.ErrorCodeWouldBlock)
	}
	a := t.opened.next
	t.opened.next = nil
	if a.err != nil {
		return v, a.err
	}
	c := t.s.newDialled(t.dialer, t.family)
	c.conn, c.remote = a.conn, a.from
	v.F0 = c
	v.F1, v.F2 = c.connected()
	return v, nil
}

// close closes the listener, and what nobody has accepted.
func (o *opened) close() {
	o.mu.Lock()
	l, waiting := o.l, o.waiting
	o.l, o.waiting, o.over = nil, nil, true
	o.mu.Unlock()
	if waiting != nil && waiting.conn != nil {
		_ = waiting.conn.Close() // nobody wants it
	}
	if l != nil {
		_ = l.Close() // what it accepted is apart from it
	}
}

// forgo closes what the guest could have had next.
func (t *dialled) forgo() {
	a := t.opened.next
	t.opened.next = nil
	if a != nil && a.err == nil {
		_ = a.conn.Close() // nobody wants it
		t.s.sockets.put()
	}
}
