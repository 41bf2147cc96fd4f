package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wave"
)

const runCommandHelp = `usage: witgen run PATH [--invoke CALL]... [OPTIONS]

Run starts the component at PATH, which is a .wasm file, or - for standard
input, and calls functions that it exports. A CALL is a function with its
arguments in WAVE, the text form of component values:

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

Without --invoke, run calls the function run without parameters: the component's
own, or that of wasi:cli/run. If it returns err, the exit code is 1.

The component gets nothing to import: no files, no network, no clock.

Options, before or after PATH:

  --invoke CALL  a function to call (repeatable)
  --stubs        start a component that imports something all the same; it traps
                 when it calls a function that it imports. Core modules that it
                 imports have no stubs
  --interpreter  interpret core code, which starts sooner and runs slower,
                 instead of compiling it
  --timeout D    give up after a time such as 5s or 2m. A guest that is running
                 cannot be interrupted yet: the time is looked at before each
                 core module is compiled and before each call

Exit codes: 0 success, 1 error or trap, 2 wrong usage.
`

// runFlags are the arguments of run.
type runFlags struct {
	path               string
	invoke             []string
	stubs, interpreter bool
	timeout            time.Duration
}

func runRun(args []string, stdout, stderr io.Writer) int {
	f, err := parseRun(args)
	if err != nil {
		return usage(stderr, "run", "%v", err)
	}
	if err := f.run(stdout); err != nil {
		return failRun(stderr, err)
	}
	return exitOK
}

func parseRun(args []string) (*runFlags, error) {
	f := &runFlags{}
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.BoolVar(&f.stubs, "stubs", false, "")
	fs.BoolVar(&f.interpreter, "interpreter", false, "")
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
	var err error
	f.path, err = parseWasm(fs, args)
	return f, err
}

// parseWasm parses flags and the path of a .wasm file, which has to be there.
func parseWasm(fs *flag.FlagSet, args []string) (string, error) {
	paths, err := parseFlags(fs, args)
	switch {
	case err != nil:
		return "", err
	case len(paths) == 0:
		return "", errors.New("no .wasm file")
	case len(paths) > 1:
		return "", fmt.Errorf("more than one path: %s", strings.Join(paths, " "))
	}
	return paths[0], nil
}

// readWasm reads a file, or standard input for "-".
func readWasm(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}

// run reads the component, and the calls before the component is compiled: a
// mistake in one shows at once.
func (f *runFlags) run(stdout io.Writer) (err error) {
	wasm, err := readWasm(f.path)
	if err != nil {
		return err
	}
	info, err := rt.Inspect(wasm)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	if info.Err != nil {
		return fmt.Errorf("%s: %w", f.path, info.Err)
	}
	calls, err := findCalls(info.Exports, f.invoke)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if f.timeout > 0 {
		limited, stop := context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("timeout of %s is over", f.timeout))
		defer stop()
		ctx = limited
	}
	engine, err := rt.NewEngine(ctx, rt.Config{Interpreter: f.interpreter})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close(context.Background())) }()
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	in, err := component.Instantiate(ctx, rt.InstanceConfig{Stubs: f.stubs})
	if _, ok := errors.AsType[*rt.LinkError](err); ok && !f.stubs {
		return fmt.Errorf("%w\nrun offers no imports; with --stubs the component starts, and traps when it calls one", err)
	}
	if err != nil {
		return err
	}
	for _, c := range calls {
		if err := c.do(ctx, in, stdout); err != nil {
			return err
		}
	}
	return nil
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

// failRun reports an error, with the guest's stack if it is a trap.
func failRun(stderr io.Writer, err error) int {
	trap, ok := errors.AsType[*rt.Trap](err)
	if !ok || len(trap.Frames) == 0 {
		return fail(stderr, err)
	}
	printf(stderr, "witgen: %s\n", strings.Replace(err.Error(), " (at "+trap.Frames[0].String()+")", "", 1))
	for _, frame := range trap.Frames {
		printf(stderr, "\tat %s\n", frame)
	}
	return exitError
}
