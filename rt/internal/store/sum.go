package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// sum is a checksum of 64 bits that tells damage: two of 32 bits with different
// polynomials, which processors compute at several times the speed of a
// cryptographic one. That would tell no more here, since whoever can change
// a file can change what is written of it.
type sum struct{ castagnoli, ieee uint32 }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (s *sum) add(p []byte) {
	s.castagnoli = crc32.Update(s.castagnoli, castagnoli, p)
	s.ieee = crc32.Update(s.ieee, crc32.IEEETable, p)
}

func (s *sum) String() string { return fmt.Sprintf("%08x%08x", s.castagnoli, s.ieee) }

func sumOf(p []byte) string {
	var s sum
	s.add(p)
	return s.String()
}

// seal writes a value as JSON, and the SHA-256 of that on the last line.
func seal(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, err
	}
	h := sha256.Sum256(text)
	return fmt.Appendf(text, "\n%x\n", h), nil
}

// unseal reads what seal wrote.
func unseal(data []byte, v any) error {
	const tail = 2*sha256.Size + 2
	if len(data) < tail {
		return errors.New("cut off")
	}
	text := data[:len(data)-tail]
	h := sha256.Sum256(text)
	if want := "\n" + hex.EncodeToString(h[:]) + "\n"; !bytes.Equal(data[len(text):], []byte(want)) {
		return errors.New("is not what was written")
	}
	return json.Unmarshal(text, v)
}
