package rt_test

import (
	"bytes"
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestWithBuffer has results put in the caller's buffer as long as they fit.
func TestWithBuffer(t *testing.T) {
	g := startCalls(t)
	buf := make([]byte, 3, 8)
	copy(buf, "abc")
	ctx := rt.WithBuffer(t.Context(), buf)
	in := func(b []byte) bool { return len(b) > 0 && &b[0] == &buf[0] }

	first, err := g.Bytes(ctx, []byte("12345678"))
	if err != nil || string(first) != "12345678" || !in(first) || cap(first) != 8 {
		t.Errorf("as long as the buffer: got %q, %v, in the buffer: %v", first, err, in(first))
	}
	second, err := g.Bytes(ctx, []byte("xy"))
	if err != nil || string(second) != "xy" || !in(second) || cap(second) != 2 {
		t.Errorf("the call after that: got %q of %d, %v, in the buffer: %v", second, cap(second), err, in(second))
	}
	if string(first) != "xy345678" {
		t.Errorf("the result before that is now %q", first)
	}
	long, err := g.Bytes(ctx, []byte("123456789"))
	if err != nil || string(long) != "123456789" || in(long) {
		t.Errorf("longer than the buffer: got %q, %v, in the buffer: %v", long, err, in(long))
	}
	if empty, err := g.Bytes(ctx, nil); err != nil || empty == nil || len(empty) != 0 {
		t.Errorf("nothing: got %v, %v", empty, err)
	}
	if s, err := g.Echo(ctx, "text"); err != nil || s != "text" || !bytes.HasPrefix(buf, []byte("xy3")) {
		t.Errorf("a string: got %q, %v, and the buffer is %q", s, err, buf)
	}
	plain, err := g.Bytes(t.Context(), []byte("next"))
	if err != nil || string(plain) != "next" || in(plain) {
		t.Errorf("without the buffer: got %q, %v, in the buffer: %v", plain, err, in(plain))
	}
}
