//go:build !linux && !darwin

package socket

import (
	"context"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udp"
)

// CreateTCPSocket answers that there are none.
func (s *Sockets) CreateTCPSocket(ctx context.Context, _ network.IPAddressFamily) (tcp.TCPSocket, error) {
	if err := s.allow(ctx, policy.TCP, "create-tcp-socket"); err != nil {
		return nil, err
	}
	return nil, fail(network.ErrorCodeNotSupported)
}

// CreateUDPSocket answers that there are none.
func (s *Sockets) CreateUDPSocket(ctx context.Context, _ network.IPAddressFamily) (udp.UDPSocket, error) {
	if err := s.allow(ctx, policy.UDP, "create-udp-socket"); err != nil {
		return nil, err
	}
	return nil, fail(network.ErrorCodeNotSupported)
}
