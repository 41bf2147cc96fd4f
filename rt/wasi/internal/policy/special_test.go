package policy

import (
	"net/netip"
	"testing"
)

// TestSpecial holds what the registries of RFC 6890 say of addresses to what
// policies call special.
func TestSpecial(t *testing.T) {
	for _, c := range []struct {
		name  string // "" is of the public Internet
		addrs []string
	}{
		{"unspecified", []string{"0.0.0.0", "0.255.255.255", "::"}},
		{"private", []string{
			"10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0",
			"192.168.255.255", "fc00::", "fdff:ffff::1", "fec0::", "feff:ffff::1", "fd00:ec2::253"}},
		{"loopback", []string{"127.0.0.0", "127.255.255.255", "::1"}},
		{"link-local", []string{"169.254.0.0", "169.254.255.255", "fe80::", "febf:ffff::1"}},
		{"metadata", []string{
			"169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.0.23", "169.254.42.42", "168.63.129.16", "100.100.100.200",
			"192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42", "fe80::a9fe:a9fe"}},
		{"documentation", []string{
			"192.0.2.0", "192.0.2.255", "198.51.100.1", "203.0.113.255", "2001:db8::", "2001:db8:ffff::1", "3fff::", "3fff:fff:ffff::1"}},
		{"reserved", []string{
			"192.0.0.0", "192.0.0.8", "192.0.0.11", "192.0.0.170", "192.0.0.255", "192.88.99.1", "198.18.0.0", "198.19.255.255",
			"240.0.0.0", "255.255.255.254", "::7f00:1", "::5db8:d822", "64:ff9b:1::1", "64:ff9b:1:ffff:ffff::1", "100::", "100::ffff",
			"100:0:0:1::1", "5f00::1", "2001::", "2001::1", "2001:0:5db8:d822::1", "2001:0:1:2:3:4:80ff:fffe", "2001:1::4", "2001:2::1",
			"2001:2:0:ffff::1", "2001:10::1", "2001:1f:ffff::1", "2001:40::1", "2001:1ff:ffff::1"}},
		{"multicast", []string{"224.0.0.0", "239.255.255.255", "ff00::", "ff02::1", "ffff:ffff::1"}},
		{"broadcast", []string{"255.255.255.255"}},

		// IPv4 in IPv6 is what the IPv4 address is.
		{"loopback", []string{"64:ff9b::7f00:1", "2002:7f00:1::", "2002:7fff:ffff:ffff::1"}},
		{"private", []string{"64:ff9b::a00:1", "64:ff9b::6440:1", "2002:a00:1::1", "2002:c0a8:101::1"}},
		{"metadata", []string{"64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"}},
		{"reserved", []string{"64:ff9b::f000:1", "2002:c612:1::1"}},

		{"", []string{
			"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
			"169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0",
			"198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
			"168.63.129.15", "168.63.129.17", "192.0.0.9", "192.0.0.10", "192.31.196.1", "192.52.193.1", "192.175.48.1",
			"64:ff9b::5db8:d822", "64:ff9a:ffff::1", "2002:5db8:d822::1", "2001:1::1", "2001:1::2", "2001:1::3", "2001:3::1",
			"2001:4:112::1", "2001:20::1", "2001:2f:ffff::1", "2001:30::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::",
			"2606:2800:21f::1", "2620:4f:8000::1", "3ffe:ffff::1", "3fff:1000::1", "5eff:ffff::1", "5f01::1", "100:0:0:2::1", "101::1",
			"fbff:ffff::1"}},
	} {
		for _, text := range c.addrs {
			if _, got := special(netip.MustParseAddr(text)); got != c.name {
				t.Errorf("%s is %q, want %q", text, got, c.name)
			}
		}
	}
}

// TestCoversMetadata has no prefix that is not about a metadata service reach it.
func TestCoversMetadata(t *testing.T) {
	for _, c := range []struct {
		prefix, addr string
		want         bool
	}{
		{"fd00::/8", "fd00:c1::a9fe:a9fe", false},
		{"fd00:c1::/64", "fd00:c1::a9fe:a9fe", false},
		{"fd00:c1::a9fe:a9fe/128", "fd00:c1::a9fe:a9fe", true},
		{"fd00::/8", "fd00:c1::1", true},
		{"fe80::/10", "fe80::a9fe:a9fe", false},
		{"169.254.0.0/16", "169.254.0.23", false},
		{"192.0.0.0/24", "192.0.0.192", false},
		{"192.0.0.0/8", "192.0.0.9", true},
		{"192.0.0.0/8", "192.0.0.11", false},
		{"2000::/3", "2001::1", false},
		{"2001::/32", "2001::1", true},
	} {
		if got := covers(netip.MustParsePrefix(c.prefix), netip.MustParseAddr(c.addr)); got != c.want {
			t.Errorf("%s covers %s: %v, want %v", c.prefix, c.addr, got, c.want)
		}
	}
}
