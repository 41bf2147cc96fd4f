package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// language returns a command of testdata/languages, compiled once.
func language(t *testing.T, lang string) *rt.Component {
	t.Helper()
	if lang == "python" {
		return componentAt(t, guests.Cached(t, "python", "rt/wasi/testdata/languages/python/command.py"))
	}
	return component(t, "languages/"+lang+".wasm")
}

// answers is random numbers that are always the same.
type answers struct{}

func (answers) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 42
	}
	return len(b), nil
}

// TestLanguages runs commands in C and Go, which were compiled for preview 1 of
// WASI and adapted, and in Python.
func TestLanguages(t *testing.T) {
	long := strings.Repeat("hello, gopher\n", 10_000)
	for _, lang := range []string{"c", "go", "python"} {
		for _, test := range []struct {
			args   string
			config wasi.Config
			want   result
			not    string
		}{
			{args: "args two", want: result{stdout: "0 " + lang + "\n1 args\n2 two\n"}},
			{args: "var A", config: wasi.Config{Env: []string{"B=1", "A=x=y"}}, want: result{stdout: "x=y\n"}},
			{args: "var A", want: result{stdout: "\n"}},
			{args: "echo"},
			{args: "echo", config: wasi.Config{Stdin: strings.NewReader(long)}, want: result{stdout: long}},
			{args: "echo", config: wasi.Config{Stdin: struct{ *strings.Reader }{strings.NewReader(long)}}, want: result{stdout: long}},
			{args: "both", want: result{stdout: "to stdout\n", stderr: "to stderr\n"}},
			{args: "wall", config: wasi.Config{Clock: &still{}}, want: result{stdout: "1700000000\n"}},
			{args: "sleep 20", want: result{stdout: "true\n"}},
			{args: "sleep 3600000", config: wasi.Config{Clock: &still{}}, want: result{stdout: "true\n"}},
			{args: "random", config: wasi.Config{Random: answers{}}, want: result{stdout: "2a2a2a2a\n"}, not: "go"},
			{args: "exit 0"},
			{args: "exit 3", want: result{code: 1}}, // all that an adapter can say
			{args: "goroutines", want: result{stdout: "45\n"}, not: "c python"},
		} {
			if strings.Contains(test.not, lang) {
				continue
			}
			t.Run(lang+" "+test.args, func(t *testing.T) {
				var stdout, stderr bytes.Buffer
				c := test.config
				c.Args, c.Stdout, c.Stderr = append([]string{lang}, strings.Fields(test.args)...), &stdout, &stderr
				code, err := wasi.Run(t.Context(), language(t, lang), rt.InstanceConfig{}, c)
				if got := (result{code, err, stdout.String(), stderr.String()}); got != test.want {
					t.Errorf("got %.300v, want %.300v", got, test.want)
				}
			})
		}
	}
}

// TestLanguagesFiles has C and Python do what they can with files.
func TestLanguagesFiles(t *testing.T) {
	for _, lang := range []string{"c", "python"} {
		t.Run(lang, func(t *testing.T) {
			c := language(t, lang)
			run := func(dirs ...wasi.Dir) result {
				var stdout, stderr bytes.Buffer
				code, err := wasi.Run(t.Context(), c, rt.InstanceConfig{}, wasi.Config{
					Args: []string{lang, "files", "/srv"}, Dirs: dirs, Stdout: &stdout, Stderr: &stderr,
				})
				return result{code, err, stdout.String(), stderr.String()}
			}
			dir := t.TempDir()
			want := result{stdout: "size 12\nread world\nlink b\nb c l\nsize 5 time 1000000000\nread Jello\ngone\n"}
			if got := run(wasi.Dir{Host: dir, Guest: "/srv", Write: true}); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			if left, err := os.ReadDir(dir); len(left) != 0 || err != nil {
				t.Errorf("left %v, %v", left, err)
			}
			for _, denied := range []struct {
				dirs []wasi.Dir
				want string
			}{
				{[]wasi.Dir{{Host: dir, Guest: "/srv"}}, "not permitted"},
				{nil, ""}, // the text differs
			} {
				if got := run(denied.dirs...); got.code != 1 || got.err != nil || got.stdout != "" || got.stderr == "" || !strings.Contains(got.stderr, denied.want) {
					t.Errorf("with %v: got %v, want code 1 and %q", denied.dirs, got, denied.want)
				}
			}
		})
	}
}

// TestPythonSockets has Python send and receive by TCP, where it may.
func TestPythonSockets(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			text, _ := io.ReadAll(conn)
			_, _ = conn.Write(bytes.ToUpper(text))
			_ = conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	rule, err := wasi.ParseRule("tcp:localhost:" + port)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1"} {
		for _, rules := range [][]wasi.Rule{{rule}, nil} {
			var stdout, stderr bytes.Buffer
			var denied []wasi.Denial
			code, err := wasi.Run(t.Context(), language(t, "python"), rt.InstanceConfig{}, wasi.Config{
				Args: []string{"python", "connect", host, port, "hello"}, Stdout: &stdout, Stderr: &stderr,
				Network: wasi.Network{Rules: rules},
				Audit:   func(_ context.Context, d wasi.Denial) { denied = append(denied, d) },
			})
			if rules != nil && (code != 0 || err != nil || stdout.String() != "HELLO\n" || stderr.Len() > 0 || denied != nil) {
				t.Errorf("%s: %d, %v, stdout %q, stderr %q, denied %v", host, code, err, &stdout, &stderr, denied)
			}
			if rules == nil && (code != 1 || err != nil || stdout.Len() > 0 || len(denied) != 1 || denied[0].Target != host) {
				t.Errorf("%s without a rule: %d, %v, stdout %q, denied %v", host, code, err, &stdout, denied)
			}
		}
	}
}

