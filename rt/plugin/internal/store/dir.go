package store

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/witgen/witgen/rt/internal/owned"
)

const (
	codeDir    = "store/sha256"
	damagedDir = "store/damaged"
	lockName   = "lock"
	codeSuffix = ".wasm"
	tempPrefix = ".tmp-"
)

// Dir is an open directory. It has to be closed.
type Dir struct {
	disk disk
	path string // absolute, without symbolic links
	lock lock

	// writing is had by who writes: one at a time, since what may be removed
	// depends on what is being stored.
	writing chan struct{}
	saved   saved // what is on the disk of the state; for who writes

	mu     sync.Mutex
	closed bool
	held   map[Digest]int // code that is not to be removed
	state  *State         // never changed, only replaced
	lost   *LossError     // until the state is stored again
	users  sync.WaitGroup // of the methods that are running
}

// Open opens a directory, which it makes if it is not there, with what it is in.
// What writers that were stopped have left is removed, and the state is read:
// see [Dir.Load].
//
// The error is a [*LockedError] if another process has the directory, an
// [*InsecureError] if others than the user, or root, can write to it, a
// [*ForeignError] if a newer program has stored the state, or a [*FaultError].
func Open(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fault(err)
	}
	if err := makeAll(system{}, path); err != nil {
		return nil, err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, fault(err)
	}
	return open(system{}, path)
}

func open(on disk, path string) (*Dir, error) {
	d := &Dir{disk: on, path: path, writing: make(chan struct{}, 1), held: make(map[Digest]int)}
	if err := d.secure(path); err != nil {
		return nil, err
	}
	var err error
	if d.lock, err = on.lock(d.at(lockName)); err != nil {
		return nil, err
	}
	if err := d.start(); err != nil {
		_ = d.lock.release()
		return nil, err
	}
	return d, nil
}

// start does what only who has the lock may do.
func (d *Dir) start() error {
	for _, sub := range []string{codeDir, damagedDir} {
		if err := makeAll(d.disk, d.at(sub)); err != nil {
			return err
		}
	}
	for _, sub := range []string{filepath.Dir(codeDir), codeDir, damagedDir} {
		if err := d.secure(d.at(sub)); err != nil {
			return err
		}
	}
	for _, sub := range []string{"", codeDir} {
		d.sweep(d.at(sub))
	}
	// Whoever gave names before may have been stopped before they were on the
	// disk. What the directory is in may not be this user's to open.
	_ = d.disk.syncDir(filepath.Dir(d.path))
	for _, sub := range []string{"", filepath.Dir(codeDir), codeDir} {
		if err := d.disk.syncDir(d.at(sub)); err != nil {
			return fault(err)
		}
	}
	return d.load()
}

// makeAll makes a directory, with those it is in, so that it is still there
// after the machine stops.
func makeAll(on disk, path string) error {
	info, err := on.stat(path)
	if err == nil {
		if !info.IsDir() {
			return inTheWay(path, "is not a directory")
		}
		return nil
	}
	parent := filepath.Dir(path)
	if !errors.Is(err, fs.ErrNotExist) || parent == path {
		return fault(err)
	}
	if err := makeAll(on, parent); err != nil {
		return err
	}
	if err := on.mkdir(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fault(err)
	}
	return fault(on.syncDir(parent))
}

// secure looks at who can write to a directory.
func (d *Dir) secure(path string) error {
	info, err := d.disk.stat(path)
	if err != nil {
		return fault(err)
	}
	if !info.IsDir() {
		return inTheWay(path, "is not a directory")
	}
	if why := owned.Insecure(info); why != "" {
		return &InsecureError{path, why}
	}
	return nil
}

// sweep removes files that writers have left. What cannot be removed stays.
func (d *Dir) sweep(path string) {
	list, _ := d.disk.list(path)
	for _, x := range list {
		if strings.HasPrefix(x.Name(), tempPrefix) {
			_ = d.disk.remove(filepath.Join(path, x.Name()))
		}
	}
}

// Path returns where the directory is: absolute, without symbolic links.
func (d *Dir) Path() string { return d.path }

func (d *Dir) at(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }

func (d *Dir) code(digest Digest) string { return filepath.Join(d.at(codeDir), digest.file()) }

// Close waits for the methods that are running, and lets another process have
// the directory. What is held is held no more. It does nothing the second time.
func (d *Dir) Close() error {
	d.mu.Lock()
	again := d.closed
	d.closed = true
	d.mu.Unlock()
	d.users.Wait()
	if again {
		return nil
	}
	return fault(d.lock.release())
}

// use begins a method, which ends with d.users.Done.
func (d *Dir) use() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	d.users.Add(1)
	return nil
}

// write begins a method that writes, once no other does. It ends with done.
func (d *Dir) write(ctx context.Context) (done func(), err error) {
	if err := d.use(); err != nil {
		return nil, err
	}
	select {
	case d.writing <- struct{}{}:
	case <-ctx.Done():
		d.users.Done()
		return nil, context.Cause(ctx)
	}
	done = func() {
		<-d.writing
		d.users.Done()
	}
	err = context.Cause(ctx)
	if err == nil {
		err = d.lock.held()
	}
	if err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// replace gives a file of these bytes its name, when all of it is on the disk;
// that it has the name is when the directory was flushed. A context that is done
// before that leaves what was there.
func (d *Dir) replace(ctx context.Context, path string, data []byte) error {
	temp := filepath.Join(filepath.Dir(path), tempPrefix+strconv.FormatUint(rand.Uint64(), 36))
	f, err := d.disk.create(temp)
	if err != nil {
		return fault(err)
	}
	err = fill(ctx, f, data)
	if err == nil {
		err = fault(f.Sync())
	}
	if closed := f.Close(); err == nil {
		err = fault(closed)
	}
	if err == nil {
		err = fault(d.disk.rename(temp, path))
	}
	if err != nil {
		_ = d.disk.remove(temp) // Open does, if this cannot
	}
	return err
}

// fill writes a file, as long as the context is not done.
func fill(ctx context.Context, f file, data []byte) error {
	const piece = 1 << 20
	for len(data) > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n := min(piece, len(data))
		if _, err := f.Write(data[:n]); err != nil {
			return fault(err)
		}
		data = data[n:]
	}
	return nil
}
