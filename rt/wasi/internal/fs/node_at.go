//go:build (linux || darwin || freebsd || netbsd || openbsd) && !witgen_portable

package fs

import (
	"context"
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// place is where a path ends: a name in an open directory. The name is "." for
// that directory itself, and never "..".
type place struct {
	dir   *os.File
	name  string
	slash bool // the path ends in one
	owned bool // the place closes dir
}

func (p place) fd() int { return int(p.dir.Fd()) }

func (p place) close() {
	if p.owned {
		_ = p.dir.Close()
	}
}

// place walks to the place where a path ends.
func (d *dir) place(path string) (place, error) {
	if err := check(path); err != nil {
		return place{}, err
	}
	front, name, slash := split(path)
	if name == "." && front == "" {
		return place{dir: d.file, name: ".", slash: slash}, nil
	}
	if dots(name) {
		front, name = path, "."
	}
	p := place{dir: d.file, name: name, slash: slash}
	if front == "" {
		return p, nil
	}
	f, err := d.root.OpenFile(front, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return place{}, err
	}
	p.dir, p.owned = f, true
	return p, nil
}

// errAgain is that an object was another by the time that it was used.
var errAgain = errors.New("changed meanwhile")

// find calls f with the place where a path ends, and what is there: unless there
// is nothing, with the error that says so. Links at the end of the path are
// followed if follow says so, or a slash after them. F may return errAgain.
func (d *dir) find(ctx context.Context, path string, follow bool, f func(path string, p place, st *unix.Stat_t, err error) error) error {
	for range maxLinks {
		if ctx.Err() != nil { // walks along many links take their time
			return context.Cause(ctx)
		}
		next, err := d.look(path, follow, f)
		if err != nil && !errors.Is(err, errAgain) {
			return err
		}
		if err == nil && next == "" {
			return nil
		}
		if next != "" {
			path = next
		}
	}
	return syscall.ELOOP
}

// look is one step of find. It returns the path to go on with.
func (d *dir) look(path string, follow bool, f func(path string, p place, st *unix.Stat_t, err error) error) (next string, err error) {
	p, err := d.place(path)
	if err != nil {
		return "", err
	}
	defer p.close()
	st := new(unix.Stat_t)
	err = again(func() error { return unix.Fstatat(p.fd(), p.name, st, unix.AT_SYMLINK_NOFOLLOW) })
	if err == nil && kindOf(st) == types.DescriptorTypeSymbolicLink && (follow || p.slash) {
		target, err := readlink(p)
		if err != nil {
			return "", errAgain
		}
		return followed(path, target)
	}
	if err == nil && p.slash && kindOf(st) != types.DescriptorTypeDirectory {
		err = syscall.ENOTDIR
	}
	return "", f(path, p, st, err)
}

// again does f until no signal interrupts it.
func again(f func() error) error {
	for {
		if err := f(); err != syscall.EINTR { //nolint:errorlint // system calls return bare numbers
			return err
		}
	}
}

func readlink(p place) (string, error) {
	b := make([]byte, maxPath)
	var n int
	err := again(func() (err error) { n, err = unix.Readlinkat(p.fd(), p.name, b); return err })
	if err != nil {
		return "", err
	}
	if n >= len(b) {
		return "", syscall.ENAMETOOLONG
	}
	return string(b[:n]), nil
}

// openFile opens a regular file that is at a place, not a link to one. What else
// is there by now is refused, and nothing waits for it.
func openFile(p place, flags int) (*os.File, error) {
	var fd int
	flags |= unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	err := again(func() (err error) { fd, err = unix.Openat(p.fd(), p.name, flags, 0o666); return err })
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil && kindOf(&st) != types.DescriptorTypeRegularFile {
		err = errAgain
	}
	if err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, 0) // it may wait, as all files do
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), ""), nil
}

// openDirectory opens a directory that is at a place, not a link to one.
func openDirectory(p place) (*os.File, error) {
	var fd int
	err := again(func() (err error) {
		fd, err = unix.Openat(p.fd(), p.name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), ""), nil
}

// kindOf returns the type of an object.
func kindOf(st *unix.Stat_t) types.DescriptorType {
	switch uint32(st.Mode) & unix.S_IFMT {
	case unix.S_IFREG:
		return types.DescriptorTypeRegularFile
	case unix.S_IFDIR:
		return types.DescriptorTypeDirectory
	case unix.S_IFLNK:
		return types.DescriptorTypeSymbolicLink
	case unix.S_IFIFO:
		return types.DescriptorTypeFIFO
	case unix.S_IFSOCK:
		return types.DescriptorTypeSocket
	case unix.S_IFCHR:
		return types.DescriptorTypeCharacterDevice
	case unix.S_IFBLK:
		return types.DescriptorTypeBlockDevice
	}
	return types.DescriptorTypeUnknown
}

func statusOf(st *unix.Stat_t) status {
	return status{
		DescriptorStat: types.DescriptorStat{
			Type:                      kindOf(st),
			LinkCount:                 uint64(st.Nlink),
			Size:                      uint64(max(0, st.Size)),
			DataAccessTimestamp:       datetime(st.Atim.Unix()),
			DataModificationTimestamp: datetime(st.Mtim.Unix()),
			StatusChangeTimestamp:     datetime(st.Ctim.Unix()),
		},
		id: identity{uint64(st.Dev), st.Ino},
	}
}

// stat returns the status of an open object.
func stat(f *os.File) (status, error) {
	var st unix.Stat_t
	if err := again(func() error { return unix.Fstat(int(f.Fd()), &st) }); err != nil {
		return status{}, err
	}
	return statusOf(&st), nil
}

// appendByFlag is for systems that append with a flag of the open file alone.
// Nobody else writes with this file meanwhile.
func appendByFlag(f *os.File, p []byte) (int, error) {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err != nil {
		return 0, err
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETFL, flags|unix.O_APPEND); err != nil {
		return 0, err
	}
	n, err := f.Write(p)
	_, back := unix.FcntlInt(f.Fd(), unix.F_SETFL, flags)
	return n, errors.Join(err, back)
}
