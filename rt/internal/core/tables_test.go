package core

import (
	"bytes"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/binary"
)

const preamble = "\x00asm\x01\x00\x00\x00"

// tableModule has tables, and a function that makes table 0 grow by its
// parameter if code is that.
func tableModule(tables, code string) []byte {
	body := "\x00" + code
	return []byte(preamble + "\x01\x06\x01\x60\x01\x7f\x01\x7f" + "\x03\x02\x01\x00" + tables +
		"\x07\x05\x01\x01f\x00\x00" + "\x0a" + string(rune(len(body)+2)) + "\x01" + string(rune(len(body))) + body)
}

const growTable = "\xd0\x70\x20\x00\xfc\x0f\x00\x0b"

func TestCapTables(t *testing.T) {
	for _, test := range []struct{ name, tables, want string }{
		{"no maximum", "\x04\x04\x01\x70\x00\x02", "\x04\x05\x01\x70\x01\x02\x64"},
		{"a lower one", "\x04\x05\x01\x70\x01\x02\x03", "\x04\x05\x01\x70\x01\x02\x03"},
		{"a higher one", "\x04\x06\x01\x70\x01\x02\xff\x01", "\x04\x05\x01\x70\x01\x02\x64"},
		{"more to begin with", "\x04\x05\x01\x70\x00\xac\x02", "\x04\x07\x01\x70\x01\xac\x02\xac\x02"},
		{"several", "\x04\x0b\x03\x70\x00\x00\x70\x01\x01\x01\x6f\x00\x05", "\x04\x0d\x03\x70\x01\x00\x64\x70\x01\x01\x01\x6f\x01\x05\x64"},
		{"with a value", "\x04\x09\x01\x40\x00\x70\x00\x02\xd0\x70\x0b", "\x04\x0a\x01\x40\x00\x70\x01\x02\x64\xd0\x70\x0b"},
		{"none", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := CapTables(tableModule(test.tables, growTable), 100)
			if want := tableModule(test.want, growTable); err != nil || !bytes.Equal(got, want) {
				t.Errorf("got %x, %v\nwant %x", got, err, want)
			}
		})
	}
	for _, bad := range []string{"\x04\x03\x01\x70\x00", "\x04\x05\x01\x70\x00\x02\x00", "\x04\x05\x01\x40\x00\x70\x00"} {
		if _, err := CapTables(tableModule(bad, growTable), 100); err == nil {
			t.Errorf("%x is no error", bad)
		}
	}
}

// TestCappedTableGrows runs a capped module: its table grows to the cap and no
// further.
func TestCappedTableGrows(t *testing.T) {
	capped, err := CapTables(tableModule("\x04\x04\x01\x70\x00\x02", growTable), 100)
	if err != nil {
		t.Fatal(err)
	}
	r := wazero.NewRuntime(t.Context())
	defer r.Close(t.Context())
	m, err := r.Instantiate(t.Context(), capped)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ by, want int32 }{{50, 2}, {49, -1}, {48, 52}, {1, -1}, {0, 100}, {-1, -1}} {
		got, err := m.ExportedFunction("f").Call(t.Context(), api.EncodeI32(step.by))
		if err != nil || api.DecodeI32(got[0]) != step.want {
			t.Errorf("growing by %d: %d, %v, want %d", step.by, api.DecodeI32(got[0]), err, step.want)
		}
	}
}

func TestGrowsTables(t *testing.T) {
	for _, test := range []struct {
		name, code string
		want       bool
	}{
		{"table.grow", growTable, true},
		{"in a longer form", "\xd0\x70\x20\x00\xfc\x8f\x80\x00\x00\x0b", true},
		{"inside a constant", "\x41\xfc\x0f\x0b", false},
		{"behind a constant with it", "\x41\xfc\x0f\x1a" + growTable, true},
		{"table.size", "\xfc\x10\x00\x0b", false},
		{"in a branch", "\x02\x7f" + "\xd0\x70\x20\x00\xfc\x0f\x00\x0b\x0b", true},
	} {
		got, err := GrowsTables(tableModule("\x04\x04\x01\x70\x00\x02", test.code))
		if got != test.want || err != nil {
			t.Errorf("%s: %v, %v, want %v", test.name, got, err, test.want)
		}
	}
	if got, err := GrowsTables([]byte(preamble)); got || err != nil {
		t.Errorf("an empty module: %v, %v", got, err)
	}
	if _, err := GrowsTables(tableModule("\x04\x04\x01\x70\x00\x02", "\x27\xfc\x0f\x0b")); err == nil {
		t.Error("an unknown instruction is no error")
	}
}

func FuzzTables(f *testing.F) {
	f.Add(tableModule("\x04\x0b\x03\x70\x00\x00\x70\x01\x01\x01\x6f\x00\x05", growTable))
	f.Add(tableModule("\x04\x09\x01\x40\x00\x70\x00\x02\xd0\x70\x0b", "\x41\xfc\x0f\x0b"))
	f.Fuzz(func(t *testing.T, module []byte) {
		GrowsTables(module) // it must not panic
		capped, err := CapTables(module, 100)
		if err != nil {
			return
		}
		before, err := binary.DecodeModule(module)
		if err != nil {
			t.Fatal(err)
		}
		after, err := binary.DecodeModule(capped)
		if err != nil {
			t.Fatalf("the result does not decode: %v", err)
		}
		for i, x := range after.Tables {
			if l := before.Tables[i].Limits; !x.Limits.HasMax || x.Limits.Max != CappedTable(l, 100) || x.Limits.Min != l.Min {
				t.Errorf("table %d: %+v of %+v", i, x.Limits, l)
			}
		}
	})
}
