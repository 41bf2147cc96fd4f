package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// transport sends requests over connections that a policy grants. It follows no
// redirects, asks no proxy, and leaves encodings to the guest.
type transport struct {
	plain, secure *http.Transport

	ended context.Context
	end   context.CancelFunc

	mu    sync.Mutex
	conns map[*conn]struct{}
	dials int // under way
	most  int // of them
	over  bool
}

// newTransport returns a transport. Certificates are checked against roots; nil
// means those of the system. It makes that many connections at a time at most.
func newTransport(p *policy.Policy, roots *x509.CertPool, most int) *transport {
	t := &transport{conns: make(map[*conn]struct{}), most: most}
	t.ended, t.end = context.WithCancel(context.Background())
	t.plain = t.pooled(p.DialContext(policy.UseHTTP), roots)
	t.secure = t.pooled(p.DialContext(policy.UseHTTPS), roots)
	return t
}

// dial connects to a host and a port.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

func (t *transport) pooled(d dial, roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		DialContext:            t.keep(d),
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxFields,
		MaxIdleConnsPerHost:    4,
		MaxIdleConns:           16,
		IdleConnTimeout:        30 * time.Second,
		ExpectContinueTimeout:  time.Second,
	}
}

// RoundTrip sends a request.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" {
		return t.secure.RoundTrip(r)
	}
	return t.plain.RoundTrip(r)
}

// conn is a connection of a transport.
type conn struct {
	net.Conn
	t *transport
}

// keep remembers the connections that are made, and has none made for a request
// that has ended: net/http would go on connecting, for as many as a guest begins
// and drops, and keep what comes of it.
func (t *transport) keep(d dial) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if !t.begin() {
			return nil, types.ErrorCodeConnectionLimitReached{}
		}
		defer t.done()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(t.ended, cancel)()
		w, wanted := ctx.Value(wantKey{}).(*want)
		if wanted {
			defer context.AfterFunc(w.ctx, cancel)()
		}
		n, err := d(ctx, network, address)
		if wanted {
			w.note(err)
		}
		if err != nil {
			return nil, err
		}
		c := &conn{n, t}
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.over {
			return nil, errors.Join(net.ErrClosed, n.Close())
		}
		t.conns[c] = struct{}{}
		return c, nil
	}
}

// begin reports whether one more connection may be made, until done is called.
func (t *transport) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dials >= t.most {
		return false
	}
	t.dials++
	return true
}

func (t *transport) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dials--
}

// Close closes the connection.
func (c *conn) Close() error {
	c.t.mu.Lock()
	delete(c.t.conns, c)
	c.t.mu.Unlock()
	return c.Conn.Close()
}

// close closes all connections. None is made any more.
func (t *transport) close() {
	t.end()
	t.mu.Lock()
	t.over = true
	conns := t.conns
	t.conns = nil
	t.mu.Unlock()
	for c := range conns {
		_ = c.Conn.Close() // who reads from it or writes to it is told
	}
	t.plain.CloseIdleConnections()
	t.secure.CloseIdleConnections()
}
