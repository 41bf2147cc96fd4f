package socket

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	errNoNet      = unix.ENONET
	keepAliveIdle = unix.TCP_KEEPIDLE
	noSignal      = unix.MSG_NOSIGNAL
	// Linux keeps twice what it is asked for, for its own books, and says so.
	bufferFactor = 2
	inherits     = true // accepted sockets have the options of the listener
)

// newSocket returns a socket that does not block.
func newSocket(v6 bool, kind int) (int, error) {
	domain := unix.AF_INET
	if v6 {
		domain = unix.AF_INET6
	}
	fd, err := unix.Socket(domain, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil || !v6 {
		return fd, err
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
		_ = unix.Close(fd) // it is of no use
		return -1, err
	}
	return fd, nil
}

// acceptSocket accepts a socket that does not block.
func acceptSocket(fd int) (int, unix.Sockaddr, error) {
	return unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
}

// disconnectSocket takes the other side from a UDP socket.
func disconnectSocket(fd int) error {
	to := unix.RawSockaddr{Family: unix.AF_UNSPEC}
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&to)), unsafe.Sizeof(to))
	if errno != 0 {
		return errno
	}
	return nil
}
