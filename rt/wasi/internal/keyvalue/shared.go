package keyvalue

import (
	"context"

	"github.com/witgen/witgen/rt/cm"
)

// Shared is what both drafts have of a bucket, with the errors of one of them.
type Shared struct {
	bucket *bucket
	tell   func(error) error
}

// Get returns the value of a key.
func (s *Shared) Get(ctx context.Context, key string) (cm.Option[[]byte], error) {
	v, _, err := s.bucket.get(ctx, "get", key)
	return v, s.tell(err)
}

// Set sets the value of a key.
func (s *Shared) Set(ctx context.Context, key string, value []byte) error {
	return s.tell(s.bucket.set(ctx, "set", key, value))
}

// Delete deletes a key.
func (s *Shared) Delete(ctx context.Context, key string) error {
	return s.tell(s.bucket.delete(ctx, "delete", key))
}

// Exists reports whether a key is there.
func (s *Shared) Exists(ctx context.Context, key string) (bool, error) {
	_, version, err := s.bucket.get(ctx, "exists", key)
	return version != "", s.tell(err)
}

// Close does nothing: a host's bucket holds nothing.
func (s *Shared) Close(context.Context) error { return nil }
