package cm_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// TestNoWriter calls the methods of streams and futures that nobody writes to:
// each fails, and says why.
func TestNoWriter(t *testing.T) {
	ctx := t.Context()
	for name, s := range map[string]*cm.Stream[byte]{"nil": nil, "zero": new(cm.Stream[byte])} {
		n, err := s.Read(ctx, make([]byte, 4))
		wantNotSupported(t, name+" read", err)
		if n != 0 {
			t.Errorf("%s: read %d bytes", name, n)
		}
		turns := 0
		for v, err := range s.All(ctx) {
			turns++
			wantNotSupported(t, name+" all", err)
			if v != 0 {
				t.Errorf("%s: all begins with %d", name, v)
			}
		}
		if turns != 1 {
			t.Errorf("%s: all has %d turns, want one with an error", name, turns)
		}
		for range s.All(ctx) {
			break // nothing happens after it
		}
		data, err := io.ReadAll(cm.Reader(ctx, s))
		wantNotSupported(t, name+" reader", err)
		if len(data) > 0 {
			t.Errorf("%s: reader has %q", name, data)
		}
		wantNotSupported(t, name+" close", s.Close(ctx))
	}
	for name, f := range map[string]*cm.Future[string]{"nil": nil, "zero": new(cm.Future[string])} {
		v, err := f.Await(ctx)
		wantNotSupported(t, name+" await", err)
		if v != "" {
			t.Errorf("%s: await = %q", name, v)
		}
		wantNotSupported(t, name+" close", f.Close(ctx))
	}
	for name, e := range map[string]*cm.ErrorContext{"nil": nil, "zero": new(cm.ErrorContext)} {
		if m := e.DebugMessage(); m != "" {
			t.Errorf("%s: debug message %q", name, m)
		}
	}
}

func wantNotSupported(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, cm.ErrNotSupported) || !errors.Is(err, rt.ErrNotSupported) || errors.Is(err, context.Canceled) {
		t.Errorf("%s: %v is no ErrNotSupported", what, err)
	}
}
