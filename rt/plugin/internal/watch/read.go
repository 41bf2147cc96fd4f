package watch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"
)

// Options say how files are read. The zero Options are fine.
type Options struct {
	// Settle is how long nothing may happen to a file before it is read; 0 means
	// 150 ms. It is looked at several times meanwhile.
	Settle time.Duration
	// GiveUp is how long to wait for that; 0 means 5 s.
	GiveUp time.Duration
	// Limit is the most bytes that a file may have; 0 means 64 MiB.
	Limit int64
	// Any has files that are no components be read too: nobody looks at what is in
	// them.
	Any bool
}

// withDefaults returns the options with nothing left out.
func (o Options) withDefaults() Options {
	o.Settle = cmp.Or(o.Settle, 150*time.Millisecond)
	o.GiveUp = cmp.Or(o.GiveUp, 5*time.Second)
	o.Limit = cmp.Or(o.Limit, 64<<20)
	return o
}

// Read waits until the file at the path is at rest, reads it once, and looks at
// how it begins and where it ends: see [File]. It takes no less than
// Options.Settle. A file that ends within a section is taken to be on its way
// and waited for, as long as Options.GiveUp lets it; one that is missing only
// for Options.Settle.
//
// The error is an [*Error], unless ctx is done: then it has the context's cause
// in it. A file system that does not answer is waited for nevertheless.
func Read(ctx context.Context, path string, o Options) (*File, error) {
	r, err := newReader(path, o)
	if err != nil {
		return nil, err
	}
	return r.read(ctx)
}

// reader reads one file, one call at a time.
type reader struct {
	Options
	path  string // for messages
	abs   string
	turns chan struct{} // as many values as reads may be under way; nil is no limit
	seen  state         // the last look; once read has returned, what the file or error is of
}

func newReader(path string, o Options) (*reader, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, &Error{Path: path, Err: err}
	}
	return &reader{Options: o.withDefaults(), path: path, abs: abs}, nil
}

// looks is how often a file is looked at in the time in which it must not change.
const looks = 3

// read does what [Read] does.
func (r *reader) read(ctx context.Context) (*File, error) {
	r.seen = look(r.abs)
	start := time.Now()
	since := start  // when seen was seen first
	var short error // what is wrong with the file as it is, if more may come
	for {
		if err := sleep(ctx, r.Settle/looks); err != nil {
			return nil, fmt.Errorf("%s: %w", r.path, err)
		}
		if now := look(r.abs); !now.same(&r.seen) {
			r.seen, since, short = now, time.Now(), nil
		}
		late := time.Since(start) >= r.GiveUp
		if short == nil && time.Since(since) >= r.Settle {
			f, err := r.take(ctx)
			e, _ := errors.AsType[*Error](err)
			switch {
			case errors.Is(err, errMoved):
				since = time.Now()
			case e != nil && e.Kind == Truncated && !late:
				short = err
			default:
				return f, err
			}
		}
		switch {
		case late && short != nil:
			return nil, short
		case late:
			return nil, &Error{Path: r.path, Kind: Changing, Err: fmt.Errorf("still changing after %s", r.GiveUp)}
		}
	}
}

// errMoved says that a file was not at rest after all.
var errMoved = errors.New("changed while it was read")

// take reads the file that was seen, if that can be read.
func (r *reader) take(ctx context.Context) (*File, error) {
	switch info := r.seen.info; {
	case r.seen.missing():
		return nil, r.fault(Missing, fs.ErrNotExist)
	case r.seen.err != nil:
		return nil, r.fault(Disk, r.seen.err)
	case !info.Mode().IsRegular():
		return nil, r.fault(NotRegular, fmt.Errorf("not a regular file: mode %s", info.Mode()))
	case info.Size() > r.Limit:
		return nil, r.fault(TooLarge, fmt.Errorf("has %d bytes, limit %d", info.Size(), r.Limit))
	}
	if r.turns != nil {
		select {
		case r.turns <- struct{}{}:
			defer func() { <-r.turns }()
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %w", r.path, context.Cause(ctx))
		}
	}
	b, err := r.bytes(ctx)
	if err != nil {
		return nil, err
	}
	if now := look(r.abs); !now.same(&r.seen) {
		return nil, errMoved
	}
	d := Digest(sha256.Sum256(b))
	if !r.Any {
		if err := check(r.path, b, d); err != nil {
			return nil, err
		}
	}
	return &File{r.path, r.seen.target(), b, d}, nil
}

// chunk is how much is read at once: between chunks the context is looked at.
const chunk = 1 << 20

// bytes reads the file, which has to be the one that was seen before and after.
func (r *reader) bytes(ctx context.Context) ([]byte, error) {
	f, err := open(r.abs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMoved
	} else if err != nil {
		return nil, r.fault(Disk, err)
	}
	defer f.Close()
	still := func() error {
		info, err := f.Stat()
		switch {
		case err != nil:
			return r.fault(Disk, err)
		case !info.Mode().IsRegular() || !sameFile(info, r.seen.info):
			return errMoved
		}
		return nil
	}
	if err := still(); err != nil {
		return nil, err
	}
	b := make([]byte, r.seen.info.Size())
	for at := 0; at < len(b); {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", r.path, context.Cause(ctx))
		}
		n, err := io.ReadFull(f, b[at:min(at+chunk, len(b))])
		at += n
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errMoved
		case err != nil:
			return nil, r.fault(Disk, err)
		}
	}
	if n, _ := f.Read(make([]byte, 1)); n > 0 {
		return nil, errMoved
	}
	return b, still()
}

// fault returns an error of the file, not of its bytes.
func (r *reader) fault(k Kind, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("%s: %w", p.Op, p.Err) // its path is said already, by its shorter name
	}
	return &Error{Path: r.path, Kind: k, Err: err}
}

// sleep waits, and returns the cause if the context ends that.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
