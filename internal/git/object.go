package git

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// ID is the name of an object: the SHA-1 of what it is.
type ID [sha1.Size]byte

// String returns the ID in hexadecimal.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// parseID reads an ID in hexadecimal.
func parseID(s string) (ID, bool) {
	var id ID
	if len(s) != hex.EncodedLen(len(id)) {
		return ID{}, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil
}

// kind is the type of an object, as packs number it.
type kind uint8

const (
	commitKind kind = 1
	treeKind   kind = 2
	blobKind   kind = 3
	tagKind    kind = 4
	// Entries of packs that are what another one is, with differences.
	offsetDelta kind = 6
	idDelta     kind = 7
)

// String returns the name by which an object calls its kind.
func (k kind) String() string {
	switch k {
	case commitKind:
		return "commit"
	case treeKind:
		return "tree"
	case blobKind:
		return "blob"
	case tagKind:
		return "tag"
	}
	return "kind " + strconv.Itoa(int(k))
}

func kindOf(name string) (kind, bool) {
	for k := commitKind; k <= tagKind; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}

// object is an object without its header.
type object struct {
	kind kind
	data []byte
}

// maxObject is the size of the largest object that is read, in bytes.
const maxObject = 64 << 20

var errTooLarge = fmt.Errorf("it is larger than %d MiB", maxObject>>20)

// errAbsent is the error of an object that a store does not have.
var errAbsent = errors.New("there is no such object")

// object reads an object and checks that it is the one of its ID.
func (r *Repository) object(id ID) (object, error) {
	for _, s := range r.stores {
		o, err := s.object(id)
		if errors.Is(err, errAbsent) {
			continue
		}
		if err == nil && o.id() != id {
			err = errors.New("it is damaged: it has another SHA-1")
		}
		if err != nil {
			return object{}, fmt.Errorf("object %s: %w", id, err)
		}
		return o, nil
	}
	if r.lacks != "" {
		return object{}, fmt.Errorf("object %s: %w; %s", id, errAbsent, r.lacks)
	}
	return object{}, fmt.Errorf("object %s: %w", id, errAbsent)
}

// typed is object for one whose kind is known.
func (r *Repository) typed(id ID, want kind) ([]byte, error) {
	o, err := r.object(id)
	if err == nil && o.kind != want {
		err = fmt.Errorf("object %s: want a %s, it is a %s", id, want, o.kind)
	}
	return o.data, err
}

// id returns the name of an object.
func (o object) id() ID {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", o.kind, len(o.data))
	h.Write(o.data)
	return ID(h.Sum(nil))
}

// readAll reads bytes whose number is known, and that nothing follows.
func readAll(r io.Reader, size uint64) ([]byte, error) {
	if size > maxObject {
		return nil, errTooLarge
	}
	var b bytes.Buffer
	b.Grow(int(min(size, 1<<16))) // what is claimed may not be there
	n, err := io.Copy(&b, io.LimitReader(r, int64(size)+1))
	if err == nil && uint64(n) != size {
		err = fmt.Errorf("it has another size than %d bytes", size)
	}
	return b.Bytes(), err
}
