package dyn

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// specStrings are those of run_tests.py and, after the empty line, some
// outside the basic plane, of which run_tests.py has none.
var specStrings = []string{
	"", "a", "hi", "\x00", "a\x00b", "\u0080", "\u0080b", "ab\u00efc",
	"\u01ffy", "xy\u01ff", "a\ud7ffb", "a\u02ff\u03ff\u04ffbc",
	"\uf123", "\uf123\uf123abc", "abcdef\uf123",

	"\U0001f600", "a\U0001f600b", "\u00ff\U0010ffff", "\U00010000\u00e9",
}

var encodings = []task.Encoding{task.UTF8, task.UTF16, task.Latin1UTF16}

const tag = 1 << 31 // of a length: that the string is UTF-16

// lain is a string as it lies in a memory.
type lain struct {
	in    task.Encoding
	data  []byte
	units uint32 // code units, with the tag
}

// lay returns the ways in which a string can lie in a memory.
func lay(e task.Encoding, s string) []lain {
	var wide []byte
	for _, u := range utf16.Encode([]rune(s)) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	n := uint32(len(wide) / 2)
	switch e {
	case task.UTF8:
		return []lain{{e, []byte(s), uint32(len(s))}}
	case task.UTF16:
		return []lain{{e, wide, n}}
	}
	both := []lain{{e, wide, n | tag}}
	if narrow, ok := latin1(s); ok {
		both = append([]lain{{e, narrow, uint32(len(narrow))}}, both...)
	}
	return both
}

