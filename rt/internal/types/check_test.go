package types_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/types"
	"github.com/witgen/witgen/wit"
)

const guests = "../../../examples/plugins/guests/"

func check(t *testing.T, file string) *types.Component {
	t.Helper()
	wasm, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := binary.Decode(wasm)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	c, err := types.Check(tree)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return c
}

// TestGuests compares the types that toolchains write into components with
// those that the contract's WIT has: one text for both.
func TestGuests(t *testing.T) {
	files, err := filepath.Glob(guests + "*/*-processor.wasm")
	if err != nil || len(files) != 8 {
		t.Fatalf("want 8 guests, have %q, %v", files, err)
	}
	pkg, err := wit.Load("../../../examples/plugins/wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		c := check(t, file)
		compare(t, file, c.Type.Imports, pkg.Interface("host-api"), false)
		compare(t, file, c.Type.Exports, pkg.Interface("plugin-api"), true)
	}
}

// compare compares the functions of an interface; all of them have to be there
// for an export, and only those that are used for an import.
func compare(t *testing.T, file string, externs []types.Extern, want *wit.Interface, all bool) {
	t.Helper()
	i := slices.IndexFunc(externs, func(e types.Extern) bool { return e.Name == want.ID() })
	if i < 0 {
		if all {
			t.Errorf("%s lacks %s", file, want.ID())
		}
		return
	}
	seen := 0
	for _, e := range externs[i].Instance.Exports {
		if e.Func == nil {
			continue
		}
		seen++
		k := slices.IndexFunc(want.Funcs, func(f *wit.Func) bool { return f.Name == e.Name })
		if k < 0 {
			t.Errorf("%s: %s has no function %q", file, want.ID(), e.Name)
			continue
		}
		if got, want := wit.FuncText(e.Func), wit.FuncText(want.Funcs[k]); got != want {
			t.Errorf("%s: %s\ngot  %s\nwant %s", file, e.Name, got, want)
		}
	}
	if all && seen != len(want.Funcs) {
		t.Errorf("%s: %d functions of %s, want %d", file, seen, want.ID(), len(want.Funcs))
	}
}

// preamble begins every component.
const preamble = "\x00asm\x0d\x00\x01\x00"

// section encodes a section whose contents are short.
func section(id byte, contents string) string {
	return string([]byte{id, byte(len(contents))}) + contents
}

func TestInvalid(t *testing.T) {
	const (
		types7   = 7
		canon8   = 8
		alias6   = 6
		import10 = 10
		export11 = 11
	)
	// A function type without parameters and results, as type 0.
	fn := section(types7, "\x01\x40\x00\x01\x00")
	tests := []struct{ name, wasm, want string }{
		{"empty record", section(types7, "\x01\x72\x00"), "record type must have at least one field"},
		{"empty flags", section(types7, "\x01\x6e\x00"), "flags must have 1 to 32 names"},
		{"type out of bounds", section(types7, "\x01\x70\x05"), "unknown type 5: index out of bounds, there are 0"},
		{"list of functions", fn + section(types7, "\x01\x70\x00"), "type 0 is not a value type"},
		{"own of a list", section(types7, "\x02\x70\x7d\x69\x00"), "type 0 is not a resource"},
		{"outer alias too far", section(alias6, "\x01\x03\x02\x01\x00"), "there are fewer than 1 enclosing scopes"},
		{"lift of nothing", fn + section(canon8, "\x01\x00\x00\x00\x00\x00"), "unknown core function 0"},
		{"lower of nothing", section(canon8, "\x01\x01\x00\x00\x00"), "unknown function 0"},
		{"drop of a function", fn + section(canon8, "\x01\x03\x00"), "type 0 is not a resource"},
		{"import of another sort", fn + section(import10, "\x01\x00\x01a\x05\x00"), "type 0 is of another sort"},
		{"import twice", fn + section(import10, "\x02\x00\x01a\x01\x00\x00\x01a\x01\x00"), `import name "a" is not unique`},
		{"export of nothing", section(export11, "\x01\x00\x01a\x01\x00\x00"), "unknown function 0"},
		{"memory missing", fn + section(import10, "\x01\x00\x01a\x01\x01") + section(types7, "\x01\x40\x01\x01s\x73\x01\x00"), "unknown type 1"},
		{"lower without memory", section(types7, "\x01\x40\x01\x01s\x73\x01\x00") + section(import10, "\x01\x00\x01a\x01\x00") + section(canon8, "\x01\x01\x00\x00\x00"), "canonical option memory is required"},
		{"utf16", fn + section(import10, "\x01\x00\x01a\x01\x00") + section(canon8, "\x01\x01\x00\x00\x01\x01"), "string encodings other than utf8 are not supported"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree, err := binary.Decode([]byte(preamble + test.wasm))
			if err != nil {
				t.Fatalf("does not decode: %v", err)
			}
			_, err = types.Check(tree)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// TestLarge defines types that double in size: a file of some hundred bytes
// must not describe a type of gigabytes.
func TestLarge(t *testing.T) {
	contents := "\x01\x6f\x02\x7d\x7d" // tuple<u8, u8>
	var wasm strings.Builder
	wasm.WriteString(preamble + section(7, contents))
	for i := range 60 {
		wasm.WriteString(section(7, "\x01\x6f\x02"+string(rune(i))+string(rune(i))))
	}
	tree, err := binary.Decode([]byte(wasm.String()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := types.Check(tree); err == nil || !strings.Contains(err.Error(), "type is too large") {
		t.Errorf("error %v, want one about the size", err)
	}
}
