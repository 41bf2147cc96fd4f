package rt

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/witgen/witgen/rt/internal/linear"
	"github.com/witgen/witgen/wit"
)

// Config configures an [Engine]. The zero Config is ready to use.
type Config struct {
	// Interpreter runs core code without compiling it first: slower by a
	// factor of ten or more, on any platform. Platforms that wazero has no
	// compiler for are interpreted anyway.
	Interpreter bool

	// Uninterrupted compiles guests without the checks at which the host can
	// interrupt them, for code that is trusted to end: one that does not end
	// then never does, whatever its context. Limits of fuel cannot hold: instances
	// that ask for one do not start. While a guest runs it also holds up the whole
	// program, sooner or later, as no garbage can be collected.
	Uninterrupted bool

	// Effort is how many times more it may take to compile the core modules of a
	// component than is usual for their size; 0 means once. What takes longer, so
	// that a component of 64 KB could take hours, is an error of Compile: functions
	// with tens of thousands of branches, or with as many locals, calls or globals,
	// which compilers seldom make.
	Effort int

	// Jobs is how many core modules are compiled at a time, of all components; 0
	// means as many of each component as there are processors. If all of those compile,
	// whatever else the program does waits for one, some milliseconds each time.
	Jobs int

	// Versions says which versions of an interface stand for one another between
	// components and what the host has; the zero value is what tools expect.
	Versions wit.Matching

	// Memory is the most bytes that the linear memories of all instances may
	// have together; 0 means that only the limits of each bound them. An
	// instance is refused what would be more as it is refused what is beyond
	// its own limit: see [Limits].
	Memory int64

	// Keep is the most bytes of components whose code is kept, as bytes of
	// their files, while nobody has them: the one that nobody had for longest
	// goes first. Who compiles one of them again has it at once. 0 means that
	// code is freed with the last that has it.
	Keep int64

	// CacheDir is a directory for compiled code, which other processes may
	// share and later ones find again; it is made if it is not there. Empty means
	// that code is in memory alone. What is in the directory is executed: whoever
	// can write to it, or rename what it is in, can run code as this process. So
	// an engine is not made if it belongs to another user than the process's, or
	// root, or if others can write to it. Nothing else that is wrong with it is an
	// error: what cannot be read is compiled, what cannot be written is not kept.
	CacheDir string

	// CacheSize is the most bytes that the cache directory may have; 0 means
	// 1 GiB. What was not used for longest goes. Processes that share a
	// directory count for themselves, so it may have a little more for a while.
	CacheSize int64

	// Log is told what is wrong with the cache directory, each thing once; nil
	// means nobody. [Engine.Cache] knows the last of it.
	Log *slog.Logger
}

// Engine compiles components and holds what their instances run on. It may be
// shared between goroutines; a program needs only one.
type Engine struct {
	runtime       wazero.Runtime
	uninterrupted bool
	effort        int
	versions      wit.Matching
	jobs          chan struct{} // has one for each module that is being compiled; nil if that is not limited
	refill        uint64        // refers to the function that guests call for fuel
	slice         int64         // that they get
	memory        *Budget       // of all instances
	blocks        linear.Pool   // that closed instances leave
	programs      programs
	disk          *disk // nil if there is no cache directory
	cache         cacheUse

	mu        sync.Mutex
	closed    bool
	busy      int                         // compilations and instantiations under way
	idle      chan struct{}               // closed when busy is 0 again; nil unless Close waits for it
	instances map[*Instance]chan struct{} // closed when it is gone; nil unless Close waits for it
}

// features are what core modules may use: WebAssembly 2.0, and what wazero
// calls experimental but real toolchains emit.
const features = api.CoreFeaturesV2 |
	experimental.CoreFeaturesTailCall |
	experimental.CoreFeaturesExtendedConst |
	experimental.CoreFeaturesExceptionHandling |
	experimental.CoreFeaturesTypedFunctionReferences

// NewEngine returns an engine. The context is for starting it alone.
func NewEngine(ctx context.Context, c Config) (*Engine, error) {
	rc := wazero.NewRuntimeConfig()
	if c.Interpreter {
		rc = wazero.NewRuntimeConfigInterpreter()
	}
	if c.Memory == 0 {
		c.Memory = math.MaxInt64
	}
	e := &Engine{
		memory:    NewBudget(c.Memory),
		instances: make(map[*Instance]chan struct{}), uninterrupted: c.Uninterrupted, effort: min(max(c.Effort, 1), 1<<20), slice: compiledSlice,
		versions: c.Versions,
	}
	if c.Jobs > 0 {
		e.jobs = make(chan struct{}, c.Jobs)
	}
	e.programs.engine, e.programs.build, e.programs.budget = e, e.build, max(c.Keep, 0)
	if c.Interpreter {
		e.slice = interpretedSlice
	}
	e.cache.log = c.Log
	rc = rc.WithCoreFeatures(features).WithDebugInfoEnabled(false) // what checks move is not where DWARF says
	var err error
	if e.disk, err = e.openDisk(c, rc); err != nil {
		return nil, err
	}
	if e.disk != nil {
		if err = e.startStored(ctx, rc); err == nil {
			return e, nil
		}
		if e.runtime != nil {
			err = errors.Join(err, e.runtime.Close(ctx))
		}
		e.cache.fault("open", "component cache is off", errors.Join(err, e.closeDisk(ctx)))
		e.disk = nil
	}
	if err := e.start(ctx, rc); err != nil {
		return nil, errors.Join(err, e.runtime.Close(ctx))
	}
	return e, nil
}

