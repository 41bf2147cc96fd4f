package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// lossy is a disk in memory that knows what would be left of it if the power
// failed: names that were not flushed with their directory may or may not be
// there, in any combination, and files that were not flushed may have anything
// of what was written to them.
type lossy struct {
	mu      sync.Mutex
	live    map[string]*node
	durable map[string]*node  // names that were flushed
	pending map[string][]name // by directory, since it was flushed
	calls   int
	log     []string

	// fail is asked before each call, by its number and what it is: what it
	// returns is the call's error. A write has half its effect then.
	fail func(n int, call string) error
}

type node struct {
	dir    bool
	mode   fs.FileMode
	data   []byte
	synced []byte
	mod    time.Time
}

// name is a change of names: to is n from now on, or nothing if that is nil, and
// from is nothing.
type name struct {
	from, to string
	n        *node
}

func newLossy() *lossy {
	l := &lossy{live: make(map[string]*node), pending: make(map[string][]name)}
	l.live["/"] = &node{dir: true, mode: fs.ModeDir | 0o700}
	l.durable = maps.Clone(l.live)
	return l
}

// crash returns a disk as it may be after the power failed.
func (l *lossy) crash(rng *rand.Rand) *lossy {
	l.mu.Lock()
	defer l.mu.Unlock()
	names := maps.Clone(l.durable)
	for _, dir := range slices.Sorted(maps.Keys(l.pending)) {
		changes := l.pending[dir]
		mode, most := rng.IntN(4), rng.IntN(len(changes)+1)
		for i, c := range changes {
			if mode == 0 || mode == 1 && i >= most || mode == 2 && rng.IntN(2) == 0 {
				continue // mode 3 keeps all
			}
			c.apply(names)
		}
	}
	left := newLossy()
	for _, at := range slices.Sorted(maps.Keys(names)) {
		if p := left.live[path.Dir(at)]; p == nil || !p.dir {
			continue
		}
		n := *names[at]
		if !bytes.Equal(n.data, n.synced) {
			switch rng.IntN(3) {
			case 0:
				n.data = n.synced
			case 1:
				n.data = n.data[:rng.IntN(len(n.data)+1)]
			case 2:
				n.data = make([]byte, len(n.data))
			}
		}
		n.synced = n.data
		left.live[at] = &n
	}
	left.durable = maps.Clone(left.live)
	return left
}

func (c name) apply(names map[string]*node) {
	if c.from != "" {
		delete(names, c.from)
	}
	if c.n == nil {
		delete(names, c.to)
	} else {
		names[c.to] = c.n
	}
}

// change makes a change, which is pending until the directory is flushed.
func (l *lossy) change(c name) {
	c.apply(l.live)
	dir := path.Dir(c.to)
	l.pending[dir] = append(l.pending[dir], c)
}

// call notes a call. Names of temporary files are all the same in the log.
func (l *lossy) call(op string, paths ...string) error {
	for i, p := range paths {
		paths[i] = filepath.ToSlash(p)
		if strings.HasPrefix(path.Base(p), tempPrefix) {
			paths[i] = path.Dir(p) + "/temp"
		}
	}
	text := op + " " + strings.Join(paths, " ")
	l.log = append(l.log, text)
	l.calls++
	if l.fail == nil {
		return nil
	}
	if err := l.fail(l.calls, text); err != nil {
		return &fs.PathError{Op: op, Path: paths[0], Err: err}
	}
	return nil
}

func (l *lossy) find(op, at string) (*node, error) {
	if n := l.live[filepath.ToSlash(at)]; n != nil {
		return n, nil
	}
	return nil, &fs.PathError{Op: op, Path: at, Err: fs.ErrNotExist}
}

func (l *lossy) mkdir(at string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("mkdir", at); err != nil {
		return err
	}
	l.change(name{to: at, n: &node{dir: true, mode: fs.ModeDir | 0o700}})
	return nil
}

func (l *lossy) stat(at string) (fs.FileInfo, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("stat", at); err != nil {
		return nil, err
	}
	n, err := l.find("stat", at)
	if err != nil {
		return nil, err
	}
	return info{path.Base(at), *n}, nil
}

