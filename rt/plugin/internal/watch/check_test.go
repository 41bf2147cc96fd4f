package watch

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	wasm "github.com/witgen/witgen/rt/internal/binary"
)

// realComponent returns a component that a compiler made.
func realComponent(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(guests.Plugin("rust/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// component returns a component like no other of another n, and of another size.
func component(n int) []byte {
	b := append([]byte(preamble), 0)
	b = binary.AppendUvarint(b, uint64(2+5000+n))
	b = append(b, 1, 'v')
	return append(b, make([]byte, 5000+n)...)
}

// module returns a core module that imports a function from each name.
func module(names ...string) []byte {
	b := []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x02")
	var imports []byte
	for _, name := range names {
		imports = append(imports, byte(len(name)))
		imports = append(imports, name...)
		imports = append(imports, 1, 'f', 0, 0)
	}
	b = append(b, byte(len(imports)+1), byte(len(names)))
	return append(b, imports...)
}

func TestCheck(t *testing.T) {
	whole := realComponent(t)
	tests := []struct {
		name string
		in   []byte
		kind Kind
		want string // empty: no error
	}{
		{"component", whole, 0, ""},
		{"component without sections", []byte(preamble), 0, ""},
		{"wasip1 module", module("wasi_snapshot_preview1"), NotComponent,
			"p.wasm: not a component: core module (layer 0), imports wasi_snapshot_preview1"},
		{"module with its own imports", module("env", "acme"), NotComponent,
			`p.wasm: not a component: core module (layer 0), imports "env", "acme"`},
		{"module without imports", []byte("\x00asm\x01\x00\x00\x00"), NotComponent,
			"p.wasm: not a component: core module (layer 0), imports nothing"},
		{"newer component", []byte("\x00asm\x0e\x00\x01\x00"), NotComponent,
			"p.wasm: at 0x4: unknown version 0e 00 01 00 of a component, this is 0d 00 01 00"},
		{"ELF", []byte("\x7fELF\x02\x01\x01\x00"), NotWasm, "p.wasm: not wasm: starts with 7f 45 4c 46"},
		{"short and not wasm", []byte("#!"), NotWasm, "p.wasm: not wasm: starts with 23 21"},
		{"empty", nil, Truncated, "p.wasm: unexpected end at 0x0"},
		{"beginning of a module", []byte("\x00asm\x01"), Truncated, "p.wasm: unexpected end at 0x5"},
		{"within a section of a module in it", whole[:0x2000], Truncated, "p.wasm: unexpected end at 0x2000 in section code"},
		{"within a size", []byte(preamble + "\x07\x80"), Truncated, "p.wasm: unexpected end at 0xa in section type"},
		{"without a size", []byte(preamble + "\x0a"), Truncated, "p.wasm: unexpected end at 0x9 in section import"},
		{"within an unknown section", []byte(preamble + "\x3f\x01"), Truncated, "p.wasm: unexpected end at 0xa in section 0x3f"},
		{"within a nested component", []byte(preamble + "\x04\x7f" + preamble + "\x07\x05"), Truncated,
			"p.wasm: unexpected end at 0x14 in section type"},
		{"between sections of a nested component", []byte(preamble + "\x04\x7f" + preamble + "\x07\x01\x00"), Truncated,
			"p.wasm: unexpected end at 0x15 in section component"},
		{"a size that is none", []byte(preamble + "\x07\x80\x80\x80\x80\x80"), 0, ""}, // whoever decodes it says so
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := check("p.wasm", tt.in, sha256.Sum256(tt.in))
			if tt.want == "" {
				if err != nil {
					t.Fatalf("got error %v, want none", err)
				}
				return
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Kind != tt.kind || e.Error() != tt.want {
				t.Fatalf("got %v\nwant kind %d: %s", err, tt.kind, tt.want)
			}
			if e.Digest != sha256.Sum256(tt.in) || e.Passing() || !errors.Is(err, rt.ErrNotComponent) {
				t.Errorf("digest %s, passing %t, rt.ErrNotComponent %t", e.Digest, e.Passing(), errors.Is(err, rt.ErrNotComponent))
			}
		})
	}
}

// TestCutEverywhere cuts a component at every byte: it is noticed unless what
// is left is a component, and not if it is, which its decoder decides.
func TestCutEverywhere(t *testing.T) {
	whole := realComponent(t)
	unnoticed := 0
	for n := range whole {
		_, got := cut(whole[:n])
		if !got {
			unnoticed++
		} else if n%7 > 0 {
			continue // the decoder takes its time
		}
		if _, err := wasm.Decode(whole[:n]); got == (err == nil) {
			t.Errorf("cut at %#x: noticed %t, decoded with error %v", n, got, err)
		}
	}
	if _, got := cut(whole); got {
		t.Error("the whole component is cut")
	}
	if unnoticed == 0 || unnoticed > 40 {
		t.Errorf("%d cuts are between sections, want some and few", unnoticed)
	}
}

// TestCutManySections has two million sections: no more is done for each than has to be.
func TestCutManySections(t *testing.T) {
	b := append([]byte(preamble), make([]byte, 4<<20)...)
	least := math.Inf(1)
	for range 5 { // what else the process does is counted too, at times
		least = min(least, testing.AllocsPerRun(1, func() {
			if _, is := cut(b); is {
				t.Error("whole sections are said to be cut")
			}
		}))
	}
	if least > 0 {
		t.Errorf("%v allocations, want none", least)
	}
}

func TestCodes(t *testing.T) {
	want := map[Kind]string{Disk: "", Missing: "", NotRegular: "", TooLarge: "", Changing: "RT103",
		NotComponent: "RT101", NotWasm: "RT102", Truncated: "RT104", Truncated + 1: ""}
	for k, code := range want {
		if got := k.Code(); got != code {
			t.Errorf("kind %d: got %q, want %q", k, got, code)
		}
	}
}

func FuzzCheck(f *testing.F) {
	// Small ones: the fuzzer spends its time on making large ones smaller.
	f.Add(append([]byte(preamble), "\x00\x02\x01v\x01\x08\x00asm\x01\x00\x00\x00"...))
	f.Add(realComponent(f)[:0xa0])
	f.Add([]byte("\x7fELF"))
	f.Add(module("env"))
	f.Add([]byte(preamble + "\x04\x7f" + preamble + "\x07\x05"))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := check("p", b, sha256.Sum256(b))
		_, decoded := wasm.Decode(b)
		if decoded == nil && err != nil {
			t.Fatalf("a component is refused: %v", err)
		}
		if err != nil && (!strings.HasPrefix(err.Error(), "p: ") || strings.ToValidUTF8(err.Error(), "") != err.Error()) {
			t.Fatalf("error %q", err)
		}
		if e, ok := errors.AsType[*wasm.Error](decoded); ok && e.Truncated && e.Offset == len(b) && err == nil {
			if _, short := cut(b); !short && e.Section == "" {
				t.Fatalf("ends too soon, unnoticed: %v", decoded)
			}
		}
	})
}
