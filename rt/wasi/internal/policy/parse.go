package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

var (
	errProtocol = errors.New("no protocol: it is tcp, udp, http, https or dns, as in tcp:example.com:443")
	errHost     = errors.New("no host: write a name, an address, or * for all")
	errPort     = errors.New("no port: write one as in :443, a range as in :8000-8999, or :* for all")
)

// ParseRule reads a rule:
//
//	[direction:]protocol:host[:ports][,peers=prefix]...
//
// as in
//
//	tcp:api.example.com:443           sockets to that host and port
//	https:*.example.com               requests to these hosts, at port 443
//	http:localhost:8080               requests to this machine
//	udp:10.0.0.0/8:53                 datagrams to these addresses, and their answers
//	tcp:db.internal:5432,peers=10.0.0.0/8   a name that has a private address
//	tcp:[2001:db8::1]:8000-8999       IPv6 has brackets
//	listen:tcp:127.0.0.1:8080         a server
//	listen:udp:0.0.0.0:*,peers=192.168.0.0/16
//	dns:*.example.com                 looking up names, which tcp and udp rules
//	                                  for names grant too
//
// Names are in ASCII, international ones as they are looked up, as in
// https:xn--bcher-kva.example. Directions are those of [Direction], connect if
// there is none. The errors say
// what to write instead.
func ParseRule(text string) (Rule, error) {
	r, err := parseRule(text)
	if err == nil {
		_, err = r.check()
	}
	if err != nil {
		return Rule{}, fmt.Errorf("rule %q: %w", text, err)
	}
	return r, nil
}

func parseRule(text string) (r Rule, err error) {
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		return r, fmt.Errorf("a URL: write %s:%s", scheme, host)
	}
	text, peers, comma := strings.Cut(text, ",")
	word, rest, ok := strings.Cut(text, ":")
	if i := slices.Index(directions[:], word); i >= 0 && ok {
		r.Direction = Direction(i)
		word, rest, ok = strings.Cut(rest, ":")
	}
	i := slices.Index(protocols[:], word)
	if i <= 0 {
		return r, errProtocol
	}
	r.Protocol = Protocol(i)
	if !ok {
		return r, fmt.Errorf("no host: write %s:example.com", text)
	}
	ports, hasPorts, err := r.splitHost(rest)
	if err != nil {
		return r, err
	}
	switch {
	case r.Host == "":
		return r, errHost
	case hasPorts && r.Protocol == DNS:
		return r, fmt.Errorf("dns has no port: write dns:%s", r.Host)
	case hasPorts:
		if r.Ports, err = parsePorts(ports); err != nil {
			return r, err
		}
		if r.Direction != Listen && r.Ports == (Ports{}) {
			return r, errors.New("port 0 is for listen: nothing is reached there")
		}
	case r.Protocol == TCP || r.Protocol == UDP:
		return r, errPort
	}
	if comma && peers == "" {
		return r, errors.New("nothing after the comma: write ,peers=10.0.0.0/8")
	}
	return r, r.parsePeers(peers)
}

// splitHost takes the host from what follows the protocol, and returns the
// ports.
func (r *Rule) splitHost(rest string) (ports string, has bool, err error) {
	if strings.HasPrefix(rest, "[") {
		host, after, ok := strings.Cut(rest[1:], "]")
		if !ok {
			return "", false, errors.New("no ] after the address")
		}
		if !strings.Contains(host, ":") {
			return "", false, fmt.Errorf("brackets are for IPv6: write %s", host)
		}
		r.Host = host
		if after == "" {
			return "", false, nil
		}
		if after[0] != ':' {
			return "", false, fmt.Errorf("%q after the address: a prefix is inside the brackets, as in [fd00::/8]:443", after)
		}
		return after[1:], true, nil
	}
	if strings.Count(rest, ":") > 1 {
		return "", false, fmt.Errorf("too many colons: an IPv6 address has brackets, as in [::1]:443")
	}
	r.Host, ports, has = strings.Cut(rest, ":")
	return ports, has, nil
}

func (r *Rule) parsePeers(text string) error {
	if text == "" {
		return nil
	}
	for option := range strings.SplitSeq(text, ",") {
		value, ok := strings.CutPrefix(option, "peers=")
		if !ok {
			return fmt.Errorf("%q: only peers= may follow, as in ,peers=10.0.0.0/8", option)
		}
		host, err := parseHost(value)
		if err != nil {
			return fmt.Errorf("peers=%w", err)
		}
		if !host.prefix.IsValid() {
			return fmt.Errorf("peers=%s: an address or prefix is wanted, as in peers=10.0.0.0/8", value)
		}
		r.Peers = append(r.Peers, host.prefix)
	}
	return nil
}

func parsePorts(text string) (Ports, error) {
	if text == "*" {
		return AnyPort, nil
	}
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		last = first
	}
	a, errA := parsePort(first)
	b, errB := parsePort(last)
	if errA != nil || errB != nil {
		return Ports{}, fmt.Errorf("port %q: not a number up to 65535, a range as in 8000-8999, or *", text)
	}
	return Ports{a, b}, nil
}

func parsePort(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err == nil && strconv.FormatUint(n, 10) != text {
		err = strconv.ErrSyntax // 0080, +80
	}
	return uint16(n), err
}

// parseHost reads what the host of a rule is.
func parseHost(text string) (target, error) {
	if text == "" {
		return target{}, errHost
	}
	if text == "*" {
		return target{any: true}, nil
	}
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			return target{}, fmt.Errorf("%s: not a prefix: write one as in 10.0.0.0/8", text)
		case p.Addr().Is4In6():
			return target{}, fmt.Errorf("%s: an IPv4 prefix in IPv6: write it as IPv4", text)
		case p != p.Masked():
			return target{}, fmt.Errorf("%s: there are bits after the prefix: write %s", text, p.Masked())
		}
		return target{prefix: p}, nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		switch {
		case a.Is4In6():
			return target{}, fmt.Errorf("%s: an IPv4 address in IPv6: write %s", text, a.Unmap())
		case a.Zone() != "":
			return target{}, fmt.Errorf("%s: a zone is not part of a rule: write %s", text, a.WithZone(""))
		}
		return target{prefix: netip.PrefixFrom(a, a.BitLen())}, nil
	}
	pattern, wild := strings.CutPrefix(text, "*.")
	if strings.Contains(pattern, "*") {
		return target{}, fmt.Errorf("%s: a pattern has its * in front, as in *.example.com", text)
	}
	name, err := Canonical(pattern)
	switch {
	case err != nil:
		return target{}, fmt.Errorf("%s: %w", text, err)
	case wild:
		return target{suffix: "." + name}, nil
	case name == "localhost":
		return target{local: true}, nil
	}
	return target{name: name}, nil
}
