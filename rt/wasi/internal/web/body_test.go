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

// outgoing returns the body of a request and the stream to write it to.
func outgoing(t *testing.T, r *OutgoingRequest) (types.OutgoingBody, streams.OutputStream) {
	t.Helper()
	b, err := r.Body(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b, s
}

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

// TestRequestBody sends bodies of all sizes, written after the request is sent
// and before.
func TestRequestBody(t *testing.T) {
	s := serve(t, echo)
	c := newClient(t, Options{}, ruleFor(s))
	for _, method := range []string{"POST", "GET", "DELETE"} {
		for _, n := range []int{0, 1, 4096, 50_000, 300_000} {
			for _, before := range []bool{false, true} {
				if before && n > window {
					continue // waits for ever, as nobody reads
				}
				name := fmt.Sprintf("%s %d bytes, before %v", method, n, before)
				want := strings.Repeat("0123456789", n/10+1)[:n]
				r := c.request(method, s.URL+"/")
				b, to := outgoing(t, r)
				var f *FutureIncomingResponse
				if !before {
					f = c.send(r, nil)
				}
				done := make(chan error)
				send := func() error {
					if err := write(t, to, want); err != nil {
						return err
					}
					return c.finish(b, to, "x-sum", "42")
				}
				if before {
					if err := send(); err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					f = c.send(r, nil)
					close(done)
				} else {
					go func() { done <- send() }()
				}
				resp, code := c.wait(f)
				if code != nil {
					t.Fatalf("%s: %v", name, code)
				}
				got, trailers, err := body(t, resp)
				if got != want || err != nil {
					t.Errorf("%s: %d bytes came back, %v", name, len(got), err)
				}
				if err := <-done; err != nil {
					t.Errorf("%s: %v", name, err)
				}
				switch {
				case n == 0 && mayLackBody(method): // nothing to have trailers
				case trailers == nil:
					t.Errorf("%s: no trailers", name)
				default:
					if got := text(t, trailers); len(got) != 1 || got[0] != "X-Sum: 42" {
						t.Errorf("%s: trailers %q", name, got)
					}
				}
			}
		}
	}
}

// TestKnownLength has the length of a body that is finished before the request
// be that of the request.
func TestKnownLength(t *testing.T) {
	s := serve(t, echo)
	c := newClient(t, Options{}, ruleFor(s))
	for name, tt := range map[string]struct {
		method, length string
		body           *string
		want           string
	}{
		"finished":         {method: "POST", body: new("abc"), want: "3"},
		"said":             {method: "POST", length: "3", body: new("abc"), want: "3"},
		"none":             {method: "GET", want: "0"},
		"none, POST":       {method: "POST", want: "0"},
		"empty, finished":  {method: "GET", body: new(""), want: "0"},
		"none, said to be": {method: "POST", length: "0", want: "0"},
	} {
		var headers []string
		if tt.length != "" {
			headers = []string{"Content-Length", tt.length}
		}
		r := c.request(tt.method, s.URL+"/", headers...)
		if tt.body != nil {
			b, to := outgoing(t, r)
			write(t, to, *tt.body)
			if err := c.finish(b, to); err != nil {
				t.Fatal(err)
			}
		}
		resp, code := c.wait(c.send(r, nil))
		if code != nil {
			t.Errorf("%s: %v", name, code)
			continue
		}
		if got, _ := resp.headers.Get(t.Context(), "x-length"); len(got) != 1 || string(got[0]) != tt.want {
			t.Errorf("%s: content-length %q, want %s", name, got, tt.want)
		}
		body(t, resp)
	}
}

// TestWrongLength has guests write more or less than they said.
func TestWrongLength(t *testing.T) {
	s := serve(t, echo)
	c := newClient(t, Options{}, ruleFor(s))
	size := func(n uint64) types.ErrorCode { return types.ErrorCodeHTTPRequestBodySize{Value: cm.Some(n)} }
	for _, before := range []bool{false, true} {
		t.Run(fmt.Sprint("before ", before), func(t *testing.T) {
			// Less.
			r := c.request("POST", s.URL+"/", "content-length", "8")
			b, to := outgoing(t, r)
			var f *FutureIncomingResponse
			if !before {
				f = c.send(r, nil)
			}
			write(t, to, "four")
			if err := c.finish(b, to); !errors.Is(err, size(4)) {
				t.Errorf("finish after 4 bytes of 8 = %v", err)
			}
			if before {
				_, err := c.Handle(t.Context(), r, cm.Option[types.RequestOptions]{})
				if got, ok := errors.AsType[cm.Err[types.ErrorCode]](err); !ok || got.Value != size(4) {
					t.Errorf("handle = %v", err)
				}
			} else {
				resp, code := c.wait(f)
				if code == nil {
					_, _, err := body(t, resp)
					if code = codeIn(t, err); code == nil {
						t.Error("the response is whole")
					}
				}
			}
			// More.
			r = c.request("POST", s.URL+"/", "content-length", "8")
			b, to = outgoing(t, r)
			if !before {
				f = c.send(r, nil)
			}
			err := write(t, to, "more than eight")
			if got := codeIn(t, err); got != size(15) {
				t.Errorf("write of 15 bytes of 8 = %v", got)
			}
			if err := write(t, to, "x"); !errors.Is(err, streams.StreamErrorClosed{}) {
				t.Errorf("write after that = %v", err)
			}
			if err := c.finish(b, to); !errors.Is(err, size(15)) {
				t.Errorf("finish = %v", err)
			}
			if !before {
				f.Close(t.Context())
			}
		})
	}
	// None, although some was said.
	_, err := c.Handle(t.Context(), c.request("POST", s.URL+"/", "content-length", "8"), cm.Option[types.RequestOptions]{})
	if got, ok := errors.AsType[cm.Err[types.ErrorCode]](err); !ok || got.Value != size(0) {
		t.Errorf("handle without a body = %v", err)
	}
}

// TestRequestBodyLimit has the guest write more than the host lets through.
func TestRequestBodyLimit(t *testing.T) {
	s := serve(t, echo)
	c := newClient(t, Options{RequestBody: 1000}, ruleFor(s))
	r := c.request("POST", s.URL+"/")
	b, to := outgoing(t, r)
	if err := write(t, to, strings.Repeat("x", 1000)); err != nil {
		t.Fatal(err)
	}
	if got := codeIn(t, write(t, to, "x")); got != (types.ErrorCodeHTTPRequestBodySize{Value: cm.Some[uint64](1001)}) {
		t.Errorf("the 1,001st byte: %v", got)
	}
	to.Close(t.Context())
	b.Close(t.Context())
	r.Close(t.Context())
}

// TestUnfinished drops the body of a request in the middle: the server does not
// take it for a whole one.
func TestUnfinished(t *testing.T) {
	got := make(chan error, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		got <- err
	})
	c := newClient(t, Options{}, ruleFor(s))
	r := c.request("POST", s.URL+"/")
	b, to := outgoing(t, r)
	f := c.send(r, nil)
	if err := write(t, to, "some"); err != nil {
		t.Fatal(err)
	}
	to.Close(t.Context())
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err == nil {
		t.Error("the server read a whole body")
	}
	if _, code := c.wait(f); code == nil {
		t.Error("there is a response")
	}
}

