package cli

import (
	"io"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// atomicWrite is how many bytes a pipe takes as one, or not at all: PIPE_BUF.
const atomicWrite = 4096

// whole keeps writes to pipes from getting into the middle of others, which
// instances may make to the same one: what is written at once has it alone, and
// what may have to wait shares it, for as long as that takes.
var whole sync.RWMutex

// pipe is a file that is one, to which little can be written without waiting.
type pipe struct {
	io.Writer
	conn syscall.RawConn

	// Of the write under way, while it has whole alone.
	p    [1][]byte
	n    int
	call func(fd uintptr) // write
}

// newPipe returns the pipe that a writer is, if it is one.
func newPipe(w io.Writer) (*pipe, bool) {
	of := w
	if l, ok := w.(*locked); ok {
		of = l.w
	}
	f, ok := of.(*os.File)
	if !ok {
		return nil, false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return nil, false
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, false
	}
	p := &pipe{Writer: w, conn: conn}
	p.call = p.write
	return p, true
}

// Write writes all, and may wait.
func (p *pipe) Write(b []byte) (int, error) {
	whole.RLock()
	defer whole.RUnlock()
	return p.Writer.Write(b)
}

// now writes what can be written at once, which is all or nothing, and returns
// how much that is. It does not wait for other writes either.
func (p *pipe) now(b []byte) int {
	if len(b) > atomicWrite || !whole.TryLock() {
		return 0
	}
	defer whole.Unlock()
	p.p[0], p.n = b, 0
	_ = p.conn.Control(p.call) // of a file that is closed: Write says so
	p.p[0] = nil
	return p.n
}

// write writes without waiting, also where the file is one that blocks. Kernels
// that cannot do so for pipes write nothing.
func (p *pipe) write(fd uintptr) {
	n, err := unix.Pwritev2(int(fd), p.p[:], -1, unix.RWF_NOWAIT)
	if err == nil {
		p.n = n
	}
}
