package rt

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/store"
)

const (
	// defaultCacheSize is how many bytes the entries of a cache directory have.
	defaultCacheSize = 1 << 30

	// pause is how long nothing is stored after it could not be: on a full disk,
	// trying costs a compilation.
	pause = time.Minute
)

// disk is an engine's use of a cache directory. The core runtime has a cache of
// its own there, a directory that is private to the engine: an image is put into
// it while it is loaded. See RATIONALE.md, "Why the core runtime's cache is not
// the cache".
type disk struct {
	dir      *store.Dir
	private  *store.Private
	cache    wazero.CompilationCache
	config   wazero.RuntimeConfig // of the runtimes that make images
	identity []byte               // what all images depend on

	mu     sync.Mutex
	paused time.Time // nothing is stored until then
	closed bool
}

// openDisk opens the cache directory. Nothing that is wrong with it is an error
// but that others can write to it.
func (e *Engine) openDisk(c Config, rc wazero.RuntimeConfig) (*disk, error) {
	if c.CacheDir == "" || c.Interpreter { // which has no native code
		return nil, nil
	}
	if c.CacheSize == 0 {
		c.CacheSize = defaultCacheSize
	}
	d := &disk{config: rc}
	err := d.open(c)
	if _, ok := errors.AsType[*store.InsecureError](err); ok {
		return nil, fmt.Errorf("cache directory %w", err)
	}
	if err != nil {
		e.cache.fault("open", "component cache is off", err)
		return nil, nil
	}
	return d, nil
}

func (d *disk) open(c Config) (err error) {
	if d.dir, err = store.Open(c.CacheDir, c.CacheSize); err != nil {
		return err
	}
	if d.private, err = d.dir.Private(); err != nil {
		return err
	}
	if d.cache, err = wazero.NewCompilationCacheWithDir(d.private.Path()); err != nil {
		return errors.Join(err, d.private.Close())
	}
	return nil
}

// closeDisk frees the native code and removes what is the engine's alone. It
// does nothing the second time, or without a cache directory.
func (e *Engine) closeDisk(ctx context.Context) error {
	d := e.disk
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	if err := d.private.Close(); err != nil {
		e.cache.fault("close", "component cache: the engine's own directory is left", err)
	}
	return d.cache.Close(ctx)
}

// startStored starts the core runtime with its cache, and finds out what images
// depend on: what it calls the first file tells processors apart. The core
// module that the file is of is an image itself, since writing it anew would
// take longer than all else that starts an engine.
func (e *Engine) startStored(ctx context.Context, rc wazero.RuntimeConfig) error {
	d := e.disk
	sub, err := d.private.Runtime()
	if err != nil {
		return err
	}
	h := sha256.New()
	fmt.Fprintln(h, store.Format, sub, runtime.Version(), build())
	key := store.Key(h.Sum(nil))
	first, err := d.dir.Image(key)
	if err == nil {
		err = d.private.Lend(d.dir, first)
	}
	if err == nil {
		defer d.private.Return(first.Native)
	} else {
		e.damaged(key, err)
		first = nil
	}
	if err := e.start(ctx, rc.WithCompilationCache(d.cache)); err != nil {
		return err
	}
	name, err := d.private.Learn(d.dir, key, core.Reference(refillName), first)
	fmt.Fprintln(h, name)
	d.identity = h.Sum(nil)
	return err
}

// load returns an image that is stored.
func (e *Engine) load(ctx context.Context, key store.Key) (image, error) {
	im, err := e.disk.dir.Image(key)
	if err != nil {
		return image{}, err
	}
	return e.loadRead(ctx, im)
}

// loadRead loads an image whose files were found to be whole.
func (e *Engine) loadRead(ctx context.Context, im *store.Image) (image, error) {
	d := e.disk
	if err := d.private.Lend(d.dir, im); err != nil {
		return image{}, err
	}
	defer d.private.Return(im.Native)
	code, err := e.compile(ctx, im.Wasm)
	if err != nil {
		return image{}, fmt.Errorf("%s: %w", d.dir.Place(im), err)
	}
	e.cache.hit()
	return imageOf(ctx, im, code)
}

