package wasi

import (
	"context"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/atomics"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/batch"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/store"
	atomics1 "github.com/witgen/witgen/rt/wasi/draft/keyvalue/v0_2_0_draft/atomics"
	batch1 "github.com/witgen/witgen/rt/wasi/draft/keyvalue/v0_2_0_draft/batch"
	store1 "github.com/witgen/witgen/rt/wasi/draft/keyvalue/v0_2_0_draft/store"
	"github.com/witgen/witgen/rt/wasi/internal/keyvalue"
)

// KeyValue has buckets that guests open by wasi:keyvalue. [MemoryStore] is one.
//
// Its errors, and those of a [Bucket], are cases to the guest: [ErrNoSuchStore]
// and [ErrAccessDenied] have their own, and any other is "other", with its text if
// it is a [GuestError]. If the context is done, an error ends the guest.
type KeyValue interface {
	// Open returns the bucket of a name, which has up to 1 KiB. It is on the
	// goroutine of the guest, any number of times.
	Open(ctx context.Context, name string) (Bucket, error)
}

// Bucket is a number of keys with values, which guests read and change. Its
// methods are called on the goroutines of all guests that have it open, at the same
// time. It is not closed: it holds nothing that has to be.
//
// Guests have keys of up to 1 KiB, values of up to 16 MiB and 10,000 keys in a call;
// they get values of up to 16 MiB together in a call. More is an error to them
// before the bucket is asked.
type Bucket interface {
	// Get returns the value of a key, which nobody changes, and its version: a
	// text that is another one after each change of the key. The version of a key
	// that is not there is empty.
	Get(ctx context.Context, key string) (value []byte, version string, err error)

	// Set sets the value of a key, and may keep it.
	Set(ctx context.Context, key string, value []byte) error

	// Delete deletes a key, if it is there.
	Delete(ctx context.Context, key string) error

	// Keys returns some keys, and the cursor for the ones after these, empty if
	// these are the last. It is given what it returned, or what a guest made up,
	// up to 4 KiB; the empty cursor is for the first keys. How many keys there are
	// in a page is up to it.
	Keys(ctx context.Context, cursor string) (keys []string, next string, err error)

	// Increment adds to the number that a key has as its value, in decimal, and
	// returns the sum. A key that is not there counts as 0. No other change
	// comes between.
	Increment(ctx context.Context, key string, delta int64) (sum int64, err error)

	// Swap sets the value of a key if it is of that version, which Get returned;
	// the empty version is that of a key that is not there. It reports whether it
	// was. No other change comes between. It may keep the value.
	Swap(ctx context.Context, key, version string, value []byte) (swapped bool, err error)
}

// Errors of a [KeyValue] and a [Bucket] that guests have cases for. Config.Audit is
// told of the second.
var (
	ErrNoSuchStore  = keyvalue.ErrNoSuchStore
	ErrAccessDenied = keyvalue.ErrAccessDenied
)

// keyvalue returns wasi:keyvalue.
func (h *host) keyvalue() []rt.Import {
	o := keyvalue.Options{Audit: h.audit}
	if kv := h.config.KeyValue; kv != nil {
		o.Open = func(ctx context.Context, name string) (keyvalue.Bucket, error) {
			b, err := kv.Open(ctx, name)
			if b == nil { // of this interface, which is not nil in the other
				return nil, err
			}
			return b, err
		}
	}
	d1, d2 := keyvalue.Draft1{Options: o}, keyvalue.Draft2{Options: o}
	return []rt.Import{
		store.Import(d2), atomics.Import(d2), batch.Import(d2),
		store1.Import(d1), atomics1.Import(d1), batch1.Import(d1),
	}
}