func latin1(s string) (b []byte, ok bool) {
	for _, r := range s {
		if r > 0xff {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}

// request is what realloc is asked for: the first for something new, each
// other to have what the one before gave out be as long as this.
type request struct{ align, want int }

// requests follows the functions of definitions.py that
// store_string_into_range chooses from.
func requests(from lain, to task.Encoding, s string) []request {
	n := int(from.units &^ tag)
	tagged := from.units&tag != 0
	narrow, isLatin1 := latin1(s)
	wide := 2 * len(utf16.Encode([]rune(s)))
	isASCII := !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
	shrink := func(most, align, want int) []request {
		if most > want {
			return []request{{align, want}}
		}
		return nil
	}
	switch {
	case to == task.UTF8 && (from.in == task.UTF8 || isASCII):
		return []request{{1, n}}
	case to == task.UTF8 && (from.in == task.UTF16 || tagged):
		return append([]request{{1, n}, {1, 3 * n}}, shrink(3*n, 1, len(s))...)
	case to == task.UTF8:
		return append([]request{{1, n}, {1, 2 * n}}, shrink(2*n, 1, len(s))...)
	case to == task.UTF16 && from.in == task.UTF8:
		return append([]request{{2, 2 * n}}, shrink(2*n, 2, wide)...)
	case to == task.UTF16:
		return []request{{2, 2 * n}}
	case tagged && isLatin1:
		return []request{{2, 2 * n}, {1, n}}
	case tagged:
		return []request{{2, 2 * n}}
	case isLatin1:
		return append([]request{{2, n}}, shrink(n, 2, len(narrow))...)
	}
	return append([]request{{2, n}, {2, 2 * n}}, shrink(2*n, 2, wide)...)
}

// TestSpecStrings lifts each string from each encoding and lowers it to each,
// with the same requests for memory as definitions.py makes.
func TestSpecStrings(t *testing.T) {
	typ := mustType(t, wit.String)
	for _, from := range encodings {
		for _, to := range encodings {
			for _, s := range specStrings {
				for _, l := range lay(from, s) {
					t.Run(fmt.Sprintf("%d to %d %+q %#x", from, to, s, l.units), func(t *testing.T) {
						h := &heap{b: slices.Clone(l.data)}
						var text, plain any
						if err := h.guest(from).run(t, func(x *Context) {
							plain = LiftFlat(x, []uint64{0, uint64(l.units)}, typ)
							x.Transfer = true
							text = LiftFlat(x, []uint64{0, uint64(l.units)}, typ)
						}); err != nil || plain != s {
							t.Fatalf("lifted %q, %v", plain, err)
						}
						if got := text.(fmt.Stringer).String(); got != s {
							t.Errorf("lifted %q to go on", got)
						}
						lowers(t, typ, text, l, to, s)
						if from == task.UTF8 { // as a host's strings are
							lowers(t, typ, s, l, to, s)
						}
					})
				}
			}
		}
	}
}

// lowers lowers a string and looks at what was asked for, what was written,
// and what that is lifted to again.
func lowers(t *testing.T, typ *Type, v any, from lain, to task.Encoding, s string) {
	t.Helper()
	h := &heap{b: make([]byte, 5*len(from.data))}
	flat := make([]uint64, 2)
	var back any
	if err := h.guest(to).run(t, func(x *Context) {
		LowerFlat(x, flat, typ, v)
		back = LiftFlat(x, flat, typ)
	}); err != nil {
		t.Fatal(err)
	}
	if back != s {
		t.Errorf("lifted again: %q", back)
	}
	want := lay(to, s)[0]
	ptr := uint32(flat[0])
	if got := h.b[ptr:][:len(want.data)]; !bytes.Equal(got, want.data) || flat[1] != uint64(want.units) {
		t.Errorf("lowered % x, length %#x, want % x, %#x", got, flat[1], want.data, want.units)
	}
	model := &heap{b: make([]byte, len(h.b))}
	at, size := uint32(0), uint32(0)
	for _, r := range requests(from, to, s) {
		at, _ = model.realloc(at, size, uint32(r.align), uint32(r.want))
		size = uint32(r.want)
	}
	if !slices.Equal(h.calls, model.calls) || ptr != at {
		t.Errorf("asked for %v, got %d, want %v, %d", h.calls, ptr, model.calls, at)
	}
}

// TestSpecStringTraps lifts what is no string. See definitions.py,
// load_string_from_range.
func TestSpecStringTraps(t *testing.T) {
	const (
		outside   = "string content out-of-bounds"
		unaligned = "unaligned pointer: string pointer not aligned to 2"
		utf8      = "utf-8"
		unpaired  = "unpaired surrogate"
	)
	tests := []struct {
		in       task.Encoding
		mem      string
		ptr, len uint64
		want     string
	}{
		{task.UTF8, "abc", 0, 4, outside},
		{task.UTF8, "abc", 4, 0, outside},
		{task.UTF8, "a\xff", 0, 2, utf8},
		{task.UTF8, "\xc3\xa9", 0, 1, utf8},
		{task.UTF8, "\xed\xa0\x80", 0, 3, utf8},
		{task.UTF8, "abc", 0, 1 << 28, outside},
		{task.UTF16, "a\x00b", 0, 2, outside},
		{task.UTF16, "a\x00b\x00", 4, 1, outside},
		{task.UTF16, "xa\x00", 1, 1, unaligned},
		{task.UTF16, "xa\x00", 1, 0, unaligned},
		{task.UTF16, "\x00\xd8", 0, 1, unpaired},
		{task.UTF16, "\x00\xdca\x00", 0, 2, unpaired},
		{task.UTF16, "\x00\xd8a\x00", 0, 2, unpaired},
		{task.UTF16, "\x00\xd8\x00\xd8\x00\xdc", 0, 3, unpaired},
		{task.UTF16, "a\x00", 0, tag, outside},
		{task.UTF16, "a\x00", 0, tag | 1, outside},
		{task.UTF16, "a\x00", 0, 1 << 27, outside},
		{task.Latin1UTF16, "ab", 0, 3, outside},
		{task.Latin1UTF16, "xab", 1, 2, unaligned},
		{task.Latin1UTF16, "xab", 1, 0, unaligned},
		{task.Latin1UTF16, "a\x00b", 0, tag | 2, outside},
		{task.Latin1UTF16, "xa\x00", 1, tag | 1, unaligned},
		{task.Latin1UTF16, "\x00\xd8", 0, tag | 1, unpaired},
		{task.Latin1UTF16, "ab", 0, tag | 1<<27, outside},
		{task.Latin1UTF16, "ab", 0, 1 << 28, outside},
	}
	typ := mustType(t, wit.String)
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d %q at %d, %#x", tt.in, tt.mem, tt.ptr, tt.len), func(t *testing.T) {
			for _, transfer := range []bool{false, true} {
				h := &heap{b: []byte(tt.mem)}
				wantFailure(t, h.guest(tt.in).run(t, func(x *Context) {
					x.Transfer = transfer
					LiftFlat(x, []uint64{tt.ptr, tt.len}, typ)
				}), tt.want, true)
			}
		})
	}
}

