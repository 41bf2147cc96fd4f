package web

import (
	"context"
	"net/http"
	"sync"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
)

// FutureIncomingResponse is a response that may arrive. See wasi:http/types,
// future-incoming-response.
type FutureIncomingResponse struct {
	poll.Parent // of pollables
	poll.Signal
	host    *Host
	request *OutgoingRequest
	cancel  context.CancelCauseFunc
	phases  *phases
	forget  func()
	told    bool

	once     sync.Once
	released chan struct{} // closed when nothing of the response is wanted

	mu       sync.Mutex
	response *IncomingResponse
	code     types.ErrorCode // if there is none
	refused  bool            // an address was denied
	denied   *audit.Denial   // which the guest's next call tells of
	dropped  bool            // nobody will ask
}

var _ types.FutureIncomingResponse = (*FutureIncomingResponse)(nil)

// release ends the request, whatever it is at.
func (f *FutureIncomingResponse) release() {
	f.once.Do(func() {
		close(f.released)
		f.cancel(errLeft)
	})
}

// settle makes the future a response.
func (f *FutureIncomingResponse) settle(r *IncomingResponse) {
	f.mu.Lock()
	f.response = r
	if f.dropped {
		_ = r.Close(context.Background()) // it is nobody's
	}
	f.mu.Unlock()
	f.Wake()
}

// fail makes the future an error.
func (f *FutureIncomingResponse) fail(req *http.Request, err error) {
	code := codeOf(req.Context(), err)
	f.mu.Lock()
	f.code = code
	f.mu.Unlock()
	f.Wake()
}

// refuse notes that an address was denied, the first time. It may be after the
// request has ended.
func (f *FutureIncomingResponse) refuse(req *http.Request, denied *policy.Denied) {
	d := denial(req, denied)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.refused:
	case f.told || f.dropped:
		f.host.late.add(d)
	default:
		f.denied = &d
	}
	f.refused = true
}

// tell tells of what was denied.
func (f *FutureIncomingResponse) tell(ctx context.Context) {
	if d := f.denied; d != nil {
		f.denied = nil
		f.host.o.Audit.Deny(ctx, *d)
	}
}

// Ready reports whether the response, or an error, is there.
func (f *FutureIncomingResponse) Ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.response != nil || f.code != nil
}

// Subscribe returns a pollable that is ready when Get has something to tell.
func (f *FutureIncomingResponse) Subscribe(context.Context) (iopoll.Pollable, error) {
	return f.Pollable(f), nil
}

type (
	responseResult = cm.Result[types.IncomingResponse, types.ErrorCode]
	responseOnce   = cm.Result[responseResult, struct{}]
)

// Get returns the response or why there is none: once, and that it was told
// after that.
func (f *FutureIncomingResponse) Get(ctx context.Context) (cm.Option[responseOnce], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.response == nil && f.code == nil:
		return cm.Option[responseOnce]{}, nil
	case f.told:
		return cm.Some(cm.Fail[responseResult](struct{}{})), nil
	}
	f.told = true
	f.tell(ctx)
	if f.response == nil {
		return cm.Some(cm.OK[responseResult, struct{}](cm.Fail[types.IncomingResponse](f.code))), nil
	}
	return cm.Some(cm.OK[responseResult, struct{}](cm.OK[types.IncomingResponse, types.ErrorCode](f.response))), nil
}

// Close drops the future, and with it a response that nobody took.
func (f *FutureIncomingResponse) Close(ctx context.Context) error {
	if err := f.Check(f.host.o.Life); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dropped = true
	f.tell(ctx)
	if f.response == nil {
		f.release()
		return nil
	}
	if f.told {
		return nil
	}
	return f.response.Close(ctx)
}

// IncomingResponse is a response that arrived. See wasi:http/types,
// incoming-response.
type IncomingResponse struct {
	incoming
	status uint16
}

var _ types.IncomingResponse = (*IncomingResponse)(nil)

// Status returns the status.
func (r *IncomingResponse) Status(context.Context) (uint16, error) { return r.status, nil }
