package abi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/witgen/witgen/rt/internal/task"
)

// The ways a string lies in memory, and the texts of this test.
var (
	sources = []source{fromUTF8, fromUTF16, fromLatin1, fromTagged}
	targets = []task.Encoding{task.UTF8, task.UTF16, task.Latin1UTF16}

	sourceNames = []string{"utf8", "utf16", "latin1", "tagged"}
	targetNames = []string{"utf8", "utf16", "latin1+utf16"}

	texts = []string{
		"", "a", "gopher", "\x00", "\x7f", "\u0080", "\u00ff", "éé", "ébc", "aéc", "abé",
		"\u0100", "\u0100bc", "a\u0100c", "ab\u0100", "é\u0100", "éb\u0100d", "\u07ff", "\u0800", "€€", "a€", "€a€",
		"\ud7ff", "\ue000", "\ufffd", "\uffff", "\U00010000", "\U0010ffff", "😀", "a😀", "😀é", "é😀é", "a\u0100\u0800😀é",
		strings.Repeat("a", 999), strings.Repeat("a", 999) + "é", strings.Repeat("é", 999) + "€", strings.Repeat("€", 999),
		strings.Repeat("😀", 500), "\u0100" + strings.Repeat("a", 999),
	}
)

// encoded returns how a string lies in memory: its bytes, its code units, and
// the length that says so. ok is false if it cannot lie so.
func encoded(s string, as source) (b []byte, units int, length uint32, ok bool) {
	switch as {
	case fromUTF8:
		return []byte(s), len(s), uint32(len(s)), true
	case fromLatin1:
		for _, r := range s {
			if r > 255 {
				return nil, 0, 0, false
			}
			b = append(b, byte(r))
		}
		return b, len(b), uint32(len(b)), true
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
		units++
	}
	length = uint32(units)
	if as == fromTagged {
		length += 1 << 31
	}
	return b, units, length, true
}

// encodingOf is the encoding whose strings can lie so.
func encodingOf(from source) task.Encoding {
	return map[source]task.Encoding{fromUTF8: task.UTF8, fromUTF16: task.UTF16}[from] | map[source]task.Encoding{
		fromLatin1: task.Latin1UTF16, fromTagged: task.Latin1UTF16}[from]
}

// resizes returns the calls of realloc that the specification has for a
// string which is lowered, and how it lies there then.
func resizes(s string, from source, to task.Encoding) (calls []resize, as source) {
	_, n, _, _ := encoded(s, from)
	_, latin1, _, isLatin1 := encoded(s, fromLatin1)
	_, units16, _, _ := encoded(s, fromUTF16)
	isASCII := isLatin1 && latin1 == len(s)
	// Each call makes what the one before gave another size, if it is another.
	first := func(align, size int) { calls = []resize{{0, 0, align, size}} }
	then := func(align, size int) {
		if was := calls[len(calls)-1].size; was != size {
			calls = append(calls, resize{len(calls), was, align, size})
		}
	}
	switch to {
	case task.UTF8:
		first(1, n)
		if from != fromUTF8 && !isASCII {
			then(1, n*map[source]int{fromUTF16: 3, fromTagged: 3, fromLatin1: 2}[from])
			then(1, len(s))
		}
		return calls, fromUTF8
	case task.UTF16:
		if from == fromUTF8 {
			first(2, 2*n)
		} else {
			first(2, 2*units16)
		}
		then(2, 2*units16)
		return calls, fromUTF16
	}
	switch {
	case from == fromTagged && isLatin1:
		// Also for no bytes at all.
		return []resize{{0, 0, 2, 2 * n}, {1, 2 * n, 1, latin1}}, fromLatin1
	case from == fromTagged:
		first(2, 2*n)
		return calls, fromTagged
	case isLatin1:
		first(2, n)
		then(2, latin1)
		return calls, fromLatin1
	}
	first(2, n)
	then(2, 2*n)
	then(2, 2*units16)
	return calls, fromTagged
}

// lifted returns a string as it is when it was lifted from a memory that it
// lies in.
func lifted(t *testing.T, s string, from source) Text {
	t.Helper()
	b, _, length, _ := encoded(s, from)
	m := newMem(t)
	m.opts.Encoding = encodingOf(from)
	m.Start(m.opts, m.task)
	m.opts.Memory.Write(512, b)
	got := m.LiftText(512, length)
	if m.Err() != nil || got.String() != s {
		t.Fatalf("lifted %q, %v; want %q", got, m.Err(), s)
	}
	return got
}

// TestTransfer lifts texts from memories of each encoding and lowers them to
// memories of each encoding.
func TestTransfer(t *testing.T) {
	ran := 0
	for _, from := range sources {
		for _, to := range targets {
			t.Run(sourceNames[from]+" to "+targetNames[to], func(t *testing.T) {
				for _, s := range texts {
					if _, _, _, ok := encoded(s, from); !ok {
						continue
					}
					ran++
					m, f := newMover(t, to)
					m.StorePair(256, 1, 1)
					m.StoreText(256, lifted(t, s, from))
					checkLowered(t, m, f, s, from, to)
				}
			})
		}
	}
	if ran < 300 {
		t.Errorf("only %d texts", ran)
	}
}

