//go:build !(linux || darwin || freebsd || netbsd || openbsd) || witgen_portable

package fs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// dir is an open directory of the host. It has no way to what is above it.
type dir struct{ root *os.Root }

// openDir opens the directory of a root.
func openDir(r *os.Root) (*dir, error) {
	own, err := r.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	return &dir{own}, nil
}

func (d *dir) close() error { return d.root.Close() }

func (d *dir) stat() (status, error) { return d.statAt(context.Background(), ".", false) }

func (d *dir) sync() error { return nil }

func (d *dir) setTimes(s stamps) error { return d.setTimesAt(context.Background(), ".", true, s) }

// statAt returns the status of what is at a path.
func (d *dir) statAt(_ context.Context, path string, follow bool) (status, error) {
	info, err := d.info(path, follow)
	if err != nil {
		return status{}, err
	}
	return statusOf(info), nil
}

func (d *dir) info(path string, follow bool) (fs.FileInfo, error) {
	if err := check(path); err != nil {
		return nil, err
	}
	if follow {
		return d.root.Stat(path)
	}
	return d.root.Lstat(path)
}

// setTimesAt does not know how to set the times of a link.
func (d *dir) setTimesAt(_ context.Context, path string, follow bool, s stamps) error {
	info, err := d.info(path, follow)
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return errors.ErrUnsupported
	}
	return d.root.Chtimes(path, s.access.time(), s.modified.time())
}

// openAt opens the file or the directory at a path.
func (d *dir) openAt(_ context.Context, path string, o opening, r *rights) (f *os.File, sub *dir, err error) {
	info, err := d.info(path, o.follow)
	switch {
	case errors.Is(err, fs.ErrNotExist) && o.create:
		if strings.HasSuffix(path, "/") {
			return nil, nil, syscall.EISDIR
		}
		err = r.entry(func() (err error) {
			f, err = d.root.OpenFile(path, o.flags()|os.O_CREATE|os.O_EXCL|nonblock, 0o666)
			return err
		})
		return f, nil, err
	case err != nil:
		return nil, nil, err
	case o.create && o.exclusive:
		return nil, nil, syscall.EEXIST
	case info.IsDir() && (o.write || o.create || o.truncate):
		return nil, nil, syscall.EISDIR
	case info.IsDir():
		sub, err := d.root.OpenRoot(path + "/.")
		if err != nil {
			return nil, nil, err
		}
		return nil, &dir{sub}, nil
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, nil, syscall.ELOOP
	case o.directory:
		return nil, nil, syscall.ENOTDIR
	case !info.Mode().IsRegular():
		return nil, nil, errSpecial
	}
	f, err = d.root.OpenFile(path, o.flags()|nonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = errSpecial
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, nil, nil
}

// list opens the directory once more, for its entries.
func (d *dir) list() (*os.File, error) { return d.root.Open(".") }

func (d *dir) mkdirAt(path string) error {
	if err := check(path); err != nil {
		return err
	}
	return d.root.Mkdir(path, 0o777)
}

func (d *dir) rmdirAt(path string) error {
	info, err := d.info(path, false)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return syscall.ENOTDIR
	}
	return d.root.Remove(path)
}

func (d *dir) unlinkAt(path string) error {
	info, err := d.info(path, false)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return syscall.EISDIR
	}
	return d.root.Remove(path)
}

// renameAt and linkAt know paths below one directory alone.
func (d *dir) renameAt(path string, to *dir, newPath string) error {
	if err := d.both(path, to, newPath); err != nil {
		return err
	}
	return d.root.Rename(path, newPath)
}

func (d *dir) linkAt(path string, to *dir, newPath string) error {
	if err := d.both(path, to, newPath); err != nil {
		return err
	}
	info, err := d.root.Lstat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return types.ErrorCodeNotPermitted
	}
	return d.root.Link(path, newPath)
}

func (d *dir) both(path string, to *dir, newPath string) error {
	if err := check(path); err != nil {
		return err
	}
	if err := check(newPath); err != nil {
		return err
	}
	a, err := d.root.Stat(".")
	if err != nil {
		return err
	}
	b, err := to.root.Stat(".")
	if err != nil {
		return err
	}
	if !os.SameFile(a, b) {
		return errors.ErrUnsupported
	}
	return nil
}

func (d *dir) symlinkAt(target, path string) error {
	if err := check(path); err != nil {
		return err
	}
	return d.root.Symlink(target, path)
}

func (d *dir) readlinkAt(_ context.Context, path string) (string, error) {
	if err := check(path); err != nil {
		return "", err
	}
	return d.root.Readlink(path)
}
