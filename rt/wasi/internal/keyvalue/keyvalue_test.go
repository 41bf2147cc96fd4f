package keyvalue

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/atomics"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/store"
	store1 "github.com/witgen/witgen/rt/wasi/draft/keyvalue/v0_2_0_draft/store"
	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/told"
)

func open2(t *testing.T, b *bag) (Draft2, store.Bucket) {
	t.Helper()
	d := Draft2{b.options(new([]audit.Denial))}
	bucket, err := d.Open(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	return d, bucket
}

func open1(t *testing.T, b *bag) (Draft1, store1.Bucket) {
	t.Helper()
	d := Draft1{b.options(new([]audit.Denial))}
	bucket, err := d.Open(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	return d, bucket
}

func TestOpen(t *testing.T) {
	for _, test := range []struct {
		name string
		two  error
		one  error
		deny string // why
	}{
		{name: "b"},
		{name: "secret", two: store.ErrorAccessDenied{}, one: store1.ErrorAccessDenied{}, deny: "the host denies it"},
		{name: "down", two: store.ErrorOther{Value: failed}, one: store1.ErrorOther{Value: failed}},
		{name: "nil", two: store.ErrorNoSuchStore{}, one: store1.ErrorNoSuchStore{}},
		{name: "", two: store.ErrorNoSuchStore{}, one: store1.ErrorNoSuchStore{}},
		{name: "b" + strings.Repeat(" ", maxName), two: store.ErrorNoSuchStore{}, one: store1.ErrorNoSuchStore{}},
	} {
		var denials []audit.Denial
		o := newBag().options(&denials)
		b2, err := Draft2{o}.Open(t.Context(), test.name)
		if !errors.Is(err, test.two) || (b2 == nil) != (err != nil) {
			t.Errorf("%q: got %v, %v, want %v", test.name, b2, err, test.two)
		}
		b1, err := Draft1{o}.Open(t.Context(), test.name)
		if !errors.Is(err, test.one) || (b1 == nil) != (err != nil) {
			t.Errorf("%q: got %v, %v, want %v", test.name, b1, err, test.one)
		}
		var want []audit.Denial
		if test.deny != "" {
			d := audit.Denial{Capability: "keyvalue", Operation: "open", Target: test.name, Reason: test.deny}
			want = []audit.Denial{d, d}
		}
		if !slices.Equal(denials, want) {
			t.Errorf("%q: denials %+v, want %+v", test.name, denials, want)
		}
	}
}

// TestNone has no store: everything is denied, and the text of the guest in what
// is told of that is bounded.
func TestNone(t *testing.T) {
	var denials []audit.Denial
	o := Options{Audit: func(_ context.Context, d audit.Denial) { denials = append(denials, d) }}
	if _, err := (Draft2{o}).Open(t.Context(), strings.Repeat("x", 1<<20)); !errors.Is(err, store.ErrorAccessDenied{}) {
		t.Errorf("got %v", err)
	}
	if _, err := (Draft1{o}).Open(t.Context(), "default"); !errors.Is(err, store1.ErrorAccessDenied{}) {
		t.Errorf("got %v", err)
	}
	if len(denials) != 2 || len(denials[0].Target) > maxName+len("…") || denials[1].Target != "default" {
		t.Errorf("got %+v", denials)
	}
}

// one is what both drafts have of a bucket.
type one interface {
	Get(ctx context.Context, key string) (cm.Option[[]byte], error)
	Set(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error
	Exists(ctx context.Context, key string) (bool, error)
	Close(ctx context.Context) error
}

func TestBucket(t *testing.T) {
	ctx := t.Context()
	_, two := open2(t, newBag())
	_, older := open1(t, newBag())
	for _, b := range []one{two, older} {
		if v, err := b.Get(ctx, "k"); v.IsSome() || err != nil {
			t.Errorf("got %v, %v before it is there", v, err)
		}
		if err := b.Set(ctx, "k", []byte("v")); err != nil {
			t.Error(err)
		}
		if v, err := b.Get(ctx, "k"); string(v.Or(nil)) != "v" || err != nil {
			t.Errorf("got %v, %v", v, err)
		}
		if err := b.Set(ctx, "k", nil); err != nil {
			t.Error(err)
		}
		if v, err := b.Get(ctx, "k"); !v.IsSome() || len(v.Or(nil)) > 0 || err != nil {
			t.Errorf("got %v, %v, want the empty value", v, err)
		}
		if ok, err := b.Exists(ctx, "k"); !ok || err != nil {
			t.Errorf("got %v, %v", ok, err)
		}
		if err := errors.Join(b.Delete(ctx, "k"), b.Delete(ctx, "k")); err != nil {
			t.Error(err)
		}
		if ok, err := b.Exists(ctx, "k"); ok || err != nil {
			t.Errorf("got %v, %v", ok, err)
		}
		if err := b.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestListKeys(t *testing.T) {
	ctx := t.Context()
	keys := []string{"a", "b", "c", "d", "e"}
	_, two := open2(t, newBag(keys...))
	var got []string
	for cursor := cm.None[string](); ; {
		page, err := two.ListKeys(ctx, cursor)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Keys...)
		if cursor = page.Cursor; !cursor.IsSome() {
			break
		}
	}
	if !slices.Equal(got, keys) {
		t.Errorf("got %q, want %q", got, keys)
	}

	_, older := open1(t, newBag(keys...))
	for _, test := range []struct {
		cursor cm.Option[uint64]
		want   store1.KeyResponse
	}{
		{cm.None[uint64](), store1.KeyResponse{Keys: []string{"a", "b"}, Cursor: cm.Some(uint64(2))}},
		{cm.Some(uint64(1)), store1.KeyResponse{Keys: []string{"b"}, Cursor: cm.Some(uint64(2))}},
		{cm.Some(uint64(2)), store1.KeyResponse{Keys: []string{"c", "d"}, Cursor: cm.Some(uint64(4))}},
		{cm.Some(uint64(4)), store1.KeyResponse{Keys: []string{"e"}}},
		{cm.Some(uint64(5)), store1.KeyResponse{Keys: []string{}}},
		{cm.Some(uint64(math.MaxUint64)), store1.KeyResponse{Keys: []string{}}},
	} {
		if got, err := older.ListKeys(ctx, test.cursor); !reflect.DeepEqual(got, test.want) || err != nil {
			t.Errorf("%v: got %+v, %v, want %+v", test.cursor, got, err, test.want)
		}
	}
}

func TestIncrement(t *testing.T) {
	ctx := t.Context()
	d2, two := open2(t, newBag())
	for _, test := range []struct{ delta, want int64 }{{5, 5}, {-7, -2}, {math.MaxInt64, math.MaxInt64 - 2}} {
		if got, err := d2.Increment(ctx, two, "n", test.delta); got != test.want || err != nil {
			t.Errorf("%d: got %d, %v, want %d", test.delta, got, err, test.want)
		}
	}
	b := newBag()
	d1, older := open1(t, b)
	if got, err := d1.Increment(ctx, older, "n", 5); got != 5 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if got, err := d1.Increment(ctx, older, "n", math.MaxInt64+1); !errors.Is(storeError(err), store1.ErrorOther{Value: "the number would be too large"}) || b.values["n"] != "5" {
		t.Errorf("got %d, %v, %q", got, err, b.values)
	}
	b.set("n", "-9")
	if got, err := d1.Increment(ctx, older, "n", 3); !errors.Is(storeError(err), store1.ErrorOther{Value: "the number is less than 0"}) {
		t.Errorf("got %d, %v", got, err)
	}
}

func TestBatch(t *testing.T) {
	ctx := t.Context()
	list := []cm.Tuple2[string, []byte]{cm.T2("x", []byte("1")), cm.T2("y", []byte("2"))}
	keys := []string{"y", "no", "x"}
	want := []cm.Option[cm.Tuple2[string, []byte]]{cm.Some(list[1]), {}, cm.Some(list[0])}
	d2, two := open2(t, newBag())
	if err := d2.SetMany(ctx, two, list); err != nil {
		t.Error(err)
	}
	if got, err := d2.GetMany(ctx, two, keys); !reflect.DeepEqual(got, want) || err != nil {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if err := d2.DeleteMany(ctx, two, keys[:2]); err != nil {
		t.Error(err)
	}
	d1, older := open1(t, newBag())
	if err := d1.SetMany(ctx, older, list); err != nil {
		t.Error(err)
	}
	if got, err := d1.GetMany(ctx, older, keys); !reflect.DeepEqual(got, want) || err != nil {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if err := d1.DeleteMany(ctx, older, keys[:2]); err != nil {
		t.Error(err)
	}
	for _, b := range []one{two, older} {
		x, err1 := b.Exists(ctx, "x")
		y, err2 := b.Exists(ctx, "y")
		if !x || y || err1 != nil || err2 != nil {
			t.Errorf("x %v, y %v, %v, %v", x, y, err1, err2)
		}
	}
}

func TestCas(t *testing.T) {
	ctx := t.Context()
	b := newBag()
	d, bucket := open2(t, b)
	begin := func(want string) atomics.Cas {
		t.Helper()
		c, err := d.CasNew(ctx, bucket, "k")
		if err != nil {
			t.Fatal(err)
		}
		if v, err := c.Current(ctx); string(v.Or([]byte("none"))) != want || err != nil {
			t.Errorf("got %v, %v, want %s", v, err, want)
		}
		return c
	}
	first := begin("none")
	if err := d.Swap(ctx, first, []byte("1")); err != nil {
		t.Error(err)
	}
	if err := d.Swap(ctx, begin("1"), []byte("2")); err != nil {
		t.Error(err)
	}
	late := begin("2")
	b.set("k", "3")
	b.set("k", "2") // as it was, and yet changed
	err := d.Swap(ctx, late, []byte("lost"))
	again, ok := errors.AsType[atomics.CasErrorCasFailed](err)
	if !ok {
		t.Fatalf("got %v, want cas-failed", err)
	}
	if err := d.Swap(ctx, again.Value, []byte("4")); err != nil || b.values["k"] != "4" {
		t.Errorf("got %v, %q", err, b.values)
	}
	deleted := begin("4")
	if err := bucket.Delete(ctx, "k"); err != nil {
		t.Error(err)
	}
	if err := d.Swap(ctx, deleted, nil); !errors.As(err, new(atomics.CasErrorCasFailed)) {
		t.Errorf("got %v, want cas-failed", err)
	}
	if err := late.Close(ctx); err != nil {
		t.Error(err)
	}

	want := atomics.CasErrorStoreError{Value: store.ErrorOther{Value: "17 MiB"}}
	b.err = told.Error("17 MiB")
	if err := d.Swap(ctx, again.Value, nil); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// TestErrors has a store fail in each way, and all functions tell of it.
func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want error
		deny bool
	}{
		{name: "failed", err: errors.New("write /srv/db: no space left"), want: store.ErrorOther{Value: failed}},
		{name: "told", err: fmt.Errorf("x: %w", told.Error("quota")), want: store.ErrorOther{Value: "quota"}},
		{name: "denied", err: fmt.Errorf("x: %w", ErrAccessDenied), want: store.ErrorAccessDenied{}, deny: true},
		{name: "gone", err: ErrNoSuchStore, want: store.ErrorNoSuchStore{}},
	} {
		b := newBag()
		var denials []audit.Denial
		d := Draft2{b.options(&denials)}
		bucket, err := d.Open(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		b.err = test.err
		for operation, err := range everything(t.Context(), d, bucket) {
			if !errors.Is(err, test.want) {
				t.Errorf("%s: %s: got %v, want %v", test.name, operation, err, test.want)
			}
			n := slices.IndexFunc(denials, func(d audit.Denial) bool {
				return d == audit.Denial{Capability: "keyvalue", Operation: operation, Target: "b", Reason: "the host denies it"}
			})
			if n >= 0 != test.deny {
				t.Errorf("%s: %s: denials %+v", test.name, operation, denials)
			}
		}
	}
}

// everything calls all functions of a bucket and returns their errors.
func everything(ctx context.Context, d Draft2, b store.Bucket) map[string]error {
	errs := make(map[string]error)
	_, errs["get"] = b.Get(ctx, "k")
	errs["set"] = b.Set(ctx, "k", nil)
	errs["delete"] = b.Delete(ctx, "k")
	_, errs["exists"] = b.Exists(ctx, "k")
	_, errs["list-keys"] = b.ListKeys(ctx, cm.None[string]())
	_, errs["increment"] = d.Increment(ctx, b, "k", 1)
	_, errs["cas.new"] = d.CasNew(ctx, b, "k")
	_, errs["cas.current"] = (&Cas{b.(*Bucket2).bucket, "k", ""}).Current(ctx)
	err := d.Swap(ctx, &Cas{b.(*Bucket2).bucket, "k", ""}, nil)
	if e, ok := errors.AsType[atomics.CasErrorStoreError](err); ok {
		err = e.Value
	}
	errs["swap"] = err
	_, errs["get-many"] = d.GetMany(ctx, b, []string{"k"})
	errs["set-many"] = d.SetMany(ctx, b, []cm.Tuple2[string, []byte]{{F0: "k"}})
	errs["delete-many"] = d.DeleteMany(ctx, b, []string{"k"})
	for _, operation := range []string{"increment", "cas.new", "cas.current", "get-many", "set-many", "delete-many"} {
		errs[operation] = storeError(errs[operation])
	}
	return errs
}

// storeError returns the error of a store that another interface returned.
func storeError(err error) error {
	if e, ok := errors.AsType[cm.Err[store.Error]](err); ok {
		return e.Value
	}
	if e, ok := errors.AsType[cm.Err[store1.Error]](err); ok {
		return e.Value
	}
	if e, ok := errors.AsType[store.Error](err); ok {
		return fmt.Errorf("%s, which no other interface returns", e.Error())
	}
	return err
}
