package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// TestHeld has a guest keep thousands of everything that it can have thousands
// of: the host holds no more than 32 MiB for it.
func TestHeld(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 10_000))
		w.Header().Set("Trailer", "Y")
		io.WriteString(w, strings.Repeat("b", 1000))
		http.NewResponseController(w).Flush()
		w.Header().Set("Y", strings.Repeat("y", 10_000))
	})
	c := newClient(t, Options{}, ruleFor(s))
	ctx := t.Context()
	full := &Fields{}
	full.Append(ctx, "x", []byte(strings.Repeat("v", 100_000)))
	response := func() (*IncomingResponse, error) {
		req, err := c.NewOutgoingRequest(ctx, &Fields{})
		if err != nil {
			return nil, err
		}
		req.SetScheme(ctx, cm.Some[types.Scheme](types.SchemeHTTP{}))
		req.SetAuthority(ctx, cm.Some(strings.TrimPrefix(s.URL, "http://")))
		f, err := c.Handle(ctx, req, cm.Option[types.RequestOptions]{})
		if err != nil {
			return nil, err
		}
		own := f.(*FutureIncomingResponse)
		poll.Until(ctx, own)
		if own.code != nil {
			return nil, own.code
		}
		r, _ := c.wait(own)
		return r, f.Close(ctx)
	}
	for name, keep := range map[string]func() (types.Fields, error){
		"empty fields": func() (types.Fields, error) { return c.NewFields(ctx) },
		"fields": func() (types.Fields, error) {
			return c.FieldsFromList(ctx, []cm.Tuple2[string, []byte]{{F0: "x", F1: []byte(strings.Repeat("v", 100_000))}})
		},
		"requests": func() (types.Fields, error) {
			f, err := full.copy(&c.quota)
			if err == nil {
				_, err = c.NewOutgoingRequest(ctx, f)
			}
			return nil, err
		},
		"paths": func() (types.Fields, error) {
			req, err := c.NewOutgoingRequest(ctx, &Fields{})
			if err != nil {
				return nil, err
			}
			for range 2 { // the second one takes the place of the first
				err = errors.Join(err, req.SetPathWithQuery(ctx, cm.Some(strings.Repeat("/", 60_000))))
			}
			return nil, err
		},
		"unsent bodies": func() (types.Fields, error) {
			req, err := c.NewOutgoingRequest(ctx, &Fields{})
			if err != nil {
				return nil, err
			}
			b, to := outgoing(t, req.(*OutgoingRequest))
			err = write(t, to, strings.Repeat("x", 40_000))
			to.Close(ctx)
			b.Close(ctx) // the request is kept
			return nil, err
		},
		"responses": func() (types.Fields, error) {
			r, err := response()
			if err == nil {
				_, err = r.Headers(ctx)
				r.source.leave() // else only so many are under way
			}
			return nil, err
		},
		"read bodies": func() (types.Fields, error) {
			r, err := response()
			if err != nil {
				return nil, err
			}
			b, _ := r.Consume(ctx)
			from, err := b.Stream(ctx)
			if err == nil {
				readAll(t, from)
			}
			return nil, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.quota.held.Store(0)
			var err error
			n := 0
			for ; n < 200_000 && err == nil; n++ {
				_, err = keep()
			}
			if err == nil {
				t.Fatalf("%d are kept", n)
			}
			if !errors.Is(err, errHeld) && !strings.Contains(err.Error(), "internal-error") && !strings.Contains(err.Error(), "last-operation-failed") {
				t.Errorf("the %dth: %v", n, err)
			}
			if n < 50 {
				t.Errorf("only %d are kept", n)
			}
		})
	}
}

