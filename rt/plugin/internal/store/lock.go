package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/witgen/witgen/rt/internal/owned"
)

// heldLock is a file that the process has locked. It stays when the lock is
// gone, since a file that another process is waiting for must not be replaced.
type heldLock struct{ f *os.File }

// lock locks a file, in which the process puts its id.
func (system) lock(path string) (lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault(err)
	}
	l := heldLock{f}
	if err := l.take(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return l, nil
}

func (l heldLock) take() error {
	path := l.f.Name()
	info, err := l.f.Stat()
	if err != nil {
		return fault(err)
	}
	if !info.Mode().IsRegular() {
		return inTheWay(path, "is not a file")
	}
	if why := owned.Insecure(info); why != "" {
		return &InsecureError{path, why}
	}
	ok, err := tryLock(l.f)
	if err != nil {
		return fault(&fs.PathError{Op: "lock", Path: path, Err: err})
	}
	if !ok {
		return &LockedError{filepath.Dir(path), l.pid()}
	}
	l.say(fmt.Sprintln(os.Getpid()))
	return nil
}

// say writes who has the lock. It only makes a message better, so that a full
// disk does not keep anybody from reading what is there.
func (l heldLock) say(text string) {
	if l.f.Truncate(0) == nil {
		_, _ = l.f.WriteAt([]byte(text), 0)
	}
}

// pid reads what say has written, 0 if it is nothing.
func (l heldLock) pid() int {
	var text [32]byte
	n, _ := l.f.ReadAt(text[:], 0)
	line, _, whole := bytes.Cut(text[:n], []byte("\n"))
	pid, err := strconv.Atoi(string(line))
	if !whole || err != nil {
		return 0
	}
	return pid
}

func (l heldLock) held() error {
	locked, err := l.f.Stat()
	if err != nil {
		return fault(err)
	}
	named, err := os.Stat(l.f.Name())
	if err != nil {
		return fault(err)
	}
	if !os.SameFile(locked, named) {
		return &FaultError{Missing, &fs.PathError{Op: "use", Path: filepath.Dir(l.f.Name()),
			Err: errors.New("is another directory than the one that was opened")}}
	}
	return nil
}

func (l heldLock) release() error {
	l.say("")
	return l.f.Close()
}
