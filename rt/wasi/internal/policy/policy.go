package policy

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
)

// Use is what a guest does with an address.
type Use uint8

// The uses. Those of binding and listening are of an address of this machine,
// the others of the other side's.
const (
	TCPBind Use = iota
	TCPListen
	TCPAccept
	TCPConnect
	UDPBind
	UDPSend
	UDPReceive
	UseHTTP
	UseHTTPS
)

var uses = [...]struct {
	name     string
	protocol Protocol
}{
	{"bind", TCP}, {"listen", TCP}, {"accept", TCP}, {"connect", TCP},
	{"bind", UDP}, {"send", UDP}, {"receive", UDP}, {"request", HTTP}, {"request", HTTPS},
}

// String returns the protocol and what is done with it.
func (u Use) String() string {
	if int(u) >= len(uses) {
		return fmt.Sprintf("Use(%d)", uint8(u))
	}
	return uses[u].protocol.String() + " " + uses[u].name
}

// maxPins is how many addresses of names are remembered.
const maxPins = 1024

// Policy is what one instance may use of the network. A nil Policy permits
// nothing. It may be used from any goroutine.
type Policy struct {
	network Network
	grants  []grant

	mu   sync.Mutex
	pins []pin // oldest first
}

// pin is an address that the guest was told for a name: what a rule grants to
// the name, it grants to the address.
type pin struct {
	name string
	addr netip.Addr
}

// New returns the policy of a network.
func New(n Network) (*Policy, error) {
	p := &Policy{network: n}
	for i, r := range n.Rules {
		g, err := r.check()
		if err != nil {
			return nil, fmt.Errorf("network rule %d (%s): %w", i, r, err)
		}
		p.grants = append(p.grants, g)
	}
	return p, nil
}

// Any reports whether anything of a protocol is granted.
func (p *Policy) Any(protocol Protocol) bool {
	return p != nil && slices.ContainsFunc(p.grants, func(g grant) bool { return g.rule.Protocol == protocol })
}

// Dialer returns what the host connects by, nil if that is the system. Neither
// it nor its connections panic.
func (p *Policy) Dialer() Dialer {
	if p == nil || p.network.Dialer == nil {
		return nil
	}
	return guardedDialer{p.network.Dialer}
}

// Listener returns what the host listens by, nil if that is the system. Neither
// it nor what it returns panics.
func (p *Policy) Listener() Listener {
	if p == nil || p.network.Listener == nil {
		return nil
	}
	return guardedListener{p.network.Listener}
}

// Check returns nil if an address may be used, or else a [Denied]. It is the
// address of this machine for TCPBind, TCPListen, UDPBind, as the guest gave
// it, and the other side's for TCPConnect, UDPSend, UseHTTP, UseHTTPS.
//
// Whoever may connect or send may bind to the unspecified address and port 0,
// which is what the system does for who does not bind.
func (p *Policy) Check(_ context.Context, use Use, addr netip.AddrPort) error {
	addr = plain(addr)
	switch use {
	case TCPBind, TCPListen, UDPBind:
		return p.checkLocal(use, addr)
	}
	if p.reaches(use, addr, p.namesOf(addr.Addr())) {
		return nil
	}
	return deny(use, addr, p.why(use, addr))
}

// CheckPeer is Check for the other side of a socket at a local address: of a
// connection that was accepted, with TCPAccept, or of a datagram that was
// received, with UDPReceive.
func (p *Policy) CheckPeer(ctx context.Context, use Use, local, peer netip.AddrPort) error {
	local, peer = plain(local), plain(peer)
	if p != nil {
		for _, g := range p.grants {
			if g.listens(uses[use].protocol, local) && g.hears(peer.Addr()) {
				return nil
			}
		}
	}
	if use == UDPReceive {
		return p.Check(ctx, use, peer)
	}
	return deny(use, peer, "no rule to listen has it among its peers")
}

// plain returns an address as rules see it.
func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