// TestOnce asks for what can be had once.
func TestOnce(t *testing.T) {
	ctx := t.Context()
	c := newClient(t, Options{})
	r := c.request("POST", "http://host/")
	b, to := outgoing(t, r)
	if _, err := r.Body(ctx); !isFail(err) {
		t.Errorf("the second body = %v", err)
	}
	if _, err := b.Write(ctx); !isFail(err) {
		t.Errorf("the second write = %v", err)
	}
	if err := b.Close(ctx); !errors.Is(err, poll.ErrChildren) {
		t.Errorf("drop of a body with a stream = %v", err)
	}
	if err := c.OutgoingBodyFinish(ctx, b, cm.Option[types.Trailers]{}); !errors.Is(err, poll.ErrChildren) {
		t.Errorf("finish of a body with a stream = %v", err)
	}
	p, _ := to.Subscribe(ctx)
	if err := to.Close(ctx); !errors.Is(err, poll.ErrChildren) {
		t.Errorf("drop of a stream with a pollable = %v", err)
	}
	p.Close(ctx)
	to.Close(ctx)
	if err := r.Close(ctx); err != nil {
		t.Error(err)
	}
	s, err := c.NewOutgoingResponse(ctx, &Fields{})
	if err != nil {
		t.Fatal(err)
	}
	for status, want := range map[uint16]bool{0: false, 99: false, 100: false, 101: false, 199: false, 200: true, 599: true, 999: true, 1000: false, 65535: false} {
		if err := s.SetStatusCode(ctx, status); (err == nil) != want || err != nil && !isFail(err) {
			t.Errorf("set-status-code(%d) = %v, want ok %v", status, err, want)
		}
	}
	if status, _ := s.StatusCode(ctx); status < 200 {
		t.Errorf("status-code = %d", status)
	}
}

// TestTrailerNames finishes a body with what may not come after it.
func TestTrailerNames(t *testing.T) {
	for name, want := range map[string]bool{
		"x-sum": true, "Grpc-Status": true, "content-length": false, "Content-Type": false, "authorization": false, "if-match": false, "TRAILER": false,
	} {
		c := newClient(t, Options{})
		r := c.request("POST", "http://host/")
		b, to := outgoing(t, r)
		err := c.finish(b, to, name, "1")
		if (err == nil) != want || err != nil && !errors.Is(err, types.ErrorCodeHTTPProtocolError{}) {
			t.Errorf("finish with %s = %v, want ok %v", name, err, want)
		}
		r.Close(t.Context())
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
	began := time.Now()
	if err := to.BlockingFlush(soon); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > time.Second {
		t.Errorf("flush with a context that is done = %v after %v", err, time.Since(began))
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
