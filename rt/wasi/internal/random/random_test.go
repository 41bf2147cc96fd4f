package random

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"testing"
	"testing/iotest"
)

// counter is a source whose bytes count.
type counter struct{ n byte }

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		c.n++
		p[i] = c.n
	}
	return len(p), nil
}

// zeroes is a source that is quick.
type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { return len(p), nil }

// TestBytes asks for as many bytes as there may be, and more.
func TestBytes(t *testing.T) {
	r := New(zeroes{})
	for name, get := range map[string]func(context.Context, uint64) ([]byte, error){
		"random": r.GetRandomBytes, "insecure": r.GetInsecureRandomBytes,
	} {
		for _, n := range []uint64{0, 1, 1000, maxBytes} {
			if p, err := get(t.Context(), n); uint64(len(p)) != n || err != nil {
				t.Errorf("%s: %d of %d, %v", name, len(p), n, err)
			}
		}
		for _, n := range []uint64{maxBytes + 1, 1 << 32, math.MaxInt64 + 1, math.MaxUint64} {
			if p, err := get(t.Context(), n); p != nil || err == nil {
				t.Errorf("%s: %d of %d", name, len(p), n)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := get(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", name, err)
		}
	}
}

// TestSource has instances of one source see the same, and of another not.
func TestSource(t *testing.T) {
	read := func(source io.Reader) (all []any) {
		r := New(source)
		for range 2 {
			p, err := r.GetRandomBytes(t.Context(), 3)
			if err != nil {
				t.Fatal(err)
			}
			a, err := r.GetRandomU64(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			b, err := r.GetInsecureRandomU64(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			seed, err := r.InsecureSeed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(p), a, b, seed)
		}
		return all
	}
	a, b := read(&counter{}), read(&counter{})
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("value %d: %v and %v", i, a[i], b[i])
		}
	}
	if a[1] != uint64(0x0b0a090807060504) {
		t.Errorf("bytes 4 to 11 are %#x", a[1])
	}
	if a[3] != a[7] {
		t.Errorf("the seed changes: %v, %v", a[3], a[7])
	}
	if a[1] == a[5] || a[1] == a[2] {
		t.Error("numbers come twice")
	}
	x, y := read(nil), read(nil)
	for i := range x {
		if x[i] == y[i] && i != 0 && i != 4 { // three bytes may be the same
			t.Errorf("value %d of two instances is %v", i, x[i])
		}
	}
}

// TestSourceErrors has sources fail, and end.
func TestSourceErrors(t *testing.T) {
	broken := errors.New("broken")
	for name, source := range map[string]io.Reader{"fails": iotest.ErrReader(broken), "ends": bytes.NewReader(make([]byte, 5))} {
		r := New(source)
		for i, call := range []func() error{
			func() error { _, err := r.GetRandomBytes(t.Context(), 6); return err },
			func() error { _, err := r.GetRandomU64(t.Context()); return err },
			func() error { _, err := r.InsecureSeed(t.Context()); return err },
		} {
			if err := call(); err == nil || name == "fails" && !errors.Is(err, broken) {
				t.Errorf("%s: call %d: %v", name, i, err)
			}
		}
	}
}
