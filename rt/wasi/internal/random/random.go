// Package random gives guests random numbers: wasi:random.
package random

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/random/insecure"
	"github.com/witgen/witgen/rt/wasi/p2/random/insecureseed"
	"github.com/witgen/witgen/rt/wasi/p2/random/random"
)

// maxBytes is how many bytes a guest may have of one call.
const maxBytes = 64 << 20

// chunk is how many bytes are read without a look at the context.
const chunk = 1 << 20

// Random is what one instance has of random numbers, from one source for all
// interfaces.
type Random struct {
	source io.Reader
	seed   *cm.Tuple2[uint64, uint64] // nil before it is asked for
}

var (
	_ random.Random             = (*Random)(nil)
	_ insecure.Insecure         = (*Random)(nil)
	_ insecureseed.InsecureSeed = (*Random)(nil)
)

// New returns the random numbers of an instance. A nil source is crypto/rand.
func New(source io.Reader) *Random {
	if source == nil {
		source = rand.Reader
	}
	return &Random{source: source}
}

// GetRandomBytes returns n bytes. A guest may not ask for more than 64 MiB.
func (r *Random) GetRandomBytes(ctx context.Context, n uint64) ([]byte, error) {
	if n > maxBytes {
		return nil, fmt.Errorf("%d random bytes, %d are permitted", n, maxBytes)
	}
	p := make([]byte, n)
	for rest := p; len(rest) > 0; {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		part := rest[:min(len(rest), chunk)]
		if err := r.fill(part); err != nil {
			return nil, err
		}
		rest = rest[len(part):]
	}
	return p, nil
}

func (r *Random) fill(p []byte) error {
	if _, err := io.ReadFull(r.source, p); err != nil {
		return fmt.Errorf("source of random numbers: %w", err)
	}
	return nil
}

// GetRandomU64 returns eight bytes as a number.
func (r *Random) GetRandomU64(context.Context) (uint64, error) {
	var p [8]byte
	err := r.fill(p[:])
	return binary.LittleEndian.Uint64(p[:]), err
}

// GetInsecureRandomBytes is GetRandomBytes.
func (r *Random) GetInsecureRandomBytes(ctx context.Context, n uint64) ([]byte, error) {
	return r.GetRandomBytes(ctx, n)
}

// GetInsecureRandomU64 is GetRandomU64.
func (r *Random) GetInsecureRandomU64(ctx context.Context) (uint64, error) {
	return r.GetRandomU64(ctx)
}

// InsecureSeed returns the value of the instance, the same each time.
func (r *Random) InsecureSeed(ctx context.Context) (cm.Tuple2[uint64, uint64], error) {
	if r.seed == nil {
		a, err := r.GetRandomU64(ctx)
		if err != nil {
			return cm.Tuple2[uint64, uint64]{}, err
		}
		b, err := r.GetRandomU64(ctx)
		if err != nil {
			return cm.Tuple2[uint64, uint64]{}, err
		}
		seed := cm.T2(a, b)
		r.seed = &seed
	}
	return *r.seed, nil
}
