package binary

import (
	"bytes"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// What decoding may allocate: so much for each byte of input, and so much
// whatever the input. The first leaves room for a definition in a single
// byte, a tree node and its share of a growing slice.
const (
	bytesPerByte = 100
	bytesAlways  = 64 << 10
)

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestAllocation decodes inputs that promise much, or hold as many nodes as
// their bytes can.
func TestAllocation(t *testing.T) {
	const n = 1 << 20
	fill := strings.Repeat("\x00", n)
	huge := "\xff\xff\xff\xff\x0f" // as a count
	million := uleb(1_000_000)
	tests := []struct{ name, in string }{
		{"count of types beyond the input", sec(7, huge)},
		{"count of types within the input", sec(7, million+fill)},
		{"a million types", sec(7, million+strings.Repeat("\x7f", 1_000_000))},
		{"a million function types", sec(7, uleb(n/4)+strings.Repeat("\x40\x00\x01\x00", n/4))},
		{"count of members within the input", sec(7, "\x01\x72"+uleb(maxMembers)+fill)},
		{"tuples", sec(7, uleb(100)+strings.Repeat("\x6f"+uleb(maxMembers)+strings.Repeat("\x7f", maxMembers), 100))},
		{"variants of empty names", sec(7, uleb(30)+strings.Repeat("\x71"+uleb(maxMembers)+strings.Repeat("\x00\x00\x00", maxMembers), 30))},
		{"core groups", sec(3, uleb(n/2)+strings.Repeat("\x4e\x00", n/2))},
		{"core arrays", sec(3, uleb(n/3)+strings.Repeat("\x5e\x7f\x00", n/3))},
		{"core module declarations", sec(3, "\x01\x50"+uleb(n/4)+strings.Repeat("\x03\x00\x00\x00", n/4))},
		{"core module imports", sec(1, emptyModule+sec(2, uleb(n/4)+strings.Repeat("\x00\x00\x00\x00", n/4)))},
		{"core module tables", sec(1, emptyModule+sec(4, uleb(n/3)+strings.Repeat("\x70\x00\x00", n/3)))},
		{"core module exports", sec(1, emptyModule+sec(7, uleb(n/3)+strings.Repeat("\x00\x00\x00", n/3)))},
		{"empty custom sections", strings.Repeat("\x00\x01\x00", n/3)},
		{"empty type sections", strings.Repeat("\x07\x01\x00", n/3)},
		{"empty core sections", sec(1, emptyModule+strings.Repeat("\x00\x01\x00", n/3))},
		{"exports of an instance", sec(5, "\x01\x01"+uleb(maxArgs)+strings.Repeat("\x00\x00\x01\x00", maxArgs))},
		{"attributes", sec(10, uleb(1000)+strings.Repeat("\x02\x00"+uleb(maxAttrs)+strings.Repeat("\x00\x00", maxAttrs)+"\x01\x00", 1000))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := []byte(component(tt.in))
			got := allocated(func() { Decode(in) })
			t.Logf("%d bytes of input, %d allocated: %d for each", len(in), got, got/uint64(len(in)))
			if limit := uint64(len(in))*bytesPerByte + bytesAlways; got > limit {
				t.Errorf("%d bytes of input made Decode allocate %d, limit %d", len(in), got, limit)
			}
		})
	}
}

// TestHostile decodes every cut and single-byte changes of each small input:
// the outcome is a tree or an error inside the input, and what all of them
// allocate has a bound.
func TestHostile(t *testing.T) {
	t.Run("own", func(t *testing.T) {
		in := []byte(everything())
		if _, err := Decode(in); err != nil {
			t.Fatal(err)
		}
		mangle(t, in, 0x01, 0x80, 0xff)
	})
	t.Run("suite", func(t *testing.T) {
		for _, f := range suite(t) {
			if len(f.wasm) <= 512 {
				mangle(t, f.wasm, 0xff)
			}
		}
	})
}

// mangle decodes in cut at every length, and with each byte changed by each
// of the flips.
func mangle(t *testing.T, in []byte, flips ...byte) {
	t.Helper()
	runs := 0
	try := func(in []byte) {
		runs++
		c, err := Decode(in)
		if (c == nil) == (err == nil) {
			t.Errorf("tree %v and error %v for % x", c, err, in)
		}
		if e, ok := errors.AsType[*Error](err); ok && (e.Offset < 0 || e.Offset > len(in)) {
			t.Errorf("offset outside of %d bytes: %v", len(in), err)
		}
	}
	got := allocated(func() {
		for n := range in {
			try(in[:n:n])
		}
		changed := bytes.Clone(in)
		for i, b := range in {
			for _, x := range flips {
				changed[i] = b ^ x
				try(changed)
			}
			changed[i] = b
		}
	})
	if limit := uint64(runs * (len(in)*bytesPerByte + 4<<10)); got > limit {
		t.Errorf("%d decodings of %d bytes allocated %d bytes, limit %d", runs, len(in), got, limit)
	}
}

