package abi

import (
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/witgen/witgen/rt/internal/task"
)

// TestLiftStringHostile lifts what is no string from a memory of one page.
func TestLiftStringHostile(t *testing.T) {
	const (
		page      = 1 << 16
		tag       = 1 << 31
		outside   = "string content out-of-bounds: string pointer/length out of bounds of memory"
		unaligned = "unaligned pointer: string pointer not aligned to 2"
		lone      = "invalid utf-16 sequence from index "
	)
	for _, tt := range []struct {
		name   string
		e      task.Encoding
		ptr, n uint32
		memory string // at 512
		want   string
	}{
		{"outside", task.UTF8, page - 1, 2, "", outside},
		{"too long", task.UTF8, 0, 1 << 28, "", outside},
		{"wraps", task.UTF8, 0xffffffff, 0xffffffff, "", outside},
		{"invalid", task.UTF8, 512, 3, "a\xffb", "invalid utf-8 sequence from index 1"},
		{"cut", task.UTF8, 512, 3, "a\xe2\x82\xac", "incomplete utf-8 byte sequence from index 1"},
		{"surrogate", task.UTF8, 512, 3, "\xed\xa0\x80", "invalid utf-8 sequence from index 0"},

		{"outside", task.UTF16, page - 2, 2, "", outside},
		{"outside, empty", task.UTF16, page + 2, 0, "", outside},
		{"wraps", task.UTF16, 0xfffffffe, 1, "", outside},
		{"size wraps to 0", task.UTF16, 0, 1 << 31, "", outside},
		{"size wraps to 4", task.UTF16, 0, 1<<31 + 2, "", outside},
		{"too long, before unaligned", task.UTF16, 1, 1 << 27, "", outside},
		{"unaligned, before outside", task.UTF16, 1, 1<<27 - 1, "", unaligned},
		{"unaligned", task.UTF16, 513, 1, "", unaligned},
		{"unaligned, empty", task.UTF16, 513, 0, "", unaligned},
		{"high surrogate", task.UTF16, 512, 3, "a\x00\x00\xd8b\x00", lone + "1: unpaired surrogate found: d800"},
		{"low surrogate", task.UTF16, 512, 3, "\x00\xdca\x00b\x00", lone + "0: unpaired surrogate found: dc00"},
		{"last low surrogate", task.UTF16, 512, 1, "\xff\xdf", lone + "0: unpaired surrogate found: dfff"},
		{"high surrogate at the end", task.UTF16, 512, 2, "a\x00\xff\xdb\x00\xdc", lone + "1: unpaired surrogate found: dbff"},
		{"two high surrogates", task.UTF16, 512, 3, "\x3d\xd8\x3d\xd8\x00\xde", lone + "0: unpaired surrogate found: d83d"},
		{"surrogates swapped", task.UTF16, 512, 2, "\x00\xde\x3d\xd8", lone + "0: unpaired surrogate found: de00"},

		{"outside", task.Latin1UTF16, page - 2, 3, "", outside},
		{"outside", task.Latin1UTF16, page - 2, 2 | tag, "", outside},
		{"too long, before unaligned", task.Latin1UTF16, 1, 1 << 28, "", outside},
		{"unaligned, before outside", task.Latin1UTF16, 1, 1<<28 - 1, "", unaligned},
		{"too long, before unaligned", task.Latin1UTF16, 1, 1<<27 | tag, "", outside},
		{"unaligned, before outside", task.Latin1UTF16, 1, (1<<27 - 1) | tag, "", unaligned},
		{"all bits", task.Latin1UTF16, 0, 0xffffffff, "", outside},
		{"unaligned, empty", task.Latin1UTF16, 513, 0, "", unaligned},
		{"unaligned, empty", task.Latin1UTF16, 513, tag, "", unaligned},
		{"lone surrogate", task.Latin1UTF16, 512, 1 | tag, "\x00\xd8", lone + "0: unpaired surrogate found: d800"},
	} {
		t.Run(targetNames[tt.e]+" "+tt.name, func(t *testing.T) {
			m, _ := newMover(t, tt.e)
			m.opts.Memory.Write(512, []byte(tt.memory))
			var got string
			grown := allocated(func() { got = m.LiftString(tt.ptr, tt.n) })
			if got != "" || m.Err() == nil || !strings.HasPrefix(m.Err().Error(), tt.want) || m.fault != faultGuest {
				t.Errorf("got %q, %v; want %q", got, m.Err(), tt.want)
			}
			if grown > 1<<16 {
				t.Errorf("allocated %d bytes", grown)
			}
			if got := m.LiftText(512, 0); got != (Text{}) {
				t.Errorf("lifted %q after a failure", got)
			}
		})
	}
}

