package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// must returns a request as it is sent.
func (r *OutgoingRequest) must(t *testing.T) *http.Request {
	t.Helper()
	req, err := r.request()
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// badConn is a connection of a host that panics in some of its methods.
type badConn struct {
	net.Conn
	bad string
}

func (c badConn) panics(method string) {
	if c.bad == method {
		panic(method)
	}
}

func (c badConn) Read(p []byte) (int, error) {
	c.panics("read")
	switch c.bad {
	case "negative read":
		return -1, nil
	case "long read":
		return len(p) + 1, nil
	}
	return c.Conn.Read(p)
}

func (c badConn) Write(p []byte) (int, error) {
	c.panics("write")
	if c.bad == "long write" {
		return len(p) + 1, nil
	}
	return c.Conn.Write(p)
}

func (c badConn) Close() error {
	_ = c.Conn.Close()
	c.panics("close")
	return nil
}

func (c badConn) SetDeadline(time.Time) error      { c.panics("deadline"); return nil }
func (c badConn) SetReadDeadline(time.Time) error  { c.panics("deadline"); return nil }
func (c badConn) SetWriteDeadline(time.Time) error { c.panics("deadline"); return nil }
func (c badConn) LocalAddr() net.Addr              { c.panics("address"); return nil }
func (c badConn) RemoteAddr() net.Addr             { c.panics("address"); return nil }

// badError panics when it is asked for its text.
type badError struct{}

func (badError) Error() string { panic("text of an error") }

// TestPanics has all that a host may give to send requests with panic, on
// goroutines that are nobody's. The guest is told that it failed.
func TestPanics(t *testing.T) {
	conn := func(bad string) policy.Network {
		return policy.Network{Dialer: dialer(func(context.Context) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				_, _ = there.Read(make([]byte, 4<<10))
				_, _ = io.WriteString(there, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
				_ = there.Close()
			}()
			return badConn{here, bad}, nil
		})}
	}
	for _, c := range []struct {
		name   string
		n      policy.Network
		o      Options
		scheme string
		works  bool // all the same
	}{
		{name: "read", n: conn("read")},
		{name: "negative read", n: conn("negative read")},
		{name: "long read", n: conn("long read")},
		{name: "write", n: conn("write")},
		{name: "long write", n: conn("long write")},
		{name: "close", n: conn("close"), works: true},
		{name: "deadline", n: conn("deadline"), works: true},
		{name: "address", n: conn("address"), works: true},
		{name: "read of TLS", n: conn("read"), scheme: "https"},
		{name: "write of TLS", n: conn("write"), scheme: "https"},
		{name: "no connection", n: policy.Network{Dialer: dialer(func(context.Context) (net.Conn, error) { return nil, nil })}},
		{name: "dialer", n: policy.Network{Dialer: dialer(func(context.Context) (net.Conn, error) { panic("dialer") })}},
		{name: "resolver", n: policy.Network{Resolver: lookup(func(context.Context) ([]netip.Addr, error) { panic("resolver") })}},
		{name: "error of a dialer", n: policy.Network{Dialer: dialer(func(context.Context) (net.Conn, error) { return nil, badError{} })}},
		{name: "round tripper", o: Options{RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) { panic("round tripper") })}},
		{name: "error of a round tripper", o: Options{RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) { return nil, badError{} })}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.n.Resolver == nil {
				c.n.Resolver = lookup(func(context.Context) ([]netip.Addr, error) {
					return []netip.Addr{netip.MustParseAddr("93.184.216.34")}, nil
				})
			}
			own := newClientOf(t, c.o, c.n, "http:*", "https:*")
			if c.scheme == "" {
				c.scheme = "http"
			}
			r, code := own.get(c.scheme + "://example.com/")
			switch {
			case c.works && code != nil:
				t.Errorf("it fails: %v", code)
			case c.works:
				text, _, err := body(t, r)
				if text != "ok" || err != nil {
					t.Errorf("body %q, %v", text, err)
				}
			case code == nil:
				t.Error("it does not fail")
			}
		})
	}
}

// badBody is the body of a response that ends in an error that panics.
type badBody struct{ ends error }

func (b badBody) Read([]byte) (int, error) { return 0, b.ends }
func (badBody) Close() error               { panic("close") }

// asking panics when it is asked what it is.
type asking struct{ error }

func (asking) Is(error) bool { panic("is") }
func (asking) As(any) bool   { panic("as") }

// TestPanicsOfBody drains the body of a response that panics, on a goroutine that
// is nobody's.
func TestPanicsOfBody(t *testing.T) {
	for _, ends := range []error{badError{}, asking{errors.New("x")}} {
		c := newClient(t, Options{RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: -1, Body: badBody{ends}}, nil
		})})
		r, code := c.wait(c.send(c.request("GET", "http://example.com/"), nil))
		if code != nil {
			t.Fatal(code)
		}
		b, err := r.Consume(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, code := trailersOf(t, b); code != (types.ErrorCodeInternalError{}) {
			t.Errorf("got %v", code)
		}
	}
}
