package keyvalue

import (
	"context"
	"errors"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/atomics"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/batch"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/store"
)

// errForeign ends a guest that has a resource from elsewhere, which only a host
// can have given it.
var errForeign = errors.New("the resource is of another implementation")

// Draft2 is wasi:keyvalue@0.2.0-draft2.
type Draft2 struct{ Options }

var (
	_ store.Store     = Draft2{}
	_ atomics.Atomics = Draft2{}
	_ batch.Batch     = Draft2{}
)

// tell2 returns an error as the draft has it.
func tell2(err error) error {
	p, other := errors.AsType[problem](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoSuchStore):
		return store.ErrorNoSuchStore{}
	case errors.Is(err, ErrAccessDenied):
		return store.ErrorAccessDenied{}
	case other:
		return store.ErrorOther{Value: string(p)}
	}
	return err
}

// beside2 returns an error as the interfaces beside the store have it: there it is
// of another's type.
func beside2(err error) error {
	err = tell2(err)
	if e, ok := err.(store.Error); ok { //nolint:errorlint // not what an error of the host has inside
		return cm.Err[store.Error]{Value: e}
	}
	return err
}

// Bucket2 is a bucket of the draft.
type Bucket2 struct{ Shared }

// Open opens the bucket of a name.
func (d Draft2) Open(ctx context.Context, name string) (store.Bucket, error) {
	b, err := d.open(ctx, name)
	if err != nil {
		return nil, tell2(err)
	}
	return &Bucket2{Shared{b, tell2}}, nil
}

// ListKeys returns the first keys, or those at a cursor.
func (b *Bucket2) ListKeys(ctx context.Context, cursor cm.Option[string]) (store.KeyResponse, error) {
	keys, next, err := b.bucket.keys(ctx, cursor.Or(""))
	return store.KeyResponse{Keys: keys, Cursor: cm.OptionOf(next, next != "")}, tell2(err)
}

func own2(b store.Bucket) (*bucket, error) {
	if b, ok := b.(*Bucket2); ok {
		return b.bucket, nil
	}
	return nil, errForeign
}

// Increment adds to a number.
func (Draft2) Increment(ctx context.Context, in store.Bucket, key string, delta int64) (int64, error) {
	b, err := own2(in)
	if err != nil {
		return 0, err
	}
	sum, err := b.increment(ctx, key, delta)
	return sum, beside2(err)
}

// GetMany returns the values of keys.
func (Draft2) GetMany(ctx context.Context, in store.Bucket, keys []string) ([]cm.Option[cm.Tuple2[string, []byte]], error) {
	b, err := own2(in)
	if err != nil {
		return nil, err
	}
	list, err := b.getMany(ctx, keys)
	return list, beside2(err)
}

// SetMany sets the values of keys.
func (Draft2) SetMany(ctx context.Context, in store.Bucket, list []cm.Tuple2[string, []byte]) error {
	b, err := own2(in)
	if err != nil {
		return err
	}
	return beside2(b.setMany(ctx, list))
}

// DeleteMany deletes keys.
func (Draft2) DeleteMany(ctx context.Context, in store.Bucket, keys []string) error {
	b, err := own2(in)
	if err != nil {
		return err
	}
	return beside2(b.deleteMany(ctx, keys))
}
