package git

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// packed is a pack and its index that a test makes.
type packed struct {
	pack    []byte
	offsets map[ID]uint64
}

func newPacked() *packed {
	return &packed{pack: []byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00"), offsets: make(map[ID]uint64)}
}

// add adds an entry: its head, what stands before the data, and the data.
func (p *packed) add(id ID, k kind, size int, before, data []byte) {
	p.offsets[id] = uint64(len(p.pack))
	first := byte(k)<<4 | byte(size&15)
	if size >>= 4; size > 0 {
		first |= 0x80
	}
	p.pack = append(p.pack, first)
	if size > 0 {
		p.pack = binary.AppendUvarint(p.pack, uint64(size))
	}
	p.pack = append(p.pack, before...)
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(data)
	w.Close()
	p.pack = append(p.pack, z.Bytes()...)
}

// blob adds a blob and returns its ID.
func (p *packed) blob(data string) ID {
	id := object{blobKind, []byte(data)}.id()
	p.add(id, blobKind, len(data), nil, []byte(data))
	return id
}

// index returns the index; offsets from the given one on stand in the table of
// large ones.
func (p *packed) index(large uint64) []byte {
	var ids []ID
	for id := range p.offsets {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	out := []byte("\xfftOc\x00\x00\x00\x02")
	for first := range 256 {
		n := 0
		for _, id := range ids {
			if int(id[0]) <= first {
				n++
			}
		}
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	for _, id := range ids {
		out = append(out, id[:]...)
	}
	for range ids {
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(nil)) // not looked at
	}
	var far []byte
	for _, id := range ids {
		offset := p.offsets[id]
		if offset >= large {
			out = binary.BigEndian.AppendUint32(out, uint32(largeTable+len(far)/8))
			far = binary.BigEndian.AppendUint64(far, offset)
			continue
		}
		out = binary.BigEndian.AppendUint32(out, uint32(offset))
	}
	out = append(out, far...)
	return append(out, make([]byte, 2*sha1.Size)...)
}

// write writes the files of the pack and returns a store that has them.
func (p *packed) write(t testing.TB, idx []byte) *store {
	t.Helper()
	s, err := p.store(t, idx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	return s
}

func (p *packed) store(t testing.TB, idx []byte) (*store, error) {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "pack", "pack-a")
	if err := os.Mkdir(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{name + ".pack": append(slices.Clone(p.pack), make([]byte, sha1.Size)...), name + ".idx": idx} {
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return openStore(dir)
}

// delta returns a delta between sizes.
func delta(before, after int, ops ...byte) []byte {
	d := binary.AppendUvarint(nil, uint64(before))
	d = binary.AppendUvarint(d, uint64(after))
	return append(d, ops...)
}

func TestPack(t *testing.T) {
	p := newPacked()
	base := p.blob("hello, world")
	want := map[ID]string{base: "hello, world"}
	long := p.blob(strings.Repeat("0123456789", 100))
	want[long] = strings.Repeat("0123456789", 100)

	// By offset: copy 5 bytes from 7, insert "!".
	text := "world!"
	by := object{blobKind, []byte(text)}.id()
	d := delta(12, 6, 0x80|1|16, 7, 5, 1, '!')
	at := uint64(len(p.pack))
	back := at - p.offsets[base]
	if back < 128 {
		p.add(by, offsetDelta, len(d), []byte{byte(back)}, d)
	} else {
		p.add(by, offsetDelta, len(d), []byte{0x80 | byte(back>>7-1), byte(back & 0x7f)}, d)
	}
	want[by] = text

	// By ID, over a delta that comes later in the pack.
	text = "world!world!"
	twice := object{blobKind, []byte(text)}.id()
	d = delta(6, 12, 0x80|16, 6, 0x80|1|16, 0, 6)
	p.add(twice, idDelta, len(d), by[:], d)
	want[twice] = text

	for name, large := range map[string]uint64{"near": 1 << 31, "far": 0, "both": p.offsets[by]} {
		s := p.write(t, p.index(large))
		for id, text := range want {
			o, err := s.object(id)
			if err != nil || o.kind != blobKind || string(o.data) != text || o.id() != id {
				t.Errorf("%s: %s: got %s %q, %v", name, id, o.kind, o.data, err)
			}
			found, err := s.abbreviated(id.String()[:7], 10)
			if err != nil || !slices.Equal(found, []ID{id}) {
				t.Errorf("%s: abbreviated %s: got %s, %v", name, id, found, err)
			}
		}
		if _, err := s.object(ID{1}); !errors.Is(err, errAbsent) {
			t.Errorf("%s: an object that is not there: %v", name, err)
		}
	}
}

// TestPackHostile reads packs that are wrong.
func TestPackHostile(t *testing.T) {
	id := ID{7}
	const size = 5
	for _, tt := range []struct {
		name string
		make func(p *packed)
		want string
	}{
		{"a delta of itself", func(p *packed) { p.add(id, idDelta, size, id[:], nil) }, "too many deltas"},
		{"a delta of no distance", func(p *packed) { p.add(id, offsetDelta, size, []byte{0}, nil) }, "a delta of nothing"},
		{"a delta of what is before the pack", func(p *packed) { p.add(id, offsetDelta, size, []byte{13}, nil) }, "a delta of nothing"},
		{"a delta of the head", func(p *packed) { p.add(id, offsetDelta, size, []byte{12}, nil) }, "not in the pack"},
		{"a distance without end", func(p *packed) {
			p.add(id, offsetDelta, size, bytes.Repeat([]byte{0xff}, 20), nil)
		}, "a delta of nothing"},
		{"a delta of another pack", func(p *packed) { p.add(id, idDelta, size, make([]byte, 20), nil) }, "not in the pack"},
		{"kind 0", func(p *packed) { p.add(id, 0, size, nil, nil) }, "unknown kind 0"},
		{"kind 5", func(p *packed) { p.add(id, 5, size, nil, nil) }, "unknown kind 5"},
		{"too large", func(p *packed) { p.add(id, blobKind, maxObject+1, nil, nil) }, "larger than 64 MiB"},
		{"a size without end", func(p *packed) {
			p.offsets[id] = uint64(len(p.pack))
			p.pack = append(p.pack, bytes.Repeat([]byte{0xff}, 30)...)
		}, "no size"},
		{"less than its size", func(p *packed) { p.add(id, blobKind, maxObject, nil, []byte("abc")) }, "another size"},
		{"more than its size", func(p *packed) { p.add(id, blobKind, 2, nil, []byte("abc")) }, "another size"},
		{"no zlib", func(p *packed) {
			p.add(id, blobKind, 1, []byte("xxxx"), nil)
		}, "zlib: invalid header"},
		{"zlib that is cut off", func(p *packed) {
			p.add(id, blobKind, 3, nil, []byte("abc"))
			p.pack = p.pack[:len(p.pack)-8]
		}, "unexpected EOF"},
		{"an offset behind the end", func(p *packed) { p.offsets[id] = 1 << 20 }, "not in the pack"},
		{"an offset in the checksum", func(p *packed) { p.offsets[id] = uint64(len(p.pack)) }, "not in the pack"},
		{"an offset out of range", func(p *packed) { p.offsets[id] = 1 << 63 }, "out of range"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPacked()
			tt.make(p)
			s := p.write(t, p.index(1<<31))
			o, err := s.object(id)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, %v, want the error %q", o.data, err, tt.want)
			}
		})
	}
}

func TestPackFiles(t *testing.T) {
	p := newPacked()
	p.blob("a")
	good := p.index(1 << 31)
	edit := func(at int, b ...byte) []byte {
		x := slices.Clone(good)
		copy(x[at:], b)
		return x
	}
	for _, tt := range []struct {
		name string
		idx  []byte
		want string
	}{
		{"empty", nil, "unexpected EOF"},
		{"version 1", edit(0, 0, 0, 0, 0), "version 1"},
		{"version 3", edit(7, 3), "version 3"},
		{"falling numbers", edit(8, 0xff), "its numbers fall"},
		{"too many objects", edit(8+4*255, 0xff), "cut off"},
		{"cut off", good[:len(good)-1], "cut off"},
	} {
		if _, err := p.store(t, tt.idx); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	for head, want := range map[string]string{"": "unexpected EOF", "PACK\x00\x00\x00\x04": "version 4", "XACK\x00\x00\x00\x02": "no pack"} {
		p.pack = []byte(head)
		if head != "" {
			p.pack = append(p.pack, 0, 0, 0, 0)
		}
		s, err := p.store(t, good)
		if head == "" { // its checksum is as long as a head
			want = "no pack"
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the pack %q: got %v, %v, want %q", head, s, err, want)
		}
	}
}

func TestPatch(t *testing.T) {
	base := []byte(strings.Repeat("ab", 1<<16))
	for _, tt := range []struct {
		name  string
		base  []byte
		delta []byte
		want  string // "" is an error
	}{
		{"insert", nil, delta(0, 3, 3, 'x', 'y', 'z'), "xyz"},
		{"copy 64 KiB", base, delta(len(base), 1<<16, 0x80), string(base[:1<<16])},
		{"copy far", base, delta(len(base), 2, 0x80|1|2|4|16, 1, 0, 1, 2), "ba"},
		{"no sizes", nil, nil, ""},
		{"one size", nil, []byte{0}, ""},
		{"another base", base, delta(1, 1, 1, 'a'), ""},
		{"instruction 0", nil, delta(0, 1, 0), ""},
		{"insert more than there is", nil, delta(0, 3, 3, 'x'), ""},
		{"copy behind the end", []byte("abc"), delta(3, 3, 0x80|1|16, 1, 3), ""},
		{"copy without an offset", []byte("abc"), delta(3, 3, 0x80|1|16, 1), ""},
		{"too short", []byte("abc"), delta(3, 3, 0x80|16, 2), ""},
		{"too long", []byte("abc"), delta(3, 1, 0x80|16, 2), ""},
		{"too large", []byte("abc"), delta(3, maxObject+1, 0x80|16, 2), ""},
	} {
		got, err := patch(tt.base, tt.delta)
		if string(got) != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: got %d bytes, %v", tt.name, len(got), err)
		}
	}
}

// TestWork holds that a chain of deltas cannot make witgen write bytes without
// end: each doubles what is before it.
func TestWork(t *testing.T) {
	p := newPacked()
	size := maxObject / 2
	text := strings.Repeat("x", 1<<16)
	before := p.blob(text)
	for n, have := 0, len(text); n < 40; n++ {
		var ops []byte
		next := min(2*have, size)
		for left := next; left > 0; {
			part := min(left, have, 1<<16)
			if part == 1<<16 {
				ops = append(ops, 0x80)
			} else {
				ops = append(ops, 0x80|16|32, byte(part), byte(part>>8))
			}
			left -= part
		}
		d := delta(have, next, ops...)
		id := ID{byte(n), 1}
		p.add(id, idDelta, len(d), before[:], d)
		before, have = id, next
	}
	s := p.write(t, p.index(1<<31))
	if _, err := s.object(before); err == nil || !strings.Contains(err.Error(), "deltas that lead to it are too large") {
		t.Errorf("got %v", err)
	}
}

// FuzzPack reads all objects of a pack.
func FuzzPack(f *testing.F) {
	p := newPacked()
	base := p.blob("hello, world")
	d := delta(12, 6, 0x80|1|16, 7, 5, 1, '!')
	p.add(ID{1}, idDelta, len(d), base[:], d)
	p.add(ID{2}, offsetDelta, len(d), []byte{byte(len(p.pack) - packHead)}, d)
	f.Add(p.pack, p.index(1<<31))
	f.Add(p.pack, p.index(0))
	f.Fuzz(func(t *testing.T, data, idx []byte) {
		x, err := openIndex(bytes.NewReader(idx), int64(len(idx)))
		if err != nil {
			return
		}
		p := &pack{index: x, r: bytes.NewReader(data), size: int64(len(data))}
		if p.check() != nil {
			return
		}
		ids, err := x.between(ID{}, ID(bytes.Repeat([]byte{0xff}, 20)), 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			o, err := p.object(id)
			if err == nil && len(o.data) > maxObject {
				t.Errorf("%s has %d bytes", id, len(o.data))
			}
		}
	})
}
