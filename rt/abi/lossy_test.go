package abi

import (
	"errors"
	"math"
	"testing"
)

func TestNarrow(t *testing.T) {
	check := func(name string, ok bool, err error) {
		t.Helper()
		if (err == nil) != ok || err != nil && !errors.Is(err, ErrLossy) {
			t.Errorf("%s: got %v, want one that fits: %t", name, err, ok)
		}
	}
	small := func(v int64) error {
		n, err := Narrow[int8]("0.1.0", v)
		if err == nil && int64(n) != v {
			t.Errorf("%d is %d", v, n)
		}
		return err
	}
	check("127 as s8", true, small(127))
	check("128 as s8", false, small(128))
	check("-128 as s8", true, small(-128))
	check("-129 as s8", false, small(-129))
	check("2^32 as s8", false, small(1<<32))
	_, err := Narrow[uint64]("0.1.0", int64(-1))
	check("-1 as u64", false, err)
	_, err = Narrow[int64]("0.1.0", uint64(math.MaxUint64))
	check("2^64-1 as s64", false, err)
	_, err = Narrow[int64]("0.1.0", uint64(math.MaxInt64))
	check("2^63-1 as s64", true, err)
	if want := "cannot be said in version 0.1.0: 300 as uint8"; func() string { _, err := Narrow[uint8]("0.1.0", uint32(300)); return err.Error() }() != want {
		t.Errorf("want %s", want)
	}
	if err := Lacks("0.1.0", "a:b/c@0.1.0", "f"); !errors.Is(err, ErrNotExported) {
		t.Errorf("%v is no ErrNotExported", err)
	}
}
