package keyvalue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/witgen/witgen/rt/wasi/internal/audit"
)

// bag is a bucket of a host, with pages of two keys. Its versions are how often
// something was set.
type bag struct {
	values   map[string]string
	versions map[string]int
	changes  int
	asked    int
	err      error
}

func newBag(keys ...string) *bag {
	b := &bag{values: make(map[string]string), versions: make(map[string]int)}
	for _, key := range keys {
		b.set(key, "value of "+key)
	}
	return b
}

func (b *bag) set(key, value string) {
	b.changes++
	b.values[key], b.versions[key] = value, b.changes
}

func (b *bag) version(key string) string {
	if v := b.versions[key]; v != 0 {
		return strconv.Itoa(v)
	}
	return ""
}

func (b *bag) Get(_ context.Context, key string) (value []byte, version string, err error) {
	b.asked++
	return []byte(b.values[key]), b.version(key), b.err
}

func (b *bag) Set(_ context.Context, key string, value []byte) error {
	b.asked++
	if b.err == nil {
		b.set(key, string(value))
	}
	return b.err
}

func (b *bag) Delete(_ context.Context, key string) error {
	b.asked++
	if b.err == nil {
		delete(b.values, key)
		delete(b.versions, key)
	}
	return b.err
}

func (b *bag) Keys(_ context.Context, cursor string) (keys []string, next string, err error) {
	b.asked++
	from, _ := strconv.Atoi(cursor)
	all := slices.Sorted(maps.Keys(b.values))
	keys = all[min(from, len(all)):min(from+2, len(all))]
	if from+2 < len(all) {
		next = strconv.Itoa(from + 2)
	}
	return keys, next, b.err
}

func (b *bag) Increment(_ context.Context, key string, delta int64) (int64, error) {
	b.asked++
	n, _ := strconv.ParseInt(b.values[key], 10, 64)
	if b.err == nil {
		b.set(key, strconv.FormatInt(n+delta, 10))
	}
	return n + delta, b.err
}

func (b *bag) Swap(_ context.Context, key, version string, value []byte) (bool, error) {
	b.asked++
	if b.err != nil || b.version(key) != version {
		return false, b.err
	}
	b.set(key, string(value))
	return true, nil
}

// options are those of a host that has the bucket "b".
func (b *bag) options(denials *[]audit.Denial) Options {
	return Options{
		Open: func(_ context.Context, name string) (Bucket, error) {
			switch name {
			case "b":
				return b, nil
			case "secret":
				return nil, fmt.Errorf("table secret of 10.0.0.1: %w", ErrAccessDenied)
			case "down":
				return nil, errors.New("dial 10.0.0.1: refused")
			case "nil":
				return nil, nil
			}
			return nil, ErrNoSuchStore
		},
		Audit: func(_ context.Context, d audit.Denial) { *denials = append(*denials, d) },
	}
}
