package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// write writes all of a text.
func write(t *testing.T, s streams.OutputStream, text string) error {
	t.Helper()
	for len(text) > 0 {
		n := min(len(text), 4096)
		if err := s.BlockingWriteAndFlush(t.Context(), []byte(text[:n])); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

// finish ends a body, with trailers of names and values if there are any.
func (c *client) finish(b types.OutgoingBody, s streams.OutputStream, trailers ...string) error {
	c.t.Helper()
	if err := s.Close(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	var some cm.Option[types.Trailers]
	if len(trailers) > 0 {
		f := &Fields{}
		for i := 0; i < len(trailers); i += 2 {
			f.Append(c.t.Context(), trailers[i], []byte(trailers[i+1]))
		}
		some = cm.Some[types.Trailers](f)
	}
	return c.OutgoingBodyFinish(c.t.Context(), b, some)
}

// echo is a server that sends the request back while it arrives.
func echo(w http.ResponseWriter, r *http.Request) {
	http.NewResponseController(w).EnableFullDuplex()
	w.Header().Set("X-Length", fmt.Sprint(r.ContentLength))
	w.WriteHeader(200)
	http.NewResponseController(w).Flush()
	buf := make([]byte, 1000)
	for {
		n, err := r.Body.Read(buf)
		w.Write(buf[:n])
		http.NewResponseController(w).Flush()
		if err == io.EOF {
			break
		} else if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	for name, values := range r.Trailer {
		w.Header()[http.TrailerPrefix+name] = values
	}
}

// TestBackPressure has the guest write to who does not read, and read from who
// does not stop writing: what the host holds stays within its windows.
func TestBackPressure(t *testing.T) {
	ctx := t.Context()
	c := newClient(t, Options{RoundTripper: roundTripper(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})})
	r := c.request("POST", "http://host/")
	_, to := outgoing(t, r)
	c.send(r, nil)
	total := uint64(0)
	for {
		n, err := to.CheckWrite(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		if err := to.Write(ctx, make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if total != window {
		t.Errorf("took %d bytes", total)
	}
	if err := to.Write(ctx, []byte("x")); err == nil || errors.Is(err, streams.StreamErrorClosed{}) {
		t.Errorf("write beyond the permit = %v", err)
	}
	soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if err := to.BlockingFlush(soon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("flush with a context that is done = %v", err)
	}
	if n, err := to.CheckWrite(ctx); n != 0 || err != nil {
		t.Errorf("permit while a flush is pending = %d, %v", n, err)
	}

	endless := &counter{}
	c = newClient(t, Options{RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, ContentLength: -1, Body: endless}, nil
	})})
	resp, code := c.get("http://host/")
	if code != nil {
		t.Fatal(code)
	}
	b, _ := resp.Consume(ctx)
	from, _ := b.Stream(ctx)
	p, err := from.BlockingRead(ctx, math.MaxUint64)
	if err != nil || len(p) == 0 || len(p) > 64<<10 {
		t.Errorf("read of 2^64-1 = %d bytes, %v", len(p), err)
	}
	if p, err = from.Read(ctx, 0); len(p) != 0 || err != nil {
		t.Errorf("read of 0 = %d bytes, %v", len(p), err)
	}
	time.Sleep(20 * time.Millisecond)
	if n := endless.n.Load(); n > 128<<10 {
		t.Errorf("%d bytes were read ahead", n)
	}
	if err := b.Close(ctx); !errors.Is(err, poll.ErrChildren) {
		t.Errorf("drop of a body with a stream = %v", err)
	}
	if _, err := c.IncomingBodyFinish(ctx, b); !errors.Is(err, poll.ErrChildren) {
		t.Errorf("finish of a body with a stream = %v", err)
	}
	if _, err := b.Stream(ctx); !isFail(err) {
		t.Errorf("the second stream = %v", err)
	}
	from.Close(ctx)
	b.Close(ctx)
	for i := 0; !endless.closed.Load(); i++ {
		if i == 500 {
			t.Fatal("a dropped body is still open")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestFlush is done when the other side has the bytes, not before.
func TestFlush(t *testing.T) {
	ctx := t.Context()
	p := newPipe(math.MaxInt64, requestTooLong, nil)
	p.Write([]byte("before"))
	p.Flush()
	if n, _ := p.Room(); n != window-6 {
		t.Errorf("room = %d after a flush that nobody could end", n)
	}
	p.attach()
	p.Flush()
	if n, _ := p.Room(); n != 0 {
		t.Errorf("room = %d while a flush is pending", n)
	}
	buf := make([]byte, 4)
	for range 2 {
		p.Read(buf)
	}
	if n, _ := p.Room(); n != 0 {
		t.Errorf("room = %d while the last bytes are in flight", n)
	}
	go p.Read(buf) // asks for more: it is done with what it had
	if err := poll.Until(ctx, p); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Room(); n != window || err != nil {
		t.Errorf("room = %d, %v after the flush", n, err)
	}
	p.finish(nil)
}

// TestWritesAreNotLost has a guest write with any permits to a reader with any
// buffer.
func TestWritesAreNotLost(t *testing.T) {
	p := newPipe(math.MaxInt64, requestTooLong, nil)
	p.attach()
	var want bytes.Buffer
	go func() {
		for i := 1; i < 400; i++ {
			part := bytes.Repeat([]byte{byte(i)}, i*37%5000)
			want.Write(part)
			for len(part) > 0 {
				if poll.Until(context.Background(), p) != nil {
					return
				}
				n, _ := p.Room()
				n = min(n, len(part))
				p.Write(part[:n])
				part = part[n:]
			}
			if i%7 == 0 {
				p.Flush()
			}
		}
		p.finish(nil)
	}()
	got, err := io.ReadAll(struct{ io.Reader }{p})
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%d bytes of %d arrived, %v", len(got), want.Len(), err)
	}
}

// TestTrailersOfResponse reads trailers without reading the body.
func TestTrailersOfResponse(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		w.Write(make([]byte, 1_000_000))
		w.Header().Set("X-Sum", "42")
		if r.URL.Path == "/many" {
			for i := range 5000 {
				w.Header()[fmt.Sprint(http.TrailerPrefix, "X", i)] = []string{""}
			}
		}
	})
	c := newClient(t, Options{}, ruleFor(s))
	r, code := c.get(s.URL + "/")
	if code != nil {
		t.Fatal(code)
	}
	b, _ := r.Consume(t.Context())
	trailers, code := trailersOf(t, b)
	if code != nil {
		t.Fatal(code)
	}
	if got := text(t, trailers); len(got) != 1 || got[0] != "X-Sum: 42" || !trailers.(*Fields).frozen {
		t.Errorf("trailers = %q", got)
	}
	if r, code = c.get(s.URL + "/many"); code != nil {
		t.Fatal(code)
	}
	b, _ = r.Consume(t.Context())
	if _, code = trailersOf(t, b); code == nil {
		t.Error("5,000 trailers are taken")
	}
}

// TestForeign hands over resources that another host made.
func TestForeign(t *testing.T) {
	ctx := t.Context()
	h := New(Options{})
	fields, request := types.UnimplementedFields{}, types.UnimplementedOutgoingRequest{}
	own := &OutgoingRequest{message: message{pipe: newPipe(0, requestTooLong, nil), headers: &Fields{}}}
	none := cm.Option[types.RequestOptions]{}
	body := &OutgoingBody{message: &own.message}
	var errs []error
	add := func(_ any, err error) { errs = append(errs, err) }
	add(h.NewOutgoingRequest(ctx, fields))
	add(h.NewOutgoingResponse(ctx, fields))
	add(h.Handle(ctx, request, none))
	add(h.Handle(ctx, own, cm.Some[types.RequestOptions](types.UnimplementedRequestOptions{})))
	add(h.IncomingBodyFinish(ctx, types.UnimplementedIncomingBody{}))
	add(nil, h.OutgoingBodyFinish(ctx, types.UnimplementedOutgoingBody{}, cm.Option[types.Trailers]{}))
	add(nil, h.OutgoingBodyFinish(ctx, body, cm.Some[types.Trailers](fields)))
	add(nil, h.ResponseOutparamSet(ctx, types.UnimplementedResponseOutparam{}, cm.Fail[types.OutgoingResponse, types.ErrorCode](types.ErrorCodeLoopDetected{})))
	add(nil, h.ResponseOutparamSet(ctx, &Outparam{}, cm.OK[types.OutgoingResponse, types.ErrorCode](types.UnimplementedOutgoingResponse{})))
	add(nil, (&Outparam{}).SendInformational(ctx, 103, fields))
	for i, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "none of this host's") {
			t.Errorf("%d: %v", i, err)
		}
		if _, ok := errors.AsType[types.ErrorCode](err); ok {
			t.Errorf("%d: %v is no trap", i, err)
		}
	}
	if o, err := h.HTTPErrorCode(ctx, nil); o.IsSome() || err != nil {
		t.Errorf("http-error-code of no error of a stream = %v, %v", o, err)
	}
}