// make compiles an image and stores it, over the one there is if that is to be
// replaced.
func (e *Engine) make(ctx context.Context, key store.Key, im *store.Image, replace bool) (image, error) {
	e.cache.miss()
	if e.disk.resting() {
		return e.makeAlone(ctx, im)
	}
	s, err := e.disk.dir.Stage()
	if err != nil {
		e.notStored(err)
		return e.makeAlone(ctx, im)
	}
	code, err := e.makeStaged(ctx, s, im)
	var unstored error
	if err == nil {
		unstored = s.Commit(key, im, replace)
	} else if ofFiles(err) {
		unstored = err
	}
	if unstored = errors.Join(unstored, s.Close()); unstored != nil {
		e.notStored(unstored)
	} else {
		e.cache.works("store")
		e.cache.works(key.String())
	}
	if ofFiles(err) {
		return e.makeAlone(ctx, im)
	}
	if err != nil {
		return image{}, err
	}
	return imageOf(ctx, im, code)
}

// makeStaged compiles an image in a runtime whose cache has nothing else, since
// that is how to learn which file is the image's, and loads the file.
func (e *Engine) makeStaged(ctx context.Context, s *store.Stage, im *store.Image) (wazero.CompiledModule, error) {
	err := e.disk.compile(ctx, s.Path(), im.Wasm)
	if err != nil {
		return nil, err
	}
	if im.Native, err = s.Native(); err != nil {
		return nil, &fs.PathError{Op: "compile", Path: s.Path(), Err: err}
	}
	if err = e.disk.private.LendStaged(s, im.Native); err != nil {
		return nil, err
	}
	defer e.disk.private.Return(im.Native)
	return e.compile(ctx, im.Wasm)
}

// compile compiles a core module into a file in a directory.
func (d *disk) compile(ctx context.Context, path string, wasm []byte) (err error) {
	defer asError(&err)
	cache, err := wazero.NewCompilationCacheWithDir(path)
	if err != nil {
		return &fs.PathError{Op: "compile", Path: path, Err: err}
	}
	r := wazero.NewRuntimeWithConfig(ctx, d.config.WithCompilationCache(cache))
	_, err = r.CompileModule(ctx, wasm)
	return errors.Join(err, r.Close(ctx), cache.Close(ctx))
}

// makeAlone compiles an image that is not stored. The core runtime writes its
// file all the same; where it cannot it has compiled the module before it
// says so, and has it when it is asked again.
func (e *Engine) makeAlone(ctx context.Context, im *store.Image) (image, error) {
	if err := e.disk.private.Begin(); err != nil {
		return image{}, err
	}
	defer e.disk.private.End()
	code, err := e.compile(ctx, im.Wasm)
	if ofFiles(err) {
		code, err = e.compile(ctx, im.Wasm)
	}
	if err != nil {
		return image{}, err
	}
	return imageOf(ctx, im, code)
}

// ofFiles says if an error is one of the file system's.
func ofFiles(err error) bool {
	_, path := errors.AsType[*fs.PathError](err)
	_, link := errors.AsType[*os.LinkError](err)
	_, call := errors.AsType[*os.SyscallError](err)
	return path || link || call
}

// damaged notes that an entry cannot be used, and says if that is because of
// what it is: there may be none.
func (e *Engine) damaged(key store.Key, err error) bool {
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	e.cache.fault(key.String(), "component cache: a damaged entry is made anew", fmt.Errorf("%w: %w", ErrCacheEntry, err))
	return true
}

// notStored notes that something could not be stored.
func (e *Engine) notStored(err error) {
	e.disk.mu.Lock()
	e.disk.paused = time.Now().Add(pause)
	e.disk.mu.Unlock()
	e.cache.fault("store", "component cache: compiled code is not stored", err)
}

func (d *disk) resting() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Before(d.paused)
}
