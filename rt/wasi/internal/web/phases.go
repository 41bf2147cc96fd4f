package web

import (
	"context"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// defaultTimeout is how long each phase of a request may take.
const defaultTimeout = 600 * time.Second

// RequestOptions are the timeouts of a request. See wasi:http/types,
// request-options.
type RequestOptions struct {
	connect, firstByte, betweenBytes cm.Option[uint64]
}

var _ types.RequestOptions = (*RequestOptions)(nil)

// ConnectTimeout returns how long to wait for a connection.
func (o *RequestOptions) ConnectTimeout(context.Context) (cm.Option[uint64], error) {
	return o.connect, nil
}

// SetConnectTimeout sets how long to wait for a connection.
func (o *RequestOptions) SetConnectTimeout(_ context.Context, d cm.Option[uint64]) error {
	o.connect = d
	return nil
}

// FirstByteTimeout returns how long to wait for a response.
func (o *RequestOptions) FirstByteTimeout(context.Context) (cm.Option[uint64], error) {
	return o.firstByte, nil
}

// SetFirstByteTimeout sets how long to wait for a response.
func (o *RequestOptions) SetFirstByteTimeout(_ context.Context, d cm.Option[uint64]) error {
	o.firstByte = d
	return nil
}

// BetweenBytesTimeout returns how long to wait for more of a response.
func (o *RequestOptions) BetweenBytesTimeout(context.Context) (cm.Option[uint64], error) {
	return o.betweenBytes, nil
}

// SetBetweenBytesTimeout sets how long to wait for more of a response.
func (o *RequestOptions) SetBetweenBytesTimeout(_ context.Context, d cm.Option[uint64]) error {
	o.betweenBytes = d
	return nil
}

// Close does nothing.
func (o *RequestOptions) Close(context.Context) error { return nil }

// Timeouts are how long the phases of a request may take. 0 means 600 s.
type Timeouts struct{ Connect, FirstByte, BetweenBytes time.Duration }

// with returns the timeouts that a guest wants, no longer than these.
func (t Timeouts) with(o *RequestOptions) Timeouts {
	return Timeouts{
		lesser(t.Connect, o.connect),
		lesser(t.FirstByte, o.firstByte),
		lesser(t.BetweenBytes, o.betweenBytes),
	}
}

func lesser(d time.Duration, guest cm.Option[uint64]) time.Duration {
	if d == 0 {
		d = defaultTimeout
	}
	if n, ok := guest.Get(); ok && n < uint64(d) {
		return time.Duration(n)
	}
	return d
}

// phases cancels a request whose phase takes too long. Its methods may be called
// from any goroutine.
type phases struct {
	Timeouts
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	phase int // counts
	timer *time.Timer
	over  bool // there are no more phases of a connection
}

// begin ends the phase before, and cancels the request if the next one does not
// end in time.
func (p *phases) begin(d time.Duration, late types.ErrorCode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
	phase := p.phase
	p.timer = time.AfterFunc(d, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.phase == phase {
			p.cancel(late)
		}
	})
}

// end ends the phase.
func (p *phases) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
}

func (p *phases) stop() {
	p.phase++
	if p.timer != nil {
		p.timer.Stop()
	}
}

// connected ends the phases in which there is a connection to make and a
// response to wait for.
func (p *phases) connected() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.stop()
}

func (p *phases) isOver() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.over
}

// trace begins the first phases: that of the connection where the transport
// tells of it, or else the response's. The context has the transport tell.
func (p *phases) trace(ctx context.Context) context.Context {
	wait := func() { p.begin(p.FirstByte, types.ErrorCodeConnectionReadTimeout{}) }
	wait()
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) {
			if !p.isOver() {
				p.begin(p.Connect, types.ErrorCodeConnectionTimeout{})
			}
		},
		GotConn: func(httptrace.GotConnInfo) {
			if !p.isOver() {
				wait()
			}
		},
	})
}

// reading begins to wait for more of the response.
func (p *phases) reading() { p.begin(p.BetweenBytes, types.ErrorCodeConnectionReadTimeout{}) }
