//go:build linux || darwin

package socket

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
)

// descriptor is a socket of the system. It is closed when all who hold it have
// let go, or when the life ends.
type descriptor struct {
	file *os.File
	raw  syscall.RawConn
	v6   bool
	in   side
	out  side

	forget func() // of the life
	closed func() // when it is

	mu    sync.Mutex
	holds int
	sends bool // something waits to be sent
	ended bool // the life is
}

// newDescriptor takes a socket of the system, which does not block, and calls
// closed when it is closed. The caller holds it.
func newDescriptor(fd int, v6 bool, life *poll.Life, closed func()) (*descriptor, error) {
	d := &descriptor{file: os.NewFile(uintptr(fd), "socket"), v6: v6, closed: closed, holds: 1}
	raw, err := d.file.SyscallConn()
	if err != nil {
		_ = d.file.Close() // nothing was sent
		closed()
		return nil, err
	}
	d.raw = raw
	d.in = side{d: d, life: life, events: unix.POLLIN, wait: raw.Read}
	d.out = side{d: d, life: life, events: unix.POLLOUT, wait: raw.Write}
	d.forget = life.OnEnd(d.end)
	return d, nil
}

// hold keeps the socket open until release.
func (d *descriptor) hold() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.holds++
}

// release lets go of the socket.
func (d *descriptor) release() {
	d.mu.Lock()
	d.holds--
	last := d.holds == 0
	d.mu.Unlock()
	if last {
		d.forget()
		d.close()
	}
}

// sending says whether something waits to be sent, which is the one thing that
// goes on after the life.
func (d *descriptor) sending(is bool) {
	d.mu.Lock()
	d.sends = is
	over := d.ended && !is
	d.mu.Unlock()
	if over {
		d.close()
	}
}

// end is called at the end of the life.
func (d *descriptor) end() {
	d.mu.Lock()
	d.ended = true
	sends := d.sends
	d.mu.Unlock()
	if sends && d.file.SetWriteDeadline(time.Now().Add(linger)) == nil {
		return
	}
	d.close()
}

func (d *descriptor) close() {
	if d.file.Close() == nil { // the first time
		d.closed()
	}
}

// with calls f with the number of the socket.
func (d *descriptor) with(f func(fd int) error) error {
	var err error
	if e := d.raw.Control(func(fd uintptr) { err = f(int(fd)) }); e != nil {
		return os.ErrClosed
	}
	return err
}

// again calls f until no signal interrupts it.
func again[T any](f func() (T, error)) (T, error) {
	for {
		v, err := f()
		if !errors.Is(err, unix.EINTR) {
			return v, err
		}
	}
}

// read reads into p. It returns io.EOF at the end, EAGAIN if there is nothing.
func (d *descriptor) read(p []byte) (n int, err error) {
	err = d.with(func(fd int) error {
		n, err = again(func() (int, error) { return unix.Read(fd, p) })
		return err
	})
	if n == 0 && err == nil {
		err = io.EOF
	}
	return max(n, 0), err
}

// write writes some of p. It returns EAGAIN if there is no room.
func (d *descriptor) write(p []byte) (n int, err error) {
	err = d.with(func(fd int) error {
		n, err = again(func() (int, error) { return unix.Write(fd, p) })
		return err
	})
	return max(n, 0), err
}

// shutdown ends a direction, or both. That the other side has gone is no error.
func (d *descriptor) shutdown(how int) error {
	err := d.with(func(fd int) error { return unix.Shutdown(fd, how) })
	if errors.Is(err, unix.ENOTCONN) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

func (d *descriptor) bind(a netip.AddrPort) error {
	return d.with(func(fd int) error { return unix.Bind(fd, d.sockaddr(a)) })
}

func (d *descriptor) connect(a netip.AddrPort) error {
	return d.with(func(fd int) error { return unix.Connect(fd, d.sockaddr(a)) })
}

// local returns the address of this side.
func (d *descriptor) local() (a netip.AddrPort, err error) {
	err = d.with(func(fd int) error {
		s, err := unix.Getsockname(fd)
		a = addrPort(s)
		return err
	})
	return a, err
}

func (d *descriptor) option(level, name int) (n int, err error) {
	err = d.with(func(fd int) error {
		n, err = unix.GetsockoptInt(fd, level, name)
		return err
	})
	return n, err
}

func (d *descriptor) setOption(level, name, value int) error {
	return d.with(func(fd int) error { return unix.SetsockoptInt(fd, level, name, value) })
}

// sockaddr returns an address as the system has it.
func (d *descriptor) sockaddr(a netip.AddrPort) unix.Sockaddr {
	if !d.v6 {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: scope(a.Addr())}
}

// addrPort returns the address that the system has.
func addrPort(s unix.Sockaddr) netip.AddrPort {
	switch s := s.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(s.Addr), uint16(s.Port))
	case *unix.SockaddrInet6:
		a := netip.AddrFrom16(s.Addr)
		if s.ZoneId != 0 {
			a = a.WithZone(strconv.FormatUint(uint64(s.ZoneId), 10))
		}
		return netip.AddrPortFrom(a, uint16(s.Port))
	}
	return netip.AddrPort{}
}

func isV6(f network.IPAddressFamily) bool { return f == network.IPAddressFamilyIPv6 }
