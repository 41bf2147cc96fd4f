package wasi

import (
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/socket"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/instancenetwork"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/ipnamelookup"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcpcreatesocket"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udpcreatesocket"
)

// Network says what a guest may use of the network, by sockets and by HTTP. The
// zero Network is none of it.
type Network = policy.Network

// Rule grants something of the network.
type Rule = policy.Rule

// Direction is what a Rule grants: to reach a host, to listen, to send, to
// receive.
type Direction = policy.Direction

// Protocol is what a Rule is for.
type Protocol = policy.Protocol

// Ports is a range of ports, both ends within.
type Ports = policy.Ports

// Resolver looks up the addresses of a name.
type Resolver = policy.Resolver

// Dialer connects to an address.
type Dialer = policy.Dialer

// Listener listens at an address.
type Listener = policy.Listener

// The directions of a Rule.
const (
	Connect = policy.Connect // reach a host; with UDP send to it and receive from it
	Listen  = policy.Listen  // an address of this machine, for whoever comes
	Send    = policy.Send    // send datagrams
	Receive = policy.Receive // receive datagrams
)

// The protocols of a Rule.
const (
	TCP   = policy.TCP
	UDP   = policy.UDP
	HTTP  = policy.HTTP
	HTTPS = policy.HTTPS
	DNS   = policy.DNS
)

// AnyPort is all ports.
var AnyPort = policy.AnyPort

// Port returns the range of one port.
func Port(n uint16) Ports { return policy.Port(n) }

// ParseRule reads a rule of the network, direction:protocol:host:ports:
//
//	tcp:api.example.com:443           sockets to that host and port
//	https:*.example.com               requests to these hosts, at port 443
//	http:localhost:8080               requests to this machine
//	udp:10.0.0.0/8:53                 datagrams to these addresses, and their answers
//	send:udp:192.0.2.7:514            datagrams to it alone
//	tcp:[2001:db8::1]:8000-8999       IPv6 has brackets
//	tcp:*:443                         any host of the public Internet
//	tcp:db.internal:5432,peers=10.0.0.0/8   a name that has a private address
//	listen:tcp:127.0.0.1:8080         a server
//	listen:udp:0.0.0.0:*,peers=192.168.0.0/16   one that hears only these
//	dns:*.example.com                 looking up names, which tcp and udp rules
//	                                  for names grant too
//
// Addresses that are not of the public Internet (loopback, private, link-local,
// multicast, the metadata services of clouds) are reached only by rules that
// have them, or a prefix inside of such a range: not by *, 0.0.0.0/0, or a name
// that is resolved to one. The name localhost is the loopback addresses.
//
// Names are in ASCII. An international one is written as it is looked up, as in
// https:xn--bcher-kva.example, and guests ask for it by that, too: a rule, a
// lookup and a request for it in other letters are errors.
//
// An error says what to write instead. The text of a Rule's String is read as
// that Rule again.
func ParseRule(text string) (Rule, error) { return policy.ParseRule(text) }

// sockets returns wasi:sockets.
func (h *host) sockets() []rt.Import {
	s := socket.New(socket.Options{Policy: h.policy, Life: &h.life, Audit: h.audit, Max: h.config.Network.MaxSockets})
	return []rt.Import{
		network.Import(s),
		instancenetwork.Import(s),
		own(tcpImport),
		tcpcreatesocket.Import(s),
		own(udpImport),
		udpcreatesocket.Import(s),
		ipnamelookup.Import(s),
	}
}