// TestLanguagesFail has C abort, which is a trap, and Go panic, which is an exit.
func TestLanguagesFail(t *testing.T) {
	_, err := wasi.Run(t.Context(), component(t, "languages/c.wasm"), rt.InstanceConfig{}, wasi.Config{Args: []string{"c", "fail"}})
	if trap, ok := errors.AsType[*rt.Trap](err); !ok || trap.Kind != rt.TrapUnreachable || trap.Stderr != "out of cheese\n" {
		t.Errorf("C: %v", err)
	}
	var stderr bytes.Buffer
	code, err := wasi.Run(t.Context(), component(t, "languages/go.wasm"), rt.InstanceConfig{}, wasi.Config{Args: []string{"go", "fail"}, Stderr: &stderr})
	if code != 1 || err != nil || !strings.HasPrefix(stderr.String(), "panic: out of cheese\n") {
		t.Errorf("Go: code %d, %v, stderr %q", code, err, &stderr)
	}
}

// TestPythonFails has Python raise what nothing catches, which is a trap.
func TestPythonFails(t *testing.T) {
	_, err := wasi.Run(t.Context(), language(t, "python"), rt.InstanceConfig{}, wasi.Config{Args: []string{"python", "fail"}})
	if trap, ok := errors.AsType[*rt.Trap](err); !ok || trap.Kind != rt.TrapUnreachable || !strings.Contains(trap.Stderr, "RuntimeError: out of cheese\n") {
		t.Errorf("%v", err)
	}
}

// TestJavaScript calls a component in JavaScript that is no command.
func TestJavaScript(t *testing.T) {
	call := func(c wasi.Config, name string, args ...rt.Value) (rt.Value, error) {
		in, err := component(t, "languages/js.wasm").Instantiate(t.Context(), rt.InstanceConfig{Imports: wasi.Imports(c)})
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close(t.Context())
		f, err := in.Func("", name)
		if err != nil {
			t.Fatal(err)
		}
		return f.Call(t.Context(), args...)
	}
	if now, err := call(wasi.Config{Clock: &still{}}, "now"); now != 1.7e12 || err != nil {
		t.Errorf("now: %v, %v", now, err)
	}
	_, err := call(wasi.Config{}, "fail", "out of cheese")
	if trap, ok := errors.AsType[*rt.Trap](err); !ok || !strings.Contains(trap.Stderr, "out of cheese") {
		t.Errorf("fail: %v", err)
	}
}

// TestStarlingMonkey calls JavaScript whose engine imports wasi:http, whether or
// not it is used, and has nothing granted.
func TestStarlingMonkey(t *testing.T) {
	c := componentAt(t, guests.Cached(t, "starling", "rt/wasi/testdata/languages/starling/script.js"))
	call := func(c *rt.Component, config wasi.Config, name string, args ...rt.Value) (rt.Value, error) {
		in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Imports: wasi.Imports(config)})
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close(t.Context())
		f, err := in.Func("", name)
		if err != nil {
			t.Fatal(err)
		}
		return f.Call(t.Context(), args...)
	}
	if !slices.ContainsFunc(c.Imports(), func(e rt.Extern) bool { return strings.HasPrefix(e.Name, "wasi:http/outgoing-handler@") }) {
		t.Error("it does not import wasi:http")
	}
	if got, err := call(c, wasi.Config{}, "now"); err != nil || got.(float64) < 1.7e12 {
		t.Errorf("now with nothing granted: %v, %v", got, err)
	}
	if got, err := call(c, wasi.Config{Clock: &still{}}, "now"); got != 1.7e12 || err != nil {
		t.Errorf("now: %v, %v", got, err)
	}
	if got, err := call(c, wasi.Config{Random: answers{}}, "random"); fmt.Sprint(got) != "[42 42 42 42]" || err != nil {
		t.Errorf("random: %v, %v", got, err)
	}
	if got, err := call(c, wasi.Config{}, "sleep", uint32(20)); err != nil || got.(float64) < 20 {
		t.Errorf("sleep: %v, %v", got, err)
	}
	var stdout, stderr bytes.Buffer
	if _, err := call(c, wasi.Config{Stdout: &stdout, Stderr: &stderr}, "say", "cheese"); stdout.String() != "cheese\n" || stderr.String() != "cheese\n" || err != nil {
		t.Errorf("say: %q, %q, %v", &stdout, &stderr, err)
	}
	var denied []wasi.Denial
	got, err := call(c, wasi.Config{Audit: func(_ context.Context, d wasi.Denial) { denied = append(denied, d) }}, "get", "http://127.0.0.1:1/secret")
	if text := fmt.Sprint(got); err != nil || !strings.Contains(text, "Error") {
		t.Errorf("get: %v, %v", text, err)
	}
	if len(denied) != 1 || denied[0].Capability != "http" || denied[0].Target != "GET http://127.0.0.1:1/secret" {
		t.Errorf("get: denied %+v", denied)
	}
	_, err = call(c, wasi.Config{}, "fail", "out of cheese")
	if trap, ok := errors.AsType[*rt.Trap](err); !ok || !strings.Contains(trap.Stderr, "out of cheese") {
		t.Errorf("fail: %v", err)
	}
}
