package wasihttp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/web"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// call is a request in a guest. Two goroutines work for it: the one that serves
// the request writes the response, and another one runs the guest, which may go
// on after that.
type call struct {
	h        *Handler
	log      *slog.Logger
	request  *http.Request
	control  *http.ResponseController
	exchange *web.Exchange
	life     poll.Life // of the exchange
	instance *instance

	ctx    context.Context // of the guest
	cancel context.CancelCauseFunc
	gone   func() bool  // has the guest not end with the client
	left   atomic.Int32 // goroutines

	returned chan struct{} // closed when the guest's call has returned
	err      error         // of it
}

// start begins a request in a guest, which has its turn. It returns the status if
// that cannot be.
func (h *Handler) start(w http.ResponseWriter, r *http.Request, log *slog.Logger) (c *call, status int) {
	c = &call{h: h, log: log, request: r, control: http.NewResponseController(w), returned: make(chan struct{})}
	c.left.Store(2)
	c.ctx, c.cancel = h.limit(context.WithoutCancel(r.Context()))
	c.gone = context.AfterFunc(r.Context(), func() { c.cancel(context.Cause(r.Context())) })
	var err error
	if c.exchange, err = web.NewExchange(r, &c.life); err == nil {
		c.instance, err = h.pool.get(c.ctx, log)
	}
	if err != nil {
		status := c.statusOf(err)
		c.tell(err, status, nil)
		c.gone()
		c.cancel(nil)
		h.turns.leave()
		h.wg.Done()
		return nil, status
	}
	go c.run()
	return c, 0
}

// run runs the guest.
func (c *call) run() {
	defer c.h.wg.Done()
	defer c.h.turns.leave()
	interrupt := context.AfterFunc(c.h.stopped, func() { c.cancel(errClosed) })
	defer interrupt()
	answered := c.guest()
	ends := context.WithoutCancel(c.ctx)
	if err := c.life.End(ends); err != nil {
		c.log.LogAttrs(ends, slog.LevelWarn, "request did not end well", slog.Any("error", err))
	}
	if err := c.h.pool.put(ends, c.instance, c.err == nil && answered); err != nil {
		c.log.LogAttrs(ends, slog.LevelWarn, "instance did not end well", slog.Any("error", err))
	}
	c.end()
}

// guest calls the guest, and reports whether that answered.
func (c *call) guest() (answered bool) {
	c.err = errors.New("guest ended its goroutine")
	defer func() {
		close(c.returned)
		answered = c.exchange.Return()
	}()
	c.err = c.instance.Handle(c.ctx, c.exchange.Request(), c.exchange.Outparam())
	return false
}

// end ends one of the goroutines. The last one ends the context.
func (c *call) end() {
	if c.left.Add(-1) == 0 {
		c.gone()
		c.cancel(nil)
	}
}

// respond writes the response.
func (c *call) respond(w http.ResponseWriter) {
	defer c.end()
	_ = c.control.EnableFullDuplex() // where that is not supported, it is not needed
	err := c.exchange.Respond(c.ctx, w)
	code, ok := errors.AsType[types.ErrorCode](err)
	if err == nil || ok && !errors.Is(err, web.ErrBroken) {
		c.gone() // the guest may go on
	} else {
		c.cancel(err)
		<-c.returned
	}
	c.leaveRequest(w)
	switch {
	case err == nil:
	case errors.Is(err, web.ErrBroken):
		c.tell(err, 0, c.err)
		panic(http.ErrAbortHandler)
	case ok:
		status := codeStatus(code)
		c.tell(err, status, nil)
		refuse(w, status)
	default:
		status := c.statusOf(c.err)
		c.tell(err, status, c.err)
		refuse(w, status)
	}
}

// leaveRequest ends the reading of the request's body.
func (c *call) leaveRequest(w http.ResponseWriter) {
	c.exchange.LeaveRequest(func() {
		closeConnection(w)
		if c.control.SetReadDeadline(time.Unix(1, 0)) != nil {
			_ = c.request.Body.Close() // the read that it ends has the error
		}
	})
}

