package rt_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/rt"
	component "github.com/witgen/witgen/rt/internal/binary"
)

// appendSection encodes a section of a component or a core module.
func appendSection(b []byte, id byte, contents []byte) []byte {
	b = binary.AppendUvarint(append(b, id), uint64(len(contents)))
	return append(b, contents...)
}

// largeComponent makes a component like those of big programs: the first guest
// grown until the functions of its program take at least size bytes, with a
// name for each function, and with the other guests nested in it. It serves the
// contract of examples/plugins as the first guest does.
func largeComponent(t testing.TB, size int, first string, others ...string) []byte {
	t.Helper()
	wasm := readGuest(t, first)
	const preamble = 8
	large := slices.Clone(wasm[:preamble])
	grown := false
	for rest := wasm[preamble:]; len(rest) > 0; {
		n, w := binary.Uvarint(rest[1:])
		id, contents := rest[0], rest[1+w:1+w+int(n)]
		rest = rest[1+w+int(n):]
		if id == 1 && !grown { // the first core module is the program
			contents, grown = largeModule(t, contents, size), true
		}
		large = appendSection(large, id, contents)
	}
	for _, lang := range others {
		large = appendSection(large, 4, readGuest(t, lang))
	}
	return large
}

func readGuest(t testing.TB, lang string) []byte {
	t.Helper()
	wasm, err := os.ReadFile(guests.Plugin(lang + "/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// largeModule repeats the functions of a core module under new indices until
// they take at least size bytes. The repeated ones call the first ones; exports
// are of the last ones, so that a call starts at the far end.
func largeModule(t testing.TB, wasm []byte, size int) []byte {
	t.Helper()
	m, err := component.DecodeModule(wasm)
	if err != nil {
		t.Fatal(err)
	}
	code, ok := m.Section(component.ModuleCode)
	if !ok {
		t.Fatal("no code section")
	}
	times := 1 + (size-1)/len(code.Body.Of(wasm))
	imported := uint32(m.Len(component.CoreFunc) - len(m.Funcs))
	last := uint32((times - 1) * len(m.Funcs))

	large := slices.Clone(wasm[:m.Sections[0].All.Start])
	for _, s := range m.Sections {
		switch s.ID {
		case component.ModuleFunction, component.ModuleCode:
			_, w := binary.Uvarint(s.Body.Of(wasm)) // as many as there are functions
			all := binary.AppendUvarint(nil, uint64(times*len(m.Funcs)))
			all = append(all, bytes.Repeat(s.Body.Of(wasm)[w:], times)...)
			large = appendSection(large, s.ID, all)
		case component.ModuleExport:
			all := binary.AppendUvarint(nil, uint64(len(m.Exports)))
			for _, e := range m.Exports {
				if e.Sort == component.CoreFunc && e.Idx >= imported {
					e.Idx += last
				}
				all = appendText(all, e.Name)
				all = binary.AppendUvarint(append(all, byte(e.Sort)), uint64(e.Idx))
			}
			large = appendSection(large, s.ID, all)
		default:
			large = append(large, s.All.Of(wasm)...)
		}
	}
	return appendSection(large, component.ModuleCustom, names(int(imported)+times*len(m.Funcs)))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// names encodes a name section that names n functions.
func names(n int) []byte {
	list := binary.AppendUvarint(nil, uint64(n))
	for i := range n {
		list = binary.AppendUvarint(list, uint64(i))
		list = appendText(list, fmt.Sprintf("example.com/program/internal/part%02d.(*Type).Method%d", i%32, i))
	}
	return appendSection(appendText(nil, "name"), 1, list) // 1: function names
}

// TestLargeComponent runs a component whose core modules are of several
// megabytes; a smaller one under the race detector.
func TestLargeComponent(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles megabytes of code")
	}
	ctx := context.Background()
	code, langs := 2<<20, []string{"go", "rust", "c", "js"}
	if race.Enabled {
		code, langs = 256<<10, []string{"rust", "c"}
	}
	wasm := largeComponent(t, code, langs[0], langs[1:]...)
	if len(wasm) < code {
		t.Fatalf("%d bytes", len(wasm))
	}
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	clear(wasm) // Compile is done with the bytes
	h := &host{config: map[string]string{"database_url": "db://here"}}
	p, err := plugin.Instantiate(ctx, c, plugin.Imports{HostAPI: h}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(ctx)
	if err := p.PluginAPI.Initialize(ctx, nil); err != nil {
		t.Fatal(err)
	}
	out, err := p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "row 1"})
	if want := (pluginapi.ProcessResponse{Output: "processed: row 1", Success: true}); err != nil || out != want {
		t.Errorf("process = %v, %v; want %v", out, err, want)
	}
	want := []string{"config database_url", "log info connected to db://here", "log info processing row 1", "emit processing_complete row 1"}
	if !slices.Equal(h.seen, want) {
		t.Errorf("host saw %q, want %q", h.seen, want)
	}
}
