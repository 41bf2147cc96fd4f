package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wave"
)

const runCommandHelp = `usage: witgen run PATH [OPTIONS] [-- ARGUMENTS]
       witgen run PATH --invoke CALL... [OPTIONS] [-- ARGUMENTS]

Run runs the component at PATH, which is a .wasm file, or - for standard input.

One that exports wasi:cli/run is a command: it runs with the arguments, and its
exit code is that of witgen.

  witgen run hello.wasm --env HOME -- --name gopher

With --invoke run calls functions that the component exports. A CALL is a
function with its arguments in WAVE, the text form of component values:

  witgen run greeter.wasm --invoke 'greet("gopher")'

Each result is printed in WAVE on a line; a function without a result prints
nothing. Calls run in the order given, all on one instance, and the first that
fails ends the run. A result err(...) is a value like others: it is printed, and
the exit code is 0.

A function is named, from short to full:

  f                         one of the component itself; if it has none of this
                            name, one of the interfaces that it exports
  iface#f                   one of an interface, of any package
  ns:pkg/iface#f            of that package, in any version
  ns:pkg/iface@1.0.0#f      of that version

A short name that stands for several is an error that lists them. In each form,
f may be "[constructor]r", "[method]r.m" or "[static]r.s". What WAVE cannot
write cannot be passed or returned: resources, streams, futures.

Without --invoke, a component that is no command has its own function run
called, if there is one without parameters. If it returns err, the exit code
is 1.

The component may import WASI 0.2 and drafts of wasi:config, wasi:logging and
wasi:keyvalue: it has the standard streams of witgen, the time and random
numbers. It sees no file, no environment, no network and no settings but what
options give it, and no store of keys.

Options, before or after PATH:

  --invoke CALL  a function to call (repeatable)
` + grantsHelp + learnHelp + `  --log LEVEL    log the component's messages by wasi:logging to standard
                 error, those of LEVEL and above: trace, debug, info, warn,
                 error or critical
  --stdin FILE   what the component reads, instead of standard input
  --stubs        start a component that imports something else too; it traps
                 when it calls a function that it imports. Core modules that it
                 imports have no stubs
  --interpreter  interpret core code, which starts sooner and runs slower,
                 instead of compiling it
  --cache-dir DIR
                 keep compiled code in DIR, where later runs find it: they start
                 sooner. DIR must be yours alone, as what is in it is executed
  --timeout D    give up after a time such as 5s or 2m, whatever the component
                 does; it is for compiling it and for all calls together
  --memory SIZE  the most memory that the component may have, such as 64MiB:
                 in bytes, KiB, MiB or GiB (default: 1GiB)
  --fuel N       the most fuel that each call may use, and the start: about one
                 for each instruction, and the same on every machine (default:
                 any amount)

Exit codes: what a command exits with; 0 success, 1 error, 2 wrong usage, 124
--timeout is over, 130 interrupted (Ctrl-C), 134 the component trapped.
`

// Exit codes of run, as shells and timeout(1) have them.
const (
	exitTimeout     = 124
	exitInterrupted = 130
	exitTrap        = 134 // as after abort(3)
)

// runFlags are the arguments of run.
type runFlags struct {
	path               string
	invoke             []string
	arguments          []string // of the component
	stdin              string
	grants             grants
	log                *slog.Level // the least that is logged; nil for nothing
	stubs, interpreter bool
	cacheDir           string
	timeout            time.Duration
	limits             rt.Limits
	learn              string // where to write what is learned; empty for nothing
}

func runRun(args []string, stdout, stderr io.Writer) int {
	f, err := parseRun(args)
	if err != nil {
		return usage(stderr, "run", "%v", err)
	}
	ctx, stop := f.context()
	defer stop()
	code, err := f.run(ctx, stdout, stderr)
	if exit, ok := errors.AsType[*wasi.ExitError](err); ok {
		return exit.Code // of a call
	}
	if err != nil {
		return failRun(stderr, err, limitHint(err, f.limits))
	}
	return code
}

