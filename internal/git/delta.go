package git

import (
	"encoding/binary"
	"errors"
)

var errDelta = errors.New("a delta is damaged")

// patch applies a delta to what it is a delta of. A delta is the sizes before
// and after, and then copies of what was before and insertions.
func patch(base, delta []byte) ([]byte, error) {
	before, n := binary.Uvarint(delta)
	if n <= 0 || before != uint64(len(base)) {
		return nil, errDelta
	}
	delta = delta[n:]
	after, n := binary.Uvarint(delta)
	if n <= 0 {
		return nil, errDelta
	}
	if after > maxObject {
		return nil, errTooLarge
	}
	delta = delta[n:]
	out := make([]byte, 0, min(after, uint64(len(base)+len(delta))))
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		var from []byte
		switch {
		case op&0x80 != 0:
			var offset, size uint64
			var ok bool
			if offset, size, delta, ok = copied(op, delta); !ok || offset+size > uint64(len(base)) {
				return nil, errDelta
			}
			from = base[offset : offset+size]
		case op != 0 && int(op) <= len(delta):
			from, delta = delta[:op], delta[op:]
		default:
			return nil, errDelta
		}
		if uint64(len(out)+len(from)) > after {
			return nil, errDelta
		}
		out = append(out, from...)
	}
	if uint64(len(out)) != after {
		return nil, errDelta
	}
	return out, nil
}

// copied reads what is to be copied: the bits of the instruction say which
// bytes of an offset of four and of a size of three follow.
func copied(op byte, delta []byte) (offset, size uint64, rest []byte, ok bool) {
	for bit := range 7 {
		if op>>bit&1 == 0 {
			continue
		}
		if len(delta) == 0 {
			return 0, 0, nil, false
		}
		if bit < 4 {
			offset |= uint64(delta[0]) << (8 * bit)
		} else {
			size |= uint64(delta[0]) << (8 * (bit - 4))
		}
		delta = delta[1:]
	}
	if size == 0 {
		size = 1 << 16
	}
	return offset, size, delta, true
}
