package keyvalue

import (
	"context"
	"errors"
	"math"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/v0_2_0_draft/atomics"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/v0_2_0_draft/batch"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/v0_2_0_draft/store"
	"github.com/witgen/witgen/rt/wasi/internal/told"
)

// Draft1 is wasi:keyvalue@0.2.0-draft, whose numbers are not signed and whose
// cursors are numbers.
type Draft1 struct{ Options }

var (
	_ store.Store     = Draft1{}
	_ atomics.Atomics = Draft1{}
	_ batch.Batch     = Draft1{}
)

// tell1 returns an error as the draft has it.
func tell1(err error) error {
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

// beside1 returns an error as the interfaces beside the store have it: there it is
// of another's type.
func beside1(err error) error {
	err = tell1(err)
	if e, ok := err.(store.Error); ok { //nolint:errorlint // not what an error of the host has inside
		return cm.Err[store.Error]{Value: e}
	}
	return err
}

// Bucket1 is a bucket of the draft.
type Bucket1 struct{ Shared }

// Open opens the bucket of a name.
func (d Draft1) Open(ctx context.Context, name string) (store.Bucket, error) {
	b, err := d.open(ctx, name)
	if err != nil {
		return nil, tell1(err)
	}
	return &Bucket1{Shared{b, tell1}}, nil
}

// ListKeys returns a page of keys. The cursor is how many keys are before it, so
// that it is good in every instance; those are passed over, page by page.
func (b *Bucket1) ListKeys(ctx context.Context, cursor cm.Option[uint64]) (store.KeyResponse, error) {
	skip, page := cursor.Or(0), ""
	for before := skip; ; {
		keys, next, err := b.bucket.keys(ctx, page)
		if err != nil {
			return store.KeyResponse{}, tell1(err)
		}
		if n := uint64(len(keys)); n <= before && next != "" {
			before, page = before-n, next
			if ended := told.Ended(ctx); ended != nil {
				return store.KeyResponse{}, ended
			}
			continue
		}
		keys = keys[min(before, uint64(len(keys))):]
		return store.KeyResponse{Keys: keys, Cursor: cm.OptionOf(skip+uint64(len(keys)), next != "")}, nil
	}
}

func own1(b store.Bucket) (*bucket, error) {
	if b, ok := b.(*Bucket1); ok {
		return b.bucket, nil
	}
	return nil, errForeign
}

// Increment adds to a number.
func (Draft1) Increment(ctx context.Context, in store.Bucket, key string, delta uint64) (uint64, error) {
	b, err := own1(in)
	if err != nil {
		return 0, err
	}
	if delta > math.MaxInt64 {
		return 0, beside1(problem("the number would be too large"))
	}
	sum, err := b.increment(ctx, key, int64(delta))
	if err == nil && sum < 0 {
		err = problem("the number is less than 0")
	}
	return uint64(sum), beside1(err)
}

// GetMany returns the values of keys.
func (Draft1) GetMany(ctx context.Context, in store.Bucket, keys []string) ([]cm.Option[cm.Tuple2[string, []byte]], error) {
	b, err := own1(in)
	if err != nil {
		return nil, err
	}
	list, err := b.getMany(ctx, keys)
	return list, beside1(err)
}

// SetMany sets the values of keys.
func (Draft1) SetMany(ctx context.Context, in store.Bucket, list []cm.Tuple2[string, []byte]) error {
	b, err := own1(in)
	if err != nil {
		return err
	}
	return beside1(b.setMany(ctx, list))
}

// DeleteMany deletes keys.
func (Draft1) DeleteMany(ctx context.Context, in store.Bucket, keys []string) error {
	b, err := own1(in)
	if err != nil {
		return err
	}
	return beside1(b.deleteMany(ctx, keys))
}
