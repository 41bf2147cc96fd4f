package keyvalue

import (
	"context"
	"errors"

	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/told"
)

// What guests may hand over, and ask for, in a call.
const (
	maxName   = 1 << 10  // bytes of a bucket's name
	maxKey    = 1 << 10  // bytes of a key
	maxValue  = 16 << 20 // bytes of a value
	maxCursor = 4 << 10  // bytes
	maxBatch  = 10_000   // keys of a batch
	maxAnswer = 16 << 20 // bytes of the values that a batch gets, together
)

// Errors of stores that guests have cases for.
var (
	ErrNoSuchStore  = errors.New("no such store")
	ErrAccessDenied = errors.New("access denied")
)

// failed is what guests are told of errors that are not for them.
const failed = "the store failed"

// Bucket is what a host has of a bucket.
type Bucket interface {
	Get(ctx context.Context, key string) (value []byte, version string, err error)
	Set(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error
	Keys(ctx context.Context, cursor string) (keys []string, next string, err error)
	Increment(ctx context.Context, key string, delta int64) (sum int64, err error)
	Swap(ctx context.Context, key, version string, value []byte) (swapped bool, err error)
}

// Options say what an instance has.
type Options struct {
	// Open opens the bucket of a name; nil denies it.
	Open  func(ctx context.Context, name string) (Bucket, error)
	Audit audit.Log
}

// open opens the bucket of a name.
func (o Options) open(ctx context.Context, name string) (*bucket, error) {
	b := &bucket{name: told.Clip(name, maxName), audit: o.Audit}
	if o.Open == nil {
		return nil, b.wrong(ctx, "open", ErrAccessDenied, "there is no Config.KeyValue")
	}
	if len(name) > maxName {
		return nil, ErrNoSuchStore
	}
	var err error
	if b.Bucket, err = o.Open(ctx, name); err != nil {
		return nil, b.failed(ctx, "open", err)
	}
	if b.Bucket == nil {
		return nil, ErrNoSuchStore
	}
	return b, nil
}

// problem is a text for the guest: an error of the store that has no case.
type problem string

func (p problem) Error() string { return string(p) }
