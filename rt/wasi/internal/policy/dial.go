package policy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// Network says what guests may use of the network. The zero Network is none of
// it.
type Network struct {
	// Rules grant what they say. Without any, all is denied.
	Rules []Rule

	// Resolver looks up names; nil is the system's, net.DefaultResolver. It is
	// asked only for names that rules grant.
	Resolver Resolver

	// Dialer connects, to addresses that were checked; nil is the system's. With
	// one, TCP sockets connect by it and listen only by a Listener, and there are
	// no UDP sockets: nothing gets past it.
	Dialer Dialer

	// Listener listens, at addresses that were checked; nil is the system's. With
	// one, TCP sockets listen by it, connect by Dialer or net.Dialer, and have no
	// options; there are no UDP sockets. Who is on the other side of what it
	// accepts is checked as always; a connection whose RemoteAddr is no address and
	// port is heard only where no rule names peers.
	Listener Listener

	// MaxSockets is how many sockets an instance may have open, those among them
	// that it accepted; 0 means 1,024.
	MaxSockets int
}

// Resolver looks up the addresses of a name. A *net.Resolver is one.
type Resolver interface {
	// LookupNetIP is asked with the network "ip".
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Dialer connects to an address. A *net.Dialer is one.
type Dialer interface {
	// DialContext is asked with the network "tcp" and an address and port, never
	// a name.
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Listener listens at an address. A *net.ListenConfig is one.
type Listener interface {
	// Listen is asked with the network "tcp4" or "tcp6", and an address and port,
	// which is 0 for one of its choice. Closing what it returns ends Accept.
	Listen(ctx context.Context, network, address string) (net.Listener, error)
}

// dialTimeout is how long the system is given to connect, unless the context
// gives it less.
const dialTimeout = 30 * time.Second

// maxAddresses is how many addresses of a name are looked at.
const maxAddresses = 64

// CheckName returns nil for a name that Lookup may look up. It returns
// [ErrName] for what is neither a name nor an address, and a [Denied] for a name
// that no rule grants. A rule for TCP, UDP or DNS grants one.
func (p *Policy) CheckName(name string) error {
	if len(name) > maxName+1 {
		return ErrName
	}
	if !p.Any(TCP) && !p.Any(UDP) && !p.Any(DNS) {
		return &Denied{Protocol: DNS, Target: name, Reason: "no rule grants looking up names"}
	}
	if _, ok := Literal(name); ok {
		return nil
	}
	name, err := Canonical(name)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.grants, func(g grant) bool { return g.looksUp(name) }) {
		return nil
	}
	r := Rule{Protocol: DNS, Host: name}
	return &Denied{Protocol: DNS, Target: name, Reason: fmt.Sprintf("no rule grants it; %s would", r)}
}

// Lookup returns the addresses of a name for the guest to use, none of them
// IPv4 in IPv6. What is an address already is its own. It returns the errors of
// CheckName and of the resolver.
//
// What a rule for TCP or UDP grants to the name, it grants to the addresses from
// then on.
func (p *Policy) Lookup(ctx context.Context, name string) ([]netip.Addr, error) {
	if err := p.CheckName(name); err != nil {
		return nil, err
	}
	if a, ok := Literal(name); ok {
		return []netip.Addr{a}, nil
	}
	name, err := Canonical(name)
	if err != nil {
		return nil, err
	}
	addrs, err := p.resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	p.remember(name, addrs)
	return addrs, nil
}

// looksUp reports whether a rule grants the guest to look up a name.
func (g grant) looksUp(name string) bool {
	switch g.rule.Protocol {
	case TCP, UDP, DNS:
		return g.rule.Direction != Listen && g.host.named(name)
	}
	return false
}

// resolve asks for the addresses of a name.
func (p *Policy) resolve(ctx context.Context, name string) ([]netip.Addr, error) {
	var r Resolver = net.DefaultResolver
	if p.network.Resolver != nil {
		r = p.network.Resolver
	}
	addrs, err := guard("resolver", func() ([]netip.Addr, error) { return r.LookupNetIP(ctx, "ip", name) })
	if err != nil {
		return nil, err
	}
	var all []netip.Addr
	for _, a := range addrs[:min(len(addrs), maxAddresses)] {
		a = a.Unmap().WithZone("")
		if a.IsValid() && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return nil, &net.DNSError{Err: "no addresses", Name: name, IsNotFound: true}
	}
	return all, nil
}

// CheckHost returns nil if a rule grants a host and port for UseHTTP or
// UseHTTPS, or else a [Denied], without looking up anything: what DialContext
// says of the addresses of a name comes later. It returns [ErrName] for a host
// that is neither a name nor an address.
func (p *Policy) CheckHost(ctx context.Context, use Use, host string, port uint16) error {
	if a, ok := Literal(host); ok {
		return p.Check(ctx, use, netip.AddrPortFrom(a, port))
	}
	name, err := Canonical(host)
	if err != nil {
		return err
	}
	if p != nil && slices.ContainsFunc(p.grants, func(g grant) bool {
		return g.serves(use) && g.rule.Ports.contains(port) && g.host.named(name)
	}) {
		return nil
	}
	r := Rule{Protocol: uses[use].protocol, Host: name, Ports: Port(port)}
	target := net.JoinHostPort(name, strconv.Itoa(int(port)))
	return &Denied{Protocol: r.Protocol, Target: target, Reason: fmt.Sprintf("no rule grants it; %s would", r)}
}

// DialContext returns a function that connects for a use, to a host and port
// such as http.Transport asks for. It checks the host, resolves it, checks the
// addresses, and dials those that are granted, in their order. Its errors are
// a [Denied], [ErrName], and those of the resolver and the dialer.
func (p *Policy) DialContext(use Use) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if network != "tcp" {
			return nil, net.UnknownNetworkError(network)
		}
		host, portText, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		port, err := parsePort(portText)
		if err != nil {
			return nil, &net.AddrError{Err: "not a port", Addr: address}
		}
		addrs, err := p.granted(ctx, use, host, port)
		if err != nil {
			return nil, err
		}
		return p.dial(ctx, addrs)
	}
}

