package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/internal/store"
	"github.com/witgen/witgen/rt/plugin/internal/watch"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

// Config configures a [Host]. The zero Config is ready to use.
type Config struct {
	// Engine configures what plugins run on. All instances of all plugins have no
	// more linear memory together than it says, or the policy's ceiling.
	Engine rt.Config

	// Policy says what plugins may do; nil is nothing, within the limits of
	// [policy.Restricted]. It must not be changed. It is what the host begins with:
	// see [Host.Grant].
	Policy *policy.File
	// PolicyFile, if it is not empty, is a file to read Policy from, which has to be
	// nil. When the file changes, what it has become is put in force as by
	// [Host.Grant]; if it is wrong, that is told as an event, [PolicyFailed]. One that
	// plugins refuse is tried again from time to time, as they may be replaced.
	PolicyFile string

	// Logger is told of every event, and of what plugins write to their standard
	// output and error; nil is [slog.Default]. Of a plugin's denials it is told of each
	// once a second and of 32 in all, and then of how many that left out.
	Logger *slog.Logger
	// Observer is told of every call and every event; nil is nobody.
	Observer Observer

	// Verify, if it is not nil, says whether a component may be used at all, by
	// its digest or its bytes, as a signature tells. It is called before anything
	// looks into them. An error is why not; with [ErrPassing] in it, why not yet.
	Verify func(ctx context.Context, plugin string, digest Digest, wasm []byte) error

	// Verifiers are those that policies name in their source.verify. What a policy
	// asks to be verified by one that is not here is not loaded.
	Verifiers map[string]Verifier

	// KeyValue has the buckets that policies grant, for all plugins: those of one
	// name are one, unless it tells plugins apart by [CallerFrom]. Without it none
	// can be granted. [wasi.MemoryStore] is one in memory.
	KeyValue wasi.KeyValue

	// StateDir is a directory for what is to be known after a restart: what served
	// and its code, what is tried out, and what failed. It is made if it is not
	// there, belongs to one host at a time, and nobody else may write to it. Empty
	// means that a host begins anew each time.
	StateDir string

	// Poll is how often files that are watched are looked at, though the system
	// tells nothing of them; 0 means 2 s.
	Poll time.Duration

	// DrainTimeout is how long the calls of a revision may go on after it was
	// replaced, before they are cancelled; 0 means 30 s.
	DrainTimeout time.Duration

	// MaxSize is the most bytes of a component; 0 means 64 MiB.
	MaxSize int64

	// Jobs is how many components are compiled at a time, and how many core modules
	// of them if Engine does not say; 0 means half as many as there are processors,
	// and one at least, so that calls have the others.
	Jobs int
}

// Host runs plugins. It may be used from several goroutines.
type Host struct {
	Config

	engine   *rt.Engine
	beginner Beginner       // the Observer, if it is one
	dial     *dial          // for calls
	store    *store.Dir     // nil if there is none
	watch    *watch.Watcher // of files
	jobs     chan struct{}
	file     atomic.Pointer[policy.File] // that is in force
	granting chan struct{}               // holds a value while another is put in force
	pause    time.Duration               // until what failed is tried again at first

	hostObserver HostObserver // the Observer, if it is one

	unsaved atomic.Int64                           // slots of which the state on the disk is an older one
	fault   func(plugin string, stage Stage) error // of tests: what fails

	ctx  context.Context // done when the host is closed
	end  context.CancelCauseFunc
	work sync.WaitGroup // all goroutines of the host

	events      sync.Mutex
	subscribers map[*subscriber]bool

	mu     sync.Mutex
	slots  map[string]*slot // nil when the host is closed
	closed chan struct{}    // when all of that is done
}

// New returns a host without plugins. The context is for starting it alone.
func New(ctx context.Context, c Config) (*Host, error) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.DrainTimeout <= 0 {
		c.DrainTimeout = 30 * time.Second
	}
	if c.MaxSize <= 0 {
		c.MaxSize = 64 << 20
	}
	if c.Jobs <= 0 {
		c.Jobs = max(runtime.GOMAXPROCS(0)/2, 1)
	}
	if c.Engine.Jobs <= 0 {
		c.Engine.Jobs = c.Jobs
	}
	have, err := c.openPolicy(ctx)
	if err != nil {
		return nil, err
	}
	if c.Policy != nil {
		if most := int64(c.Policy.Ceiling.HostMemory); most > 0 && (c.Engine.Memory == 0 || most < c.Engine.Memory) {
			c.Engine.Memory = most
		}
	}
	if c.Engine.Log == nil {
		c.Engine.Log = slog.New(coded{c.Logger.Handler()})
	}
	h := &Host{Config: c, pause: againAfter, granting: make(chan struct{}, 1), jobs: make(chan struct{}, c.Jobs), slots: make(map[string]*slot), subscribers: make(map[*subscriber]bool), closed: make(chan struct{}), dial: newDial()}
	h.ctx, h.end = context.WithCancelCause(context.Background())
	h.beginner, _ = c.Observer.(Beginner)
	h.hostObserver, _ = c.Observer.(HostObserver)
	h.file.Store(cmp.Or(c.Policy, &policy.File{}))
	if err := h.openStore(); err != nil {
		return nil, err
	}
	if h.engine, err = rt.NewEngine(ctx, c.Engine); err != nil {
		h.closeStore()
		return nil, err
	}
	h.watch = watch.New(watch.Config{
		Options: watch.Options{Limit: c.MaxSize}, Poll: c.Poll,
		Warn: func(err error) { c.Logger.Warn("plugin host: files are seen late", "error", err) },
	})
	if err := h.watchPolicy(have); err != nil {
		return nil, errors.Join(err, h.Close(ctx))
	}
	return h, nil
}

