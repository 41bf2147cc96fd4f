package socket

import (
	"context"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udp"
)

// CreateTCPSocket returns a socket that is not bound: of the host's, if that
// connects by means of its own, or else of the system's.
func (s *Sockets) CreateTCPSocket(ctx context.Context, f network.IPAddressFamily) (tcp.TCPSocket, error) {
	if err := s.allow(ctx, policy.TCP, "create-tcp-socket"); err != nil {
		return nil, err
	}
	if !s.sockets.take() {
		return nil, fail(network.ErrorCodeNewSocketLimit)
	}
	if s.byHost() {
		return s.newDialled(s.Policy.Dialer(), f), nil
	}
	return s.systemTCP(f)
}

// CreateUDPSocket returns a socket that is not bound. A host that connects by
// means of its own has none.
func (s *Sockets) CreateUDPSocket(ctx context.Context, f network.IPAddressFamily) (udp.UDPSocket, error) {
	if err := s.allow(ctx, policy.UDP, "create-udp-socket"); err != nil {
		return nil, err
	}
	if s.byHost() {
		return nil, fail(network.ErrorCodeNotSupported)
	}
	if !s.sockets.take() {
		return nil, fail(network.ErrorCodeNewSocketLimit)
	}
	return s.systemUDP(f)
}

// byHost reports whether the host connects or listens by means of its own.
func (s *Sockets) byHost() bool { return s.Policy.Dialer() != nil || s.Policy.Listener() != nil }
