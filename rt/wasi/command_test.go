package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/cli/stdout"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// engine is for all tests: what they compile is small.
var engine = sync.OnceValues(func() (*rt.Engine, error) { return rt.NewEngine(context.Background(), rt.Config{}) })

// interpreter is for large guests, which take long to compile under the race
// detector.
var interpreter = sync.OnceValues(func() (*rt.Engine, error) {
	return rt.NewEngine(context.Background(), rt.Config{Interpreter: true})
})

var compiled sync.Map // by file: *rt.Component

// component returns a guest of testdata, compiled once.
func component(tb testing.TB, name string) *rt.Component {
	tb.Helper()
	return componentAt(tb, filepath.Join("testdata", name))
}

// componentAt returns a guest, compiled once.
func componentAt(tb testing.TB, file string) *rt.Component {
	tb.Helper()
	if c, ok := compiled.Load(file); ok {
		return c.(*rt.Component)
	}
	wasm, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	e, err := engine()
	if len(wasm) > 500_000 {
		e, err = interpreter()
	}
	if err != nil {
		tb.Fatal(err)
	}
	c, err := e.Compile(context.Background(), wasm)
	if err != nil {
		tb.Fatal(err)
	}
	compiled.Store(file, c)
	return c
}

// result is what a command did.
type result struct {
	code           int
	err            error
	stdout, stderr string
}

// command runs the Rust command with arguments. Streams that the config has are
// left alone.
func command(ctx context.Context, tb testing.TB, c wasi.Config, args ...string) result {
	tb.Helper()
	var stdout, stderr bytes.Buffer
	if c.Stdout == nil {
		c.Stdout = &stdout
	}
	if c.Stderr == nil {
		c.Stderr = &stderr
	}
	c.Args = append([]string{"command"}, args...)
	code, err := wasi.Run(ctx, component(tb, "command.wasm"), rt.InstanceConfig{}, c)
	return result{code, err, stdout.String(), stderr.String()}
}

