package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// ErrRequestTooLarge is in the error of a request whose headers are more than a
// guest can have.
var ErrRequestTooLarge = errors.New("headers of the request are too large")

// Exchange is a request that a guest answers. Request and Outparam are for the
// guest; Respond is for the goroutine that serves the request, and Return says
// that the guest's call has returned.
type Exchange struct {
	request  *http.Request
	headers  *Fields
	source   *source
	life     *poll.Life
	answered chan answer         // has room for one
	informs  chan *informational // has none
	returned chan struct{}

	mu   sync.Mutex
	body *pipe // of the response; nil before that is set
	said bool  // the guest has answered
}

// answer is what a guest says to a request: a response, or what went wrong; or
// nothing, which it has to.
type answer struct {
	response *OutgoingResponse
	code     types.ErrorCode
}

// informational is a response before the final one.
type informational struct {
	status  int
	headers http.Header
	sent    chan struct{} // closed
}

// NewExchange returns the exchange that a request begins. The life is that of
// the exchange. It fails with [ErrRequestTooLarge] if the headers are too large.
func NewExchange(r *http.Request, life *poll.Life) (*Exchange, error) {
	q := &quota{} // the request's own
	headers, err := arrived(r.Header, q)
	if err != nil {
		return nil, ErrRequestTooLarge
	}
	s := &source{
		quota: q, body: r.Body, size: r.ContentLength, code: requestBodyCode,
		trailer: func() http.Header { return r.Trailer },
	}
	if r.Body == nil || r.Body == http.NoBody {
		s.size = 0
	}
	return &Exchange{
		request: r, headers: headers, source: s.begins(), life: life,
		answered: make(chan answer, 1),
		informs:  make(chan *informational),
		returned: make(chan struct{}),
	}, nil
}

// requestBodyCode returns what an error of a request's body is for the guest.
func requestBodyCode(err error) (code types.ErrorCode) {
	defer unknown(&code)
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return types.ErrorCodeHTTPRequestBodySize{Value: cm.Some(uint64(tooLarge.Limit))}
	}
	if errors.Is(err, errFields) {
		return types.ErrorCodeHTTPRequestTrailerSectionSize{}
	}
	return codeOf(context.Background(), err)
}

// Request returns the request for the guest.
func (x *Exchange) Request() types.IncomingRequest {
	return &IncomingRequest{
		incoming: incoming{headers: x.headers, source: x.source, life: x.life},
		request:  x.request,
	}
}

// Outparam returns where the guest answers.
func (x *Exchange) Outparam() types.ResponseOutparam { return &Outparam{x: x} }

// answer answers the request.
func (x *Exchange) answer(a answer) {
	x.mu.Lock()
	x.said = a.response != nil || a.code != nil
	if a.response != nil {
		x.body = a.response.pipe
		x.body.attach()
	}
	x.mu.Unlock()
	x.answered <- a
}

// Return says that the guest's call has returned. A body that is not finished
// by now never is. It reports whether the guest answered, and is called once.
func (x *Exchange) Return() (answered bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.body != nil {
		x.body.abort(errUnfinished)
	}
	close(x.returned)
	x.source.leave()
	return x.said
}

// moment is how long a response may be held back by the rest of its request, and
// its headers by the beginning of its body: a guest that fails right after it has
// answered then has the status for that, and no response that is broken off.
const moment = 5 * time.Millisecond

// LeaveRequest ends the reading of the request's body, as net/http wants it
// before a handler returns. If the body is not at its end, nor soon will be, the
// connection cannot be used again: interrupt says so to the server, and ends the
// read under way.
func (x *Exchange) LeaveRequest(interrupt func()) {
	x.source.leaveWell(moment, interrupt)
	x.source.wait()
}

// IncomingRequest is a request that arrived. See wasi:http/types,
// incoming-request.
type IncomingRequest struct {
	incoming
	request *http.Request
}

var _ types.IncomingRequest = (*IncomingRequest)(nil)

// Method returns the method.
func (r *IncomingRequest) Method(context.Context) (types.Method, error) {
	return methodOf(r.request.Method), nil
}

// PathWithQuery returns the path and the query as they arrived.
func (r *IncomingRequest) PathWithQuery(context.Context) (cm.Option[string], error) {
	path := r.request.URL.RequestURI()
	return cm.OptionOf(path, path != ""), nil
}

// Scheme returns the scheme.
func (r *IncomingRequest) Scheme(context.Context) (cm.Option[types.Scheme], error) {
	if r.request.TLS != nil {
		return cm.Some[types.Scheme](types.SchemeHTTPS{}), nil
	}
	return cm.Some[types.Scheme](types.SchemeHTTP{}), nil
}

// Authority returns the host and the port that the request was sent to, as the
// client says.
func (r *IncomingRequest) Authority(context.Context) (cm.Option[string], error) {
	return cm.OptionOf(r.request.Host, r.request.Host != ""), nil
}

// Outparam is where a guest answers a request. See wasi:http/types,
// response-outparam.
type Outparam struct{ x *Exchange }

var _ types.ResponseOutparam = (*Outparam)(nil)

// SendInformational sends a response before the final one, and waits until it is
// sent.
func (p *Outparam) SendInformational(ctx context.Context, status uint16, headers types.Headers) error {
	own, ok := headers.(*Fields)
	if !ok {
		return errForeign("fields", headers)
	}
	defer own.drop()
	switch {
	case status < 100 || status > 199:
		return types.ErrorCodeHTTPProtocolError{}
	case status == http.StatusSwitchingProtocols || !p.x.request.ProtoAtLeast(1, 1):
		return types.ErrorCodeInternalError{}
	}
	i := &informational{int(status), own.header(), make(chan struct{})}
	select {
	case p.x.informs <- i:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-i.sent:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Close drops the chance to answer.
func (p *Outparam) Close(context.Context) error {
	p.x.answer(answer{})
	return nil
}
