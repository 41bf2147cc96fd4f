package fs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/preopens"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/ioerror"
)

// defaultLimit is how many files and directories an instance may have open
// unless it is told otherwise.
const defaultLimit = 1024

// Options are what an instance is given.
type Options struct {
	Grants []Grant
	Limit  int // the most that may be open, beside the grants, and streams of that; 0 means 1,024
	Life   *poll.Life
	Audit  audit.Log
	Random io.Reader // of the key of hashes; nil means crypto/rand
}

// FS is the files of one instance. The zero FS has none.
type FS struct {
	granted []*directory
	life    *poll.Life
	audit   audit.Log
	open    int
	streams int
	limit   int
	random  io.Reader
	key     hashKey
}

var (
	_ types.Types       = (*FS)(nil)
	_ preopens.Preopens = (*FS)(nil)
)

// Open opens what is granted, until the life ends.
func (s *FS) Open(o Options) error {
	s.life, s.audit, s.limit, s.random = o.Life, o.Audit, o.Limit, o.Random
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.limit == 0 {
		s.limit = defaultLimit
	}
	for i, g := range o.Grants {
		d, err := s.grant(g)
		if err != nil {
			return errors.Join(fmt.Errorf("directory %d: %w", i, err), s.close())
		}
		s.granted = append(s.granted, d)
	}
	if len(s.granted) > 0 {
		o.Life.OnEnd(func() { _ = s.close() })
	}
	return nil
}

func (s *FS) grant(g Grant) (*directory, error) {
	r, err := newRights(g)
	if err != nil {
		return nil, err
	}
	root := g.Root
	if root == nil {
		if root, err = os.OpenRoot(g.Host); err != nil {
			return nil, err
		}
		defer root.Close()
	}
	d, err := openDir(root)
	if err != nil {
		return nil, err
	}
	return &directory{object: object{s, r, g.Guest}, dir: d, uses: newUses(d.close)}, nil
}

// close gives up the grants. What was opened below them stays open until it is
// closed.
func (s *FS) close() (err error) {
	for _, d := range s.granted {
		err = errors.Join(err, d.uses.less())
	}
	s.granted = nil
	return err
}

// GetDirectories returns what is granted, in its order.
func (s *FS) GetDirectories(context.Context) ([]cm.Tuple2[types.Descriptor, string], error) {
	out := make([]cm.Tuple2[types.Descriptor, string], len(s.granted))
	for i, d := range s.granted {
		own := *d
		own.uses.more()
		out[i] = cm.Tuple2[types.Descriptor, string]{F0: &own, F1: d.name}
	}
	return out, nil
}

// FilesystemErrorCode returns what an error of a stream is among those of files.
func (s *FS) FilesystemErrorCode(_ context.Context, e ioerror.Error) (cm.Option[types.ErrorCode], error) {
	c, ok := known(stream.Cause(e))
	return cm.OptionOf(c, ok), nil
}

// full returns an error if no more may be open.
func (s *FS) full() error {
	if s.open >= s.limit {
		return syscall.EMFILE
	}
	return nil
}

// opened counts what was opened, until it is closed.
func (s *FS) opened(end func() error) *uses {
	s.open++
	return newUses(func() error {
		s.open--
		return end()
	})
}

// stream counts a stream of what is open, until end is called, once. The error is
// that there may be no more: each has a buffer.
func (s *FS) stream(of *uses) (end func() error, err error) {
	if s.streams >= s.limit {
		return nil, syscall.EMFILE
	}
	s.streams++
	of.more()
	return func() error {
		s.streams--
		return of.less()
	}, nil
}

// uses counts those who use what is open, and closes it after the last.
type uses struct {
	n   int
	end func() error
}

func newUses(end func() error) *uses { return &uses{1, end} }

func (u *uses) more() { u.n++ }

func (u *uses) less() error {
	if u.n--; u.n > 0 {
		return nil
	}
	return u.end()
}

// object is what files and directories have in common.
type object struct {
	fs     *FS
	rights *rights
	name   string // as the guest knows it, for the audit log
}

// maxName is how long a name becomes that is told to the audit log.
const maxName = 2 * maxPath

// below returns the name of what is at a path, or as much of it as is kept.
func (o *object) below(path string) string {
	if len(o.name)+len(path) >= maxName {
		return o.name
	}
	if o.name[len(o.name)-1] == '/' {
		return o.name + path
	}
	return o.name + "/" + path
}

// fails returns what a guest is told of an error of an operation, and tells of a
// denial.
func (o *object) fails(ctx context.Context, operation, target string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, cause) {
		return cause
	}
	if isEscape(err) {
		return o.deny(ctx, audit.Denial{Operation: operation, Target: target, Reason: errEscape.Error()})
	}
	if errors.Is(err, errSpecial) {
		return o.deny(ctx, audit.Denial{Operation: operation, Target: target, Reason: errSpecial.Error()})
	}
	return code(err)
}

// synced writes something to the disk.
func (o *object) synced(ctx context.Context, sync func() error) error {
	err := o.fs.wait(ctx, sync)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return o.told(err)
}

// told returns what a guest is told of an error that has nothing to do with
// rights.
func (o *object) told(err error) error {
	if err == nil {
		return nil
	}
	return code(err)
}

// deny tells of a denial, and returns what a guest is told of it.
func (o *object) deny(ctx context.Context, d audit.Denial) error {
	d.Capability = "filesystem"
	o.fs.audit.Deny(ctx, d)
	return types.ErrorCodeNotPermitted
}

// mayWrite returns an error, and tells of the denial, unless the grant is for
// writing.
func (o *object) mayWrite(ctx context.Context, operation, target string) error {
	if o.rights.write {
		return nil
	}
	return o.deny(ctx, audit.Denial{
		Operation: operation, Target: target, Reason: "the directory may only be read", ReadOnly: true,
	})
}

// wait does what may take as long as a disk does, and returns once the context is
// done, whose call ends with that. There is one goroutine, as the call was the
// guest's last; the end of the life waits for it, as far as that is let.
func (s *FS) wait(ctx context.Context, do func() error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	done := make(chan error, 1)
	if !s.life.Go(func() { done <- do() }) {
		return syscall.EBADF
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// errForeign is that a guest gives a descriptor that is of another host.
var errForeign = errors.New("descriptor is not of this host's files")
