package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/witgen/witgen/rt/internal/owned"
)

// MaxCode is how many bytes code has.
const MaxCode = 1 << 30

// Put stores code, and holds it: see [Dir.Hold]. When it returns, the code is on
// the disk. It waits for others that write, and ends with ctx's cause if that
// is done; any other error is a [*FaultError], or one of the code's size. Code
// that is there already is looked at, and stored again if it is damaged or others can
// write to it.
func (d *Dir) Put(ctx context.Context, data []byte) (*Hold, error) {
	if len(data) > MaxCode {
		return nil, fmt.Errorf("the code has %d bytes, at most %d are allowed", len(data), MaxCode)
	}
	h := d.Hold(DigestOf(data))
	if err := d.put(ctx, h.digest, data); err != nil {
		h.Release()
		return nil, err
	}
	return h, nil
}

func (d *Dir) put(ctx context.Context, digest Digest, data []byte) error {
	done, err := d.write(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := d.check(digest); err != nil {
		if _, ok := errors.AsType[*FaultError](err); ok {
			return err
		}
		if _, ok := errors.AsType[*DamageError](err); ok {
			_, _ = d.setAside(digest) // it is replaced if it is still there
		}
		if err := d.replace(ctx, d.code(digest), data); err != nil {
			return err
		}
	}
	// Whoever stored it before may have been stopped before this.
	return fault(d.disk.syncDir(d.at(codeDir)))
}

// Get returns code, which the caller owns. The error is [ErrNotStored] if it is
// not there, a [*DamageError] if it is not what was stored, an [*InsecureError],
// or a [*FaultError]. What is damaged is put aside, so that it is not there any
// more; the context is for waiting until nobody else writes.
func (d *Dir) Get(ctx context.Context, digest Digest) ([]byte, error) {
	if err := d.use(); err != nil {
		return nil, err
	}
	defer d.users.Done()
	h := d.Hold(digest)
	defer h.Release()
	data, err := d.read(digest)
	if damage, ok := errors.AsType[*DamageError](err); ok {
		return nil, d.damaged(ctx, digest, damage)
	}
	return data, err
}

func (d *Dir) read(digest Digest) ([]byte, error) {
	f, size, err := d.openCode(digest)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readAll(f, size)
	if err != nil {
		return nil, fault(err)
	}
	if err := d.compare(digest, DigestOf(data)); err != nil {
		return nil, err
	}
	return data, nil
}

// check reads code without keeping it.
func (d *Dir) check(digest Digest) error {
	f, size, err := d.openCode(digest)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(f, size)); err != nil {
		return fault(err)
	}
	return d.compare(digest, Digest(h.Sum(nil)))
}

func (d *Dir) compare(want, got Digest) error {
	if got != want {
		return &DamageError{Path: d.code(want), Why: "its bytes have the digest " + got.String()}
	}
	return nil
}

// openCode opens code that has a size it can have.
func (d *Dir) openCode(digest Digest) (file, int64, error) {
	path := d.code(digest)
	info, err := d.disk.stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := d.disk.stat(d.at(codeDir)); err != nil {
			return nil, 0, fault(err)
		}
		return nil, 0, fmt.Errorf("%s %w", digest, ErrNotStored)
	}
	f, err := d.openFile(path, info, err)
	if err != nil {
		return nil, 0, err
	}
	if info.Size() > MaxCode {
		_ = f.Close()
		return nil, 0, &DamageError{Path: path, Why: fmt.Sprintf("it has %d bytes", info.Size())}
	}
	return f, info.Size(), nil
}

// openFile opens a file that is the user's. It was looked at before, since to
// open what is no file can wait for somebody else.
func (d *Dir) openFile(path string, info fs.FileInfo, err error) (file, error) {
	if err != nil {
		return nil, fault(err)
	}
	if !info.Mode().IsRegular() {
		return nil, inTheWay(path, "is not a file")
	}
	if why := owned.Insecure(info); why != "" {
		return nil, &InsecureError{path, why}
	}
	f, err := d.disk.open(path)
	if err != nil {
		return nil, fault(err)
	}
	return f, nil
}

// damaged puts code aside that was read, unless it is whole by now, and returns
// what there is to say of it.
func (d *Dir) damaged(ctx context.Context, digest Digest, e *DamageError) error {
	done, err := d.write(ctx)
	if err != nil {
		e.Err = err
		return e
	}
	defer done()
	if _, still := errors.AsType[*DamageError](d.check(digest)); still {
		e.Aside, e.Err = d.setAside(digest)
	}
	return e
}

// setAside takes the name from damaged code, so that it is not there any more.
// It returns where the file is now.
func (d *Dir) setAside(digest Digest) (string, error) {
	aside := filepath.Join(d.at(damagedDir), digest.file())
	if err := d.disk.rename(d.code(digest), aside); err != nil {
		return "", fault(err)
	}
	return aside, nil
}

// Has tells whether code is in the store, without reading it.
func (d *Dir) Has(digest Digest) (bool, error) {
	if err := d.use(); err != nil {
		return false, err
	}
	defer d.users.Done()
	return d.has(digest)
}

func (d *Dir) has(digest Digest) (bool, error) {
	info, err := d.disk.stat(d.code(digest))
	if err == nil {
		return info.Mode().IsRegular(), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, fault(err)
	}
	_, err = d.disk.stat(d.at(codeDir))
	return false, fault(err)
}

// Code is code that is in the store.
type Code struct {
	Digest Digest
	Size   int64     // in bytes
	Stored time.Time // by the clock of the file system
}

// List returns the code that is in the store, by digest, without reading it.
func (d *Dir) List() ([]Code, error) {
	if err := d.use(); err != nil {
		return nil, err
	}
	defer d.users.Done()
	return d.entries(d.at(codeDir))
}

// entries returns the files of a directory whose names are of code. Others are
// not the store's.
func (d *Dir) entries(path string) ([]Code, error) {
	list, err := d.disk.list(path)
	if err != nil {
		return nil, fault(err)
	}
	var all []Code
	for _, x := range list {
		digest, ok := digestOfFile(x.Name())
		if !ok {
			continue
		}
		info, err := x.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return nil, fault(err)
		}
		all = append(all, Code{digest, info.Size(), info.ModTime()})
	}
	return all, nil
}
