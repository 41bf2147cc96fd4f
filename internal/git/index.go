package git

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
)

// index is an index of a pack, version 2: where in it the objects are. It is
// read where it is looked at, since those of large repositories are hundreds of
// megabytes.
//
//	8 bytes   magic, version
//	256 * 4   how many IDs have a first byte up to this one
//	n * 20    the IDs, sorted
//	n * 4     checksums of the entries
//	n * 4     offsets; with the top bit, places in the last table
//	m * 8     offsets of 2 GiB and more
//	2 * 20    SHA-1 of the pack, SHA-1 of the index
type index struct {
	r      io.ReaderAt
	size   int64
	fanout [256]uint32
}

const (
	indexHead  = 8 + 256*4
	indexTail  = 2 * int64(len(ID{}))
	largeTable = 1 << 31 // in an offset: it is a place in the last table
)

// openIndex reads the head of an index of some bytes.
func openIndex(r io.ReaderAt, size int64) (*index, error) {
	x := &index{r: r, size: size}
	var head [indexHead]byte
	if err := readAt(r, head[:], 0); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(head[:], []byte("\xfftOc")) {
		return nil, errors.New("it is no index of a pack, or one of version 1, which is not read: git index-pack makes a new one")
	}
	if v := binary.BigEndian.Uint32(head[4:]); v != 2 {
		return nil, fmt.Errorf("it has version %d, and 2 is known", v)
	}
	for n := range x.fanout {
		x.fanout[n] = binary.BigEndian.Uint32(head[8+4*n:])
		if n > 0 && x.fanout[n] < x.fanout[n-1] {
			return nil, errors.New("it is damaged: its numbers fall")
		}
	}
	if x.large() > size-indexTail {
		return nil, errors.New("it is cut off")
	}
	return x, nil
}

func (x *index) count() int64 { return int64(x.fanout[255]) }

// offsets and large return where the tables of offsets begin.
func (x *index) offsets() int64 { return indexHead + x.count()*(int64(len(ID{}))+4) }
func (x *index) large() int64   { return x.offsets() + x.count()*4 }

// id returns the ID at a place.
func (x *index) id(n int64) (ID, error) {
	var id ID
	err := readAt(x.r, id[:], indexHead+n*int64(len(id)))
	return id, err
}

// search returns the place of the first ID that is not less than another.
func (x *index) search(id ID) (int64, error) {
	low := int64(0)
	if id[0] > 0 {
		low = int64(x.fanout[id[0]-1])
	}
	var wrong error
	n := sort.Search(int(int64(x.fanout[id[0]])-low), func(n int) bool {
		at, err := x.id(low + int64(n))
		wrong = errors.Join(wrong, err)
		return bytes.Compare(at[:], id[:]) >= 0
	})
	return low + int64(n), wrong
}

// find returns the offset in the pack of an object; errAbsent if it is not in
// it.
func (x *index) find(id ID) (int64, error) {
	n, err := x.search(id)
	if err != nil {
		return 0, err
	}
	if n == x.count() {
		return 0, errAbsent
	}
	switch at, err := x.id(n); {
	case err != nil:
		return 0, err
	case at != id:
		return 0, errAbsent
	}
	var b [8]byte
	if err := readAt(x.r, b[:4], x.offsets()+4*n); err != nil {
		return 0, err
	}
	offset := binary.BigEndian.Uint32(b[:4])
	if offset < largeTable {
		return int64(offset), nil
	}
	at := x.large() + 8*int64(offset-largeTable)
	if at > x.size-indexTail-8 {
		return 0, errors.New("its index has no such offset")
	}
	if err := readAt(x.r, b[:], at); err != nil {
		return 0, err
	}
	far := binary.BigEndian.Uint64(b[:])
	if far >= 1<<63 {
		return 0, errors.New("its index has an offset out of range")
	}
	return int64(far), nil
}

// between returns the IDs from one to another, and no more than are wanted.
func (x *index) between(least, most ID, want int) ([]ID, error) {
	n, err := x.search(least)
	var found []ID
	for ; err == nil && n < x.count() && len(found) < want; n++ {
		var id ID
		if id, err = x.id(n); err == nil {
			if bytes.Compare(id[:], most[:]) > 0 {
				break
			}
			found = append(found, id)
		}
	}
	return found, err
}

// readAt fills a buffer.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}
