package keyvalue

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/atomics"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/store"
	store1 "github.com/witgen/witgen/rt/wasi/draft/keyvalue/v0_2_0_draft/store"
)

// TestEnded has the context end: nothing is told to the guest, which ends.
func TestEnded(t *testing.T) {
	b := newBag("k", "l", "m")
	d, bucket := open2(t, b)
	d1, older := open1(t, b)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("why")
	cancel(why)
	b.err = ctx.Err()
	for operation, err := range everything(ctx, d, bucket) {
		if !errors.Is(err, why) {
			t.Errorf("%s: got %v", operation, err)
		}
	}
	b.err = nil // batches and cursors end between two keys, too
	before := b.asked
	if _, err := d.GetMany(ctx, bucket, []string{"k"}); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	if err := d.SetMany(ctx, bucket, []cm.Tuple2[string, []byte]{{F0: "k"}}); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	if err := d1.DeleteMany(ctx, older, []string{"k"}); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	if b.asked > before {
		t.Errorf("the bucket was asked %d times", b.asked-before)
	}
	if _, err := older.ListKeys(ctx, cm.Some(uint64(3))); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}

// TestBounds has a guest hand over more than it may: the store is not asked.
func TestBounds(t *testing.T) {
	ctx := t.Context()
	b := newBag()
	d, bucket := open2(t, b)
	key := strings.Repeat("k", maxKey+1)
	longKey := store.ErrorOther{Value: "a key of 1025 bytes: 1024 are permitted"}
	value := make([]byte, maxValue+1)
	largeValue := store.ErrorOther{Value: "a value of 16777217 bytes: 16777216 are permitted"}
	many := store.ErrorOther{Value: "10001 keys in a call: 10000 are permitted"}
	check := func(what string, got, want error) {
		t.Helper()
		if !errors.Is(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	_, err := bucket.Get(ctx, key)
	check("get", err, longKey)
	_, err = bucket.Exists(ctx, key)
	check("exists", err, longKey)
	check("set", bucket.Set(ctx, key, nil), longKey)
	check("set", bucket.Set(ctx, "k", value), largeValue)
	check("delete", bucket.Delete(ctx, key), longKey)
	_, err = bucket.ListKeys(ctx, cm.Some(strings.Repeat("c", maxCursor+1)))
	check("list-keys", err, store.ErrorOther{Value: "no such cursor"})
	_, err = d.Increment(ctx, bucket, key, 1)
	check("increment", storeError(err), longKey)
	_, err = d.CasNew(ctx, bucket, key)
	check("cas.new", storeError(err), longKey)
	check("swap", d.Swap(ctx, &Cas{bucket.(*Bucket2).bucket, "k", ""}, value), atomics.CasErrorStoreError{Value: largeValue})
	_, err = d.GetMany(ctx, bucket, make([]string, maxBatch+1))
	check("get-many", storeError(err), many)
	check("set-many", storeError(d.SetMany(ctx, bucket, make([]cm.Tuple2[string, []byte], maxBatch+1))), many)
	check("delete-many", storeError(d.DeleteMany(ctx, bucket, make([]string, maxBatch+1))), many)
	if b.asked > 0 {
		t.Errorf("the bucket was asked %d times", b.asked)
	}

	if err := bucket.Set(ctx, "k", value[:maxAnswer/4]); err != nil {
		t.Fatal(err)
	}
	if list, err := d.GetMany(ctx, bucket, []string{"k", "k", "k", "k"}); len(list) != 4 || err != nil {
		t.Errorf("got %d, %v", len(list), err)
	}
	b.asked = 0
	_, err = d.GetMany(ctx, bucket, slices.Repeat([]string{"k"}, 100))
	check("get-many", storeError(err), store.ErrorOther{Value: "values of more than 16777216 bytes in a call"})
	if b.asked > 5 {
		t.Errorf("the bucket was asked %d times", b.asked)
	}
}

// TestForeign hands over resources that are not of this implementation: the guest
// traps.
func TestForeign(t *testing.T) {
	ctx := t.Context()
	d2, d1 := Draft2{}, Draft1{}
	_, err1 := d2.Increment(ctx, store.UnimplementedBucket{}, "k", 1)
	_, err2 := d2.GetMany(ctx, nil, nil)
	_, err3 := d2.CasNew(ctx, store.UnimplementedBucket{}, "k")
	_, err4 := d1.Increment(ctx, store1.UnimplementedBucket{}, "k", 1)
	_, err5 := d1.GetMany(ctx, nil, nil)
	for i, err := range []error{
		err1, err2, err3, err4, err5,
		d2.Swap(ctx, atomics.UnimplementedCas{}, nil),
		d2.SetMany(ctx, nil, nil), d2.DeleteMany(ctx, nil, nil), d1.SetMany(ctx, nil, nil), d1.DeleteMany(ctx, nil, nil),
	} {
		if !errors.Is(err, errForeign) {
			t.Errorf("%d: got %v", i, err)
		}
	}
}
