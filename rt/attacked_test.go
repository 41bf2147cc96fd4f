package rt_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
)

// attacked is a component of an attack, and how its instances are started.
type attacked struct {
	*attack
	c      *rt.Component
	config rt.InstanceConfig
}

// again starts another instance and calls a function of it.
func (x *attacked) again(ctx context.Context, f string) error {
	in, err := x.c.Instantiate(ctx, x.config)
	if err != nil {
		return err
	}
	defer in.Close(context.WithoutCancel(ctx))
	fn, err := in.Func("", f)
	if err != nil {
		return err
	}
	_, err = fn.Call(ctx)
	return err
}

// run lets a guest do what it does, and returns how it ended, and how long
// after the limit was reached if that was the context. On a machine with much
// else to do that may be over before the guest begins: it gets more time then.
func (x *attacked) run(t *testing.T, l limit) (in *rt.Instance, took time.Duration, err error) {
	t.Helper()
	for given := 10 * time.Millisecond; ; given *= 2 {
		in, took, err = x.once(t, l, given)
		if _, trapped := asTrap(err); trapped || !l.ctx || !errors.Is(err, errStopped) || given > time.Minute {
			return in, took, err
		}
		if in != nil {
			closeInstance(t, in)
		}
	}
}

// once is run, with so much time for a context that is done at some time.
func (x *attacked) once(t *testing.T, l limit, given time.Duration) (in *rt.Instance, took time.Duration, err error) {
	t.Helper()
	ctx := t.Context()
	if l.ctx {
		cancelled, cancel := context.WithCancelCause(ctx)
		ctx = cancelled
		at := make(chan time.Time, 1)
		timer := time.AfterFunc(given, func() { at <- time.Now(); cancel(errStopped) })
		defer func() {
			end := time.Now()
			if timer.Stop() {
				t.Errorf("it ended before the context did: %v", err)
				return
			}
			took = end.Sub(<-at)
		}()
	}
	in, err = x.c.Instantiate(ctx, x.config)
	switch {
	case err != nil && !l.none && !errors.Is(err, errStopped):
		t.Fatal(err)
	case err != nil:
		return nil, 0, err
	case l.none:
		t.Error("it started")
	}
	if x.do != nil {
		return in, 0, x.do(ctx, in)
	}
	f := x.call
	if f == "" {
		f = "run"
	}
	fn, ferr := in.Func("", f)
	if ferr != nil {
		t.Fatal(ferr)
	}
	_, err = fn.Call(ctx)
	return in, 0, err
}

// bystander is an instance beside the guests that attack. It may have what it
// has and use what it uses, and no more: if another took any of it, it would
// fail.
type bystander struct {
	*rt.Instance
	uses uint64
}

func newBystander(t *testing.T, e *rt.Engine) *bystander {
	t.Helper()
	c := (&guest{
		world: "export count: func(n: u32) -> u32; export grow: func(pages: u32) -> s32;",
		funcs: map[string]body{
			"count": does(loop, get(0), i32(1), sub, tee(0), brIf(0), end, i32(heapBase), i32(heapBase), load(0), i32(1), add, store(0), i32(heapBase), load(0)),
			"grow":  does(get(0), grow),
		},
	}).compile(t, e)
	one := startFrom(t, c)
	must(t, one, "count", uint32(1000))
	uses, err := one.FuelUsed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &bystander{startWith(t, c, rt.Limits{Fuel: uses, Memory: 2 * page, Handles: 1}), uses}
}

// check calls the instance for the n-th time.
func (b *bystander) check(t *testing.T, n int) {
	t.Helper()
	if got := must(t, b.Instance, "count", uint32(1000)); got != uint32(n) {
		t.Errorf("the bystander counts %v, want %d", got, n)
	}
	if used, err := b.FuelUsed(t.Context()); err != nil || used != uint64(n)*b.uses {
		t.Errorf("the bystander has used %d, %v; want %d", used, err, uint64(n)*b.uses)
	}
	if use := b.Memory(); use.Bytes != page || use.Peak != page || use.Denied != 0 {
		t.Errorf("the bystander's memory: %+v", use)
	}
}