func parseRun(args []string) (*runFlags, error) {
	f := &runFlags{}
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	f.grants.flags(fs)
	logFlag(fs, &f.log)
	textFlag(fs, "stdin", &f.stdin)
	learnFlag(fs, &f.learn)
	fs.BoolVar(&f.stubs, "stubs", false, "")
	fs.BoolVar(&f.interpreter, "interpreter", false, "")
	fs.StringVar(&f.cacheDir, "cache-dir", "", "")
	fs.Func("timeout", "", func(s string) (err error) {
		if f.timeout, err = time.ParseDuration(s); err != nil || f.timeout <= 0 {
			return errors.New("want a time such as 5s or 2m")
		}
		return nil
	})
	fs.Func("invoke", "", func(s string) error {
		f.invoke = append(f.invoke, s)
		return nil
	})
	limitFlags(fs, &f.limits)
	if i := slices.Index(args, "--"); i >= 0 {
		args, f.arguments = args[:i], args[i+1:]
	}
	paths, err := parseFlags(fs, args)
	switch {
	case err != nil:
		return nil, err
	case len(paths) == 0:
		return nil, errNoWasm
	case len(paths) > 1:
		return nil, fmt.Errorf("more than one path: %s; arguments of the component follow --", strings.Join(paths, " "))
	}
	f.path = paths[0]
	return f, nil
}

// errInterrupted ends a run.
var errInterrupted = errors.New("interrupted")

// timeoutError ends a run whose time is over.
type timeoutError struct{ after time.Duration }

func (e timeoutError) Error() string { return fmt.Sprintf("timeout of %s is over", e.after) }

// context returns the context of a run, which ends with the first interrupt; the
// second one ends the process.
func (f *runFlags) context() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	go func() {
		select {
		case <-interrupts:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
		signal.Stop(interrupts)
	}()
	if f.timeout == 0 {
		return ctx, func() { cancel(nil) }
	}
	limited, stop := context.WithTimeoutCause(ctx, f.timeout, timeoutError{f.timeout})
	return limited, func() { stop(); cancel(nil) }
}

// parseWasm parses flags and the path of a .wasm file, which has to be there.
func parseWasm(fs *flag.FlagSet, args []string) (string, error) {
	paths, err := parseFlags(fs, args)
	switch {
	case err != nil:
		return "", err
	case len(paths) == 0:
		return "", errNoWasm
	case len(paths) > 1:
		return "", fmt.Errorf("more than one path: %s", strings.Join(paths, " "))
	}
	return paths[0], nil
}

var errNoWasm = errors.New("no .wasm file")

// readWasm reads a file, or standard input for "-".
func readWasm(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}

// run reads the component, and the calls before the component is compiled: a
// mistake in one shows at once. It returns the exit code.
func (f *runFlags) run(ctx context.Context, stdout, stderr io.Writer) (code int, err error) {
	wasm, err := readWasm(f.path)
	if err != nil {
		return 0, err
	}
	info, err := rt.Inspect(wasm)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", f.path, err)
	}
	if info.Err != nil {
		return 0, fmt.Errorf("%s: %w", f.path, info.Err)
	}
	calls, err := findCalls(info.Exports, f.invoke)
	if err != nil {
		return 0, err
	}
	config, done, err := f.config(stdout, stderr)
	if err != nil {
		return 0, err
	}
	defer done()
	learning, err := f.grants.learn(f.learn, f.path, wasm, f.limits)
	if err != nil {
		return 0, err
	}
	learning.observe(&config)
	engine, err := rt.NewEngine(ctx, rt.Config{Interpreter: f.interpreter, CacheDir: f.cacheDir})
	if err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, engine.Close(context.Background()))
		if fault := engine.Cache().Last; fault != nil {
			printf(stderr, "witgen: --cache-dir %s: %v\n", f.cacheDir, fault)
		}
	}()
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", f.path, err)
	}
	code, err = f.start(ctx, component, calls, config, engine, learning)
	err = errors.Join(err, learning.write(stderr))
	if _, ok := errors.AsType[*rt.LinkError](err); ok && !f.stubs {
		err = fmt.Errorf("%w\nrun offers WASI 0.2 alone; with --stubs the component starts, and traps when it calls something else", err)
	}
	return code, err
}