// everything is a component with every section in it.
func everything() string {
	module := emptyModule + sec(ModuleType, vecOf("\x60\x01\x7f\x01\x7e")) +
		sec(ModuleImport, vecOf("\x01a\x01f\x00\x00", "\x00\x00\x03\x7f\x00")) +
		sec(ModuleFunction, vecOf("\x00")) + sec(ModuleTable, vecOf("\x70\x01\x01\x02")) + sec(ModuleMemory, vecOf("\x00\x01")) +
		sec(ModuleGlobal, vecOf("\x7e\x01\x42\x7f\x0b")) + sec(ModuleExport, vecOf("\x01g\x00\x01")) + sec(ModuleCode, vecOf("\x02\x00\x0b"))
	return component(
		sec(0, "\x01n"+"\x00"),
		sec(1, module),
		sec(2, vecOf("\x00\x00"+vecOf("\x01a\x12\x00"), "\x01"+vecOf("\x01f\x00\x00"))),
		sec(3, vecOf("\x60\x00\x00", "\x50"+vecOf("\x00\x01a\x01b\x03\x7f\x01", "\x02\x10\x01\x01\x00", "\x01\x4e\x01\x5e\x7f\x00", "\x03\x01m\x02\x01\x01\x02"))),
		sec(4, component(sec(7, vecOf("\x7f")))),
		sec(5, vecOf("\x00\x00"+vecOf("\x01a\x00\x11\x00"), "\x01"+vecOf("\x00\x01b\x01\x00"))),
		sec(6, vecOf("\x01\x00\x00\x01b", "\x00\x00\x01\x00\x01f", "\x03\x02\x00\x00")),
		sec(7, vecOf("\x72"+vecOf("\x01a\x7f"), "\x71"+vecOf("\x01c\x01\x00\x00"), "\x67\x7d\x03", "\x6f"+vecOf("\x73"), "\x6e"+vecOf("\x01f"),
			"\x6a\x01\x00\x01\x7f", "\x63\x73\x79", "\x65\x01\x00", "\x3f\x7f\x01\x00", "\x43"+vecOf("\x01p\x00")+"\x00\x01",
			"\x41"+vecOf("\x03\x00\x01a\x03\x01", "\x01\x42"+vecOf("\x04\x00\x01b\x05\x00"), "\x02\x03\x02\x01\x00", "\x00\x60\x00\x00"))),
		sec(8, vecOf("\x00\x00\x00"+vecOf("\x00", "\x03\x00")+"\x00", "\x01\x00\x00\x00", "\x02\x08", "\x09\x00\x79\x00", "\x20\x00\x00", "\x0a\x7f\x01", "\x27\x00\x00")),
		sec(9, "\x00"+vecOf("\x00")+"\x01"),
		sec(10, vecOf("\x02\x01i"+vecOf("\x00\x05a:b/c", "\x02\x01x")+"\x05\x00", "\x00\x01v\x02\x01\x73")),
		sec(11, vecOf("\x00\x01e\x01\x00\x01\x01\x00")),
		sec(12, vecOf("\x7d\x01\x2a")))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(everything()))
	f.Add([]byte(component()))
	f.Add([]byte(emptyModule))
	addSuite(f, func(wasm []byte) { f.Add(wasm) })
	f.Fuzz(func(t *testing.T, wasm []byte) {
		c, err := Decode(wasm)
		if e, ok := errors.AsType[*Error](err); ok && (e.Offset < 0 || e.Offset > len(wasm)) {
			t.Errorf("offset outside of %d bytes: %v", len(wasm), err)
		}
		if err != nil {
			return
		}
		again, err := Decode(wasm)
		if err != nil || !reflect.DeepEqual(c, again) || c.String() != again.String() {
			t.Errorf("a second decoding differs, error %v", err)
		}
	})
}

func FuzzDecodeModule(f *testing.F) {
	f.Add([]byte(emptyModule))
	f.Add([]byte(emptyModule + sec(ModuleImport, vecOf("\x01a\x01m\x02\x00\x02"))))
	addSuite(f, func(wasm []byte) {
		if c, err := Decode(wasm); err == nil {
			for _, d := range c.Defs {
				if m, ok := d.(*CoreModule); ok {
					f.Add(m.Bytes)
				}
			}
		}
	})
	f.Fuzz(func(t *testing.T, wasm []byte) {
		m, err := DecodeModule(wasm)
		if err != nil {
			return
		}
		for i, span := range m.ImportTypes {
			r := newReader(span.Of(wasm))
			if got := r.coreExternType(); r.err != nil || got != m.Imports[i].Type || r.remaining() != 0 {
				t.Errorf("type of import %d lies elsewhere than at %v", i, span)
			}
		}
		for _, e := range m.Exports {
			if _, ok := m.Extern(e.Sort, e.Idx); ok != (int64(e.Idx) < int64(m.Len(e.Sort))) {
				t.Errorf("export %q: index %d of %d, found %v", e.Name, e.Idx, m.Len(e.Sort), ok)
			}
		}
	})
}

// addSuite calls add with the smaller binaries of the official suite, if it
// is there.
func addSuite(f *testing.F, add func([]byte)) {
	for _, file := range suiteFiles(f) {
		if len(file.wasm) <= 512 {
			add(file.wasm)
		}
	}
}