// checkLowered checks the string that is stored at 256, and how it got there.
func checkLowered(t *testing.T, m *Mem, f *mover, s string, from source, to task.Encoding) {
	t.Helper()
	calls, as := resizes(s, from, to)
	if m.Err() != nil || !slices.Equal(f.calls, calls) {
		t.Errorf("%.20q: realloc {of, was, align, size} %v, %v; want %v", s, f.calls, m.Err(), calls)
		return
	}
	want, _, length, _ := encoded(s, as)
	ptr, n := m.LoadU32(256), m.LoadU32(260)
	if last := f.places[len(f.places)-1]; ptr != last[0] || n != length || int(last[1]) != len(want) {
		t.Errorf("%.20q: got %#x at %#x, want %#x at %#x", s, n, ptr, length, last[0])
		return
	}
	if got, _ := m.opts.Memory.Read(ptr, uint32(len(want))); string(got) != string(want) {
		t.Errorf("%.20q: got % x, want % x", s, got, want)
	}
	if err := f.check(); err != nil {
		t.Errorf("%.20q: %v", s, err)
	}
}

// TestLowerString lowers texts of the host, which are UTF-8.
func TestLowerString(t *testing.T) {
	for _, to := range targets {
		t.Run(targetNames[to], func(t *testing.T) {
			for _, s := range texts {
				m, f := newMover(t, to)
				m.StoreString(256, s)
				checkLowered(t, m, f, s, fromUTF8, to)
				if got := m.LoadString(256); got != s || m.Err() != nil {
					t.Errorf("lifted %.20q, %v; want %.20q", got, m.Err(), s)
				}
			}
		})
	}
}

// TestReallocs has the calls of realloc for some texts, as the specification's
// algorithms make them when followed by hand.
func TestReallocs(t *testing.T) {
	for _, tt := range []struct {
		s    string
		from source
		to   task.Encoding
		want []resize
	}{
		{"", fromUTF8, task.UTF8, []resize{{0, 0, 1, 0}}},
		{"", fromUTF8, task.UTF16, []resize{{0, 0, 2, 0}}},
		{"", fromUTF16, task.Latin1UTF16, []resize{{0, 0, 2, 0}}},
		{"", fromTagged, task.Latin1UTF16, []resize{{0, 0, 2, 0}, {1, 0, 1, 0}}},
		{"a€", fromUTF8, task.UTF8, []resize{{0, 0, 1, 4}}},
		{"ab", fromUTF16, task.UTF8, []resize{{0, 0, 1, 2}}},
		{"a€", fromUTF16, task.UTF8, []resize{{0, 0, 1, 2}, {1, 2, 1, 6}, {2, 6, 1, 4}}},
		{"€€", fromTagged, task.UTF8, []resize{{0, 0, 1, 2}, {1, 2, 1, 6}}},
		{"😀", fromUTF16, task.UTF8, []resize{{0, 0, 1, 2}, {1, 2, 1, 6}, {2, 6, 1, 4}}},
		{"né", fromLatin1, task.UTF8, []resize{{0, 0, 1, 2}, {1, 2, 1, 4}, {2, 4, 1, 3}}},
		{"éé", fromLatin1, task.UTF8, []resize{{0, 0, 1, 2}, {1, 2, 1, 4}}},
		{"abc", fromUTF8, task.UTF16, []resize{{0, 0, 2, 6}}},
		{"é", fromUTF8, task.UTF16, []resize{{0, 0, 2, 4}, {1, 4, 2, 2}}},
		{"😀", fromUTF8, task.UTF16, []resize{{0, 0, 2, 8}, {1, 8, 2, 4}}},
		{"é😀", fromUTF16, task.UTF16, []resize{{0, 0, 2, 6}}},
		{"éa", fromLatin1, task.UTF16, []resize{{0, 0, 2, 4}}},
		{"ab", fromUTF8, task.Latin1UTF16, []resize{{0, 0, 2, 2}}},
		{"é", fromUTF8, task.Latin1UTF16, []resize{{0, 0, 2, 2}, {1, 2, 2, 1}}},
		{"a€", fromUTF8, task.Latin1UTF16, []resize{{0, 0, 2, 4}, {1, 4, 2, 8}, {2, 8, 2, 4}}},
		{"a€", fromUTF16, task.Latin1UTF16, []resize{{0, 0, 2, 2}, {1, 2, 2, 4}}},
		{"é", fromUTF16, task.Latin1UTF16, []resize{{0, 0, 2, 1}}},
		{"é", fromLatin1, task.Latin1UTF16, []resize{{0, 0, 2, 1}}},
		{"né", fromTagged, task.Latin1UTF16, []resize{{0, 0, 2, 4}, {1, 4, 1, 2}}},
		{"n€", fromTagged, task.Latin1UTF16, []resize{{0, 0, 2, 4}}},
	} {
		m, f := newMover(t, tt.to)
		m.LowerText(lifted(t, tt.s, tt.from))
		if !slices.Equal(f.calls, tt.want) || m.Err() != nil {
			t.Errorf("%q, %s to %s: got %v, %v; want %v", tt.s, sourceNames[tt.from], targetNames[tt.to], f.calls, m.Err(), tt.want)
		}
	}
}

