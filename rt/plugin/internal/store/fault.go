package store

import (
	"errors"
	"io/fs"
	"syscall"
)

// Kind says what kind of fault a [FaultError] is.
type Kind string

// The kinds of fault.
const (
	Full      Kind = "full"       // no room: on the disk, in a quota, or for a file of this size
	ReadOnly  Kind = "read-only"  // the file system
	Missing   Kind = "missing"    // the directory, or one in it
	InTheWay  Kind = "in the way" // something else has the name of a file or directory
	Denied    Kind = "denied"     // the user may not
	Otherwise Kind = "otherwise"  // whatever else the system says
)

// FaultError is a fault of the system around the store. It says nothing of the
// code or the state that was to be stored or read: the same may work later, and
// what is there already is as it was, unless a method says otherwise.
type FaultError struct {
	Kind Kind
	Err  error // the system's, with the path
}

// Error is the system's.
func (e *FaultError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *FaultError) Unwrap() error { return e.Err }

// fault makes an error of the system a FaultError.
func fault(err error) error {
	if err == nil {
		return nil
	}
	return &FaultError{kindOf(err), err}
}

func inTheWay(path, what string) error {
	return &FaultError{InTheWay, &fs.PathError{Op: "use", Path: path, Err: errors.New(what)}}
}

var kinds = []struct {
	err  error
	kind Kind
}{
	{syscall.ENOSPC, Full},
	{syscall.EDQUOT, Full},
	{syscall.EFBIG, Full},
	{syscall.EROFS, ReadOnly},
	{syscall.ENOTDIR, InTheWay},
	{syscall.EISDIR, InTheWay},
	{syscall.ENOTEMPTY, InTheWay},
	{syscall.ELOOP, InTheWay},
	{fs.ErrExist, InTheWay},
	{fs.ErrNotExist, Missing},
	{fs.ErrPermission, Denied},
}

func kindOf(err error) Kind {
	if kind := kindOfSystem(err); kind != "" {
		return kind
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.kind
		}
	}
	return Otherwise
}
