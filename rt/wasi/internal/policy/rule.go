package policy

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Direction is what a rule grants.
type Direction uint8

// The directions.
const (
	// Connect grants to reach a host; with UDP to send to it and to receive from
	// it.
	Connect Direction = iota

	// Listen grants an address and port of this machine, for whoever connects or
	// sends to them, and to answer those.
	Listen

	// Send grants to send datagrams to a host, with UDP only.
	Send

	// Receive grants to receive datagrams of a host, with UDP only.
	Receive
)

// String returns the name of the direction, as rules have it.
func (d Direction) String() string { return nameOf(directions[:], int(d), "Direction") }

var directions = [...]string{"connect", "listen", "send", "receive"}

// Protocol is what a rule is for.
type Protocol uint8

// The protocols.
const (
	TCP   Protocol = iota + 1 // TCP sockets
	UDP                       // UDP sockets
	HTTP                      // wasi:http with the scheme http
	HTTPS                     // wasi:http with the scheme https
	DNS                       // wasi:sockets/ip-name-lookup
)

// String returns the name of the protocol, as rules have it.
func (p Protocol) String() string { return nameOf(protocols[:], int(p), "Protocol") }

var protocols = [...]string{"", "tcp", "udp", "http", "https", "dns"}

func nameOf(names []string, i int, kind string) string {
	if i < len(names) && names[i] != "" {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", kind, i)
}

// Ports is a range of ports, both ends within.
type Ports struct{ First, Last uint16 }

// AnyPort is all ports.
var AnyPort = Ports{0, 65535}

// Port returns the range of one port.
func Port(n uint16) Ports { return Ports{n, n} }

// String returns the range as rules have it.
func (p Ports) String() string {
	switch {
	case p == AnyPort:
		return "*"
	case p.First == p.Last:
		return strconv.Itoa(int(p.First))
	}
	return fmt.Sprintf("%d-%d", p.First, p.Last)
}

func (p Ports) contains(n uint16) bool { return p.First <= n && n <= p.Last }

// Rule grants something of the network. [ParseRule] reads one from text.
type Rule struct {
	Direction Direction
	Protocol  Protocol

	// Host is a name ("api.example.com"), a pattern of names ("*.example.com",
	// which is not example.com itself), an address, a prefix ("10.0.0.0/8",
	// "fd00::/8"), or "*" for any name and address. With Listen it is an address
	// of this machine or a prefix of them; "0.0.0.0" and "::" are all of their
	// family. Names with letters beyond ASCII are written as they are looked up, as
	// in "xn--bcher-kva.example".
	//
	// "localhost" is the name and the loopback addresses. A name is the addresses
	// that it is resolved to, but not those that are not of the public Internet,
	// which Peers grants or a rule that has them or a prefix inside such a range.
	Host string

	// Ports are those of the host, or of this machine with Listen, where the zero
	// value is a port that the system chooses. HTTP and HTTPS have their own port
	// if this is zero. DNS has none.
	Ports Ports

	// Peers restricts what is on the other side: with a name to the addresses
	// that it may have, with Listen to who is heard. None is no restriction.
	Peers []netip.Prefix
}

// String returns the rule as ParseRule reads it.
func (r Rule) String() string {
	var b strings.Builder
	if r.Direction != Connect {
		b.WriteString(r.Direction.String() + ":")
	}
	b.WriteString(r.Protocol.String() + ":")
	if strings.Contains(r.Host, ":") {
		b.WriteString("[" + r.Host + "]")
	} else {
		b.WriteString(r.Host)
	}
	if r.Protocol != DNS && (r.Ports != Ports{} || r.Direction == Listen) {
		b.WriteString(":" + r.Ports.String())
	}
	for _, p := range r.Peers {
		b.WriteString(",peers=" + p.String())
	}
	return b.String()
}

// target is what the host of a rule is.
type target struct {
	any    bool
	local  bool         // localhost
	prefix netip.Prefix // valid for addresses and prefixes
	name   string       // canonical
	suffix string       // ".example.com"
}

// named reports whether the host is a name or pattern that a name matches.
func (t target) named(name string) bool {
	switch {
	case t.any:
		return true
	case t.local:
		return name == "localhost"
	case t.suffix != "":
		return strings.HasSuffix(name, t.suffix)
	}
	return t.name != "" && t.name == name
}

// grant is a rule that was checked.
type grant struct {
	rule Rule
	host target
}

// check returns the grant of a rule, or what is wrong with it.
func (r Rule) check() (grant, error) {
	if int(r.Protocol) >= len(protocols) || r.Protocol == 0 {
		return grant{}, errProtocol
	}
	if err := r.checkDirection(); err != nil {
		return grant{}, err
	}
	host, err := parseHost(r.Host)
	if err != nil {
		return grant{}, err
	}
	if err := r.checkHost(host); err != nil {
		return grant{}, err
	}
	switch {
	case r.Ports == Ports{} && r.Protocol == HTTP:
		r.Ports = Port(80)
	case r.Ports == Ports{} && r.Protocol == HTTPS:
		r.Ports = Port(443)
	}
	return grant{r, host}, r.checkPorts()
}

func (r Rule) checkDirection() error {
	switch {
	case int(r.Direction) >= len(directions):
		return fmt.Errorf("%v is no direction", r.Direction)
	case r.Direction == Listen && r.Protocol != TCP && r.Protocol != UDP:
		return fmt.Errorf("listen is for tcp and udp, not %s", r.Protocol)
	case (r.Direction == Send || r.Direction == Receive) && r.Protocol != UDP:
		return fmt.Errorf("%s is for udp: to reach a host by %s, leave it out", r.Direction, r.Protocol)
	}
	return nil
}

func (r Rule) checkHost(host target) error {
	for _, p := range r.Peers {
		if !p.IsValid() || p != p.Masked() || p.Addr().Is4In6() {
			return fmt.Errorf("peers=%v: not a prefix: write one as in 10.0.0.0/8", p)
		}
	}
	named := host.name != "" || host.suffix != ""
	switch {
	case r.Direction == Listen && named:
		return fmt.Errorf("listen has an address of this machine, not the name %s: write 127.0.0.1, or 0.0.0.0 for all", r.Host)
	case r.Protocol == DNS && (host.prefix.IsValid() || len(r.Peers) > 0):
		return fmt.Errorf("dns has a name or a pattern of names, as in dns:*.example.com")
	case len(r.Peers) > 0 && r.Direction != Listen && !named && !host.any:
		return fmt.Errorf("peers= is for names and for listen: %s says already which addresses it is for", r.Host)
	}
	return nil
}

func (r Rule) checkPorts() error {
	switch {
	case r.Ports.First > r.Ports.Last:
		return fmt.Errorf("ports %s: the first is above the last: write %d-%d", r.Ports, r.Ports.Last, r.Ports.First)
	case r.Protocol == DNS && r.Ports != Ports{}:
		return fmt.Errorf("dns has no port")
	case r.Protocol != DNS && r.Direction != Listen && r.Ports.Last == 0:
		return errPort
	}
	return nil
}