// closeConnection has the server close the connection after the response: that
// is what it does when more is read than a limit lets through.
func closeConnection(w http.ResponseWriter) {
	for {
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = inner.Unwrap()
	}
	_, _ = http.MaxBytesReader(w, io.NopCloser(strings.NewReader("x")), 0).Read(make([]byte, 1))
}

// tell logs what went wrong.
func (c *call) tell(err error, status int, guest error) {
	attrs := []slog.Attr{slog.Any("error", err)}
	if guest != nil {
		attrs = append(attrs, slog.Any("guest", guest))
	}
	if trap, ok := errors.AsType[*rt.Trap](guest); ok {
		attrs = append(attrs, slog.String("trap", trap.Kind.String()))
	}
	message := "response broken off"
	if status != 0 {
		message = "no response"
		attrs = append(attrs, slog.Int("status", status))
	}
	level := slog.LevelError
	if _, ok := errors.AsType[types.ErrorCode](err); ok && status != 0 { // the guest's own word
		level = slog.LevelInfo
	}
	if c.request.Context().Err() != nil { // nobody waits for it
		level = slog.LevelInfo
	}
	c.log.LogAttrs(c.ctx, level, message, attrs...)
}

// statusOf returns the status for a request that has no response.
func (c *call) statusOf(err error) int {
	if errors.Is(context.Cause(c.ctx), errTimeout) {
		return http.StatusGatewayTimeout
	}
	switch {
	case errors.Is(err, web.ErrRequestTooLarge):
		return http.StatusRequestHeaderFieldsTooLarge
	case errors.Is(err, rt.ErrMemory), errors.Is(err, rt.ErrClosed), errors.Is(context.Cause(c.ctx), errClosed):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// codeStatus returns the status for a guest that answers with an error.
func codeStatus(code types.ErrorCode) int {
	switch code.(type) {
	case types.ErrorCodeHTTPRequestDenied, types.ErrorCodeDestinationIPProhibited:
		return http.StatusForbidden
	case types.ErrorCodeHTTPRequestLengthRequired:
		return http.StatusLengthRequired
	case types.ErrorCodeHTTPRequestBodySize:
		return http.StatusRequestEntityTooLarge
	case types.ErrorCodeHTTPRequestMethodInvalid:
		return http.StatusMethodNotAllowed
	case types.ErrorCodeHTTPRequestURIInvalid:
		return http.StatusBadRequest
	case types.ErrorCodeHTTPRequestURITooLong:
		return http.StatusRequestURITooLong
	case types.ErrorCodeHTTPRequestHeaderSectionSize, types.ErrorCodeHTTPRequestHeaderSize,
		types.ErrorCodeHTTPRequestTrailerSectionSize, types.ErrorCodeHTTPRequestTrailerSize:
		return http.StatusRequestHeaderFieldsTooLarge
	case types.ErrorCodeDNSTimeout, types.ErrorCodeConnectionTimeout, types.ErrorCodeConnectionReadTimeout,
		types.ErrorCodeConnectionWriteTimeout, types.ErrorCodeHTTPResponseTimeout:
		return http.StatusGatewayTimeout
	case types.ErrorCodeDNSError, types.ErrorCodeDestinationNotFound, types.ErrorCodeDestinationUnavailable,
		types.ErrorCodeDestinationIPUnroutable, types.ErrorCodeConnectionRefused, types.ErrorCodeConnectionTerminated,
		types.ErrorCodeTLSProtocolError, types.ErrorCodeTLSCertificateError, types.ErrorCodeTLSAlertReceived,
		types.ErrorCodeHTTPResponseIncomplete, types.ErrorCodeHTTPProtocolError:
		return http.StatusBadGateway
	case types.ErrorCodeLoopDetected:
		return http.StatusLoopDetected
	case types.ErrorCodeConnectionLimitReached:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
