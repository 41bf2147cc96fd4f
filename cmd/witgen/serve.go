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
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/witgen/witgen/cmd/witgen/internal/server"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/wasihttp"
)

const serveHelp = `usage: witgen serve PATH [OPTIONS]

Serve serves HTTP with the component at PATH, which is a .wasm file, or - for
standard input. It exports wasi:http/incoming-handler.

  witgen serve site.wasm --addr 127.0.0.1:8080 --net https:api.example.com

The first line that serve prints is the URL that it serves, http://HOST:PORT.
All else is logged to standard error: what the component writes, a line at a
time, its messages by wasi:logging from info on, and what goes wrong, with an id
for each request. Clients are told no more than a status.

An instance of the component answers one request, unless there is --reuse.

Serve ends with an interrupt (Ctrl-C) or SIGTERM, after the requests that are
under way. A second one ends it at once.

Options, before or after PATH:

  --addr HOST:PORT
                 where to serve (default: 127.0.0.1:8080); port 0 is any that is
                 free
` + grantsHelp + learnHelp + `  --timeout D    how long a request may take, such as 5s or 2m (default: 30s)
  --max-concurrent N
                 how many requests may be in the component at a time; others
                 wait, for 5s (default: 128)
  --max-body SIZE
                 the largest body of a request, such as 10MiB (default: any)
  --reuse N      how many requests an instance answers, one after the other
                 (default: 1)
  --stubs        start a component that imports something else too; it traps
                 when it calls a function that it imports
  --interpreter  interpret core code, which starts sooner and runs slower,
                 instead of compiling it
  --memory SIZE  the most memory that an instance may have, such as 64MiB: in
                 bytes, KiB, MiB or GiB (default: 1GiB)
  --fuel N       the most fuel that a request may use, and the start: about one
                 for each instruction, and the same on every machine (default:
                 any amount)

Exit codes: 0 ended as told to, 1 error, 2 wrong usage.
`

// serveFlags are the arguments of serve.
type serveFlags struct {
	path        string
	addr        string
	grants      grants
	interpreter bool
	learn       string // where to write what is learned; empty for nothing
	options     wasihttp.Options
}

func runServe(args []string, stdout, stderr io.Writer) int {
	f, err := parseServe(args)
	if err != nil {
		return usage(stderr, "serve", "%v", err)
	}
	if err := f.serve(stdout, stderr); err != nil {
		code := fail(stderr, err)
		if hint := limitHint(err, f.options.Limits); hint != "" {
			printf(stderr, "%s\n", hint)
		}
		return code
	}
	return exitOK
}

func parseServe(args []string) (*serveFlags, error) {
	f := &serveFlags{addr: "127.0.0.1:8080"}
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Func("addr", "", func(s string) error {
		f.addr = s
		return server.CheckAddress(s)
	})
	f.grants.flags(fs)
	learnFlag(fs, &f.learn)
	fs.Func("timeout", "", func(s string) (err error) {
		if f.options.Timeout, err = time.ParseDuration(s); err != nil || f.options.Timeout <= 0 {
			return errors.New("want a time such as 5s or 2m")
		}
		return nil
	})
	countFlag(fs, "max-concurrent", &f.options.MaxConcurrent)
	countFlag(fs, "reuse", &f.options.Reuse)
	fs.Func("max-body", "", func(s string) (err error) {
		f.options.MaxBody, err = parseBytes(s)
		return err
	})
	fs.BoolVar(&f.options.Stubs, "stubs", false, "")
	fs.BoolVar(&f.interpreter, "interpreter", false, "")
	limitFlags(fs, &f.options.Limits)
	var err error
	f.path, err = parseWasm(fs, args)
	return f, err
}

// countFlag adds a flag for a number of things.
func countFlag(fs *flag.FlagSet, name string, to *int) {
	fs.Func(name, "", func(s string) (err error) {
		if *to, err = strconv.Atoi(s); err != nil || *to <= 0 {
			return errors.New("want a number of 1 or more")
		}
		return nil
	})
}

// ballast is how many bytes serve holds and never touches, which takes addresses
// and no memory: the garbage collector runs once the heap is twice as large as
// what is held. An instance for each request is 80 KB of garbage, and without
// ballast there is a collection for every 23 requests. Who
// sets the collector by its environment variables has none.
const ballast = 32 << 20

// serve serves until the process is told to end.
func (f *serveFlags) serve(stdout, stderr io.Writer) (err error) {
	wasm, err := readWasm(f.path)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		defer runtime.KeepAlive(make([]byte, ballast))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	engine, err := rt.NewEngine(ctx, rt.Config{Interpreter: f.interpreter})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close(context.Background())) }()
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	f.options.WASI, f.options.Log = f.grants.config(), log
	f.options.WASI.Stdin, f.options.WASI.Terminal = nil, false
	learning, err := f.grants.learn(f.learn, f.path, wasm, f.options.Limits)
	if err != nil {
		return err
	}
	learning.observe(&f.options.WASI)
	defer func() { err = errors.Join(err, learning.write(stderr)) }() // after the requests
	h, err := wasihttp.NewHandler(component, f.options)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	defer func() { err = errors.Join(err, h.Close(context.Background())) }()
	return server.Serve(ctx, f.addr, h, log,
		func(address string) { printf(stdout, "http://%s\n", address) },
		func() {
			stop() // another signal ends the process
			log.Info("ending after the requests that are under way")
		})
}
