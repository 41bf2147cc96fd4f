package cli

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWatched ends an instance while it reads a pipe that this process was
// started with, which blocks.
func TestWatched(t *testing.T) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	r, w := os.NewFile(uintptr(fds[0]), "r"), os.NewFile(uintptr(fds[1]), "w")
	defer r.Close()
	if _, ok := newWatched(r); !ok {
		t.Fatal("it can be read in another way")
	}
	// The poller of the runtime has files of its own, from the first that it
	// watches on.
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(entries)
	}
	before := open()
	testStdinEnds(t, r, w)
	if n := open(); n >= before { // w is closed
		t.Errorf("%d descriptors are open, %d before", n, before)
	}
}
