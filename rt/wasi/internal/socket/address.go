package socket

import (
	"encoding/binary"
	"net/netip"
	"strconv"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
)

// fromWIT returns an address. The scope of one of IPv6 is its zone, in digits;
// its flow is left out, as nothing looks at it.
func fromWIT(a network.IPSocketAddress) (netip.AddrPort, bool) {
	switch a := a.(type) {
	case network.IPSocketAddressIPv4:
		v := a.Value.Address
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{v.F0, v.F1, v.F2, v.F3}), a.Value.Port), true
	case network.IPSocketAddressIPv6:
		v := a.Value.Address
		var b [16]byte
		for i, x := range [8]uint16{v.F0, v.F1, v.F2, v.F3, v.F4, v.F5, v.F6, v.F7} {
			binary.BigEndian.PutUint16(b[2*i:], x)
		}
		addr := netip.AddrFrom16(b)
		if s := a.Value.ScopeID; s != 0 && !addr.Is4In6() {
			addr = addr.WithZone(strconv.FormatUint(uint64(s), 10))
		}
		return netip.AddrPortFrom(addr, a.Value.Port), true
	}
	return netip.AddrPort{}, false
}

// toWIT returns what guests see of an address.
func toWIT(a netip.AddrPort) network.IPSocketAddress {
	switch ip := toWITAddress(a.Addr()).(type) {
	case network.IPAddressIPv6:
		return network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{
			Port: a.Port(), Address: ip.Value, ScopeID: scope(a.Addr())}}
	case network.IPAddressIPv4:
		return network.IPSocketAddressIPv4{Value: network.IPv4SocketAddress{Port: a.Port(), Address: ip.Value}}
	}
	return nil
}

func toWITAddress(a netip.Addr) network.IPAddress {
	if a.Is4() {
		b := a.As4()
		return network.IPAddressIPv4{Value: network.IPv4Address{F0: b[0], F1: b[1], F2: b[2], F3: b[3]}}
	}
	b := a.As16()
	at := func(i int) uint16 { return binary.BigEndian.Uint16(b[2*i:]) }
	return network.IPAddressIPv6{Value: cm.Tuple8[uint16, uint16, uint16, uint16, uint16, uint16, uint16, uint16]{
		F0: at(0), F1: at(1), F2: at(2), F3: at(3), F4: at(4), F5: at(5), F6: at(6), F7: at(7)}}
}

// scope returns the scope of an IPv6 address.
func scope(a netip.Addr) uint32 {
	n, err := strconv.ParseUint(a.Zone(), 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// ofFamily returns an address that a guest gave, if it is one of the family: an
// IPv6 socket has no addresses that stand for IPv4 ones.
func ofFamily(a network.IPSocketAddress, family network.IPAddressFamily) (netip.AddrPort, error) {
	addr, ok := fromWIT(a)
	ip := addr.Addr()
	is4 := family == network.IPAddressFamilyIPv4
	if !ok || ip.Is4() != is4 || ip.Is4In6() || isCompatible(ip) {
		return addr, fail(network.ErrorCodeInvalidArgument)
	}
	return addr, nil
}

// isCompatible reports whether an address is ::a.b.c.d, which once stood for an
// IPv4 address.
func isCompatible(a netip.Addr) bool {
	if !a.Is6() || a.IsUnspecified() || a.IsLoopback() {
		return false
	}
	b := a.As16()
	return [12]byte(b[:12]) == [12]byte{}
}

// isUnicast reports whether an address is that of one host.
func isUnicast(a netip.Addr) bool {
	return !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// isRemote reports whether something can be at an address.
func isRemote(a netip.AddrPort) bool { return a.Port() != 0 && !a.Addr().IsUnspecified() }