// TestCommand runs a Rust command for what std makes of the interfaces.
func TestCommand(t *testing.T) {
	tests := []struct {
		name   string
		config wasi.Config
		args   string
		want   result
	}{
		{name: "arguments", args: "args  two three", want: result{stdout: `["command", "args", "", "two", "three"]` + "\n"}},
		{name: "no environment", args: "env", want: result{}},
		{
			name: "environment", args: "env", config: wasi.Config{Env: []string{"B=2", "A=1=1", "B=3", "EMPTY="}},
			want: result{stdout: "B=2\nA=1=1\nB=3\nEMPTY=\n"},
		},
		{name: "variable", args: "var A", config: wasi.Config{Env: []string{"A=é"}}, want: result{stdout: "Ok(\"é\")\n"}},
		{name: "no variable", args: "var A", want: result{stdout: "Err(NotPresent)\n"}},
		{name: "no input", args: "echo", want: result{}},
		{name: "input at its end", args: "input", want: result{stdout: "Ok(0)\n"}},
		{name: "echo", args: "echo", config: wasi.Config{Stdin: strings.NewReader("a\nb")}, want: result{stdout: "a\nb"}},
		{name: "echo of a reader", args: "echo", config: wasi.Config{Stdin: io.LimitReader(strings.NewReader("abc"), 2)}, want: result{stdout: "ab"}},
		{name: "lines", args: "lines", config: wasi.Config{Stdin: strings.NewReader("a\nb")}, want: result{stdout: "> a\n> b\n"}},
		{name: "both outputs", args: "both", want: result{stdout: "to stdout\nno end of line", stderr: "to stderr\n"}},
		{name: "exit 0", args: "exit 0", want: result{}},
		{name: "exit 1", args: "exit 1", want: result{code: 1}},
		{name: "exit 3, of which this std tells no more than that it is not 0", args: "exit 3", want: result{code: 1}},
		{name: "exit with output", args: "print-exit 0", want: result{stdout: "printed"}},
		{name: "sleep", args: "sleep 3", want: result{stdout: "true\n"}},
		{name: "no sleep", args: "sleep 0", want: result{stdout: "true\n"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := command(t.Context(), t, test.config, strings.Split(test.args, " ")...); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// TestTrap has commands panic and abort: the trap has the frames, and the tail
// of what they said, also if nobody listened.
func TestTrap(t *testing.T) {
	for _, stderr := range []io.Writer{nil, &bytes.Buffer{}} {
		c := wasi.Config{Args: []string{"command", "panic", "cheese"}, Stderr: stderr}
		code, err := wasi.Run(t.Context(), component(t, "command.wasm"), rt.InstanceConfig{}, c)
		trap, ok := errors.AsType[*rt.Trap](err)
		if !ok || trap.Kind != rt.TrapUnreachable || code != 0 {
			t.Fatalf("code %d, %v", code, err)
		}
		if !strings.HasPrefix(trap.Stderr, "before\n") || !strings.Contains(trap.Stderr, "out of cheese\n") {
			t.Errorf("stderr in the trap is %q", trap.Stderr)
		}
		if b, ok := stderr.(*bytes.Buffer); ok && b.String() != trap.Stderr {
			t.Errorf("stderr is %q, in the trap %q", b, trap.Stderr)
		}
		if len(trap.Frames) == 0 {
			t.Error("no frames")
		}
	}
}

// TestDeadline ends commands that sleep, read and spin.
func TestDeadline(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	full, wait := io.Pipe()
	defer full.Close()
	for name, test := range map[string]struct {
		config wasi.Config
		args   []string
	}{
		"sleep":          {wasi.Config{}, []string{"sleep", "1000000"}},
		"sleep for ever": {wasi.Config{}, []string{"sleep", "18446744073709551615"}},
		"read":           {wasi.Config{Stdin: r}, []string{"echo"}},
		"write":          {wasi.Config{Stdout: wait}, []string{"flood", "10000000", "4096"}},
		"spin":           {wasi.Config{}, []string{"spin"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got result
			var trap *rt.Trap
			ok := false
			for d := 20 * time.Millisecond; !ok && d < 5*time.Second; d *= 10 { // it may be over before the guest has started
				ctx, cancel := context.WithTimeout(t.Context(), d)
				got = command(ctx, t, test.config, test.args...)
				cancel()
				trap, ok = errors.AsType[*rt.Trap](got.err)
			}
			if !ok || !errors.Is(trap, context.DeadlineExceeded) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestConfigErrors has configurations that no instance starts with. What may be
// secret is not in the error.
func TestConfigErrors(t *testing.T) {
	for want, c := range map[string]wasi.Config{
		"environment variable 1: want NAME=VALUE":         {Env: []string{"A=", "SECRET"}},
		"environment variable 2: want NAME=VALUE":         {Env: []string{"A=", "B=", "=SECRET"}},
		`environment variable 0, "A", is not valid UTF-8`: {Env: []string{"A=SECRET\xff"}},
		"argument 1 is not valid UTF-8":                   {Args: []string{"", "SECRET\xff"}},
		`directory "\xff" is not valid UTF-8`:             {Dir: "\xff"},
	} {
		_, err := component(t, "command.wasm").Instantiate(t.Context(), rt.InstanceConfig{Imports: wasi.Imports(c)})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestOnce starts a second instance with imports that have had one.
func TestOnce(t *testing.T) {
	config := rt.InstanceConfig{Imports: wasi.Imports(wasi.Config{})}
	in, err := component(t, "command.wasm").Instantiate(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	if _, err = component(t, "command.wasm").Instantiate(t.Context(), config); err == nil || !strings.Contains(err.Error(), "wasi.Imports are for one instance") {
		t.Errorf("the second time: %v", err)
	}
}

func TestHostEnv(t *testing.T) {
	t.Setenv("WITGEN_B", "1")
	t.Setenv("WITGEN_A", "2=3")
	t.Setenv("WITGENX", "")
	for _, test := range []struct{ names, want string }{
		{"", ""},
		{"WITGEN_A WITGEN_B", "WITGEN_A=2=3 WITGEN_B=1"},
		{"WITGENX WITGEN_NONE WITGEN", "WITGENX="},
		{"WITGEN_A WITGEN_A", "WITGEN_A=2=3"},
	} {
		if got := strings.Join(wasi.HostEnv(strings.Fields(test.names)...), " "); got != test.want {
			t.Errorf("%q: got %q, want %q", test.names, got, test.want)
		}
	}
	got := wasi.HostEnv("WITGEN_A", "WITGEN_*")
	if slices.Sort(got[1:]); !slices.Equal(got, []string{"WITGEN_A=2=3", "WITGEN_B=1"}) {
		t.Errorf("a pattern: %q", got)
	}
	if all := wasi.HostEnv("*"); len(all) < 3 || !slices.Contains(all, "WITGENX=") {
		t.Errorf("all: %d", len(all))
	}
}

// still is a clock that stands still, but for who waits.
type still struct {
	mu  sync.Mutex
	now time.Duration
}

func (c *still) Now() time.Time { return time.Unix(1_700_000_000, 5).Add(c.Monotonic()) }

func (c *still) Monotonic() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *still) AfterFunc(d time.Duration, f func()) (stop func()) {
	c.mu.Lock()
	c.now += d
	c.mu.Unlock()
	go f()
	return func() {}
}

// zeroes is a source of random numbers that are 0.
type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestSameEveryTime runs commands by a clock and random numbers of the host's.
func TestSameEveryTime(t *testing.T) {
	for _, test := range []struct {
		args string
		want string // empty: whatever it was
	}{
		{"wall", "1700000000.000000005s\n"}, {"sleep 3600000", "true\n"}, {"random", ""},
	} {
		first := test.want
		for range 2 {
			got := command(t.Context(), t, wasi.Config{Clock: &still{}, Random: zeroes{}}, strings.Fields(test.args)...)
			if first == "" {
				first = got.stdout
			}
			if got.stdout != first || got.code != 0 || got.err != nil || got.stdout == "" {
				t.Errorf("%s: %+v, want %q", test.args, got, first)
			}
		}
	}
	a := command(t.Context(), t, wasi.Config{}, "random")
	if b := command(t.Context(), t, wasi.Config{}, "random"); a.stdout == b.stdout || b.err != nil {
		t.Errorf("random numbers come twice: %+v", b)
	}
}

// TestNotCommand runs what is no command.
func TestNotCommand(t *testing.T) {
	wasm, err := os.ReadFile(guests.Plugin("c/image-processor"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wasi.Run(t.Context(), c, rt.InstanceConfig{}, wasi.Config{}); !errors.Is(err, wasi.ErrNotCommand) {
		t.Errorf("got %v", err)
	}
}

// TestForeignExit has a host function of a command's end with the exit of
// another: that is none of its own.
func TestForeignExit(t *testing.T) {
	broken := wasi.Config{Random: readerFunc(func([]byte) (int, error) { return 0, &wasi.ExitError{Code: 0} })}
	got := command(t.Context(), t, broken, "random")
	if trap, ok := errors.AsType[*rt.Trap](got.err); !ok || trap.Kind != rt.TrapHost {
		t.Errorf("got %+v", got)
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestExitError finds an exit in the error of a call.
func TestExitError(t *testing.T) {
	in, err := component(t, "command.wasm").Instantiate(t.Context(), rt.InstanceConfig{
		Imports: wasi.Imports(wasi.Config{Args: []string{"command", "exit", "1"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	run, err := in.Func("wasi:cli/run@0.2.0", "run")
	if err != nil {
		t.Fatal(err)
	}
	_, err = run.Call(t.Context())
	if exit, ok := errors.AsType[*wasi.ExitError](err); !ok || exit.Code != 1 {
		t.Errorf("got %v", err)
	}
	if !errors.Is(in.Err(), rt.ErrDead) {
		t.Errorf("after it: %v", in.Err())
	}
}

// TestHostPanics has what the host gave panic on goroutines of its own.
func TestHostPanics(t *testing.T) {
	panics := func([]byte) (int, error) { panic("boo") }
	got := command(t.Context(), t, wasi.Config{Stdin: readerFunc(panics)}, "input")
	if got.err != nil || !strings.HasPrefix(got.stdout, "Err(") {
		t.Errorf("stdin: %+v", got)
	}
	got = command(t.Context(), t, wasi.Config{Stdout: writerFunc(panics)}, "flood", "100000", "4096")
	if got.err != nil || got.code != 1 { // 3, told as 1
		t.Errorf("stdout: %+v", got)
	}
	got = command(t.Context(), t, wasi.Config{Stdout: writerFunc(func([]byte) (int, error) { return 0, syscall.EPIPE })}, "flood", "100000", "4096")
	if got.err != nil || got.code != 1 {
		t.Errorf("broken pipe: %+v", got)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestNoGoroutines has what ran leave nothing behind.
func TestNoGoroutines(t *testing.T) {
	component(t, "command.wasm")
	before := runtime.NumGoroutine()
	for range 10 {
		command(t.Context(), t, wasi.Config{Stdin: io.LimitReader(strings.NewReader("a"), 1)}, "echo")
		command(t.Context(), t, wasi.Config{Stdout: io.Discard, Stderr: io.Discard}, "both")
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		command(ctx, t, wasi.Config{}, "sleep", "100000")
		cancel()
	}
	for range 2000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	buf := make([]byte, 1<<16)
	t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
}

// keeper is a standard output of another implementation, which keeps copies of
// what it is given.
type keeper struct {
	stdout.UnimplementedStdout
	streams.UnimplementedOutputStream
	kept [][]byte
}

func (k *keeper) GetStdout(context.Context) (streams.OutputStream, error) { return k, nil }
func (k *keeper) CheckWrite(context.Context) (uint64, error)              { return 5000, nil }
func (k *keeper) Flush(context.Context) error                             { return nil }
func (k *keeper) BlockingFlush(context.Context) error                     { return nil }
func (k *keeper) Close(context.Context) error                             { return nil }

func (k *keeper) Subscribe(context.Context) (iopoll.Pollable, error) {
	return poll.New(poll.Always{}), nil
}

func (k *keeper) Write(_ context.Context, contents []byte) error {
	k.kept = append(k.kept, slices.Clone(contents))
	return nil
}

func (k *keeper) BlockingWriteAndFlush(_ context.Context, contents []byte) error {
	k.kept = append(k.kept, slices.Clone(contents))
	return nil
}

// TestEcho has a megabyte go through a guest, by every kind of writer: the guest
// uses one buffer over and over, which nobody may keep.
func TestEcho(t *testing.T) {
	var text bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintf(&text, "line %d\n", i)
	}
	want := text.String()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	piped := make(chan string)
	go func() {
		all, err := io.ReadAll(r)
		if err != nil {
			t.Error(err)
		}
		piped <- string(all)
	}()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var direct, behind bytes.Buffer
	k := &keeper{}
	for name, test := range map[string]struct {
		c    wasi.Config
		more []rt.Import
		got  func() string
	}{
		"direct":   {c: wasi.Config{Stdout: &direct}, got: direct.String},
		"blocking": {c: wasi.Config{Stdout: struct{ io.Writer }{&behind}}, got: behind.String},
		"pipe":     {c: wasi.Config{Stdout: w}, got: func() string { w.Close(); return <-piped }},
		"file": {c: wasi.Config{Stdout: file}, got: func() string {
			all, err := os.ReadFile(file.Name())
			if err != nil {
				t.Error(err)
			}
			return string(all)
		}},
		"of another implementation": {more: []rt.Import{stdout.Import(k)}, got: func() string { return string(bytes.Join(k.kept, nil)) }},
	} {
		t.Run(name, func(t *testing.T) {
			test.c.Args, test.c.Stdin = []string{"command", "echo"}, strings.NewReader(want)
			code, err := wasi.Run(t.Context(), component(t, "command.wasm"), rt.InstanceConfig{Imports: test.more}, test.c)
			if code != 0 || err != nil {
				t.Fatalf("code %d, %v", code, err)
			}
			if got := test.got(); got != want {
				t.Errorf("%d bytes of %d arrived, or others", len(got), len(want))
			}
		})
	}
}
