package keyvalue

import (
	"context"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/atomics"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/store"
)

// Cas is what a key was when the handle was made: its version alone, so that many
// handles take no more memory than their keys.
type Cas struct {
	bucket  *bucket
	key     string
	version string
}

var _ atomics.Cas = (*Cas)(nil)

func (b *bucket) cas(ctx context.Context, operation, key string) (*Cas, error) {
	_, version, err := b.get(ctx, operation, key)
	if err != nil {
		return nil, err
	}
	return &Cas{b, key, version}, nil
}

// CasNew returns what a key is now.
func (Draft2) CasNew(ctx context.Context, in store.Bucket, key string) (atomics.Cas, error) {
	b, err := own2(in)
	if err != nil {
		return nil, err
	}
	c, err := b.cas(ctx, "cas.new", key)
	if err != nil {
		return nil, beside2(err)
	}
	return c, nil
}

// Current returns the value of the key. If it is no longer of the version, the
// guest has a value that is newer, with which the swap fails: nothing is lost.
func (c *Cas) Current(ctx context.Context) (cm.Option[[]byte], error) {
	v, _, err := c.bucket.get(ctx, "cas.current", c.key)
	return v, beside2(err)
}

// Close does nothing.
func (c *Cas) Close(context.Context) error { return nil }

// Swap sets the value of the key if it is of the version still. If not, the
// guest is given a handle with the version that it is of now.
func (Draft2) Swap(ctx context.Context, cas atomics.Cas, value []byte) error {
	c, ok := cas.(*Cas)
	if !ok {
		return errForeign
	}
	swapped, err := c.bucket.swap(ctx, c, value)
	if err != nil {
		return tellSwap(err)
	}
	if swapped {
		return nil
	}
	next, err := c.bucket.cas(ctx, "swap", c.key)
	if err != nil {
		return tellSwap(err)
	}
	return atomics.CasErrorCasFailed{Value: next}
}

func (b *bucket) swap(ctx context.Context, c *Cas, value []byte) (swapped bool, err error) {
	if err := checkValue(value); err != nil {
		return false, err
	}
	if swapped, err = b.Swap(ctx, c.key, c.version, value); err != nil {
		return false, b.failed(ctx, "swap", err)
	}
	return swapped, nil
}

// tellSwap returns an error as swap has it: one of the store is the value of a
// case.
func tellSwap(err error) error {
	err = tell2(err)
	if e, ok := err.(store.Error); ok { //nolint:errorlint // not what an error of the host has inside
		return atomics.CasErrorStoreError{Value: e}
	}
	return err
}
