package keyvalue

import (
	"context"
	"errors"
	"fmt"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/told"
)

// bucket is one that a guest has open. Its errors are ErrNoSuchStore,
// ErrAccessDenied and problems, which are for the guest; all others end it.
type bucket struct {
	Bucket
	name  string
	audit audit.Log
}

// failed returns the error for a guest whose operation failed.
func (b *bucket) failed(ctx context.Context, operation string, err error) error {
	if ended := told.Ended(ctx); ended != nil {
		return ended
	}
	switch {
	case errors.Is(err, ErrNoSuchStore):
		return ErrNoSuchStore
	case errors.Is(err, ErrAccessDenied):
		return b.wrong(ctx, operation, ErrAccessDenied, "the host denies it")
	}
	return problem(told.Text(err, failed))
}

// wrong tells of a denial.
func (b *bucket) wrong(ctx context.Context, operation string, err error, reason string) error {
	b.audit.Deny(ctx, audit.Denial{Capability: "keyvalue", Operation: operation, Target: b.name, Reason: reason})
	return err
}

func checkKey(key string) error {
	if len(key) > maxKey {
		return problem(fmt.Sprintf("a key of %d bytes: %d are permitted", len(key), maxKey))
	}
	return nil
}

func checkValue(value []byte) error {
	if len(value) > maxValue {
		return problem(fmt.Sprintf("a value of %d bytes: %d are permitted", len(value), maxValue))
	}
	return nil
}

func checkBatch(keys int) error {
	if keys > maxBatch {
		return problem(fmt.Sprintf("%d keys in a call: %d are permitted", keys, maxBatch))
	}
	return nil
}

// get returns the value of a key, and the version that it is of.
func (b *bucket) get(ctx context.Context, operation, key string) (value cm.Option[[]byte], version string, err error) {
	if err := checkKey(key); err != nil {
		return value, "", err
	}
	p, version, err := b.Get(ctx, key)
	if err != nil {
		return value, "", b.failed(ctx, operation, err)
	}
	return cm.OptionOf(p, version != ""), version, nil
}

func (b *bucket) set(ctx context.Context, operation, key string, value []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := checkValue(value); err != nil {
		return err
	}
	if err := b.Set(ctx, key, value); err != nil {
		return b.failed(ctx, operation, err)
	}
	return nil
}

func (b *bucket) delete(ctx context.Context, operation, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := b.Delete(ctx, key); err != nil {
		return b.failed(ctx, operation, err)
	}
	return nil
}

// keys returns the keys at a cursor.
func (b *bucket) keys(ctx context.Context, cursor string) (keys []string, next string, err error) {
	if len(cursor) > maxCursor {
		return nil, "", problem("no such cursor")
	}
	if keys, next, err = b.Keys(ctx, cursor); err != nil {
		return nil, "", b.failed(ctx, "list-keys", err)
	}
	return keys, next, nil
}

func (b *bucket) increment(ctx context.Context, key string, delta int64) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	sum, err := b.Increment(ctx, key, delta)
	if err != nil {
		return 0, b.failed(ctx, "increment", err)
	}
	return sum, nil
}

// getMany returns the keys that are there with their values, as long as those are
// not too much together.
func (b *bucket) getMany(ctx context.Context, keys []string) ([]cm.Option[cm.Tuple2[string, []byte]], error) {
	if err := checkBatch(len(keys)); err != nil {
		return nil, err
	}
	list, size := make([]cm.Option[cm.Tuple2[string, []byte]], len(keys)), 0
	for i, key := range keys {
		if ended := told.Ended(ctx); ended != nil {
			return nil, ended
		}
		v, _, err := b.get(ctx, "get-many", key)
		if err != nil {
			return nil, err
		}
		p, ok := v.Get()
		if size += len(p); size > maxAnswer {
			return nil, problem(fmt.Sprintf("values of more than %d bytes in a call", maxAnswer))
		}
		list[i] = cm.OptionOf(cm.T2(key, p), ok)
	}
	return list, nil
}

func (b *bucket) setMany(ctx context.Context, list []cm.Tuple2[string, []byte]) error {
	if err := checkBatch(len(list)); err != nil {
		return err
	}
	for _, e := range list {
		if ended := told.Ended(ctx); ended != nil {
			return ended
		}
		if err := b.set(ctx, "set-many", e.F0, e.F1); err != nil {
			return err
		}
	}
	return nil
}

func (b *bucket) deleteMany(ctx context.Context, keys []string) error {
	if err := checkBatch(len(keys)); err != nil {
		return err
	}
	for _, key := range keys {
		if ended := told.Ended(ctx); ended != nil {
			return ended
		}
		if err := b.delete(ctx, "delete-many", key); err != nil {
			return err
		}
	}
	return nil
}
