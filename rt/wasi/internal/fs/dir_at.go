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

// dir is an open directory of the host. It has no way to what is above it.
type dir struct {
	root *os.Root // walks
	file *os.File // is given to the system
}

// openDir opens the directory of a root.
func openDir(r *os.Root) (*dir, error) {
	own, err := r.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	f, err := own.OpenFile(".", os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		_ = own.Close()
		return nil, err
	}
	return &dir{own, f}, nil
}

func (d *dir) close() error { return errors.Join(d.root.Close(), d.file.Close()) }

func (d *dir) stat() (status, error) { return stat(d.file) }

func (d *dir) sync() error { return d.file.Sync() }

func (d *dir) setTimes(s stamps) error {
	return setTimes(place{dir: d.file, name: "."}, s)
}

// statAt returns the status of what is at a path.
func (d *dir) statAt(ctx context.Context, path string, follow bool) (s status, err error) {
	err = d.find(ctx, path, follow, func(_ string, _ place, st *unix.Stat_t, err error) error {
		if err == nil {
			s = statusOf(st)
		}
		return err
	})
	return s, err
}

func (d *dir) setTimesAt(ctx context.Context, path string, follow bool, s stamps) error {
	return d.find(ctx, path, follow, func(_ string, p place, _ *unix.Stat_t, err error) error {
		if err != nil {
			return err
		}
		return setTimes(p, s)
	})
}

// openAt opens the file or the directory at a path.
func (d *dir) openAt(ctx context.Context, path string, o opening, r *rights) (f *os.File, sub *dir, err error) {
	follow := o.follow && !(o.create && o.exclusive) // which makes something where nothing is, not even a link
	err = d.find(ctx, path, follow, func(path string, p place, st *unix.Stat_t, err error) error {
		switch {
		case err == syscall.ENOENT && o.create: //nolint:errorlint // system calls return bare numbers
			if p.slash {
				return syscall.EISDIR
			}
			err = r.entry(func() (err error) {
				f, err = openFile(p, o.flags()|unix.O_CREAT|unix.O_EXCL)
				return err
			})
			if err == syscall.EEXIST && !o.exclusive { //nolint:errorlint // as above
				return errAgain
			}
			return err
		case err != nil:
			return err
		case o.create && o.exclusive:
			return syscall.EEXIST
		}
		switch kindOf(st) {
		case types.DescriptorTypeRegularFile:
			if o.directory {
				return syscall.ENOTDIR
			}
			f, err = openFile(p, o.flags())
		case types.DescriptorTypeDirectory:
			if o.write || o.create || o.truncate {
				return syscall.EISDIR
			}
			sub, err = d.open(path, p)
		case types.DescriptorTypeSymbolicLink:
			return syscall.ELOOP
		default:
			if o.directory {
				return syscall.ENOTDIR
			}
			return errSpecial
		}
		return gone(err)
	})
	return f, sub, err
}

// gone makes errAgain of an error that an object is not what it was.
func gone(err error) error {
	switch err { //nolint:errorlint // system calls return bare numbers
	case syscall.ENOENT, syscall.ELOOP, syscall.EMLINK, syscall.ENOTDIR, syscall.EISDIR:
		return errAgain
	}
	return err
}

// open opens the directory at a place, which is where a path ends.
func (d *dir) open(path string, p place) (*dir, error) {
	f, err := openDirectory(p)
	if err != nil {
		return nil, err
	}
	// With "." at the end all names of the path are those of directories: what
	// else may be there by now is not opened, which could wait.
	root, err := d.root.OpenRoot(path + "/.")
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	sub := &dir{root, f}
	if err := sub.agree(); err != nil {
		_ = sub.close()
		return nil, err
	}
	return sub, nil
}

// agree returns errAgain unless both ways to the directory lead to one.
func (d *dir) agree() error {
	a, err := d.file.Stat()
	if err != nil {
		return err
	}
	b, err := d.root.Stat(".")
	if err != nil {
		return err
	}
	if !os.SameFile(a, b) {
		return errAgain
	}
	return nil
}

// list opens the directory once more, for its entries.
func (d *dir) list() (*os.File, error) {
	return openDirectory(place{dir: d.file, name: "."})
}

func (d *dir) mkdirAt(path string) error {
	p, err := d.place(path)
	if err != nil {
		return err
	}
	defer p.close()
	return again(func() error { return unix.Mkdirat(p.fd(), p.name, 0o777) })
}

func (d *dir) rmdirAt(path string) error {
	p, err := d.place(path)
	if err != nil {
		return err
	}
	defer p.close()
	return again(func() error { return unix.Unlinkat(p.fd(), p.name, unix.AT_REMOVEDIR) })
}

func (d *dir) unlinkAt(path string) error {
	p, err := d.place(path)
	if err != nil {
		return err
	}
	defer p.close()
	if p.slash || p.name == "." {
		if err := p.directory(); err != nil {
			return err
		}
		return syscall.EISDIR
	}
	err = again(func() error { return unix.Unlinkat(p.fd(), p.name, 0) })
	if err == syscall.EPERM && p.directory() == nil { //nolint:errorlint // system calls return bare numbers
		return syscall.EISDIR // as Linux says at once
	}
	return err
}

// directory returns an error unless there is a directory at the place.
func (p place) directory() error {
	var st unix.Stat_t
	err := again(func() error { return unix.Fstatat(p.fd(), p.name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	if err == nil && kindOf(&st) != types.DescriptorTypeDirectory {
		return syscall.ENOTDIR
	}
	return err
}

func (d *dir) renameAt(path string, to *dir, newPath string) error {
	return d.both(path, to, newPath, func(from, to place) error {
		if from.slash || to.slash {
			if err := from.directory(); err != nil {
				return err
			}
		}
		return again(func() error { return unix.Renameat(from.fd(), from.name, to.fd(), to.name) })
	})
}

func (d *dir) linkAt(path string, to *dir, newPath string) error {
	return d.both(path, to, newPath, func(from, to place) error {
		if from.slash {
			if err := from.directory(); err != nil {
				return err
			}
			return syscall.EPERM
		}
		if err := to.absent(); err != nil {
			return err
		}
		return again(func() error { return unix.Linkat(from.fd(), from.name, to.fd(), to.name, 0) })
	})
}

// both calls f with the places where two paths end.
func (d *dir) both(path string, to *dir, newPath string, f func(from, to place) error) error {
	a, err := d.place(path)
	if err != nil {
		return err
	}
	defer a.close()
	b, err := to.place(newPath)
	if err != nil {
		return err
	}
	defer b.close()
	return f(a, b)
}

// absent returns an error if what is to be made at a place, which is no
// directory, cannot have that path for the slash at its end.
func (p place) absent() error {
	if !p.slash {
		return nil
	}
	if err := p.directory(); err != nil {
		return err
	}
	return syscall.EEXIST
}

func (d *dir) symlinkAt(target, path string) error {
	p, err := d.place(path)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.absent(); err != nil {
		return err
	}
	return again(func() error { return unix.Symlinkat(target, p.fd(), p.name) })
}

func (d *dir) readlinkAt(ctx context.Context, path string) (target string, err error) {
	err = d.find(ctx, path, false, func(_ string, p place, _ *unix.Stat_t, err error) error {
		if err == nil {
			target, err = readlink(p)
		}
		return err
	})
	return target, err
}
