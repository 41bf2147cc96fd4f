package git

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// pack is a file of many objects and the index of it.
type pack struct {
	name  string // without its extension
	index *index
	r     io.ReaderAt
	size  int64
	files []*os.File
}

const (
	packHead = 12 // magic, version, number of objects
	packTail = int64(len(ID{}))

	// maxChain is how many deltas lead to an object at most. It is git's own
	// limit.
	maxChain = 4095

	// maxWork is how many bytes are made at most for one object, with all that
	// it is a delta of.
	maxWork = 1 << 30
)

// openPack opens a pack and its index.
func openPack(name string) (*pack, error) {
	p := &pack{name: filepath.ToSlash(name)}
	idx, size, err := p.open(name + ".idx")
	if err == nil {
		if p.index, err = openIndex(idx, size); err != nil {
			err = fmt.Errorf("%s.idx: %w", p.name, err)
		}
	}
	if err == nil {
		p.r, p.size, err = p.open(name + ".pack")
	}
	if err == nil {
		if err = p.check(); err != nil {
			err = fmt.Errorf("%s.pack: %w", p.name, err)
		}
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// open opens a file of the pack and returns its size.
func (p *pack) open(name string) (io.ReaderAt, int64, error) {
	f, err := openRegular(name)
	if err != nil {
		return nil, 0, err
	}
	p.files = append(p.files, f)
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func (p *pack) close() error {
	var errs []error
	for _, f := range p.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// check looks at the head of the pack.
func (p *pack) check() error {
	var head [packHead]byte
	if err := readAt(p.r, head[:], 0); err != nil {
		return err
	}
	if !bytes.HasPrefix(head[:], []byte("PACK")) {
		return errors.New("it is no pack")
	}
	if v := binary.BigEndian.Uint32(head[4:]); v != 2 && v != 3 {
		return fmt.Errorf("it has version %d, and 2 and 3 are known", v)
	}
	return nil
}

// abbreviated returns objects whose IDs begin with a text.
func (p *pack) abbreviated(prefix string, want int) ([]ID, error) {
	least, most, ok := bounds(prefix)
	if !ok {
		return nil, nil
	}
	ids, err := p.index.between(least, most, want)
	if err != nil {
		err = fmt.Errorf("%s.idx: %w", p.name, err)
	}
	return ids, err
}

// object reads an object; the error is errAbsent if it is not in the pack.
func (p *pack) object(id ID) (object, error) {
	at, err := p.index.find(id)
	if err != nil {
		return object{}, err
	}
	o, err := p.at(at)
	if err != nil {
		if errors.Is(err, errAbsent) {
			err = errors.New("what it is a delta of is not in the pack")
		}
		return object{}, fmt.Errorf("%s.pack at %d: %w", p.name, at, err)
	}
	return o, nil
}

// at reads the object at an offset: the entry that it is a delta of in the end,
// and then each delta over that.
func (p *pack) at(offset int64) (object, error) {
	var chain []*entry
	for {
		e, err := p.entry(offset)
		if err != nil {
			return object{}, err
		}
		chain = append(chain, e)
		if e.kind != offsetDelta && e.kind != idDelta {
			break
		}
		if len(chain) > maxChain {
			return object{}, errors.New("too many deltas lead to it")
		}
		offset = e.base
	}
	last := chain[len(chain)-1]
	data, err := p.inflate(last)
	work := uint64(len(data))
	for n := len(chain) - 2; n >= 0 && err == nil; n-- {
		var delta []byte
		if delta, err = p.inflate(chain[n]); err != nil {
			break
		}
		data, err = patch(data, delta)
		if work += uint64(len(delta)) + uint64(len(data)); work > maxWork {
			err = errors.New("the deltas that lead to it are too large")
		}
	}
	return object{last.kind, data}, err
}

// entry is an entry of a pack as its head describes it.
type entry struct {
	kind kind
	size uint64 // of what is behind the head, without compression
	data int64  // offset of that
	base int64  // of a delta: the offset of what it is a delta of
}

// entry reads the head of an entry.
func (p *pack) entry(offset int64) (*entry, error) {
	end := p.size - packTail
	if offset < packHead || offset >= end {
		return nil, errors.New("it is not in the pack")
	}
	r := &byteReader{io.NewSectionReader(p.r, offset, min(end-offset, 64)), offset}
	first, err := r.ReadByte()
	if err != nil {
		return nil, err
	}
	e := &entry{kind: kind(first >> 4 & 7), size: uint64(first & 15)}
	if first&0x80 != 0 {
		more, err := binary.ReadUvarint(r)
		if err != nil || more >= 1<<59 {
			return nil, errors.New("it has no size")
		}
		e.size |= more << 4
	}
	switch e.kind {
	case commitKind, treeKind, blobKind, tagKind:
	case offsetDelta:
		back, err := r.distance()
		if err != nil {
			return nil, err
		}
		if back == 0 || back > offset {
			return nil, errors.New("it is a delta of nothing")
		}
		e.base = offset - back
	case idDelta:
		var id ID
		if _, err := io.ReadFull(r, id[:]); err != nil {
			return nil, err
		}
		if e.base, err = p.index.find(id); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("it has the unknown %s", e.kind)
	}
	e.data = r.at
	return e, nil
}

// inflate returns what is behind the head of an entry.
func (p *pack) inflate(e *entry) ([]byte, error) {
	if e.size > maxObject {
		return nil, errTooLarge
	}
	z, err := zlib.NewReader(bufio.NewReader(io.NewSectionReader(p.r, e.data, p.size-packTail-e.data)))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	return readAll(z, e.size)
}

// byteReader reads byte by byte, and counts.
type byteReader struct {
	io.Reader
	at int64
}

// Read reads some bytes.
func (r *byteReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.at += int64(n)
	return n, err
}

// ReadByte reads a byte.
func (r *byteReader) ReadByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(r, b[:])
	return b[0], err
}

// distance reads how far back the base of a delta is: seven bits to a byte, the
// highest first, and each further byte counts from the end of what fewer bytes
// can say.
func (r *byteReader) distance() (int64, error) {
	b, err := r.ReadByte()
	n := int64(b & 0x7f)
	for err == nil && b&0x80 != 0 {
		if n >= 1<<55 {
			return 0, errors.New("it is a delta of nothing")
		}
		b, err = r.ReadByte()
		n = (n+1)<<7 | int64(b&0x7f)
	}
	return n, err
}
