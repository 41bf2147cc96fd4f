//go:build linux || darwin

package socket

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
)

// side is what a socket is waited for: that there is something to read, or room
// to write. It may be used from any goroutine.
//
// While somebody watches, a goroutine waits; it ends with the first event, and
// whoever was woken and finds that there is nothing has it wait again. A watch
// that ends leaves it waiting: it ends with an event or with the socket.
type side struct {
	poll.Signal
	d      *descriptor
	life   *poll.Life
	events int16
	wait   func(func(fd uintptr) (done bool)) error

	mu      sync.Mutex
	watched int
	armed   bool // the goroutine waits
}

// ready asks the system. A socket that is closed is ready, for whoever uses it
// to find out. One that is not is waited for, if somebody watches.
func (s *side) ready() bool {
	ready := true
	if err := s.d.with(func(fd int) error {
		ready = isReady(fd, s.events)
		return nil
	}); err != nil {
		return true
	}
	if !ready {
		s.rearm()
	}
	return ready
}

func isReady(fd int, events int16) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
	n, err := again(func() (int, error) { return unix.Poll(fds, 0) })
	return n > 0 || err != nil
}

// Watch has w woken when the side may have become ready.
func (s *side) Watch(w poll.Waker) (stop func()) {
	ignore := s.Signal.Watch(w)
	s.mu.Lock()
	s.watched++
	s.arm()
	s.mu.Unlock()
	return func() {
		ignore()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.watched--
	}
}

// rearm has the goroutine wait again, if somebody watches.
func (s *side) rearm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watched > 0 {
		s.arm()
	}
}

// arm has the goroutine wait. The lock is held.
func (s *side) arm() {
	if s.armed {
		return
	}
	if s.life.Go(s.await) {
		s.armed = true
	} else {
		s.Wake()
	}
}

// await waits for one event.
func (s *side) await() {
	// An error is that the socket is closed, or late with what it has to send.
	_ = s.wait(func(fd uintptr) bool { return isReady(int(fd), s.events) })
	s.mu.Lock()
	s.armed = false
	s.mu.Unlock()
	s.Wake()
}