func (l *lossy) list(at string) (all []fs.DirEntry, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("list", at); err != nil {
		return nil, err
	}
	for _, p := range slices.Sorted(maps.Keys(l.live)) {
		if path.Dir(p) == at && p != at {
			all = append(all, fs.FileInfoToDirEntry(info{path.Base(p), *l.live[p]}))
		}
	}
	return all, nil
}

func (l *lossy) open(at string) (file, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("open", at); err != nil {
		return nil, err
	}
	n, err := l.find("open", at)
	if err != nil {
		return nil, err
	}
	return &handle{l: l, at: at, n: n, r: bytes.NewReader(n.data)}, nil
}

func (l *lossy) create(at string) (file, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("create", at); err != nil {
		return nil, err
	}
	if l.live[at] != nil {
		return nil, &fs.PathError{Op: "create", Path: at, Err: fs.ErrExist}
	}
	n := &node{mode: 0o600, mod: time.Unix(int64(l.calls), 0)}
	l.change(name{to: at, n: n})
	return &handle{l: l, at: at, n: n}, nil
}

func (l *lossy) rename(from, to string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("rename", from, to); err != nil {
		return err
	}
	n, err := l.find("rename", from)
	if err != nil {
		return err
	}
	l.change(name{from: from, to: to, n: n})
	return nil
}

func (l *lossy) remove(at string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("remove", at); err != nil {
		return err
	}
	if _, err := l.find("remove", at); err != nil {
		return err
	}
	l.change(name{to: at})
	return nil
}

func (l *lossy) syncDir(at string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("syncdir", at); err != nil {
		return err
	}
	for _, c := range l.pending[at] {
		c.apply(l.durable)
	}
	delete(l.pending, at)
	return nil
}

func (l *lossy) lock(at string) (lock, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return unlocked{}, l.call("lock", at)
}

type unlocked struct{}

func (unlocked) held() error    { return nil }
func (unlocked) release() error { return nil }

// bytes and setBytes look at a file as it is, behind the store's back.
func (l *lossy) bytes(at string) []byte {
	if n := l.live[at]; n != nil {
		return n.data
	}
	return nil
}

func (l *lossy) setBytes(at string, data []byte) {
	n := &node{mode: 0o600, data: data, synced: data}
	l.live[at], l.durable[at] = n, n
}

// clone returns another disk with the same on it, all of it flushed.
func (l *lossy) clone() *lossy {
	c := newLossy()
	for at, n := range l.live {
		copied := *n
		copied.synced = copied.data
		c.live[at] = &copied
	}
	c.durable = maps.Clone(c.live)
	return c
}

type handle struct {
	l  *lossy
	at string
	n  *node
	r  io.Reader
}

func (h *handle) Read(p []byte) (int, error) {
	h.l.mu.Lock()
	defer h.l.mu.Unlock()
	if err := h.l.call("read", h.at); err != nil {
		return 0, err
	}
	return h.r.Read(p)
}

func (h *handle) Write(p []byte) (int, error) {
	h.l.mu.Lock()
	defer h.l.mu.Unlock()
	if err := h.l.call("write", h.at); err != nil {
		h.n.data = append(slices.Clip(h.n.data), p[:len(p)/2]...)
		return len(p) / 2, err
	}
	h.n.data = append(slices.Clip(h.n.data), p...)
	return len(p), nil
}

func (h *handle) Sync() error {
	h.l.mu.Lock()
	defer h.l.mu.Unlock()
	if err := h.l.call("sync", h.at); err != nil {
		return err
	}
	h.n.synced = h.n.data
	return nil
}

func (h *handle) Close() error {
	h.l.mu.Lock()
	defer h.l.mu.Unlock()
	return h.l.call("close", h.at)
}

type info struct {
	name string
	n    node
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return int64(len(i.n.data)) }
func (i info) Mode() fs.FileMode  { return i.n.mode }
func (i info) ModTime() time.Time { return i.n.mod }
func (i info) IsDir() bool        { return i.n.dir }
func (i info) Sys() any           { return nil }

var errPower = errors.New("the power has failed")

// powerFailsAt makes every call fail from the nth on.
func powerFailsAt(n int) func(int, string) error {
	return func(i int, _ string) error {
		if i >= n {
			return errPower
		}
		return nil
	}
}

func failsOnce(n int, err error) func(int, string) error {
	return func(i int, call string) error {
		if i == n {
			return fmt.Errorf("%s: %w", call, err)
		}
		return nil
	}
}