// TestHeldIsGivenBack has a guest do everything, and drop it.
func TestHeldIsGivenBack(t *testing.T) {
	s := serve(t, echo)
	c := newClient(t, Options{}, ruleFor(s))
	ctx := t.Context()
	check := func(what string) {
		t.Helper()
		if held := c.quota.held.Load(); held != 0 {
			t.Errorf("%s: %d bytes are still held", what, held)
			c.quota.held.Store(0)
		}
	}
	f, _ := c.NewFields(ctx)
	f.Append(ctx, "a", []byte("1"))
	f.Append(ctx, "b", []byte("2"))
	f.Set(ctx, "a", nil)
	g, _ := f.Clone(ctx)
	g.Delete(ctx, "b")
	f.Close(ctx)
	g.Close(ctx)
	_, err := c.FieldsFromList(ctx, []cm.Tuple2[string, []byte]{{F0: "a"}, {F0: "host"}})
	if err == nil {
		t.Error("host is taken")
	}
	check("fields")

	newRequest := func() *OutgoingRequest {
		f, _ := c.NewFields(ctx)
		f.Append(ctx, "a", []byte("1"))
		r, err := c.NewOutgoingRequest(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		own := r.(*OutgoingRequest)
		own.method, own.scheme = types.MethodPost{}, cm.Some[types.Scheme](types.SchemeHTTP{})
		own.SetAuthority(ctx, cm.Some(strings.TrimPrefix(s.URL, "http://")))
		own.SetPathWithQuery(ctx, cm.Some("/longer"))
		own.SetPathWithQuery(ctx, cm.Some("/path"))
		return own
	}
	r := newRequest()
	h, _ := r.Headers(ctx)
	b, to := outgoing(t, r)
	write(t, to, "some")
	to.Close(ctx)
	b.Close(ctx)
	r.Close(ctx)
	h.Close(ctx)
	check("a request that is dropped")

	for _, step := range []string{"denied", "future", "response", "body", "trailers", "trailers got"} {
		r = newRequest()
		if step == "denied" {
			r.SetAuthority(ctx, cm.Some("nowhere"))
		}
		b, to = outgoing(t, r)
		write(t, to, "some")
		trailers, _ := c.NewFields(ctx)
		trailers.Append(ctx, "x-sum", []byte("42"))
		to.Close(ctx)
		c.OutgoingBodyFinish(ctx, b, cm.Some(trailers))
		future, err := c.Handle(ctx, r, cm.Option[types.RequestOptions]{})
		if step == "denied" {
			if err == nil {
				t.Error("not denied")
			}
			check(step)
			continue
		}
		own := future.(*FutureIncomingResponse)
		poll.Until(ctx, own)
		c.follow(own, step)
		check(step)
	}
}

// follow goes as far as a step with a response, and drops all.
func (c *client) follow(f *FutureIncomingResponse, step string) {
	ctx := context.Background()
	defer f.Close(ctx)
	if step == "future" {
		return
	}
	r, code := c.wait(f)
	if code != nil {
		c.t.Fatal(code)
	}
	defer r.Close(ctx)
	h, _ := r.Headers(ctx)
	h.Close(ctx)
	if step == "response" {
		return
	}
	b, _ := r.Consume(ctx)
	from, _ := b.Stream(ctx)
	readAll(c.t, from)
	from.Close(ctx)
	if step == "body" {
		b.Close(ctx)
		return
	}
	future, _ := c.IncomingBodyFinish(ctx, b)
	poll.Until(ctx, future.(*FutureTrailers))
	if step == "trailers got" {
		o, _ := future.Get(ctx)
		once, _ := o.Get()
		result, _ := once.OK()
		some, _ := result.OK()
		if t, ok := some.Get(); ok {
			t.Close(ctx)
		} else {
			c.t.Error("no trailers")
		}
	}
	future.Close(ctx)
}

// TestLongTexts refuses what a request would hold while it is under way.
func TestLongTexts(t *testing.T) {
	c := newClient(t, Options{})
	ctx := t.Context()
	r, err := c.NewOutgoingRequest(ctx, &Fields{})
	if err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]func(n int) error{
		"path":      func(n int) error { return r.SetPathWithQuery(ctx, cm.Some(strings.Repeat("/", n))) },
		"authority": func(n int) error { return r.SetAuthority(ctx, cm.Some(strings.Repeat("a", n))) },
		"scheme": func(n int) error {
			return r.SetScheme(ctx, cm.Some[types.Scheme](types.SchemeOther{Value: strings.Repeat("a", n)}))
		},
	} {
		if err := set(60); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := set(1 << 20); err != fail { //nolint:errorlint // it is not wrapped
			t.Errorf("%s of 1 MiB: %v", name, err)
		}
	}
}
