package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// Handle begins to send a request. See wasi:http/outgoing-handler, handle.
func (h *Host) Handle(ctx context.Context, request types.OutgoingRequest, options cm.Option[types.RequestOptions]) (types.FutureIncomingResponse, error) {
	h.TellLate(ctx)
	own, ok := request.(*OutgoingRequest)
	if !ok {
		return nil, errForeign("outgoing-request", request)
	}
	timeouts := &RequestOptions{}
	if o, some := options.Get(); some {
		if timeouts, ok = o.(*RequestOptions); !ok {
			return nil, errForeign("request-options", o)
		}
	}
	defer own.leave()
	f, err := h.send(ctx, own, timeouts)
	if err == nil {
		return f, nil
	}
	own.pipe.leave()
	if code, ok := errors.AsType[types.ErrorCode](err); ok {
		err = cm.Err[types.ErrorCode]{Value: code}
	}
	return nil, err
}

// send checks a request and begins to send it.
func (h *Host) send(ctx context.Context, own *OutgoingRequest, timeouts *RequestOptions) (*FutureIncomingResponse, error) {
	req, err := own.request()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx)) // it may outlive the call
	p := &phases{Timeouts: h.o.Timeouts.with(timeouts), cancel: cancel}
	req = req.WithContext(ctx)
	sender, err := h.grant(ctx, req)
	if err != nil {
		cancel(err)
		return nil, err
	}
	own.bodyless()
	if err := own.setBody(req); err != nil {
		cancel(err)
		return nil, err
	}
	if h.underWay.Add(1) > int64(h.o.Requests) {
		h.underWay.Add(-1)
		cancel(nil)
		return nil, types.ErrorCodeConnectionLimitReached{}
	}
	own.pipe.attach()
	f := &FutureIncomingResponse{host: h, request: own, cancel: cancel, phases: p, released: make(chan struct{})}
	f.forget = h.o.Life.OnEnd(f.release)
	if !h.o.Life.Go(func() { f.run(sender, req) }) {
		h.underWay.Add(-1)
		f.release()
	}
	return f, nil
}

// probe is how long a request may wait to know whether it has a body, if its
// method is one that mostly has none.
const probe = 200 * time.Millisecond

// run sends the request, and keeps the connection until nobody wants anything
// of the response.
func (f *FutureIncomingResponse) run(sender http.RoundTripper, req *http.Request) {
	defer f.host.underWay.Add(-1)
	defer f.forget()
	defer f.cancel(nil)
	resp, err := (*http.Response)(nil), errors.New("round tripper ended its goroutine")
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("round tripper panicked: %v", r)
		}
		if err != nil {
			f.phases.connected()
			f.request.pipe.leave()
			f.fail(req, err)
		}
	}()
	if resp, err = f.roundTrip(sender, req); err != nil {
		return
	}
	f.phases.connected()
	s := f.respond(req, resp)
	<-f.released
	closeBody(resp)
	s.wait()
}

// closeBody closes the body of a response, whose reader may be a host's own.
func closeBody(resp *http.Response) {
	defer func() { _ = recover() }() // the guest has what it wants
	_ = resp.Body.Close()            // what it could tell, the guest no longer wants
}

func (f *FutureIncomingResponse) roundTrip(sender http.RoundTripper, req *http.Request) (*http.Response, error) {
	if req.Body != http.NoBody && mayLackBody(req.Method) {
		late := time.NewTimer(probe)
		defer late.Stop()
		select {
		case <-f.request.pipe.begun:
		case <-late.C:
		case <-req.Context().Done():
			return nil, context.Cause(req.Context())
		}
		req.Trailer = nil
		if err := f.request.setBody(req); err != nil {
			return nil, err
		}
	}
	ctx := context.WithValue(f.phases.trace(req.Context()), wantKey{}, &want{
		ctx: req.Context(), refuse: func(d *policy.Denied) { f.refuse(req, d) },
	})
	resp, err := sender.RoundTrip(req.WithContext(ctx))
	switch {
	case err != nil:
		return nil, err
	case resp == nil:
		return nil, errors.New("round tripper returned neither a response nor an error")
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, nil
}

var errStatus = errors.New("status is not that of a final response")

// respond makes the response the guest's, and returns its body.
func (f *FutureIncomingResponse) respond(req *http.Request, resp *http.Response) *source {
	s := &source{
		quota: &f.host.quota,
		body:  resp.Body, size: resp.ContentLength,
		trailer: func() http.Header { return resp.Trailer },
		began:   f.phases.reading, paused: f.phases.end,
		over: f.release,
		code: func(err error) types.ErrorCode { return bodyCode(req.Context(), err) },
	}
	if most := f.host.o.ResponseBody; most > 0 {
		s.body = &limited{ReadCloser: resp.Body, most: most}
	}
	if req.Method == http.MethodHead || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusNotModified {
		s.size = 0
	}
	headers, err := arrived(resp.Header, &f.host.quota)
	if resp.StatusCode < 200 || resp.StatusCode > 999 {
		err = errors.Join(err, errStatus)
	}
	if err != nil {
		if headers != nil {
			headers.drop()
		}
		f.fail(req, err)
		s.leave()
		return s
	}
	f.settle(&IncomingResponse{
		incoming: incoming{headers: headers, source: s.begins(), life: f.host.o.Life},
		status:   uint16(resp.StatusCode),
	})
	return s
}

// bodyCode returns what an error in the middle of a response is for the guest.
func bodyCode(ctx context.Context, err error) (code types.ErrorCode) {
	defer unknown(&code)
	if errors.Is(err, errFields) {
		return types.ErrorCodeHTTPResponseTrailerSectionSize{}
	}
	return codeOf(ctx, err)
}
