package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// TestRespondMoment has guests that answer and leave the body for some time: what
// goes wrong with it soon is the status yet, and headers do not wait for long.
func TestRespondMoment(t *testing.T) {
	for _, test := range []struct {
		name    string
		after   time.Duration
		finish  bool          // or the guest ends
		leaves  time.Duration // of the client; 0 for never
		err     error
		written bool
		took    time.Duration
	}{
		{name: "fails at once", err: errUnfinished},
		{name: "fails soon", after: moment - time.Millisecond, err: errUnfinished, took: moment - time.Millisecond},
		{name: "fails later", after: moment + time.Millisecond, err: ErrBroken, written: true, took: moment + time.Millisecond},
		{name: "is whole soon", after: moment / 2, finish: true, written: true, took: moment / 2},
		{name: "is whole later", after: time.Second, finish: true, written: true, took: time.Second},
		{name: "client leaves", after: 2 * moment, leaves: moment / 2, err: ErrBroken, written: true, took: 2 * moment},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				respondMoment(t, test.after, test.finish, test.leaves, test.err, test.written, test.took)
			})
		})
	}
}

func respondMoment(t *testing.T, after time.Duration, finish bool, leaves time.Duration, want error, written bool, took time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if leaves > 0 {
		time.AfterFunc(leaves, cancel)
	}
	life := new(poll.Life)
	x, err := NewExchange(httptest.NewRequest(http.MethodGet, "/", nil), life)
	if err != nil {
		t.Fatal(err)
	}
	h := New(Options{Life: life})
	response, err := h.NewOutgoingResponse(ctx, &Fields{})
	if err != nil {
		t.Fatal(err)
	}
	body, err := response.Body(ctx)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer x.Return()
		if err := h.ResponseOutparamSet(ctx, x.Outparam(), cm.OK[types.OutgoingResponse, types.ErrorCode](response)); err != nil {
			t.Error(err)
		}
		time.Sleep(after)
		if finish {
			if err := h.OutgoingBodyFinish(ctx, body, cm.None[types.Trailers]()); err != nil {
				t.Error(err)
			}
		}
	}()
	began := time.Now()
	w := &wrote{ResponseRecorder: httptest.NewRecorder()}
	if err := x.Respond(ctx, w); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	if w.headers != written || time.Since(began) != took {
		t.Errorf("headers written: %v, want %v; after %v, want %v", w.headers, written, time.Since(began), took)
	}
}

// wrote is a response that tells whether its headers were written.
type wrote struct {
	*httptest.ResponseRecorder
	headers bool
}

func (w *wrote) WriteHeader(status int) {
	w.headers = true
	w.ResponseRecorder.WriteHeader(status)
}
