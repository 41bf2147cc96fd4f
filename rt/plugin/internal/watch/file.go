package watch

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest is the SHA-256 of a file's bytes. The zero Digest stands for none.
type Digest [sha256.Size]byte

// String returns the digest as "sha256:" and 64 hexadecimal digits.
func (d Digest) String() string { return "sha256:" + hex.EncodeToString(d[:]) }

// File is a file that came to rest and begins as a component does. It belongs
// to whoever gets it; Bytes are shared with nobody.
type File struct {
	Path   string // as it was asked for
	Target string // where it was found, with all symbolic links followed
	Bytes  []byte
	Digest Digest // of Bytes
}
