package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInspectOther is about what the guests of the example do not have.
func TestInspectOther(t *testing.T) {
	component := "\x00asm\x0d\x00\x01\x00"
	for _, tt := range []struct {
		name, wasm string
		want, json []string // the output contains
	}{
		{
			name: "core module", wasm: module + section(5, "\x01\x01\x02\x03"),
			want: []string{"core module, 14 bytes\n", "no component", " 2..3 ", "core modules: 1 of 14 bytes\n"},
			json: []string{`"kind": "core module"`, `"min": 2,`, `"max": 3`},
		},
		{
			name: "not supported", wasm: component + section(8, "\x01\x42\x00") + section(1, module) + section(11, "\x01\x00"+name("m")+"\x00\x11\x00\x00"),
			want: []string{"cannot be compiled: component: ", "exports:\n  m\n", "not supported: built-in thread.available-parallelism\n"},
			json: []string{`"error": "component: `, `"name": "m"`, `"supported": false`},
		},
		{
			name: "traps when called", wasm: component + section(8, "\x01\x1f"),
			want: []string{"uses built-ins: waitable-set.new (1)\n", "not supported: built-in waitable-set.new\n"},
			json: []string{`"name": "waitable-set.new",`},
		},
		{
			name: "multiple memories", wasm: component + section(1, module+section(5, "\x02\x00\x01\x04\x02")),
			want: []string{"1.., 2.. 64-bit", "uses core features: 64-bit memory (1), multiple memories (1)\nnot supported: core 64-bit memory, core multiple memories\n"},
			json: []string{`"is64": true`},
		},
		{
			name: "text of a guest", wasm: component + section(0, name("producers")+"\x01"+name("sdk")+"\x01"+name("\x1b[31mred")+name("")),
			want: []string{"  sdk \"\\x1b[31mred\"\n"},
			json: []string{`\u001b[31mred`},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.wasm")
			if err := os.WriteFile(file, []byte(tt.wasm), 0o666); err != nil {
				t.Fatal(err)
			}
			text, json := witgen(t, "inspect", file), witgen(t, "inspect", file, "--json")
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("got\n%s\nwant %q in it", text, want)
				}
			}
			for _, want := range tt.json {
				if !strings.Contains(json, want) {
					t.Errorf("got\n%s\nwant %q in it", json, want)
				}
			}
		})
	}
}