// config returns what the component is given. The function lets go of that.
func (f *runFlags) config(stdout, stderr io.Writer) (c wasi.Config, done func(), err error) {
	c, done = f.grants.config(), func() {}
	c.Args = append([]string{filepath.Base(f.path)}, f.arguments...)
	c.Stdout, c.Stderr, c.Log = stdout, stderr, logger(stderr, f.log)
	if f.path == "-" {
		c.Stdin = nil // it is read
	}
	if f.stdin != "" {
		file, err := os.Open(f.stdin)
		if err != nil {
			return c, done, err
		}
		c.Stdin, done = file, func() { _ = file.Close() } // it was read
	}
	return c, done, nil
}

// start starts the component and makes the calls. It returns the exit code.
func (f *runFlags) start(ctx context.Context, component *rt.Component, calls []call, c wasi.Config, e *rt.Engine, l *learning) (code int, err error) {
	config := rt.InstanceConfig{Stubs: f.stubs, Limits: f.limits}
	if len(f.invoke) == 0 && calls[0].isCommand() {
		err = l.run(ctx, e, func(ctx context.Context) (err error) {
			code, err = wasi.Run(ctx, component, config, c)
			return err
		})
		return code, err
	}
	config.Imports = wasi.Imports(c)
	in, err := component.Instantiate(ctx, config)
	if err != nil {
		return 0, err
	}
	defer func() {
		// The guest has stopped: what it wrote has a moment to get where it belongs.
		ending, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		err = errors.Join(err, in.Close(ending))
	}()
	for _, call := range calls {
		if err := l.run(ctx, e, func(ctx context.Context) error { return call.do(ctx, in, c.Stdout) }); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// do makes the call and prints its result.
func (c call) do(ctx context.Context, in *rt.Instance, stdout io.Writer) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fn, err := in.Func(c.iface, c.name)
	if err != nil {
		return err
	}
	v, err := fn.Call(ctx, c.args...)
	if err != nil || c.typ.Result == nil {
		return err
	}
	text, err := wave.Format(c.typ.Result, v)
	if err != nil {
		return fmt.Errorf("result of %s: %w", c.target, err)
	}
	if r, ok := v.(cm.Result[rt.Value, rt.Value]); ok && c.command {
		payload, ok := r.OK()
		if !ok {
			return fmt.Errorf("%s returned %s", c.target, text)
		}
		if payload == nil {
			return nil
		}
	}
	_, err = io.WriteString(stdout, text+"\n")
	return err
}

// failRun reports an error, with the guest's stack if it is a trap, and a hint if
// there is one.
func failRun(stderr io.Writer, err error, hint string) int {
	code := exitError
	trap, trapped := errors.AsType[*rt.Trap](err)
	_, late := errors.AsType[timeoutError](err)
	switch {
	case late:
		code = exitTimeout
	case errors.Is(err, errInterrupted):
		code = exitInterrupted
	case trapped:
		code = exitTrap
	}
	if trapped && len(trap.Frames) > 0 {
		printf(stderr, "witgen: %s\n", strings.Replace(err.Error(), " (at "+trap.Frames[0].String()+")", "", 1))
		for _, frame := range trap.Frames {
			printf(stderr, "\tat %s\n", frame)
		}
	} else {
		fail(stderr, err)
	}
	if hint != "" {
		printf(stderr, "%s\n", hint)
	}
	return code
}
