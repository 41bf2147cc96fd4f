package rollout

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
)

// Split divides calls between two arms by their keys.
type Split struct {
	// Salt makes the groups of a rollout its own. It stays for the whole ramp,
	// so that who is in the canary stays there, and is new for the next one, so
	// that it is not the same users each time.
	Salt [16]byte
	// Weight is the canary's share of the keys, from 0, none, to 1, all.
	Weight float64
}

// NewSalt returns a salt for a new rollout.
func NewSalt() (salt [16]byte) {
	// It never fails: see crypto/rand.Read.
	_, _ = rand.Read(salt[:])
	return salt
}

// Canary says whether calls with a key are the canary's: whether the first 8
// bytes of SHA-256(salt, 0, key) are below Weight * 2^64. It is true of no key
// at a weight of 0, of all at 1, and of a key that it was true of at a smaller
// weight. It may be called by several goroutines at once, and allocates nothing
// for keys of up to 111 bytes.
func (s Split) Canary(key string) bool {
	switch {
	case s.Weight >= 1:
		return true
	case !(s.Weight > 0): // and what is not a number
		return false
	}
	var buffer [2 * sha256.BlockSize]byte
	hashed := append(buffer[:0], s.Salt[:]...)
	hashed = append(hashed, 0)
	hashed = append(hashed, key...)
	sum := sha256.Sum256(hashed)
	// Weight is below 1 by 2^-53 at least, so the product fits.
	return binary.BigEndian.Uint64(sum[:8]) < uint64(s.Weight*(1<<64))
}