func (p *Policy) checkLocal(use Use, addr netip.AddrPort) error {
	protocol := uses[use].protocol
	if p != nil {
		for _, g := range p.grants {
			if g.listens(protocol, addr) {
				return nil
			}
			implicit := use != TCPListen && addr.Port() == 0 && addr.Addr().IsUnspecified()
			if implicit && g.rule.Protocol == protocol && g.rule.Direction != Listen {
				return nil
			}
		}
	}
	r := Rule{Direction: Listen, Protocol: protocol, Host: addr.Addr().String(), Ports: Port(addr.Port())}
	return deny(use, addr, fmt.Sprintf("no rule grants it; %s would", r))
}

// reaches reports whether a rule grants an address to connect or send to, or to
// receive from, which has names.
func (p *Policy) reaches(use Use, addr netip.AddrPort, names []string) bool {
	if p == nil || addr.Port() == 0 || addr.Addr().IsUnspecified() {
		return false
	}
	return slices.ContainsFunc(p.grants, func(g grant) bool {
		return g.serves(use) && g.rule.Ports.contains(addr.Port()) && g.reaches(addr.Addr(), names)
	})
}

// serves reports whether a rule is for a use of the other side's address.
func (g grant) serves(use Use) bool {
	if g.rule.Protocol != uses[use].protocol {
		return false
	}
	switch g.rule.Direction {
	case Connect:
		return use != TCPAccept
	case Send:
		return use == UDPSend
	case Receive:
		return use == UDPReceive
	}
	return false
}

// reaches reports whether a rule grants an address, or one of its names that
// address.
func (g grant) reaches(a netip.Addr, names []string) bool {
	switch {
	case g.host.prefix.IsValid():
		return covers(g.host.prefix, a)
	case g.host.local:
		return a.IsLoopback()
	case !g.host.any && !slices.ContainsFunc(names, g.host.named):
		return false
	case len(g.rule.Peers) == 0:
		_, name := special(a)
		return name == ""
	}
	return slices.ContainsFunc(g.rule.Peers, func(p netip.Prefix) bool { return covers(p, a) })
}

// listens reports whether a rule grants an address of this machine.
func (g grant) listens(protocol Protocol, addr netip.AddrPort) bool {
	if g.rule.Direction != Listen || g.rule.Protocol != protocol || !g.rule.Ports.contains(addr.Port()) {
		return false
	}
	h, a := g.host, addr.Addr()
	switch {
	case h.any:
		return true
	case h.local:
		return a.IsLoopback()
	case h.prefix.IsSingleIP() && h.prefix.Addr().IsUnspecified():
		return h.prefix.Addr().Is4() == a.Is4()
	}
	return h.prefix.Contains(a) && (!a.IsUnspecified() || h.prefix.Bits() == 0)
}

// hears reports whether a rule to listen grants who is on the other side.
func (g grant) hears(a netip.Addr) bool {
	return len(g.rule.Peers) == 0 ||
		slices.ContainsFunc(g.rule.Peers, func(p netip.Prefix) bool { return p.Contains(a) })
}

// why says why an address is not reached.
func (p *Policy) why(use Use, addr netip.AddrPort) string {
	r := Rule{Protocol: uses[use].protocol, Host: addr.Addr().String(), Ports: Port(addr.Port())}
	if addr.Port() == 0 || addr.Addr().IsUnspecified() {
		return "nothing is reached there"
	}
	if _, name := special(addr.Addr()); name != "" {
		return fmt.Sprintf("the address is %s, which no rule grants by that; %s would", name, r)
	}
	return fmt.Sprintf("no rule grants it; %s would", r)
}

// namesOf returns the names that the guest was told an address for.
func (p *Policy) namesOf(a netip.Addr) (names []string) {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.pins {
		if x.addr == a {
			names = append(names, x.name)
		}
	}
	return names
}

// remember pins addresses to a name.
func (p *Policy) remember(name string, addrs []netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range addrs {
		x := pin{name, a}
		if i := slices.Index(p.pins, x); i >= 0 {
			p.pins = slices.Delete(p.pins, i, i+1)
		} else if len(p.pins) == maxPins {
			p.pins = slices.Delete(p.pins, 0, 1)
		}
		p.pins = append(p.pins, x)
	}
}
