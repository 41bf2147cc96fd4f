package rt_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// owner is a guest that exports a resource, whose destructor counts at 64.
var owner = guest{world: `
	import host: func();
	export api: interface {
		resource thing {
			constructor(rep: u32);
			rep: func() -> u32;
			make: static func(rep: u32) -> thing;
		}
		die: func();
		ask: func();
		recurse: func(n: u32) -> u32;
		drops: func() -> u32;
	}
`, funcs: map[string]body{
	"api#[constructor]thing": does(get(0), call("new thing")),
	"api#[static]thing.make": does(get(0), call("new thing")),
	"api#[method]thing.rep":  does(get(0)), // a borrow of its own is the rep
	"api#die":                does(trap),
	"api#ask":                does(call("host")),
	"api#recurse":            does(get(0), i32(1), add, call(exportName("api#recurse")), get(0), mul),
	"api#drops":              does(i32(64), load(0)),
}, dtors: map[string]body{"thing": counts(64)}}

func nothingHost() rt.HostInstance {
	return hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": func([]rt.Value) (rt.Value, error) { return nil, nil }})
}

func wantLocked(t *testing.T, what string, err error) {
	t.Helper()
	if trap, ok := asTrap(err); !ok || trap.Kind != rt.TrapDead || !strings.Contains(err.Error(), "cannot enter component instance") {
		t.Errorf("%s of a dead instance: %v", what, err)
	}
}

// TestFault23Lockdown: a guest traps -> whatever is called of it after that,
// function, constructor, method or destructor, traps and does not run.
func TestFault23Lockdown(t *testing.T) {
	in := owner.run(t, nothingHost())
	thing := must(t, in, "api#[constructor]thing", uint32(7)).(*rt.Resource)
	if got := must(t, in, "api#[method]thing.rep", thing); got != uint32(7) {
		t.Fatalf("rep = %v", got)
	}
	if _, err := invoke(t, in, "api#die"); err == nil {
		t.Fatal("did not trap")
	}
	_, err := invoke(t, in, "api#drops")
	wantLocked(t, "function", err)
	_, err = invoke(t, in, "api#[constructor]thing", uint32(8))
	wantLocked(t, "constructor", err)
	_, err = invoke(t, in, "api#[static]thing.make", uint32(8))
	wantLocked(t, "static function", err)
	_, err = invoke(t, in, "api#[method]thing.rep", thing)
	wantLocked(t, "method", err)
	wantLocked(t, "destructor", thing.Close(t.Context()))
}

type myError struct{ code int }

func (e *myError) Error() string { return "mine" }

// TestFault24HostFails: a host function panics, or returns an error that is not
// of its WIT type -> trap that has the cause, the instance is dead, and the
// process lives.
func TestFault24HostFails(t *testing.T) {
	mine := &myError{42}
	var none *myError
	for name, test := range map[string]struct {
		host  func() error
		kind  rt.TrapKind
		text  string
		cause bool // it is mine
	}{
		"panic with an error":      {func() error { panic(mine) }, rt.TrapHostPanic, "mine", true},
		"panic with a string":      {func() error { panic("some text") }, rt.TrapHostPanic, "some text", false},
		"nil dereference":          {func() error { _ = none.code; return nil }, rt.TrapHostPanic, "nil pointer dereference", false},
		"index out of range":       {func() error { var s []int; return errors.New(string(rune(s[len(none.list())]))) }, rt.TrapHostPanic, "index out of range", false},
		"error":                    {func() error { return mine }, rt.TrapHost, "mine", true},
		"error that wraps another": {func() error { return errors.Join(errors.New("first"), mine) }, rt.TrapHost, "mine", true},
		"an error of WIT":          {func() error { return cm.Err[string]{Value: "elsewhere"} }, rt.TrapHost, "elsewhere", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := rt.HostInstance{Funcs: map[string]rt.HostFunc{"host": {Call: func(context.Context, []rt.Value) (rt.Value, error) {
				return nil, test.host()
			}}}}
			in := owner.run(t, h)
			_, err := invoke(t, in, "api#ask")
			trap, ok := asTrap(err)
			if !ok || trap.Kind != test.kind || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want a trap of kind %v with %q", err, test.kind, test.text)
			}
			if got, ok := errors.AsType[*myError](err); ok != test.cause || ok && got.code != 42 {
				t.Errorf("the cause of %v is mine: %v", err, ok)
			}
			_, err = invoke(t, in, "api#drops")
			wantLocked(t, "function", err)
			must(t, owner.run(t, nothingHost()), "api#ask")
		})
	}
}

func (e *myError) list() []int { return nil }

// TestFault25StackOverflow: a guest recurses without end -> an error; other
// instances work, and what its stack had grown to is free again while the dead
// instance is still there.
func TestFault25StackOverflow(t *testing.T) {
	other := owner.run(t, nothingHost())
	in := owner.run(t, nothingHost())
	f, err := in.Func("api", "recurse")
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	_, err = f.Call(t.Context(), uint32(1))
	if trap, ok := asTrap(err); !ok || trap.Kind != rt.TrapStack || !strings.Contains(err.Error(), "call stack exhausted") {
		t.Errorf("recursion: %v", err)
	}
	if grown := int64(heap()) - int64(before); grown > 4<<20 {
		t.Errorf("%d MiB are still in use after a stack overflow", grown>>20)
	}
	_, err = f.Call(t.Context(), uint32(1))
	wantLocked(t, "function", err)
	must(t, other, "api#ask")
	must(t, owner.run(t, nothingHost()), "api#ask")
}

// TestFault36CancelledHostCall: the context of a call is done while the host
// answers it, and the host heeds it -> the call ends with the context's cause.
func TestFault36CancelledHostCall(t *testing.T) {
	why := errors.New("out of patience")
	begun := make(chan struct{}, 1)
	in := owner.run(t, rt.HostInstance{Funcs: map[string]rt.HostFunc{"host": {Call: func(ctx context.Context, _ []rt.Value) (rt.Value, error) {
		begun <- struct{}{}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(time.Minute):
			return nil, errors.New("the context of the call was never done")
		}
	}}}})
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-begun; cancel(why) }()
	_, err := invokeWith(ctx, t, in, "api#ask")
	if !errors.Is(err, why) {
		t.Errorf("the call ended with %v, want %v", err, why)
	}

	in = owner.run(t, rt.HostInstance{Funcs: map[string]rt.HostFunc{"host": {Call: func(ctx context.Context, _ []rt.Value) (rt.Value, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}}})
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if _, err := invokeWith(ctx, t, in, "api#ask"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the call ended with %v, want its deadline", err)
	}
}
