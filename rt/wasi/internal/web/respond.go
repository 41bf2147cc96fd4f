package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"
)

var (
	// ErrUnanswered is the error of a guest that did not answer a request.
	ErrUnanswered = errors.New("guest did not answer the request")

	// ErrBroken is in the error of a response whose headers are sent, and whose
	// body will not be whole.
	ErrBroken = errors.New("response is broken off")
)

// Respond writes the guest's response, from when it is there to its end. It
// returns [ErrUnanswered] if there will be none, an error-code if the guest
// answered with that, an error with [ErrBroken] in it if the response is not
// whole, and otherwise nothing was written. Once ctx is done, what is being
// written is given up.
func (x *Exchange) Respond(ctx context.Context, w http.ResponseWriter) error {
	for {
		select {
		case i := <-x.informs:
			i.write(w)
		case a := <-x.answered:
			return x.write(ctx, w, a)
		case <-x.returned:
			select {
			case a := <-x.answered:
				return x.write(ctx, w, a)
			default:
				return ErrUnanswered
			}
		}
	}
}

// write sends an informational response.
func (i *informational) write(w http.ResponseWriter) {
	defer close(i.sent)
	h := w.Header()
	before := maps.Clone(h)
	maps.Copy(h, i.headers)
	w.WriteHeader(i.status)
	clear(h)
	maps.Copy(h, before)
}

// write sends the response, or returns why there is none.
func (x *Exchange) write(ctx context.Context, w http.ResponseWriter, a answer) error {
	switch {
	case a.code != nil:
		return a.code
	case a.response == nil:
		return ErrUnanswered
	}
	r := a.response
	r.pipe.await(ctx, moment)
	if err := x.check(r); err != nil {
		r.pipe.leave()
		return err
	}
	h := w.Header()
	maps.Copy(h, r.headers.header())
	if _, ok := h["Content-Type"]; !ok {
		h["Content-Type"] = nil // else net/http guesses
	}
	w.WriteHeader(int(r.status))
	c := http.NewResponseController(w)
	stop := context.AfterFunc(ctx, func() {
		defer func() { _ = recover() }()        // the writer may be a host's own
		_ = c.SetWriteDeadline(time.Unix(1, 0)) // where there are no deadlines, the writer ends some other way
	})
	defer stop()
	err := x.copyBody(w, c, r)
	r.pipe.leave()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return nil
}

// check returns why a response cannot be sent.
func (x *Exchange) check(r *OutgoingResponse) error {
	written, ended := r.pipe.state()
	if ended == nil {
		return nil
	}
	if ended != io.EOF { //nolint:errorlint // as the pipe has it
		return ended
	}
	if want, ok := r.headers.length(); ok && written != want && x.bodyAllowed(r) {
		return responseTooLong(written) // or too short
	}
	return nil
}

// bodyAllowed reports whether a response to the request may have a body.
func (x *Exchange) bodyAllowed(r *OutgoingResponse) bool {
	return x.request.Method != http.MethodHead && r.status != http.StatusNoContent && r.status != http.StatusNotModified
}

// buffers are what bodies are copied through.
var buffers = sync.Pool{New: func() any { return new([window / 2]byte) }}

// copyBody sends the body, each part as soon as the guest has written it. What is
// written to a response that has none is discarded.
func (x *Exchange) copyBody(w http.ResponseWriter, c *http.ResponseController, r *OutgoingResponse) error {
	allowed := x.bodyAllowed(r)
	buf := buffers.Get().(*[window / 2]byte)
	defer buffers.Put(buf)
	for {
		if r.pipe.idle() {
			_ = c.Flush() // a writer that cannot sends it all at the end
		}
		n, err := r.pipe.Read(buf[:])
		if n > 0 && allowed {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF { //nolint:errorlint // as the pipe has it
			break
		} else if err != nil {
			return err
		}
	}
	if trailers := r.pipe.ended(); trailers != nil && allowed {
		_ = c.Flush() // so that the body is sent in chunks, which trailers may follow
		for name, values := range trailers.header() {
			w.Header()[http.TrailerPrefix+name] = values
		}
	}
	return nil
}