// Close takes no more calls, waits for those under way as long as Config says,
// and frees everything. It returns ctx's cause if that is done first; Close may
// then be called again. Nothing of the host runs after it returned nil.
func (h *Host) Close(ctx context.Context) error {
	h.mu.Lock()
	slots := h.slots
	h.slots = nil
	h.mu.Unlock()
	if slots != nil {
		h.end(ErrClosed)
		for _, s := range slots {
			s.close()
		}
		go func() {
			defer close(h.closed)
			h.watch.Close()
			h.work.Wait()
			h.dial.stop()
			h.closeStore()
			if err := h.engine.Close(context.Background()); err != nil {
				h.Logger.Error("plugin host: the engine does not close", "error", err)
			}
		}()
	}
	select {
	case <-h.closed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// List returns the controls of all slots, by name.
func (h *Host) List() []*Control {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*Control, 0, len(h.slots))
	for _, name := range slices.Sorted(maps.Keys(h.slots)) {
		list = append(list, &Control{h.slots[name]})
	}
	return list
}

// Get returns the control of a slot, or nil if there is none of that name.
func (h *Host) Get(name string) *Control {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.slots[name]; s != nil {
		return &Control{s}
	}
	return nil
}

// Engine returns what plugins run on.
func (h *Host) Engine() *rt.Engine { return h.engine }

// Add makes a slot and loads its plugin. Its name stands in messages and
// metrics. The error is why the plugin does not serve, a [*StageError] as a rule;
// there is no slot then.
func Add[C Client](ctx context.Context, h *Host, name string, w World[C], o Options) (*Slot[C], error) {
	s := &slot{
		host: h, name: name, world: w.erase(), Options: o, turn: make(chan struct{}, 1), booted: make(chan struct{}),
		byFile: o.Policy == nil, sourced: o.Source.read == nil,
	}
	s.ctx, s.end = context.WithCancelCause(h.ctx)
	s.route.Store(&route{err: fmt.Errorf("plugin %s: %w: not loaded yet", name, ErrUnavailable)})
	if err := h.register(s); err != nil {
		return nil, err
	}
	defer h.work.Done()
	defer close(s.booted)
	if err := s.boot(ctx); err != nil {
		s.close()
		h.unregister(s)
		return nil, err
	}
	return &Slot[C]{Control: &Control{s}, fallback: w.Fallback}, nil
}

// register makes a slot known, and counts whoever adds it.
func (h *Host) register(s *slot) error {
	if s.name == "" {
		return errors.New("a plugin needs a name")
	}
	if !utf8.ValidString(s.name) {
		return fmt.Errorf("the name %q of a plugin is not UTF-8", s.name)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.slots == nil {
		return ErrClosed
	}
	if h.slots[s.name] != nil {
		return fmt.Errorf("plugin %s: there is one of that name", s.name)
	}
	file := h.file.Load()
	if s.byFile {
		grant := file.Plugin(s.name)
		s.Policy = &grant
	}
	if s.sourced {
		if s.Policy.Source.File == "" {
			return fmt.Errorf("plugin %s: neither a Source nor a policy with a file", s.name)
		}
		s.Source = sourceOf(file, s.Policy.Source.File)
	}
	h.slots[s.name] = s
	h.work.Add(1)
	return nil
}

func (h *Host) unregister(s *slot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.slots[s.name] == s {
		delete(h.slots, s.name)
	}
}

// happened logs an event and tells of it.
func (h *Host) happened(e Event) {
	h.log(e, 0)
	h.tell(e)
}

// log logs an event, and how many of its kind were not logged.
func (h *Host) log(e Event, unlogged uint64) {
	level := slog.LevelInfo
	if e.Err != nil {
		level = slog.LevelWarn
	}
	if e.Kind == Reached {
		level = slog.LevelDebug
	}
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs, slog.String("plugin", e.Plugin), slog.String("event", string(e.Kind)))
	if e.Revision != "" {
		attrs = append(attrs, slog.String("revision", e.Revision))
	}
	if e.World != "" {
		attrs = append(attrs, slog.String("world", e.World))
	}
	if e.Stage != "" {
		attrs = append(attrs, slog.String("stage", string(e.Stage)))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("error", e.Err))
		if code := Code(e.Err); code != "" {
			attrs = append(attrs, slog.String("code", code))
		}
	}
	if unlogged > 0 {
		attrs = append(attrs, slog.Uint64("unlogged", unlogged))
	}
	h.Logger.LogAttrs(h.ctx, level, "plugin: "+cmp.Or(e.Text, string(e.Kind)), attrs...)
}

// tell tells of an event.
func (h *Host) tell(e Event) {
	if h.Observer != nil {
		h.Observer.Happened(e)
	}
	h.events.Lock()
	defer h.events.Unlock()
	for s := range h.subscribers {
		s.add(e)
	}
}
