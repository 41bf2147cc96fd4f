package rt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Config configures an [Engine]. The zero Config is ready to use.
type Config struct {
	// Interpreter runs core code without compiling it first: slower by a
	// factor of ten or more, on any platform. Platforms that wazero has no
	// compiler for are interpreted anyway.
	Interpreter bool

	// CacheDir is a directory for compiled code, which makes later starts of
	// the program fast. It is created if it does not exist, and it must be
	// the program's own: whoever can write there can run code in the program.
	// Without it nothing is kept.
	CacheDir string
}

// Engine compiles components and holds what their instances run on. It may be
// shared between goroutines; a program needs only one.
type Engine struct {
	runtime wazero.Runtime
	cache   wazero.CompilationCache // nil without a CacheDir

	mu        sync.Mutex
	closed    bool
	instances map[*Instance]struct{}
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
	e := &Engine{instances: make(map[*Instance]struct{})}
	if c.CacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(c.CacheDir)
		if err != nil {
			return nil, fmt.Errorf("cache directory %s: %w", c.CacheDir, err)
		}
		e.cache = cache
		rc = rc.WithCompilationCache(cache)
	}
	e.runtime = wazero.NewRuntimeWithConfig(ctx, rc.WithCoreFeatures(features))
	return e, nil
}

// Close closes all instances, each after the call that runs in it, and frees
// the compiled code. It returns ctx's cause if that is done first; the engine
// then stays as it is, but for instances closed already, and Close may be
// called again. It does nothing the second time.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	live := make([]*Instance, 0, len(e.instances))
	for in := range e.instances {
		live = append(live, in)
	}
	e.mu.Unlock()
	var errs []error
	for _, in := range live {
		if err := in.Close(ctx); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	err := e.runtime.Close(ctx)
	if e.cache != nil {
		err = errors.Join(err, e.cache.Close(ctx))
	}
	return err
}

// add makes the engine an instance's owner.
func (e *Engine) add(in *Instance) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return ErrClosed
	}
	e.instances[in] = struct{}{}
	return nil
}

func (e *Engine) remove(in *Instance) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.instances, in)
}

// open returns [ErrClosed] once the engine is closed.
func (e *Engine) open() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return fmt.Errorf("engine: %w", ErrClosed)
	}
	return nil
}

// compile compiles a core module on all processors.
func (e *Engine) compile(ctx context.Context, module []byte) (wazero.CompiledModule, error) {
	return e.runtime.CompileModule(experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0)), module)
}
