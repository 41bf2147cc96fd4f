package wasi_test

import (
	"context"
	"math"
	"reflect"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/web"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// got fails unless a method returns what is wanted.
func got[T any](t *testing.T, name string, method func(context.Context) (T, error), want T) {
	t.Helper()
	v, err := method(t.Context())
	if err != nil || !reflect.DeepEqual(v, want) {
		t.Errorf("%s: %v, %v, want %v", name, v, err, want)
	}
}

func done(t *testing.T, name string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// TestMessages asks messages of HTTP and the options of requests for what they
// were given.
func TestMessages(t *testing.T) {
	ctx := t.Context()
	h := web.New(web.Options{Life: new(poll.Life), Policy: func() *policy.Policy { return nil }})
	headers := func() types.Headers {
		f, err := h.FieldsFromList(ctx, []cm.Tuple2[string, []byte]{cm.T2("x-name", []byte("value"))})
		done(t, "fields", err)
		return f
	}

	r, err := h.NewOutgoingRequest(ctx, headers())
	done(t, "outgoing-request", err)
	got[types.Method](t, "method", r.Method, types.MethodGet{})
	got(t, "path", r.PathWithQuery, cm.None[string]())
	got(t, "scheme", r.Scheme, cm.None[types.Scheme]())
	got(t, "authority", r.Authority, cm.None[string]())
	done(t, "set-method", r.SetMethod(ctx, types.MethodOther{Value: "PURGE"}))
	done(t, "set-path", r.SetPathWithQuery(ctx, cm.Some("/a%2Fb?c")))
	done(t, "set-scheme", r.SetScheme(ctx, cm.Some[types.Scheme](types.SchemeHTTP{})))
	done(t, "set-authority", r.SetAuthority(ctx, cm.Some("example.com:80")))
	got[types.Method](t, "method", r.Method, types.MethodOther{Value: "PURGE"})
	got(t, "path", r.PathWithQuery, cm.Some("/a%2Fb?c"))
	got(t, "scheme", r.Scheme, cm.Some[types.Scheme](types.SchemeHTTP{}))
	got(t, "authority", r.Authority, cm.Some("example.com:80"))

	p, err := h.NewOutgoingResponse(ctx, headers())
	done(t, "outgoing-response", err)
	got(t, "status-code", p.StatusCode, 200)
	done(t, "set-status-code", p.SetStatusCode(ctx, 404))
	got(t, "status-code", p.StatusCode, 404)
	if p.SetStatusCode(ctx, 103) == nil {
		t.Error("a status that is not final is taken")
	}
	got(t, "status-code", p.StatusCode, 404)
	f, err := p.Headers(ctx)
	done(t, "headers", err)
	got(t, "entries", f.Entries, []cm.Tuple2[string, []byte]{cm.T2("x-name", []byte("value"))})
	if f.Append(ctx, "x", nil) == nil {
		t.Error("headers of a message are changed")
	}

	o, err := h.NewRequestOptions(ctx)
	done(t, "request-options", err)
	none := cm.None[uint64]()
	for _, d := range []cm.Option[uint64]{cm.Some[uint64](1), cm.Some[uint64](math.MaxUint64), none} {
		done(t, "set-connect-timeout", o.SetConnectTimeout(ctx, d))
		got(t, "connect-timeout", o.ConnectTimeout, d)
		got(t, "first-byte-timeout", o.FirstByteTimeout, none)
		done(t, "set-first-byte-timeout", o.SetFirstByteTimeout(ctx, d))
		got(t, "first-byte-timeout", o.FirstByteTimeout, d)
		got(t, "between-bytes-timeout", o.BetweenBytesTimeout, none)
		done(t, "set-between-bytes-timeout", o.SetBetweenBytesTimeout(ctx, d))
		got(t, "between-bytes-timeout", o.BetweenBytesTimeout, d)
		done(t, "set-first-byte-timeout", o.SetFirstByteTimeout(ctx, none))
		done(t, "set-between-bytes-timeout", o.SetBetweenBytesTimeout(ctx, none))
	}
}
