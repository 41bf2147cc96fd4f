//go:build !linux && !darwin

package socket

import (
	"net"

	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udp"
)

// systemTCP returns a socket that connects, which is what package net has.
func (s *Sockets) systemTCP(f network.IPAddressFamily) (tcp.TCPSocket, error) {
	return s.newDialled(&net.Dialer{}, f), nil
}

// systemUDP answers that there are none.
func (s *Sockets) systemUDP(network.IPAddressFamily) (udp.UDPSocket, error) {
	s.sockets.put()
	return nil, errUnsupported
}
