package fs

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"io/fs"
	"math"
	"os"
	"sync"
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

// key is of this process alone, so that hashes say nothing of numbers.
var key = sync.OnceValue(func() (key [sha256.Size]byte) {
	_, _ = rand.Read(key[:]) // never fails
	return key
})

// hash returns a hash that objects keep while they are changed, and that two
// which are there at one time do not have in common. Guests of preview 1 have it
// for the number of an inode.
func (id identity) hash() types.MetadataHashValue {
	k := key()
	in := binary.LittleEndian.AppendUint64(k[:], id[0])
	in = binary.LittleEndian.AppendUint64(in, id[1])
	sum := sha256.Sum256(in)
	return types.MetadataHashValue{
		Lower: binary.LittleEndian.Uint64(sum[:8]),
		Upper: binary.LittleEndian.Uint64(sum[8:16]),
	}
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