// start starts the core runtime.
func (e *Engine) start(ctx context.Context, rc wazero.RuntimeConfig) error {
	e.runtime = wazero.NewRuntimeWithConfig(ctx, rc)
	return e.makeRefill(ctx)
}

// Close closes all instances, each after the call that runs in it, and frees
// the compiled code. Compilations and instantiations under way are waited for.
// It returns ctx's cause if that is done first; the engine then takes nothing
// new, what lives goes on, and Close may be called again. An error of a host's
// resource that an instance owned is returned too, and keeps nothing open. An
// instance that is being closed is waited for as well, so that nothing which the
// host has called as one closes may call it. It does nothing once all is closed.
func (e *Engine) Close(ctx context.Context) error {
	if err := e.quiesce(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	live := slices.Collect(maps.Keys(e.instances))
	e.mu.Unlock()
	var errs []error
	for _, in := range live {
		err := in.Close(ctx)
		if err == nil {
			err = e.gone(ctx, in) // somebody else may be closing it
		}
		errs = append(errs, err)
	}
	e.mu.Lock()
	busy := len(e.instances) > 0 // their calls go on
	e.mu.Unlock()
	if !busy {
		e.blocks.Close()
		errs = append(errs, e.programs.close(ctx))
		errs = append(errs, e.runtime.Close(ctx))
		errs = append(errs, e.closeDisk(ctx))
	}
	return errors.Join(errs...)
}

// Memory returns what linear memory all instances have. What is kept for later
// ones, up to 64 MiB, is not in it.
func (e *Engine) Memory() MemoryUse { return e.memory.Memory() }

// quiesce lets nothing new begin and waits for what has begun.
func (e *Engine) quiesce(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	if e.busy > 0 && e.idle == nil {
		e.idle = make(chan struct{})
	}
	idle := e.idle
	e.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// begin notes that something uses the runtime until end. It returns
// [ErrClosed] once the engine is closed.
func (e *Engine) begin() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return fmt.Errorf("engine: %w", ErrClosed)
	}
	e.busy++
	return nil
}

// more notes one more beside one that has not ended.
func (e *Engine) more() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy++
}

func (e *Engine) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy--
	if e.busy == 0 && e.idle != nil {
		close(e.idle)
		e.idle = nil
	}
}

// add makes the engine an instance's owner.
func (e *Engine) add(in *Instance) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.instances[in] = nil
}

func (e *Engine) remove(in *Instance) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if gone := e.instances[in]; gone != nil {
		close(gone)
	}
	delete(e.instances, in)
}

// gone waits for an instance that is being closed. It returns ctx's cause if
// that is done first.
func (e *Engine) gone(ctx context.Context, in *Instance) error {
	e.mu.Lock()
	gone, there := e.instances[in]
	if there && gone == nil {
		gone = make(chan struct{})
		e.instances[in] = gone
	}
	e.mu.Unlock()
	if !there {
		return nil
	}
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// compile compiles a core module on this goroutine, so that a fault in the core
// runtime on hostile bytes is an error of this component and nothing else.
func (e *Engine) compile(ctx context.Context, module []byte) (m wazero.CompiledModule, err error) {
	defer asError(&err)
	return e.runtime.CompileModule(ctx, module)
}

// coreConfig starts core instances under no name, and none of the functions
// that wazero would call on its own. It has a source of random numbers, which
// nobody asks: the one that wazero makes for each instance takes longer to make
// than many an instance.
var coreConfig = wazero.NewModuleConfig().WithName("").WithStartFunctions().WithRandSource(rand.Reader)

// instantiate starts an instance of a core module.
func (e *Engine) instantiate(ctx context.Context, m wazero.CompiledModule, config wazero.ModuleConfig) (in api.Module, err error) {
	defer asError(&err)
	return e.runtime.InstantiateModule(ctx, m, config)
}

// asError makes a panic of the core runtime an error; it is deferred.
func asError(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("core runtime panicked: %v", r)
	}
}
