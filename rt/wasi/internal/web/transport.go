package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
)

// transport sends requests over connections that a policy grants. It follows no
// redirects, asks no proxy, and leaves encodings to the guest.
type transport struct{ plain, secure *http.Transport }

// newTransport returns a transport. Certificates are checked against roots; nil
// means those of the system.
func newTransport(p *policy.Policy, roots *x509.CertPool) *transport {
	return &transport{over(p.DialContext(policy.UseHTTP), roots), over(p.DialContext(policy.UseHTTPS), roots)}
}

func over(dial func(ctx context.Context, network, address string) (net.Conn, error), roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		DialContext:            dial,
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

// close closes connections that nothing is sent over.
func (t *transport) close() {
	t.plain.CloseIdleConnections()
	t.secure.CloseIdleConnections()
}
