package wasi

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"sync"
)

// What a [MemoryStore] has unless its fields say otherwise.
const (
	storeBytes = 64 << 20
	storeKeys  = 100_000
)

// How many keys a page of a bucket in memory has, and how many bytes these have
// together, but for the last of them.
const (
	pageKeys  = 1000
	pageBytes = 256 << 10
)

// perKey is how many bytes a key counts with beside those that it and its value
// have: about what a map and a list of it take.
const perKey = 128

// MemoryStore is a [KeyValue] in memory. The zero MemoryStore is ready to use. It
// may be shared between instances, which then see each other's keys; it is empty at
// first and ends with the process. The fields are not changed once it is used.
//
// The keys of a bucket are listed in order, in pages of up to 1,000.
type MemoryStore struct {
	// Buckets are the names of the buckets that there are. Nil means two, of
	// which one has the name "default" and the other the empty name.
	Buckets []string

	// MaxBytes is the most bytes that all keys and values may have together, each
	// key with 128 more; 0 means 64 MiB. MaxKeys is the most keys; 0 means 100,000.
	// What would be more is not set, with an error that guests are told.
	MaxBytes int64
	MaxKeys  int

	mu      sync.Mutex
	buckets map[string]*memoryBucket
	bytes   int64
	keys    int
	version uint64 // of the last change
}

var _ KeyValue = (*MemoryStore)(nil)

const (
	errFull     = GuestError("the store is full")
	errNoNumber = GuestError("the value is not a number")
	errTooLarge = GuestError("the number would be too large")
	errTooSmall = GuestError("the number would be too small")
)

var defaultBuckets = []string{"", "default"}

// Open returns the bucket of a name.
func (s *MemoryStore) Open(_ context.Context, name string) (Bucket, error) {
	names := s.Buckets
	if names == nil {
		names = defaultBuckets
	}
	if !slices.Contains(names, name) {
		return nil, ErrNoSuchStore
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		b = &memoryBucket{store: s, entries: make(map[string]memoryEntry)}
		if s.buckets == nil {
			s.buckets = make(map[string]*memoryBucket)
		}
		s.buckets[name] = b
	}
	return b, nil
}

// memoryBucket is a bucket in memory. Its store's mutex guards it.
type memoryBucket struct {
	store   *MemoryStore
	entries map[string]memoryEntry
	sorted  []string // their keys
}

// memoryEntry is the value of a key, which is replaced and never changed.
type memoryEntry struct {
	value   []byte
	version uint64
}

// Get returns the value of a key, and its version.
func (b *memoryBucket) Get(_ context.Context, key string) (value []byte, version string, err error) {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	e, ok := b.entries[key]
	if !ok {
		return nil, "", nil
	}
	return e.value, strconv.FormatUint(e.version, 10), nil
}

// Set sets the value of a key to a copy.
func (b *memoryBucket) Set(_ context.Context, key string, value []byte) error {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	return b.set(key, value)
}

// set sets the value of a key, if there is room for it.
func (b *memoryBucket) set(key string, value []byte) error {
	s := b.store
	e, had := b.entries[key]
	more := int64(len(value)) - int64(len(e.value))
	if !had {
		more += int64(len(key)) + perKey
		if s.keys >= cmp.Or(s.MaxKeys, storeKeys) {
			return errFull
		}
	}
	if more > 0 && s.bytes+more > cmp.Or(s.MaxBytes, storeBytes) {
		return errFull
	}
	s.bytes += more
	if !had {
		s.keys++
		i, _ := slices.BinarySearch(b.sorted, key)
		b.sorted = slices.Insert(b.sorted, i, key)
	}
	s.version++
	b.entries[key] = memoryEntry{slices.Clone(value), s.version}
	return nil
}

// Delete deletes a key.
func (b *memoryBucket) Delete(_ context.Context, key string) error {
	s := b.store
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := b.entries[key]
	if !ok {
		return nil
	}
	delete(b.entries, key)
	i, _ := slices.BinarySearch(b.sorted, key)
	b.sorted = slices.Delete(b.sorted, i, i+1)
	s.keys--
	s.bytes -= int64(len(key)) + int64(len(e.value)) + perKey
	return nil
}

// Keys returns a page of keys in order. The cursor is the key before it, whether or
// not that is there still.
func (b *memoryBucket) Keys(_ context.Context, cursor string) (keys []string, next string, err error) {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	rest := b.sorted
	if cursor != "" {
		i, found := slices.BinarySearch(rest, cursor)
		if found {
			i++
		}
		rest = rest[i:]
	}
	n, size := 0, 0
	for n < len(rest) && n < pageKeys && size < pageBytes {
		size += len(rest[n])
		n++
	}
	keys = slices.Clone(rest[:n])
	if n < len(rest) {
		next = keys[n-1]
	}
	return keys, next, nil
}

// Increment adds to a number.
func (b *memoryBucket) Increment(_ context.Context, key string, delta int64) (sum int64, err error) {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	var n int64
	if e, ok := b.entries[key]; ok {
		if n, err = strconv.ParseInt(string(e.value), 10, 64); err != nil {
			return 0, errNoNumber
		}
	}
	switch {
	case delta > 0 && n > math.MaxInt64-delta:
		return 0, errTooLarge
	case delta < 0 && n < math.MinInt64-delta:
		return 0, errTooSmall
	}
	if err := b.set(key, strconv.AppendInt(nil, n+delta, 10)); err != nil {
		return 0, err
	}
	return n + delta, nil
}

// Swap sets the value of a key to a copy, if it is of the version.
func (b *memoryBucket) Swap(_ context.Context, key, version string, value []byte) (swapped bool, err error) {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	have := ""
	if e, ok := b.entries[key]; ok {
		have = strconv.FormatUint(e.version, 10)
	}
	if have != version {
		return false, nil
	}
	if err := b.set(key, value); err != nil {
		return false, err
	}
	return true, nil
}
