package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/wasi"
)

const (
	keyvalue  = "wasi:keyvalue/"
	maxBucket = 1024 // bytes of a name
)

// Buckets returns the buckets of a store that the rights have; the others are
// denied. It is nil if there are none.
func (e Effective) Buckets(of wasi.KeyValue) wasi.KeyValue {
	if of == nil || len(e.KeyValue) == 0 {
		return nil
	}
	return buckets{of, e.KeyValue}
}

// buckets are those of a store with certain names.
type buckets struct {
	of    wasi.KeyValue
	names []string
}

// Open returns a bucket of the store.
func (b buckets) Open(ctx context.Context, name string) (wasi.Bucket, error) {
	if !matchesAny(b.names, name) {
		return nil, wasi.ErrAccessDenied
	}
	return b.of.Open(ctx, name)
}

func (e *Effective) resolveBuckets(r Request, grant []string, c Ceiling) []Note {
	if !r.wants(keyvalue) {
		_, all := andNames(sorted(grant), nil, "keyvalue", byRequest)
		return all
	}
	names := sorted(grant)
	var all, notes []Note
	if r.Manifest != nil {
		names, notes = andNames(names, r.Manifest.KeyValue, "keyvalue", byManifest)
		all = append(all, notes...)
	}
	if c.KeyValue != nil {
		names, notes = andNames(names, c.KeyValue, "keyvalue", byCeiling)
		all = append(all, notes...)
	}
	e.KeyValue = names
	return all
}

func (c *checker) buckets(at string, names []string) {
	if len(names) > maxList {
		c.add(at, "there are %d, more than %d", len(names), maxList)
		return
	}
	for i, name := range names {
		if len(name) > maxBucket || strings.ContainsAny(strings.TrimSuffix(name, "*"), "*\x00") {
			c.add(fmt.Sprintf("%s[%d]", at, i), "%s is no name of a bucket, nor one that ends in *", quote(name))
		}
	}
}

func (e Effective) explainBucket(told *Denied, d wasi.Denial) {
	told.Key += ".keyvalue"
	told.What = fmt.Sprintf("keyvalue %s %s (grants: %s)", d.Operation, quote(shown(d.Target)), list(e.KeyValue))
	if name, ok := bucketOf(d); ok && !matchesAny(e.KeyValue, d.Target) {
		told.Line = fmt.Sprintf("[%q]", name)
	}
}

// bucketOf returns the bucket that a guest was denied to open, if its name may be
// granted: what guests say must not become a pattern.
func bucketOf(d wasi.Denial) (string, bool) {
	return d.Target, d.Operation == "open" && len(d.Target) <= maxBucket && shown(d.Target) == d.Target && !strings.Contains(d.Target, "*")
}

// bucket learns of a bucket that was opened, or would have been.
func (l *Learned) bucket(name string) {
	if len(l.buckets) < maxLearned {
		l.buckets[name] = true
	}
}

// opened learns which buckets are opened.
type opened struct {
	l  *Learned
	of wasi.KeyValue
}

// Open opens a bucket of the store behind it.
func (o opened) Open(ctx context.Context, name string) (wasi.Bucket, error) {
	b, err := o.of.Open(ctx, name)
	if err == nil {
		o.l.mu.Lock()
		defer o.l.mu.Unlock()
		if plain, ok := bucketOf(wasi.Denial{Operation: "open", Target: name}); ok {
			o.l.bucket(plain)
		} else if i := slices.IndexFunc(o.l.base.KeyValue, func(p string) bool { return matches(p, name) }); i >= 0 {
			o.l.bucket(o.l.base.KeyValue[i])
		}
	}
	return b, err
}
