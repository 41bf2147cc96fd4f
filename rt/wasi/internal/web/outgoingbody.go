package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// errForeign is the error of a guest that hands over a resource that some other
// host made.
func errForeign(resource string, v any) error {
	return fmt.Errorf("resource %q is a %T, none of this host's", resource, v)
}

// fail is the error of a result without a payload.
var fail error = cm.Err[struct{}]{}

// message is what outgoing requests and responses have in common: headers, and
// a body that may be asked for once.
type message struct {
	headers  *Fields
	trailers *Fields       // nil before the body is finished with some
	body     *OutgoingBody // nil before it is asked for
	pipe     *pipe
	life     *poll.Life
	quota    *quota
	gone     bool // dropped or sent
	texts    int  // bytes of texts that quota counts
}

// newMessage takes headers, which nobody changes from now on. The body is as
// long as they say, or as much as limit.
func (h *Host) newMessage(f types.Fields, limit uint64, tooMany func(uint64) types.ErrorCode) (message, error) {
	own, ok := f.(*Fields)
	if !ok {
		return message{}, errForeign("fields", f)
	}
	if err := h.quota.take(perObject); err != nil {
		return message{}, err
	}
	own.frozen = true
	if n, ok := own.length(); ok {
		limit = min(n, limit)
	}
	return message{headers: own, life: h.o.Life, quota: &h.quota, pipe: newPipe(limit, tooMany, &h.quota)}, nil
}

// leave says that the guest has the message no more.
func (m *message) leave() {
	if !m.gone {
		m.gone = true
		m.quota.give(perObject + m.texts)
		m.headers.drop()
		if m.trailers != nil {
			m.trailers.drop()
		}
	}
}

// hold counts a text that takes the place of another one.
func (m *message) hold(old, text int) error {
	if err := m.quota.take(text); err != nil {
		return err
	}
	m.quota.give(old)
	m.texts += text - old
	return nil
}

// keep keeps trailers, as long as the guest has the message.
func (m *message) keep(trailers *Fields) {
	switch {
	case trailers == nil:
	case m.gone:
		trailers.drop()
	default:
		m.trailers = trailers
	}
}

// Headers returns a copy of the headers, which cannot be changed.
func (m *message) Headers(context.Context) (types.Fields, error) { return m.headers.copy(m.quota) }

// Body returns the body, the first time.
func (m *message) Body(context.Context) (types.OutgoingBody, error) {
	if m.body != nil {
		return nil, fail
	}
	m.body = &OutgoingBody{message: m}
	return m.body, nil
}

// bodyless ends the body of a message whose guest did not ask for it, which
// cannot come any more.
func (m *message) bodyless() {
	if m.body == nil {
		_ = m.pipe.finish(nil) // it is open
	}
}

// Close drops the message if it was not sent: nobody will read its body.
func (m *message) Close(context.Context) error {
	if !m.gone {
		m.leave()
		m.pipe.leave()
	}
	return nil
}

// OutgoingBody is a body that a guest writes. See wasi:http/types,
// outgoing-body.
type OutgoingBody struct {
	poll.Parent // of the stream
	message     *message
	taken       bool
}

var _ types.OutgoingBody = (*OutgoingBody)(nil)

// Write returns the stream to write the body to, the first time.
func (b *OutgoingBody) Write(context.Context) (streams.OutputStream, error) {
	if b.taken {
		return nil, fail
	}
	b.taken = true
	return stream.NewOutput(b.message.pipe, b.message.life, &b.Parent), nil
}

// Close drops the body. If it was not finished, the message is broken.
func (b *OutgoingBody) Close(context.Context) error {
	if err := b.Check(b.message.life); err != nil {
		return err
	}
	b.message.pipe.abort(errUnfinished)
	return nil
}

// finish ends the body as a whole one.
func (b *OutgoingBody) finish(trailers *Fields) error {
	if err := b.Check(b.message.life); err != nil {
		return err
	}
	b.message.keep(trailers)
	p := b.message.pipe
	if want, ok := b.message.headers.length(); ok && p.count() < want {
		err := p.tooMany(p.count()) // or too few
		p.abort(err)
		return err
	}
	if trailers != nil && slices.ContainsFunc(trailers.list, func(f field) bool { return !isTrailer(f.name) }) {
		p.abort(types.ErrorCodeHTTPProtocolError{})
		return types.ErrorCodeHTTPProtocolError{}
	}
	err := p.finish(trailers)
	if code, ok := errors.AsType[types.ErrorCode](err); ok {
		return code
	}
	return nil // whatever became of the body otherwise is told where the message is
}

// isTrailer reports whether a field may come after a body: whether those who
// read it do not need it before. See RFC 9110, 6.5.1.
func isTrailer(name string) bool {
	name = strings.ToLower(name)
	return !strings.HasPrefix(name, "if-") && !slices.Contains([]string{
		"authorization", "cache-control", "content-encoding", contentLength, "content-range", "content-type",
		"expect", "max-forwards", "pragma", "range", "realm", "te", "trailer", "www-authenticate",
	}, name) && !isForbidden(name)
}

// OutgoingResponse is a response that a guest makes. See wasi:http/types,
// outgoing-response.
type OutgoingResponse struct {
	message
	status uint16
}

var _ types.OutgoingResponse = (*OutgoingResponse)(nil)

// StatusCode returns the status.
func (r *OutgoingResponse) StatusCode(context.Context) (uint16, error) { return r.status, nil }

// SetStatusCode sets the status. It fails for what is none of a final response.
func (r *OutgoingResponse) SetStatusCode(_ context.Context, status uint16) error {
	if status < 200 || status > 999 {
		return fail
	}
	r.status = status
	return nil
}

func responseTooLong(n uint64) types.ErrorCode {
	return types.ErrorCodeHTTPResponseBodySize{Value: cm.Some(n)}
}

func requestTooLong(n uint64) types.ErrorCode {
	return types.ErrorCodeHTTPRequestBodySize{Value: cm.Some(n)}
}
