package fs

import (
	"bytes"
	"errors"
	"testing"

	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// TestHashKey has hashes be the same with the same random numbers, and others
// with others: those of an instance alone.
func TestHashKey(t *testing.T) {
	dir := t.TempDir()
	put(t, dir+"/file", "")
	hashes := func(random string) (own, at types.MetadataHashValue) {
		o := Options{Grants: []Grant{{Host: dir, Guest: "/"}}}
		if random != "" {
			o.Random = bytes.NewReader(bytes.Repeat([]byte(random), 32))
		}
		g := start(t, dir, o)
		own, err := g.dir().MetadataHash(t.Context())
		is(t, "metadata-hash", err, nil)
		at, err = g.dir().MetadataHashAt(t.Context(), 0, "file")
		is(t, "metadata-hash-at", err, nil)
		again, _ := g.open(g.dir(), "file", 0, read).MetadataHash(t.Context())
		if again != at || at == own {
			t.Errorf("the hashes of a file are %v and %v, and of its directory %v", at, again, own)
		}
		return own, at
	}
	own, at := hashes("a")
	if o, a := hashes("a"); o != own || a != at {
		t.Error("the same random numbers give other hashes")
	}
	if o, a := hashes("b"); o == own || a == at {
		t.Error("other random numbers give the same hashes")
	}
	own, at = hashes("")
	if o, a := hashes(""); o == own || a == at {
		t.Error("two instances have the same hashes")
	}
}

// TestHashWithoutRandom has a source that fails be a trap, and no hash without a
// key.
func TestHashWithoutRandom(t *testing.T) {
	dir := t.TempDir()
	g := start(t, dir, Options{Grants: []Grant{{Host: dir, Guest: "/"}}, Random: bytes.NewReader(make([]byte, 31))})
	h, err := g.dir().MetadataHash(t.Context())
	if _, ok := errors.AsType[types.ErrorCode](err); ok || err == nil || h != (types.MetadataHashValue{}) {
		t.Errorf("got %v, %v", h, err)
	}
}