// TestReallocLies has each call of realloc that a text needs answer what it
// may not.
func TestReallocLies(t *testing.T) {
	ran := map[int]int{}
	for _, from := range sources {
		for _, to := range targets {
			for _, s := range []string{"", "abc", "abé", "a€é"} {
				if _, _, _, ok := encoded(s, from); !ok {
					continue
				}
				text := lifted(t, s, from)
				calls, _ := resizes(s, from, to)
				for i, c := range calls {
					name := fmt.Sprintf("%q, %s to %s, call %d: ", s, sourceNames[from], targetNames[to], i+1)
					ran[i]++
					try := func(lie func(end uint32) uint32, want string) {
						m, f := newMover(t, to)
						f.lies = i + 1
						// The end that the memory will have when it lies.
						probe, g := newMover(t, to)
						g.fails = i + 2
						probe.LowerText(text)
						f.lie = lie(g.memory.Size())
						m.LowerText(text)
						switch {
						case want == "" && m.Err() == nil:
						case want == "" || m.Err() == nil || !strings.Contains(m.Err().Error(), want) || m.fault != faultGuest:
							t.Errorf("%sgot %v, want %q", name, m.Err(), want)
						case len(f.calls) != i+1:
							t.Errorf("%sthe guest ran after its failure: %v", name, f.calls)
						}
					}
					size, align := uint32(c.size), uint32(c.align)
					const beyond = "string content out-of-bounds: realloc return: beyond end of memory"
					try(func(end uint32) uint32 { return (end - size) &^ (align - 1) }, "")
					try(func(end uint32) uint32 { return (end-size)&^(align-1) + align }, beyond)
					try(func(uint32) uint32 { return -align }, beyond)
					if c.align == 2 {
						try(func(uint32) uint32 { return 1025 }, "unaligned pointer: realloc return: result not aligned")
					} else {
						try(func(uint32) uint32 { return 1025 }, "")
					}
					m, f := newMover(t, to)
					f.fails = i + 1
					m.LowerText(text)
					if core, ok := errors.AsType[*task.CoreError](m.Err()); !ok || !errors.Is(core.Err, errTrapped) || len(f.calls) != i+1 {
						t.Errorf("%sgot %v after %v, want %v", name, m.Err(), f.calls, errTrapped)
					}
				}
			}
		}
	}
	if ran[0] < 30 || ran[1] < 8 || ran[2] < 4 {
		t.Errorf("calls that lied, by index: %v", ran)
	}
}

// TestReallocForgets lowers to a guest whose realloc does not keep what was
// written when there was to be more of it: it is not written again.
func TestReallocForgets(t *testing.T) {
	for _, tt := range []struct {
		s    string
		from source
		to   task.Encoding
		want string
	}{
		{"ab€", fromUTF16, task.UTF8, "\xee\xee\xe2\x82\xac"},
		{"abÿ", fromLatin1, task.UTF8, "\xee\xee\xc3\xbf"},
		{"ab€", fromUTF16, task.Latin1UTF16, "\xee\x00\xee\x00\xac\x20"},
		{"ab€", fromUTF8, task.Latin1UTF16, "\xee\x00\xee\x00\xac\x20"},
	} {
		m, f := newMover(t, tt.to)
		f.forgets = 2
		ptr, _ := m.LowerText(lifted(t, tt.s, tt.from))
		if got, _ := m.opts.Memory.Read(ptr, uint32(len(tt.want))); string(got) != tt.want || m.Err() != nil {
			t.Errorf("%q, %s to %s: got % x, %v; want % x", tt.s, sourceNames[tt.from], targetNames[tt.to], got, m.Err(), tt.want)
		}
	}
}

// TestZeroText lowers a text that was never lifted.
func TestZeroText(t *testing.T) {
	for _, to := range targets {
		m, f := newMover(t, to)
		m.StoreText(256, Text{})
		checkLowered(t, m, f, "", fromUTF8, to)
	}
}

// TestLoadText reads the pointer and length of a text from memory.
func TestLoadText(t *testing.T) {
	m, _ := newMover(t, task.Latin1UTF16)
	m.StorePair(256, 512, 1|1<<31)
	m.opts.Memory.Write(512, binary.LittleEndian.AppendUint16(nil, 0x20ac))
	if got, want := m.LoadText(256), (Text{"€", fromTagged, 1}); got != want || m.Err() != nil {
		t.Errorf("got %v, %v; want %v", got, m.Err(), want)
	}
	if got := m.LoadText(1 << 20); got != (Text{}) || m.Err() == nil {
		t.Errorf("got %v, %v", got, m.Err())
	}
}