// TestLiftStringLong lifts strings that are too long for one, though not for
// the memory.
func TestLiftStringLong(t *testing.T) {
	view := make([]byte, maxStringBytes+1) // never read
	for _, tt := range []struct {
		e    task.Encoding
		n    uint32
		want string
	}{
		{task.UTF8, 1<<28 - 1, "lifted more than"}, // not too long, too much
		{task.UTF8, 1 << 28, "out of bounds of memory: 268435456 bytes at 0x0"},
		{task.UTF16, 1 << 27, "out of bounds of memory: 268435456 bytes at 0x0"},
		{task.Latin1UTF16, 1 << 28, "out of bounds of memory: 268435456 bytes at 0x0"},
		{task.Latin1UTF16, 1<<27 | 1<<31, "out of bounds of memory: 268435456 bytes at 0x0"},
	} {
		m, _ := newMover(t, tt.e)
		m.stale, m.view = false, view
		if got := m.LiftString(0, tt.n); got != "" || m.Err() == nil || !strings.Contains(m.Err().Error(), tt.want) {
			t.Errorf("%s: got %d bytes, %v; want %q", targetNames[tt.e], len(got), m.Err(), tt.want)
		}
	}
}

// TestLiftStringEdge lifts the strings that are just not outside.
func TestLiftStringEdge(t *testing.T) {
	const page = 1 << 16
	for _, tt := range []struct {
		e      task.Encoding
		ptr, n uint32
		want   string
	}{
		{task.UTF8, page, 0, ""},
		{task.UTF8, page - 1, 1, "z"},
		{task.UTF16, page, 0, ""},
		{task.UTF16, page - 2, 1, "穻"},
		{task.Latin1UTF16, page, 0, ""},
		{task.Latin1UTF16, page, 1 << 31, ""},
		{task.Latin1UTF16, page - 2, 2, "{z"},
		{task.Latin1UTF16, page - 2, 1 | 1<<31, "穻"},
	} {
		m, _ := newMover(t, tt.e)
		m.opts.Memory.Write(page-2, []byte{0x7b, 0x7a})
		if got := m.LiftString(tt.ptr, tt.n); got != tt.want || m.Err() != nil {
			t.Errorf("%s: got %q, %v; want %q", targetNames[tt.e], got, m.Err(), tt.want)
		}
	}
}

// allocated returns how many bytes a function allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestLiftStringBudget lifts one string many times over: what the host has
// allocated for it then is what a call may make it allocate.
func TestLiftStringBudget(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    string
		as   source
	}{
		{"utf8", "abc", fromUTF8}, {"utf16", "€", fromUTF16}, {"utf16 of ASCII", "abc", fromUTF16}, {"utf16, astral", "😀", fromUTF16},
		{"latin1", "é", fromLatin1}, {"latin1 of ASCII", "abc", fromLatin1}, {"tagged", "€", fromTagged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := newMover(t, encodingOf(tt.as))
			b, _, n, _ := encoded(strings.Repeat(tt.s, 5000), tt.as)
			m.opts.Memory.Write(512, b)
			const left = 2 << 20
			m.Charge(task.DefaultLift - left)
			total := 0
			grown := allocated(func() {
				for m.Err() == nil {
					total += len(m.LiftString(512, n))
				}
			})
			if total > left || total < left-5000*4 || !strings.Contains(m.Err().Error(), "lifted more than") {
				t.Errorf("lifted %d bytes, %v; %d were left", total, m.Err(), left)
			}
			if grown > left+left/4 {
				t.Errorf("allocated %d bytes, %d were left", grown, left)
			}
		})
	}
}

// TestLowerStringRefuses lowers strings of the host that are none in WIT.
func TestLowerStringRefuses(t *testing.T) {
	long := make([]byte, maxStringBytes+1) // never read
	for _, to := range targets {
		for s, want := range map[string]string{
			"a\xff":        `string "a\xff" is not valid UTF-8`,
			"\xed\xa0\x80": "is not valid UTF-8",
			"a\xe2\x82":    "is not valid UTF-8",
		} {
			m, f := newMover(t, to)
			m.StoreString(256, s)
			if m.Err() == nil || !strings.Contains(m.Err().Error(), want) || m.fault != faultValue || f.calls != nil {
				t.Errorf("%s, %q: got %v after %v", targetNames[to], s, m.Err(), f.calls)
			}
		}
		m, f := newMover(t, to)
		m.LowerString(unsafe.String(&long[0], len(long)))
		if m.Err() == nil || m.Err().Error() != "string of 268435456 bytes is longer than a string can be" || m.fault != faultValue || f.calls != nil {
			t.Errorf("%s: got %v after %v", targetNames[to], m.Err(), f.calls)
		}
	}
}

