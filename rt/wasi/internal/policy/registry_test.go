package policy

import (
	"net/netip"
	"strings"
	"testing"
)

// registries are the rows of IANA's registries of special-purpose addresses, of
// IPv4 and of IPv6: a prefix, whether it is globally reachable, and the RFC that
// has it. The registries are those of RFC 6890 with the updates since, up to RFC
// 9780. Where they say neither, it is not: what is there is a tunnel, or
// deprecated.
const registries = `
0.0.0.0/8          no   791
0.0.0.0/32         no   1122
10.0.0.0/8         no   1918
100.64.0.0/10      no   6598
127.0.0.0/8        no   1122
169.254.0.0/16     no   3927
172.16.0.0/12      no   1918
192.0.0.0/24       no   6890
192.0.0.0/29       no   7335
192.0.0.8/32       no   7600
192.0.0.9/32       yes  7723
192.0.0.10/32      yes  8155
192.0.0.170/32     no   8880
192.0.0.171/32     no   8880
192.0.2.0/24       no   5737
192.31.196.0/24    yes  7535
192.52.193.0/24    yes  7450
192.88.99.0/24     no   7526
192.88.99.2/32     no   6751
192.168.0.0/16     no   1918
192.175.48.0/24    yes  7534
198.18.0.0/15      no   2544
198.51.100.0/24    no   5737
203.0.113.0/24     no   5737
240.0.0.0/4        no   1112
255.255.255.255/32 no   8190

::1/128            no   4291
::/128             no   4291
64:ff9b:1::/48     no   8215
100::/64           no   6666
100:0:0:1::/64     no   9780
2001::/23          no   2928
2001::/32          no   4380
2001:1::1/128      yes  7723
2001:1::2/128      yes  8155
2001:1::3/128      yes  9665
2001:2::/48        no   5180
2001:3::/32        yes  7450
2001:4:112::/48    yes  7535
2001:10::/28       no   4843
2001:20::/28       yes  7343
2001:30::/28       yes  9374
2001:db8::/32      no   3849
2620:4f:8000::/48  yes  7534
3fff::/20          no   9637
5f00::/16          no   9602
fc00::/7           no   4193
fe80::/10          no   4291
`

// embedded are rows whose addresses have an IPv4 address in them, which decides:
// those of ::ffff:0:0/96, of which no registry says that they are reachable, but
// which are IPv4 to whoever connects; of 64:ff9b::/96 (RFC 6052), and of 2002::/16
// (RFC 3056).
var embedded = map[string]bool{
	"::ffff:8.8.8.8": true, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:0.0.0.0": false,
	"64:ff9b::8.8.8.8": true, "64:ff9b::10.0.0.1": false, "64:ff9b::0.0.0.0": false, "64:ff9b::255.255.255.255": false,
	"2002:808:808::1": true, "2002:a00:1::1": false, "2002::": false, "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff": false,
}

// TestRegistries has a guest that may connect to anything connect to the ends of
// each prefix: to what is not globally reachable it may not.
func TestRegistries(t *testing.T) {
	r, err := ParseRule("tcp:*:*")
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Network{Rules: []Rule{r}})
	if err != nil {
		t.Fatal(err)
	}
	check := func(a netip.Addr, want bool) {
		t.Helper()
		if err := p.Check(t.Context(), TCPConnect, netip.AddrPortFrom(a, 443)); (err == nil) != want {
			t.Errorf("%s: %v, want granted %v", a, err, want)
		}
	}
	rows := 0
	for line := range strings.Lines(registries) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		rows++
		prefix := netip.MustParsePrefix(f[0])
		check(prefix.Addr(), f[1] == "yes")
		check(last(prefix), f[1] == "yes")
	}
	if rows != 26+22 {
		t.Errorf("%d rows", rows)
	}
	for a, want := range embedded {
		check(netip.MustParseAddr(a), want)
	}
}

// last returns the last address of a prefix.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
