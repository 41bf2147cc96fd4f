package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/witgen/witgen/rt"
)

// Config says how a [Watcher] watches. The zero Config is fine.
type Config struct {
	Options
	// Poll is how often files are looked at though nothing is told of them; 0
	// means 2 s.
	Poll time.Duration
	// PollOnly has nothing told by the system.
	PollOnly bool
	// Warn, if it is not nil, is called once, on any goroutine, if the system does
	// not tell of everything, so that changes are seen later: see Poll. That
	// network file systems tell nothing goes unnoticed.
	Warn func(err error)
}

// Change is what became of a file. One of File, Gone and Err is set.
type Change struct {
	File *File // it has come to rest
	Gone bool  // it is there no longer, and was before
	Err  error // an [*Error] of a kind other than [Missing]
}

// ErrNewer is the cause of the end of a context: there is a newer file.
var ErrNewer = errors.New("a newer file is there")

// maxReads is how many files a watcher reads at a time, so that many that
// change at once do not need memory at once. Those that wait for it to be told
// do.
const maxReads = 4

// Watcher watches files. Its methods may be called by several goroutines.
type Watcher struct {
	config Config
	tree   *tree
	turns  chan struct{}

	ctx   context.Context // done when the watcher is closed
	close context.CancelFunc
	mu    sync.Mutex // guards wg against Add after Close
	wg    sync.WaitGroup
}

// New returns a watcher that watches nothing yet. It has to be closed.
func New(c Config) *Watcher {
	c.Options = c.withDefaults()
	c.Poll = cmp.Or(c.Poll, 2*time.Second)
	if c.PollOnly {
		return start(c, nil, nil)
	}
	n, err := notify()
	return start(c, n, err)
}

// start starts a watcher that is told by n, unless there was an error.
func start(c Config, n *notifier, err error) *Watcher {
	var once sync.Once
	warn := func(err error) {
		if c.Warn != nil {
			once.Do(func() { c.Warn(fmt.Errorf("%w; looking every %s instead", err, c.Poll)) })
		}
	}
	if err != nil {
		warn(err)
	}
	w := &Watcher{config: c, tree: newTree(n, warn), turns: make(chan struct{}, maxReads)}
	w.ctx, w.close = context.WithCancel(context.Background())
	if n != nil {
		w.wg.Go(func() {
			w.tree.listen(w.ctx)
			n.close() //nolint:errcheck // nobody is told of anything any more
		})
	}
	return w
}

// Add has handle called for each change of the file at a path. What was read
// from it before is told apart from a change by its digest, have, which is zero
// if there was nothing: then the file that is there is the first change. A file
// that comes back with the bytes it had before is a change if it was gone, or
// if it was wrong in between; one that is only touched is none, and neither is an
// error that was told already.
//
// Calls of handle follow each other on a goroutine of their own. While one runs,
// the newest change waits and all others are forgotten; if that has a file, the
// context of the call is done, with [ErrNewer] as the cause. It is done, too, when
// the file is no longer watched.
//
// Calling stop ends that, and waits for handle to return, so handle must not
// call it itself. The same path may be added more than once. The error is an
// [*Error], or rt.ErrClosed.
func (w *Watcher) Add(path string, have Digest, handle func(ctx context.Context, c Change)) (stop func(), err error) {
	return w.AddBy(w.config.Options, path, have, handle)
}

// AddBy is Add of a file that is read by other options than [Config] has.
func (w *Watcher) AddBy(o Options, path string, have Digest, handle func(ctx context.Context, c Change)) (stop func(), err error) {
	r, err := newReader(path, o)
	if err != nil {
		return nil, err
	}
	r.turns = w.turns
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() != nil {
		return nil, rt.ErrClosed
	}
	ctx, cancel := context.WithCancel(w.ctx)
	f := newFile(w.tree, r, have)
	done := make(chan struct{})
	w.wg.Go(func() {
		defer close(done)
		var tells sync.WaitGroup
		tells.Go(func() { f.tell(ctx, handle) })
		f.watch(ctx, w.config.Poll)
		w.tree.forget(f)
		tells.Wait()
	})
	return func() {
		cancel()
		<-done
	}, nil
}

// Close ends all watching and waits for whatever is under way, handle functions
// too: none of them may call it.
func (w *Watcher) Close() {
	w.mu.Lock()
	w.close()
	w.mu.Unlock()
	w.wg.Wait()
}
