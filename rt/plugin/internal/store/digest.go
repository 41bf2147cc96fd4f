package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Digest is the SHA-256 of code, which is its name in the store. The zero Digest
// is that of no code.
type Digest [sha256.Size]byte

const algorithm = "sha256:"

// DigestOf returns the digest of code.
func DigestOf(data []byte) Digest { return sha256.Sum256(data) }

// String returns the digest as it is written everywhere: "sha256:" and 64 hex
// digits.
func (d Digest) String() string { return algorithm + hex.EncodeToString(d[:]) }

// MarshalText returns what String does.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what String writes.
func (d *Digest) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), algorithm)
	if !ok {
		return fmt.Errorf("%.80q is not a digest: it does not begin with %q", text, algorithm)
	}
	return parseHex(d[:], digits)
}

// file returns the name of the file that has the code.
func (d Digest) file() string { return hex.EncodeToString(d[:]) + codeSuffix }

// digestOfFile reads what file writes.
func digestOfFile(name string) (d Digest, ok bool) {
	digits, ok := strings.CutSuffix(name, codeSuffix)
	return d, ok && parseHex(d[:], digits) == nil
}

// Identity names a revision: the SHA-256 of all that makes it what it is, its
// code among it. The zero Identity is that of none.
type Identity [sha256.Size]byte

// String returns the identity as 64 hex digits.
func (id Identity) String() string { return hex.EncodeToString(id[:]) }

// MarshalText returns what String does.
func (id Identity) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what String writes.
func (id *Identity) UnmarshalText(text []byte) error { return parseHex(id[:], string(text)) }

// Salt is what the split of a canary is salted with.
type Salt [16]byte

// String returns the salt as 32 hex digits.
func (s Salt) String() string { return hex.EncodeToString(s[:]) }

// MarshalText returns what String does.
func (s Salt) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what String writes.
func (s *Salt) UnmarshalText(text []byte) error { return parseHex(s[:], string(text)) }

// parseHex reads as many bytes as there is room for, written as String of any of
// the types here writes them: each value has one way to be written, so that it is
// one key of a map and one name of a file.
func parseHex(to []byte, text string) error {
	if len(text) != hex.EncodedLen(len(to)) || strings.ToLower(text) != text {
		return fmt.Errorf("%.80q is not %d hex digits in lower case", text, hex.EncodedLen(len(to)))
	}
	_, err := hex.Decode(to, []byte(text))
	return err
}
