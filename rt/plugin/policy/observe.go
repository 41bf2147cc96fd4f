package policy

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/wasi"
)

// Observe changes what an instance is given of WASI so that it is learned which
// hosts it looks up, connects to and sends requests to, and which buckets it
// opens, besides what it is denied.
// What of these the config has stays in use. With rules that a [wasi.Dialer] would
// take away, for UDP and for listening, connections are not learned.
func (l *Learned) Observe(c *wasi.Config) {
	audit, authorize := c.Audit, c.HTTP.Authorize
	c.Audit = func(ctx context.Context, d wasi.Denial) {
		l.Denied(ctx, d)
		if audit != nil {
			audit(ctx, d)
		}
	}
	c.HTTP.Authorize = func(r *http.Request) error {
		if authorize != nil {
			if err := authorize(r); err != nil {
				return err
			}
		}
		l.request(r)
		return nil
	}
	if c.KeyValue != nil {
		c.KeyValue = opened{l, c.KeyValue}
	}
	c.Network.Resolver = resolver{l, c.Network.Resolver}
	for _, r := range c.Network.Rules {
		if c.Network.Dialer == nil && (r.Protocol == wasi.UDP || r.Direction == wasi.Listen) {
			return
		}
	}
	c.Network.Dialer = dialer{l, c.Network.Dialer}
}

// request learns from a request that is sent.
func (l *Learned) request(r *http.Request) {
	port := r.URL.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[r.URL.Scheme]
	}
	at := net.JoinHostPort(strings.ToLower(r.URL.Hostname()), port)
	rule, err := wasi.ParseRule(r.URL.Scheme + ":" + at)
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.requests) < maxLearned {
		l.requests[at] = true
	}
	l.rule(rule)
}

// resolver learns which addresses a name has.
type resolver struct {
	l  *Learned
	of wasi.Resolver
}

// LookupNetIP asks the resolver behind it.
func (r resolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	var of wasi.Resolver = net.DefaultResolver
	if r.of != nil {
		of = r.of
	}
	addrs, err := of.LookupNetIP(ctx, network, host)
	r.l.mu.Lock()
	defer r.l.mu.Unlock()
	for _, a := range addrs {
		if len(r.l.names) < maxLearned {
			r.l.names[a.Unmap().WithZone("")] = strings.ToLower(strings.TrimSuffix(host, "."))
		}
	}
	return addrs, err
}

// dialer learns where connections go.
type dialer struct {
	l  *Learned
	of wasi.Dialer
}

// DialContext asks the dialer behind it.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.l.dial(address)
	if d.of != nil {
		return d.of.DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// dial learns from a connection, unless it is one that a request is sent by.
func (l *Learned) dial(address string) {
	rule, err := wasi.ParseRule("tcp:" + address)
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	host, port, _ := net.SplitHostPort(address)
	hosts := []string{host}
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		hosts = append(hosts, l.names[a])
		private := a.IsPrivate() || netip.MustParsePrefix("100.64.0.0/10").Contains(a)
		l.private = l.private || private && l.names[a] != ""
	}
	if !slices.ContainsFunc(hosts, func(h string) bool { return l.requests[net.JoinHostPort(h, port)] }) {
		l.rule(rule)
	}
}
