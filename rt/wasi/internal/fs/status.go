package fs

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"syscall"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/wallclock"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// status is what is known of an object: what guests may know, and which it is.
type status struct {
	types.DescriptorStat
	id   identity
	info fs.FileInfo // knows where an identity says too little; else nil
}

// same reports whether two objects are one.
func (s status) same(o status) bool {
	if s.info != nil {
		return os.SameFile(s.info, o.info)
	}
	return s.id == o.id
}

// identity tells objects apart. Guests do not see it.
type identity [2]uint64

// hashKey is of one instance, so that hashes say nothing of numbers, nor to one
// instance of what another has. It is read when it is first needed.
type hashKey struct {
	key [sha256.Size]byte
	has bool
}

// hash returns a hash of an object that it keeps while it is changed, and that
// two which are there at one time do not have in common. Guests of preview 1 have
// it for the number of an inode.
func (s *FS) hash(id identity) (types.MetadataHashValue, error) {
	if !s.key.has {
		if _, err := io.ReadFull(s.random, s.key.key[:]); err != nil {
			return types.MetadataHashValue{}, fmt.Errorf("source of random numbers: %w", err)
		}
		s.key.has = true
	}
	in := binary.LittleEndian.AppendUint64(s.key.key[:], id[0])
	in = binary.LittleEndian.AppendUint64(in, id[1])
	sum := sha256.Sum256(in)
	return types.MetadataHashValue{
		Lower: binary.LittleEndian.Uint64(sum[:8]),
		Upper: binary.LittleEndian.Uint64(sum[8:16]),
	}, nil
}

// datetime returns a time for a guest, none before 1970, for which there are no
// numbers.
func datetime(sec, nsec int64) cm.Option[wallclock.DateTime] {
	if sec < 0 {
		return cm.None[wallclock.DateTime]()
	}
	return cm.Some(wallclock.DateTime{Seconds: uint64(sec), Nanoseconds: uint32(nsec)})
}

// stamp is what a timestamp is set to: what it is, the zero stamp, or now, or a
// time.
type stamp struct {
	set, now  bool
	sec, nsec int64
}

// stampOf returns what a guest wants a timestamp to be.
func stampOf(t types.NewTimestamp) (stamp, error) {
	switch t := t.(type) {
	case types.NewTimestampNow:
		return stamp{set: true, now: true}, nil
	case types.NewTimestampTimestamp:
		if t.Value.Seconds > math.MaxInt64 || t.Value.Nanoseconds >= uint32(time.Second) {
			return stamp{}, syscall.EINVAL
		}
		return stamp{set: true, sec: int64(t.Value.Seconds), nsec: int64(t.Value.Nanoseconds)}, nil
	}
	return stamp{}, nil
}

// stamps are those of one object.
type stamps struct{ access, modified stamp }

func stampsOf(access, modified types.NewTimestamp) (s stamps, err error) {
	if s.access, err = stampOf(access); err == nil {
		s.modified, err = stampOf(modified)
	}
	return s, err
}
