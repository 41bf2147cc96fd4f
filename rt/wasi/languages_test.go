package wasi_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// TestLanguages runs commands in C and Go, which were compiled for preview 1 of
// WASI and adapted.
func TestLanguages(t *testing.T) {
	long := strings.Repeat("hello, gopher\n", 10_000)
	for _, lang := range []string{"c", "go"} {
		for _, test := range []struct {
			args   string
			config wasi.Config
			want   result
			only   string
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
			{args: "exit 0"},
			{args: "exit 3", want: result{code: 1}}, // all that an adapter can say
			{args: "goroutines", want: result{stdout: "45\n"}, only: "go"},
		} {
			if test.only != "" && test.only != lang {
				continue
			}
			t.Run(lang+" "+test.args, func(t *testing.T) {
				var stdout, stderr bytes.Buffer
				c := test.config
				c.Args, c.Stdout, c.Stderr = append([]string{lang}, strings.Fields(test.args)...), &stdout, &stderr
				code, err := wasi.Run(t.Context(), component(t, "languages/"+lang+".wasm"), rt.InstanceConfig{}, c)
				if got := (result{code, err, stdout.String(), stderr.String()}); got != test.want {
					t.Errorf("got %.300v, want %.300v", got, test.want)
				}
			})
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
