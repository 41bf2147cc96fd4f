package cli

import (
	"errors"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// watched is a file that a read of would wait for without an end, such as a
// terminal or the pipe that a process was started with: it is read when there is
// something to read. A read that ends takes nothing from whoever reads it next.
type watched struct {
	f *os.File

	mu         sync.Mutex
	over       bool
	wake, ends *os.File // a pipe, from the first read on: closing ends wakes
}

// newWatched returns a file to read, if it takes that.
func newWatched(f *os.File) (*watched, bool) {
	if endsByDeadline(f) {
		return nil, false // it has a better way
	}
	return &watched{f: f}, true
}

// Read waits for something to read, and reads it.
func (w *watched) Read(p []byte) (int, error) {
	wake, err := w.begin()
	if err != nil {
		return 0, err
	}
	ready, err := w.wait(wake)
	if err != nil {
		return 0, err
	}
	if !ready {
		return 0, io.EOF
	}
	return w.f.Read(p)
}

// begin returns what wakes a read.
func (w *watched) begin() (wake *os.File, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return nil, io.EOF
	}
	if w.wake == nil {
		w.wake, w.ends, err = os.Pipe()
	}
	return w.wake, err
}

// wait waits for something to read. It reports that there is not if it is woken.
func (w *watched) wait(wake *os.File) (ready bool, err error) {
	err = withFD(w.f, func(f int32) error {
		return withFD(wake, func(wake int32) error {
			fds := []unix.PollFd{{Fd: f, Events: unix.POLLIN}, {Fd: wake, Events: unix.POLLIN}}
			for {
				_, err := unix.Poll(fds, -1)
				if !errors.Is(err, unix.EINTR) {
					ready = fds[1].Revents == 0
					return err
				}
			}
		})
	})
	return ready, err
}

// withFD calls f with the descriptor of a file, which stays open meanwhile.
func withFD(file *os.File, f func(fd int32) error) error {
	c, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := c.Control(func(fd uintptr) { failed = f(int32(fd)) }); err != nil {
		return err
	}
	return failed
}

// end has a read under way return, and later ones.
func (w *watched) end() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.ends == nil {
		return nil
	}
	return w.ends.Close()
}

// close closes what is not the file, once nothing reads.
func (w *watched) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wake == nil {
		return nil
	}
	return w.wake.Close()
}