// TestSpecStringRealloc has each of the requests for memory answered with a
// pointer that is not aligned, and with one outside the memory.
func TestSpecStringRealloc(t *testing.T) {
	typ := mustType(t, wit.String)
	answered := 0
	for _, from := range encodings {
		for _, to := range encodings {
			for _, s := range []string{"ab\u00efc", "abcdef\uf123"} {
				for _, l := range lay(from, s) {
					for i, r := range requests(l, to, s) {
						for ptr, want := range map[uint32]string{
							1:           "realloc return: result not aligned",
							1 << 10:     "realloc return: beyond end of memory",
							1<<32 - 256: "realloc return: beyond end of memory",
						} {
							if ptr%uint32(r.align) == 0 && ptr == 1 {
								continue
							}
							answered++
							source, sink := &heap{b: slices.Clone(l.data)}, &heap{b: make([]byte, 1<<10)}
							sink.after = func(call int, good uint32) uint32 {
								if call == i {
									return ptr
								}
								return good
							}
							var text any
							if err := source.guest(from).run(t, func(x *Context) {
								x.Transfer = true
								text = LiftFlat(x, []uint64{0, uint64(l.units)}, typ)
							}); err != nil {
								t.Fatal(err)
							}
							wantFailure(t, sink.guest(to).run(t, func(x *Context) { LowerFlat(x, make([]uint64, 2), typ, text) }), want, true)
							if len(sink.calls) != i+1 {
								t.Errorf("%d to %d %+q: asked %d times after a wrong answer to the %dth", from, to, s, len(sink.calls), i+1)
							}
						}
					}
				}
			}
		}
	}
	if answered < 90 {
		t.Errorf("only %d wrong answers", answered)
	}
}

// TestSpecStringsWithin passes strings inside other values from each encoding
// to each.
func TestSpecStringsWithin(t *testing.T) {
	typ := mustType(t, &wit.Map{Key: wit.String, Value: listOf(&wit.Option{Elem: tupleOf(wit.String, wit.U16)})})
	var v []any
	for i, s := range specStrings {
		v = append(v, []any{s, []any{Variant{}, Variant{1, []any{s + "\u00ff", uint16(i)}}}})
	}
	for _, from := range encodings {
		for _, to := range encodings {
			source, sink := &heap{b: make([]byte, 1<<13)}, &heap{b: make([]byte, 1<<13)}
			source.next, sink.next = 16, 16
			var between, got any
			if err := source.guest(from).run(t, func(x *Context) {
				Store(x, 8, typ, v)
				x.Transfer = true
				between = Load(x, 8, typ)
			}); err != nil {
				t.Fatal(err)
			}
			if err := sink.guest(to).run(t, func(x *Context) {
				Store(x, 8, typ, between)
				got = Load(x, 8, typ)
			}); err != nil || !identical(got, v) {
				t.Errorf("%d to %d: got %#v, %v", from, to, got, err)
			}
		}
	}
}
