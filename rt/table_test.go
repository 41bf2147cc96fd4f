package rt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

// tables is a core module with tables, as a section wants them, and with a
// function that makes the first grow if that is asked for.
func tables(grows bool, types ...string) string {
	m := wasmSection(4, types...)
	if !grows {
		return m
	}
	return wasmSection(1, "\x60\x00\x00") + wasmSection(3, "\x00") + m + wasmSection(10, text("\x00\xd0\x70"+i32(1)+"\xfc\x0f\x00"+drop+end))
}

// TestTables: tables count with what they can have at most, and an instance
// with more of that than it may have does not start.
func TestTables(t *testing.T) {
	e := ownEngine(t, rt.Config{})
	open, closed := "\x70\x00"+uleb(300), "\x70\x01"+uleb(10)+uleb(500)
	for _, test := range []struct {
		name  string
		wasm  []byte
		limit int
		want  string
	}{
		{"do not grow", modules(1, tables(false, open, closed)), 310, ""},
		{"do not grow, and are more", modules(1, tables(false, open, closed)), 309, "tables may have 310 elements, limit 309"},
		{"grow", modules(1, tables(true, open, closed)), 100_500, ""},
		{"grow, and may be more", modules(1, tables(true, open, closed)), 100_499, "tables may have 100500 elements, limit 100499"},
		{"another module has the instruction", modules(1, tables(false, open), tables(true, closed)), 100_499, "100500 elements"},
		{"of several instances", modules(3, tables(false, closed)), 29, "30 elements"},
		{"default", modules(1, tables(true, open)), 0, ""},
		{"too large by default", modules(1, tables(false, "\x70\x00"+uleb(1_000_001))), 0, "tables may have 1000001 elements, limit 1000000"},
		{"as large as can be said", modules(2, tables(true, "\x70\x00"+uleb(1<<27))), 0, "268435456 elements"},
		{"nothing allowed", modules(1, tables(false, "\x70\x00\x01")), -1, "limit -1"},
		{"nothing needed", modules(1, memoryOf(1, 1)), -1, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			in, err := instantiate(t, e, test.wasm, rt.Limits{Tables: test.limit})
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				closeInstance(t, in)
			} else if !errors.Is(err, rt.ErrMemory) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestTableGrows: a table does not grow beyond what it is counted with. The
// guest's start function traps if one does, and if it does not grow to that.
func TestTableGrows(t *testing.T) {
	by := func(n, want int) string {
		return "\xd0\x70" + i32(n) + "\xfc\x0f\x00" + i32(want) + "\x47" + when + trap + end
	}
	code := by(100_000, -1) + by(99_000, 1000) + by(1, -1) + by(-1, -1) + by(0, 100_000)
	wasm := modules(1, wasmSection(1, "\x60\x00\x00")+wasmSection(3, "\x00")+wasmSection(4, "\x70\x00"+uleb(1000))+"\x08\x01\x00"+
		wasmSection(10, text("\x00"+code+end)))
	in, err := instantiate(t, ownEngine(t, rt.Config{}), wasm, rt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	closeInstance(t, in)
}

// TestDefinitions: what the core modules of an instance define is bounded,
// however often each is instantiated.
func TestDefinitions(t *testing.T) {
	globals := make([]string, 10_000)
	for i := range globals {
		globals[i] = "\x7f\x00\x41\x00\x0b"
	}
	segments := make([]string, 20_000)
	for i := range segments {
		segments[i] = "\x01\x00" // of no bytes
	}
	e := ownEngine(t, rt.Config{})
	for name, module := range map[string]string{
		"globals":       wasmSection(6, globals...),
		"data segments": wasmSection(5, "\x00\x00") + wasmSection(11, segments...),
	} {
		in, err := instantiate(t, e, modules(100, module), rt.Limits{})
		if err != nil {
			t.Errorf("%s of 100 instances: %v", name, err)
		} else {
			closeInstance(t, in)
		}
		if _, err := instantiate(t, e, modules(900, module), rt.Limits{}); !errors.Is(err, rt.ErrMemory) || !strings.Contains(err.Error(), "of definitions, limit 16.0 MiB") {
			t.Errorf("%s of 900 instances: %v", name, err)
		}
	}
}
