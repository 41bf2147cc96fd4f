package socket

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	errNoNet      = unix.Errno(1 << 20) // there is none
	keepAliveIdle = unix.TCP_KEEPALIVE
	noSignal      = 0 // the runtime takes SIGPIPE
	bufferFactor  = 1
	inherits      = false
)

// newSocket returns a socket that does not block.
func newSocket(v6 bool, kind int) (int, error) {
	domain := unix.AF_INET
	if v6 {
		domain = unix.AF_INET6
	}
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(domain, kind, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err == nil && v6 {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	}
	if err != nil && fd >= 0 {
		_ = unix.Close(fd) // it is of no use
	}
	return fd, err
}

// acceptSocket accepts a socket that does not block.
func acceptSocket(fd int) (int, unix.Sockaddr, error) {
	syscall.ForkLock.RLock()
	n, from, err := unix.Accept(fd)
	if err == nil {
		unix.CloseOnExec(n)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, nil, err
	}
	if err := unix.SetNonblock(n, true); err != nil {
		_ = unix.Close(n) // it is of no use
		return -1, nil, err
	}
	return n, from, nil
}

// disconnectSocket takes the other side from a UDP socket. The system does that
// and calls it an error all the same.
func disconnectSocket(fd int) error {
	to := unix.RawSockaddr{Len: unix.SizeofSockaddrInet4, Family: unix.AF_UNSPEC}
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&to)), unsafe.Sizeof(to))
	if errno != 0 && errno != unix.EAFNOSUPPORT && errno != unix.EINVAL {
		return errno
	}
	return nil
}