// granted returns the addresses of a host that may be dialled.
func (p *Policy) granted(ctx context.Context, use Use, host string, port uint16) ([]netip.AddrPort, error) {
	if err := p.CheckHost(ctx, use, host, port); err != nil {
		return nil, err
	}
	if a, ok := Literal(host); ok {
		return []netip.AddrPort{netip.AddrPortFrom(a, port)}, nil
	}
	name, err := Canonical(host)
	if err != nil {
		return nil, err
	}
	addrs, err := p.resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	var all []netip.AddrPort
	var denied *Denied
	for _, a := range addrs {
		addr := netip.AddrPortFrom(a, port)
		if p.reaches(use, addr, []string{name}) {
			all = append(all, addr)
		} else if denied == nil {
			denied = deny(use, addr, name+": "+p.why(use, addr))
			denied.Resolved = true
		}
	}
	if len(all) == 0 {
		return nil, denied
	}
	return all, nil
}

// dial connects to the first address that answers, and gives each a share of the
// time that there is.
func (p *Policy) dial(ctx context.Context, addrs []netip.AddrPort) (net.Conn, error) {
	var d Dialer = &net.Dialer{}
	if own := p.Dialer(); own != nil {
		d = own
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var errs []error
	for i, addr := range addrs {
		c, err := dialOne(ctx, d, addr, len(addrs)-i)
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

func dialOne(ctx context.Context, d Dialer, addr netip.AddrPort, left int) (net.Conn, error) {
	if end, ok := ctx.Deadline(); ok && left > 1 {
		share := max(time.Until(end)/time.Duration(left), 2*time.Second)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, share)
		defer cancel()
	}
	return d.DialContext(ctx, "tcp", addr.String())
}

// guard makes an error of a panic of what is the host's own: net/http dials on
// goroutines where it would end the process.
func guard[T any](what string, f func() (T, error)) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s panicked: %v", what, r)
		}
	}()
	return f()
}
