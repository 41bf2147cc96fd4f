package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// section encodes a section of less than 128 bytes.
func section(id byte, contents string) string {
	return string([]byte{id, byte(len(contents))}) + contents
}

func name(s string) string { return string([]byte{byte(len(s))}) + s }

// The functions of component, by their indices.
const (
	okFunc   = "\x01\x00" // func() -> result, which is ok
	errFunc  = "\x01\x01" // func() -> result, which is err
	voidFunc = "\x01\x02" // func()
	ownFunc  = "\x01\x03" // func(x: own<thing>)
	sevenF   = "\x01\x04" // func() -> u32, which is 7
)

const module = "\x00asm\x01\x00\x00\x00"

// component encodes a component that has these functions, and a resource thing
// that it exports. What follows is its last sections.
func component(rest ...string) []byte {
	body := func(code string) string { return name("\x00" + code + "\x0b") }
	core := module +
		section(1, "\x03\x60\x00\x01\x7f\x60\x00\x00\x60\x01\x7f\x00") +
		section(3, "\x05\x00\x00\x01\x02\x00") +
		section(7, "\x05\x01a\x00\x00\x01b\x00\x01\x01c\x00\x02\x01d\x00\x03\x01e\x00\x04") +
		section(10, "\x05"+body("\x41\x00")+body("\x41\x01")+body("")+body("")+body("\x41\x07"))
	aliases := "\x05"
	for _, f := range "abcde" {
		aliases += "\x00\x00\x01\x00" + name(string(f))
	}
	// Types: 0 result, 1 func() -> result, 2 func(), 3 the resource, 4 its
	// export, 5 own<thing>, 6 func(x: own<thing>), 7 func() -> u32.
	return []byte("\x00asm\x0d\x00\x01\x00" +
		section(1, core) +
		section(2, "\x01\x00\x00\x00") +
		section(6, aliases) +
		section(7, "\x04\x6a\x00\x00\x40\x00\x00\x00\x40\x00\x01\x00\x3f\x7f\x00") +
		section(11, "\x01\x00"+name("thing")+"\x03\x03\x00") +
		section(7, "\x03\x69\x04\x40\x01\x01x\x05\x01\x00\x40\x00\x00\x79") +
		section(8, "\x05\x00\x00\x00\x00\x01\x00\x00\x01\x00\x01\x00\x00\x02\x00\x02\x00\x00\x03\x00\x06\x00\x00\x04\x00\x07") +
		strings.Join(rest, ""))
}

// export encodes the export of a function.
func export(s, ref string) string { return section(11, "\x01\x00"+name(s)+ref+"\x00") }

// instance encodes instance i, which exports one function, and its export, which
// is instance i+1.
func instance(i byte, s, f, ref string) string {
	return section(5, "\x01\x01\x01\x00"+name(f)+ref) + export(s, "\x05"+string([]byte{i}))
}

// TestRun is about what the guests of the example do not have.
func TestRun(t *testing.T) {
	for _, tt := range []struct {
		name           string
		wasm           []byte
		args           []string
		code           int
		stdout, stderr string // stderr contains the text; empty is nothing at all
	}{
		{name: "run of wasi:cli", wasm: component(instance(0, "wasi:cli/run@0.2.3", "run", okFunc))},
		{name: "run of wasi:cli before that of the component", wasm: component(export("run", okFunc), instance(0, "wasi:cli/run@0.2.0", "run", errFunc)), code: 1},
		{name: "run of wasi:cli returns err", wasm: component(instance(0, "wasi:cli/run@0.2.3", "run", errFunc)), code: 1},
		{name: "run of the component", wasm: component(export("run", okFunc))},
		{name: "run of the component returns err", wasm: component(export("run", errFunc)), code: exitError, stderr: "witgen: run returned err\n"},
		{name: "err when asked for", wasm: component(export("run", errFunc)), args: []string{"--invoke", "run()"}, stdout: "err\n"},
		{name: "run returns a number", wasm: component(export("run", sevenF)), stdout: "7\n"},
		{
			name: "run has parameters", wasm: component(export("run", ownFunc)),
			code: exitError, stderr: "no function run without parameters: say with --invoke what to call:\n  run: func(x: own<thing>)",
		},
		{
			name: "two versions of wasi:cli", wasm: component(instance(0, "wasi:cli/run@0.2.0", "run", okFunc), instance(2, "wasi:cli/run@0.3.0", "run", okFunc)),
			code: exitError, stderr: "several functions run: say which one with --invoke:\n  wasi:cli/run@0.2.0#run: func() -> result\n  wasi:cli/run@0.3.0#run: func() -> result\n",
		},
		{name: "no functions", wasm: component(), code: exitError, stderr: "witgen: the component exports no functions\n"},
		{name: "without result", wasm: component(export("f", voidFunc)), args: []string{"--invoke", "f()"}},
		{
			name: "own function before those of interfaces", wasm: component(export("f", sevenF), instance(0, "a:b/c", "f", voidFunc)),
			args: []string{"--invoke", "f()", "--invoke", "c#f()"}, stdout: "7\n",
		},
		{
			name: "ambiguous", wasm: component(instance(0, "a:b/c", "f", voidFunc), instance(2, "a:d/c@1.0.0", "f", sevenF)),
			args: []string{"--invoke", "c#f()"}, code: exitError,
			stderr: "\"c#f\" may be any of these:\n  a:b/c#f: func()\n  a:d/c@1.0.0#f: func() -> u32\n",
		},
		{
			name: "one of them by its package", wasm: component(instance(0, "a:b/c", "f", voidFunc), instance(2, "a:d/c@1.0.0", "f", sevenF)),
			args: []string{"--invoke", "a:d/c#f()"}, stdout: "7\n",
		},
		{
			name: "resource", wasm: component(export("f", ownFunc)), args: []string{"--invoke", "f(1)"}, code: exitError,
			stderr: "f cannot be called from here: parameter \"x\" has own<thing> in it, which has no text form",
		},
		{name: "core module", wasm: []byte(module), code: exitError, stderr: "not a component: core module (layer 0), imports nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.wasm")
			if err := os.WriteFile(file, tt.wasm, 0o666); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			code := run(append([]string{"run", file, "--interpreter"}, tt.args...), &stdout, &stderr)
			if code != tt.code || stdout.String() != tt.stdout || !strings.Contains(stderr.String(), tt.stderr) || tt.stderr == "" && stderr.Len() > 0 {
				t.Errorf("got exit code %d, stdout %q, stderr\n%s\nwant %d, %q and\n%s", code, &stdout, &stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
}

// TestStandardInput reads a component from standard input.
func TestStandardInput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.wasm")
	if err := os.WriteFile(file, component(export("run", sevenF)), 0o666); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func(old *os.File) { os.Stdin = old; _ = in.Close() }(os.Stdin)
	os.Stdin = in
	if got := witgen(t, "run", "-"); got != "7\n" {
		t.Errorf("got %q, want 7", got)
	}
}
