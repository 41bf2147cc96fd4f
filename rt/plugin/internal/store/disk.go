package store

import (
	"io"
	"io/fs"
	"os"
)

// disk is what the store does to a file system. All that it promises rests on
// the order of these calls.
type disk interface {
	mkdir(path string) error // for the user alone
	stat(path string) (fs.FileInfo, error)
	list(path string) ([]fs.DirEntry, error)
	open(path string) (file, error)
	create(path string) (file, error) // for the user alone; nothing has the name yet
	rename(from, to string) error     // replaces what has the name, at once
	remove(path string) error
	syncDir(path string) error // waits until the names in it are on the disk
	lock(path string) (lock, error)
}

// file is a file of a disk.
type file interface {
	io.ReadWriteCloser
	Sync() error // waits until what was written is on the disk
}

// lock is a lock that is held. It is let go of when the process ends, however
// it does.
type lock interface {
	held() error // says what is wrong if the lock does not stand for the path any more
	release() error
}

// system is the file system of the operating system.
type system struct{}

func (system) mkdir(path string) error                 { return os.Mkdir(path, 0o700) }
func (system) stat(path string) (fs.FileInfo, error)   { return os.Stat(path) }
func (system) list(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }
func (system) rename(from, to string) error            { return os.Rename(from, to) }
func (system) remove(path string) error                { return os.Remove(path) }

func (system) open(path string) (file, error) {
	f, err := os.Open(path)
	if err != nil { // a nil *os.File would be a file that is not nil
		return nil, err
	}
	return f, nil
}

func (system) create(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}
