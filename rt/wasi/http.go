package wasi

import (
	"crypto/x509"
	"net/http"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/web"
	"github.com/witgen/witgen/rt/wasi/p2/http/outgoinghandler"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// HTTPClient says how a guest sends requests. The zero HTTPClient sends those
// that rules for http and https of Config.Network grant, and denies all others.
//
// Redirects are not followed, and bodies arrive as they were sent; the guest
// does both itself. No proxy is asked, whatever the host's environment says.
type HTTPClient struct {
	// RoundTripper, if it is not nil, sends all requests, and what may be sent
	// where is up to it: Config.Network is not asked. It is called from any
	// goroutine, may be shared between instances, and is given requests whose
	// targets may be in URL.Opaque, as guests give them.
	//
	// If it is nil, each instance has connections of its own.
	RoundTripper http.RoundTripper

	// Authorize, if it is not nil, is asked before each request that is granted
	// otherwise, on the goroutine of the guest; its error denies it. The body is
	// not there yet.
	Authorize func(*http.Request) error

	// RootCAs are the certificates that servers' are checked against; nil means
	// those of the system. A RoundTripper has its own.
	RootCAs *x509.CertPool

	// MaxRequests is how many requests may be under way at a time, from when
	// one is sent to the end of its response's body; 0 means 64.
	MaxRequests int

	// MaxRequestBody and MaxResponseBody are how many bytes the bodies may
	// have; 0 means any number. They are never in memory as a whole.
	MaxRequestBody, MaxResponseBody int64

	// ConnectTimeout, FirstByteTimeout and BetweenBytesTimeout are how long it
	// may take to connect, to the response once connected, and to each further
	// part of its body. Guests may ask for less, not for more. 0 means 10
	// minutes.
	ConnectTimeout, FirstByteTimeout, BetweenBytesTimeout time.Duration
}

// http returns wasi:http.
func (h *host) http() []rt.Import {
	c := h.config.HTTP
	h.web = web.New(web.Options{
		Life: &h.life, Audit: h.audit,
		Policy:       func() *policy.Policy { return h.policy },
		Roots:        c.RootCAs,
		RoundTripper: c.RoundTripper, Authorize: c.Authorize,
		Timeouts: web.Timeouts{Connect: c.ConnectTimeout, FirstByte: c.FirstByteTimeout, BetweenBytes: c.BetweenBytesTimeout},
		Requests: c.MaxRequests, RequestBody: c.MaxRequestBody, ResponseBody: c.MaxResponseBody,
	})
	return []rt.Import{types.Import(h.web), outgoinghandler.Import(h.web)}
}
