package wasi_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/rt/wasi"
)

func bucket(tb testing.TB, s *wasi.MemoryStore, name string) wasi.Bucket {
	tb.Helper()
	b, err := s.Open(context.Background(), name)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestMemoryStoreBuckets(t *testing.T) {
	ctx := t.Context()
	for _, test := range []struct {
		buckets []string
		open    map[string]bool
	}{
		{nil, map[string]bool{"": true, "default": true, "other": false}},
		{[]string{}, map[string]bool{"": false, "default": false}},
		{[]string{"a"}, map[string]bool{"a": true, "": false, "default": false}},
	} {
		s := &wasi.MemoryStore{Buckets: test.buckets}
		for name, want := range test.open {
			if b, err := s.Open(ctx, name); (b != nil) != want || errors.Is(err, wasi.ErrNoSuchStore) == want {
				t.Errorf("%q: open %q: got %v, %v", test.buckets, name, b, err)
			}
		}
	}
	s := new(wasi.MemoryStore)
	if err := bucket(t, s, "").Set(ctx, "k", []byte("v")); err != nil {
		t.Error(err)
	}
	if v, _, err := bucket(t, s, "").Get(ctx, "k"); string(v) != "v" || err != nil {
		t.Errorf("opened again: %q, %v", v, err)
	}
	if v, version, err := bucket(t, s, "default").Get(ctx, "k"); v != nil || version != "" || err != nil {
		t.Errorf("in the other bucket: %q, %q, %v", v, version, err)
	}
}

// TestMemoryStoreCopies changes what was given to a bucket.
func TestMemoryStoreCopies(t *testing.T) {
	ctx := t.Context()
	b := bucket(t, new(wasi.MemoryStore), "")
	p := []byte("before")
	if err := b.Set(ctx, "set", p); err != nil {
		t.Error(err)
	}
	if ok, err := b.Swap(ctx, "swapped", "", p); !ok || err != nil {
		t.Errorf("swap: %v, %v", ok, err)
	}
	copy(p, "after!")
	for _, key := range []string{"set", "swapped"} {
		if v, _, err := b.Get(ctx, key); string(v) != "before" || err != nil {
			t.Errorf("%s: %q, %v", key, v, err)
		}
	}
}

func TestMemoryStoreLimits(t *testing.T) {
	ctx := t.Context()
	s := &wasi.MemoryStore{MaxBytes: 1000, MaxKeys: 3}
	b, other := bucket(t, s, ""), bucket(t, s, "default")
	full := func(what string, err error) {
		t.Helper()
		if _, ok := errors.AsType[wasi.GuestError](err); !ok || !strings.Contains(err.Error(), "full") {
			t.Errorf("%s: got %v", what, err)
		}
	}
	ok := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	ok("one", b.Set(ctx, "k", make([]byte, 1000-128-1)))
	full("a byte more", b.Set(ctx, "k", make([]byte, 1000-128)))
	full("a key more", other.Set(ctx, "l", nil))
	_, err := other.Increment(ctx, "l", 1)
	full("a number more", err)
	swapped, err := other.Swap(ctx, "l", "", nil)
	full("a swap more", err)
	if swapped {
		t.Error("it is swapped all the same")
	}
	if v, _, _ := b.Get(ctx, "k"); len(v) != 1000-128-1 {
		t.Errorf("what was there has %d bytes", len(v))
	}
	ok("less", b.Set(ctx, "k", nil))
	ok("two", other.Set(ctx, "l", nil))
	ok("three", other.Set(ctx, "m", nil))
	full("four", b.Set(ctx, "n", nil))
	ok("one of three again", b.Set(ctx, "k", []byte("v")))
	ok("delete", b.Delete(ctx, "k"))
	ok("delete again", b.Delete(ctx, "k"))
	ok("three", b.Set(ctx, "n", make([]byte, 1000-3*129)))
	full("too much", b.Set(ctx, "n", make([]byte, 1000-3*129+1)))
}

func TestMemoryStorePages(t *testing.T) {
	ctx := t.Context()
	b := bucket(t, new(wasi.MemoryStore), "")
	pages := func() (sizes []int, keys []string) {
		t.Helper()
		for cursor := ""; ; {
			page, next, err := b.Keys(ctx, cursor)
			if err != nil {
				t.Fatal(err)
			}
			sizes, keys = append(sizes, len(page)), append(keys, page...)
			if cursor = next; next == "" {
				return sizes, keys
			}
		}
	}
	if sizes, _ := pages(); !slices.Equal(sizes, []int{0}) {
		t.Errorf("empty: pages of %d", sizes)
	}
	var want []string
	for i := range 2000 {
		key := fmt.Sprintf("%04d", i*7919%2000)
		if i == 0 {
			key = ""
		}
		want = append(want, key)
		if err := b.Set(ctx, key, nil); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(want)
	if sizes, keys := pages(); !slices.Equal(sizes, []int{1000, 1000}) || !slices.Equal(keys, want) {
		t.Errorf("pages of %d, %d keys", sizes, len(keys))
	}
	page, next, err := b.Keys(ctx, "1000x") // is not there
	if len(page) != 999 || page[0] != "1001" || next != "" || err != nil {
		t.Errorf("after another key: %d keys, %q, %v", len(page), next, err)
	}
	if page, next, err := b.Keys(ctx, "~"); len(page) != 0 || next != "" || err != nil {
		t.Errorf("after the end: %q, %q, %v", page, next, err)
	}
	for i := range 300 {
		if err := b.Set(ctx, fmt.Sprintf("%s%d", strings.Repeat("z", 1020), i), nil); err != nil {
			t.Fatal(err)
		}
	}
	if page, _, _ := b.Keys(ctx, "z"); len(page) >= 300 || len(page) < 256 {
		t.Errorf("a page of long keys has %d of them", len(page))
	}
}

func TestMemoryStoreIncrement(t *testing.T) {
	ctx := t.Context()
	b := bucket(t, new(wasi.MemoryStore), "")
	for _, test := range []struct {
		value string
		delta int64
		want  string // what is there afterwards
		err   string
	}{
		{"", 7, "", "not a number"},
		{"0", math.MinInt64, "-9223372036854775808", ""},
		{"41", 1, "42", ""},
		{"1", -2, "-1", ""},
		{"x", 1, "x", "not a number"},
		{" 1", 1, " 1", "not a number"},
		{"9223372036854775808", 1, "9223372036854775808", "not a number"},
		{"9223372036854775807", 1, "9223372036854775807", "too large"},
		{"1", math.MaxInt64, "1", "too large"},
		{"-1", math.MinInt64, "-1", "too small"},
	} {
		if err := b.Set(ctx, "n", []byte(test.value)); err != nil {
			t.Fatal(err)
		}
		sum, err := b.Increment(ctx, "n", test.delta)
		_, told := errors.AsType[wasi.GuestError](err)
		if (err != nil) != (test.err != "") || err != nil && (!told || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%q and %d: got %v", test.value, test.delta, err)
		}
		v, _, _ := b.Get(ctx, "n")
		if string(v) != test.want || err == nil && strconv.FormatInt(sum, 10) != test.want {
			t.Errorf("%q and %d: got %d and %q, want %q", test.value, test.delta, sum, v, test.want)
		}
	}
	if sum, err := b.Increment(ctx, "new", -3); sum != -3 || err != nil {
		t.Errorf("got %d, %v", sum, err)
	}
}

// TestMemoryStoreAtOnce changes a key by many goroutines: nothing is lost.
func TestMemoryStoreAtOnce(t *testing.T) {
	ctx := t.Context()
	b := bucket(t, new(wasi.MemoryStore), "")
	const workers, rounds = 8, 200
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				if _, err := b.Increment(ctx, "sum", 1); err != nil {
					t.Error(err)
				}
				for done := false; !done; {
					v, version, err := b.Get(ctx, "swap")
					n, _ := strconv.Atoi(string(v))
					swapped, err2 := b.Swap(ctx, "swap", version, []byte(strconv.Itoa(n+1)))
					if err := errors.Join(err, err2); err != nil {
						t.Error(err)
						return
					}
					done = swapped
				}
				own := fmt.Sprintf("%d-%d", w, i%3)
				if err := errors.Join(b.Set(ctx, own, nil), b.Delete(ctx, own)); err != nil {
					t.Error(err)
				}
				if _, _, err := b.Keys(ctx, ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, key := range []string{"sum", "swap"} {
		if v, _, _ := b.Get(ctx, key); string(v) != strconv.Itoa(workers*rounds) {
			t.Errorf("%s is %s, want %d", key, v, workers*rounds)
		}
	}
	if keys, _, _ := b.Keys(ctx, ""); !slices.Equal(keys, []string{"sum", "swap"}) {
		t.Errorf("left: %q", keys)
	}
}
