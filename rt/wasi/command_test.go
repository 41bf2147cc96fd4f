package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// engine is for all tests: what they compile is small.
var engine = sync.OnceValues(func() (*rt.Engine, error) { return rt.NewEngine(context.Background(), rt.Config{}) })

var compiled sync.Map // by file: *rt.Component

// component returns a guest of testdata, compiled once.
func component(tb testing.TB, name string) *rt.Component {
	tb.Helper()
	if c, ok := compiled.Load(name); ok {
		return c.(*rt.Component)
	}
	wasm, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	e, err := engine()
	if err != nil {
		tb.Fatal(err)
	}
	c, err := e.Compile(context.Background(), wasm)
	if err != nil {
		tb.Fatal(err)
	}
	compiled.Store(name, c)
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
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			start := time.Now()
			got := command(ctx, t, test.config, test.args...)
			trap, ok := errors.AsType[*rt.Trap](got.err)
			if !ok || !errors.Is(trap, context.DeadlineExceeded) {
				t.Errorf("got %+v", got)
			}
			most := time.Second / 2
			if name == "write" {
				most += time.Second // what is written has that to get where it belongs
			}
			if d := time.Since(start); d > most {
				t.Errorf("it took %v", d)
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
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	buf := make([]byte, 1<<16)
	t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
}