// TestStringAllocs holds that the host allocates for a string once, and only
// when it lifts.
func TestStringAllocs(t *testing.T) {
	for _, e := range targets {
		for _, s := range []string{strings.Repeat("a", 100), strings.Repeat("é", 100), strings.Repeat("a€", 100)} {
			m := newMem(t)
			m.opts.Encoding = e
			quiet := &still{Function: m.opts.Realloc}
			m.opts.Realloc = quiet
			m.Start(m.opts, m.task)
			if n := testing.AllocsPerRun(100, func() { m.StoreString(256, s) }); n != 0 {
				t.Errorf("%s: lowering %.4q allocates %v times", targetNames[e], s, n)
			}
			if n := testing.AllocsPerRun(100, func() { m.LoadString(256) }); n != 1 {
				t.Errorf("%s: lifting %.4q allocates %v times", targetNames[e], s, n)
			}
			text := m.LoadText(256)
			if n := testing.AllocsPerRun(100, func() { m.StoreText(256, text) }); n != 0 {
				t.Errorf("%s: lowering a text %.4q allocates %v times", targetNames[e], s, n)
			}
			if m.Err() != nil {
				t.Fatal(m.Err())
			}
		}
	}
}

// TestZeroMem holds that a view of no memory has no strings.
func TestZeroMem(t *testing.T) {
	var m Mem
	if got := m.LiftString(0, 1); got != "" || m.Err() == nil {
		t.Errorf("got %q, %v", got, m.Err())
	}
}

// FuzzStrings lifts strings from a memory of nonsense. What is lifted is what
// lies there, costs the budget what it takes, and is the same again after it
// was lowered and lifted in each encoding.
func FuzzStrings(f *testing.F) {
	for i, s := range texts {
		for _, as := range sources {
			if b, _, n, ok := encoded(s, as); ok {
				f.Add(uint8(encodingOf(as)), uint32(512+i%2), n, b)
			}
		}
	}
	f.Add(uint8(1), uint32(512), uint32(3), []byte("\x00\xd8\x00\xd8\x00\xdc"))
	f.Add(uint8(2), uint32(0xfffffffe), uint32(0xffffffff), []byte("\xff"))
	m, move := newMover(f, task.UTF8)
	garbage, _ := newMover(f, task.UTF8)
	f.Fuzz(func(t *testing.T, e uint8, ptr, n uint32, memory []byte) {
		garbage.opts.Encoding = targets[int(e)%len(targets)]
		garbage.Start(garbage.opts, garbage.task)
		all, _ := garbage.opts.Memory.Read(0, garbage.opts.Memory.Size())
		clear(all)
		copy(all[512:], memory)
		var text Text
		grown := allocated(func() { text = garbage.LiftText(ptr, n) })
		cost := task.DefaultLift - garbage.left
		if grown > uint64(cost)+1<<20 {
			t.Fatalf("allocated %d bytes at the cost of %d", grown, cost)
		}
		want, ok := decoded(all, garbage.opts.Encoding, ptr, n)
		if ok != (garbage.Err() == nil) || text.String() != want {
			t.Fatalf("got %q, %v; want %q, %v", text, garbage.Err(), want, ok)
		}
		if !ok {
			return
		}
		if cost != int64(len(want)) {
			t.Errorf("cost %d for %d bytes", cost, len(want))
		}
		for _, to := range targets {
			m.opts.Encoding = to
			move.calls, move.places, move.next = nil, nil, 1<<15
			m.Start(m.opts, m.task)
			m.StoreText(256, text)
			checkLowered(t, m, move, want, text.from, to)
			if last := move.calls[len(move.calls)-1]; last.align == 1 && to == task.Latin1UTF16 {
				continue // where it was made Latin-1, it need not be aligned for its guest
			}
			if again := m.LoadString(256); again != want || m.Err() != nil {
				t.Fatalf("%s: got %q, %v; want %q", targetNames[to], again, m.Err(), want)
			}
		}
	})
}

// decoded returns the string of n code units at ptr, if there is one.
func decoded(all []byte, e task.Encoding, ptr, n uint32) (s string, ok bool) {
	wide := e == task.UTF16 || e == task.Latin1UTF16 && n >= 1<<31
	size, align := uint64(n), uint64(1)
	if e != task.UTF8 {
		align = 2
	}
	if wide {
		size *= 2
		if e == task.Latin1UTF16 {
			size -= 1 << 32
		}
	}
	if uint64(ptr)%align != 0 || uint64(ptr)+size > uint64(len(all)) {
		return "", false
	}
	b := all[ptr : uint64(ptr)+size]
	var runes []rune
	switch {
	case wide:
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		runes = utf16.Decode(units)
		// What cannot be decoded comes back as another unit.
		for i, u := range utf16.Encode(runes) {
			if u != units[i] {
				return "", false
			}
		}
	case e == task.Latin1UTF16:
		for _, c := range b {
			runes = append(runes, rune(c))
		}
	case utf8.Valid(b):
		runes = []rune(string(b))
	default:
		return "", false
	}
	return string(runes), true
}
