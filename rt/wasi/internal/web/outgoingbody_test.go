package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

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
