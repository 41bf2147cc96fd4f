package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// greedy is a component with a page of memory, whose function spin does not end,
// and whose function grow wants another page and traps if it gets none.
func greedy() []byte {
	core := module +
		section(1, "\x01\x60\x00\x00") + section(3, "\x02\x00\x00") + section(5, "\x01\x00\x01") +
		section(7, "\x02\x01a\x00\x00\x01b\x00\x01") +
		section(10, "\x02"+name("\x00\x03\x40\x0c\x00\x0b\x0b")+name("\x00\x41\x01\x40\x00\x41\x7f\x46\x04\x40\x00\x0b\x0b"))
	return []byte("\x00asm\x0d\x00\x01\x00" + section(1, core) + section(2, "\x01\x00\x00\x00") +
		section(6, "\x02\x00\x00\x01\x00"+name("a")+"\x00\x00\x01\x00"+name("b")) +
		section(7, "\x01\x40\x00\x01\x00") + section(8, "\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00") +
		export("spin", "\x01\x00") + export("grow", "\x01\x01"))
}

// TestRunLimits runs a component that uses all that it may have.
func TestRunLimits(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.wasm")
	if err := os.WriteFile(file, greedy(), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args   string
		code   int
		stderr []string
	}{
		{"grow() --memory 128KiB", exitOK, nil},
		{"grow() --memory 131071", exitTrap, []string{
			"witgen: trap in grow: wasm trap: wasm `unreachable` instruction executed; memory: growth to 128 KiB denied: limit of the instance 127 KiB\n",
			"\tat ", "\nthe component may have 131071 bytes of memory, by --memory\n",
		}},
		{"spin() --fuel 100000", exitTrap, []string{"witgen: trap in spin: wasm trap: fuel used up\n", "\na call may use 100000 of fuel, by --fuel\n"}},
		{"spin() --timeout 50ms", exitTimeout, []string{"witgen: trap in spin: wasm trap: context done: timeout of 50ms is over\n"}},
	} {
		t.Run(tt.args, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			began := time.Now()
			code := run(append([]string{"run", file, "--invoke"}, strings.Fields(tt.args)...), &stdout, &stderr)
			if code != tt.code || stdout.Len() > 0 || len(tt.stderr) == 0 && stderr.Len() > 0 {
				t.Errorf("got exit code %d, want %d; stdout %q, stderr %q", code, tt.code, &stdout, &stderr)
			}
			for _, want := range tt.stderr {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("stderr %q lacks %q", &stderr, want)
				}
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
