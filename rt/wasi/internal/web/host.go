package web

import (
	"context"
	"crypto/x509"
	"errors"
	"math"
	"net/http"
	"sync/atomic"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/http/outgoinghandler"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/ioerror"
)

// Options say what the HTTP of one instance may do.
type Options struct {
	Life  *poll.Life
	Audit audit.Log

	// Policy returns what is granted of the network.
	Policy func() *policy.Policy

	// Roots are the certificates that others are checked against; nil means
	// those of the system.
	Roots *x509.CertPool

	// RoundTripper, if it is not nil, sends requests, whatever the policy is.
	RoundTripper http.RoundTripper

	// Authorize is asked before each request; its error denies it. It may be
	// nil, and does not read the body.
	Authorize func(*http.Request) error

	Timeouts Timeouts

	// Requests is how many requests may be under way; 0 means 64.
	Requests int

	// RequestBody and ResponseBody are how many bytes bodies of requests that
	// are sent, and of their responses, may have; 0 means any number.
	RequestBody, ResponseBody int64
}

// Host is wasi:http/types and wasi:http/outgoing-handler for one instance.
type Host struct {
	o        Options
	underWay atomic.Int64
	quota    quota
	late     denials
	own      *transport // made for the first request that the policy grants
}

var (
	_ types.Types                     = (*Host)(nil)
	_ outgoinghandler.OutgoingHandler = (*Host)(nil)
)

// New returns a host.
func New(o Options) *Host {
	if o.Requests == 0 {
		o.Requests = 64
	}
	return &Host{o: o}
}

// atMost returns a limit of bytes; 0 is none.
func atMost(n int64) uint64 {
	if n <= 0 {
		return math.MaxInt64
	}
	return uint64(n)
}

// HTTPErrorCode returns what went wrong with a body, for the error of its
// stream.
func (h *Host) HTTPErrorCode(_ context.Context, e ioerror.Error) (cm.Option[types.ErrorCode], error) {
	code, ok := errors.AsType[types.ErrorCode](stream.Cause(e))
	return cm.OptionOf(code, ok), nil
}

// NewFields returns fields that can be changed.
func (h *Host) NewFields(context.Context) (types.Fields, error) {
	f, err := newFields(&h.quota)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// FieldsFromList returns fields that can be changed, with some in them.
func (h *Host) FieldsFromList(_ context.Context, entries []cm.Tuple2[string, []byte]) (types.Fields, error) {
	f, err := newFields(&h.quota)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		err := check(e.F0, e.F1)
		if err == nil {
			err = f.add(e.F0, e.F1)
		}
		if err != nil {
			f.drop()
			return nil, err
		}
	}
	return f, nil
}

// NewOutgoingRequest returns a GET request to nowhere yet.
func (h *Host) NewOutgoingRequest(_ context.Context, headers types.Headers) (types.OutgoingRequest, error) {
	m, err := h.newMessage(headers, atMost(h.o.RequestBody), requestTooLong)
	if err != nil {
		return nil, err
	}
	return &OutgoingRequest{message: m, method: types.MethodGet{}}, nil
}

// NewRequestOptions returns options without any timeout.
func (h *Host) NewRequestOptions(context.Context) (types.RequestOptions, error) {
	return &RequestOptions{}, nil
}

// NewOutgoingResponse returns a response with status 200.
func (h *Host) NewOutgoingResponse(_ context.Context, headers types.Headers) (types.OutgoingResponse, error) {
	m, err := h.newMessage(headers, math.MaxInt64, responseTooLong)
	if err != nil {
		return nil, err
	}
	return &OutgoingResponse{message: m, status: http.StatusOK}, nil
}

// ResponseOutparamSet answers a request.
func (h *Host) ResponseOutparamSet(_ context.Context, param types.ResponseOutparam, response cm.Result[types.OutgoingResponse, types.ErrorCode]) error {
	p, ok := param.(*Outparam)
	if !ok {
		return errForeign("response-outparam", param)
	}
	r, ok := response.OK()
	if !ok {
		code, _ := response.Err()
		p.x.answer(answer{code: code})
		return nil
	}
	own, ok := r.(*OutgoingResponse)
	if !ok {
		return errForeign("outgoing-response", r)
	}
	own.bodyless()
	own.leave()
	p.x.answer(answer{response: own})
	return nil
}

// IncomingBodyFinish turns a body into the trailers after it.
func (h *Host) IncomingBodyFinish(_ context.Context, this types.IncomingBody) (types.FutureTrailers, error) {
	b, ok := this.(*IncomingBody)
	if !ok {
		return nil, errForeign("incoming-body", this)
	}
	return b.finish()
}

// OutgoingBodyFinish ends a body as a whole one.
func (h *Host) OutgoingBodyFinish(_ context.Context, this types.OutgoingBody, trailers cm.Option[types.Trailers]) error {
	b, ok := this.(*OutgoingBody)
	if !ok {
		return errForeign("outgoing-body", this)
	}
	var own *Fields
	if t, some := trailers.Get(); some {
		if own, ok = t.(*Fields); !ok {
			return errForeign("fields", t)
		}
	}
	return b.finish(own)
}
