package policy

import (
	"encoding/binary"
	"net/netip"
)

// ranges are not of the public Internet: only a rule that has them, or a prefix
// inside them, reaches them. They are what the registries of special-purpose
// addresses of RFC 6890 do not call globally reachable, and multicast; the
// metadata services are those of the clouds that have documented theirs.
var ranges = []struct {
	name     string
	prefixes []netip.Prefix
}{
	{"metadata", prefixes(
		"169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32", "169.254.0.23/32", "169.254.42.42/32",
		"168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32",
		"fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128", "fd00:c1::a9fe:a9fe/128", "fd00:42::42/128",
		"fe80::a9fe:a9fe/128")},
	{"loopback", prefixes("127.0.0.0/8", "::1/128")},
	{"unspecified", prefixes("0.0.0.0/8", "::/128")},
	{"link-local", prefixes("169.254.0.0/16", "fe80::/10")},
	{"private", prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10")},
	{"multicast", prefixes("224.0.0.0/4", "ff00::/8")},
	{"broadcast", prefixes("255.255.255.255/32")},
	{"documentation", prefixes("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")},
	{"reserved", prefixes(
		"192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
		"::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "5f00::/16",
		"2001::/23")}, // with Teredo, 2001::/32, which has two IPv4 addresses in it
	{public, prefixes(
		"192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128",
		"2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28")},
}

// public is the name of what is of the public Internet inside ranges that are
// not.
const public = "public"

// embeddings are prefixes of IPv6 addresses that stand for an IPv4 address, and
// where in them that is.
var embeddings = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, // NAT64
	{netip.MustParsePrefix("2002::/16"), 2},     // 6to4
}

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

// special returns the narrowest range that an address is in, and its name, or
// "" if it is of the public Internet.
func special(a netip.Addr) (narrowest netip.Prefix, name string) {
	for _, r := range ranges {
		for _, p := range r.prefixes {
			if p.Contains(a) && (name == "" || p.Bits() > narrowest.Bits()) {
				narrowest, name = p, r.name
			}
		}
	}
	if name == public {
		return netip.Prefix{}, ""
	}
	for _, e := range embeddings {
		if name != "" || !e.prefix.Contains(a) {
			continue
		}
		b := a.As16()
		var v4 [4]byte
		binary.BigEndian.PutUint32(v4[:], binary.BigEndian.Uint32(b[e.at:]))
		if _, inner := special(netip.AddrFrom4(v4)); inner != "" {
			return e.prefix, inner
		}
	}
	return narrowest, name
}

// covers reports whether a prefix grants an address: one that is special only if
// the prefix is inside of what makes it so.
func covers(p netip.Prefix, a netip.Addr) bool {
	if !p.Contains(a) {
		return false
	}
	s, name := special(a)
	return name == "" || p.Bits() >= s.Bits()
}
