// Package calls_test puts the golden bindings of the world calls to work.
package calls_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/witgen/witgen/golden/calls/calls"
	"github.com/witgen/witgen/golden/calls/host"
	"github.com/witgen/witgen/rt"
)

type adder struct {
	host.UnimplementedHost
	calls int
}

func (a *adder) Add(_ context.Context, x, y uint32) (uint32, error) {
	a.calls++
	return x + y, nil
}

func TestCalls(t *testing.T) {
	ctx := context.Background()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(ctx)
	wasm, err := os.ReadFile("testdata/calls.wasm")
	if err != nil {
		t.Fatal(err)
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	h := &adder{}
	in, err := calls.Instantiate(ctx, component, calls.Imports{Host: h}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(ctx)
	if v, err := in.Guest.Add(ctx, 1<<32-1, 2); err != nil || v != 1 {
		t.Errorf("add = %d, %v", v, err)
	}
	if s, err := in.Guest.Echo(ctx, "héllo"); err != nil || s != "héllo" {
		t.Errorf("echo = %q, %v", s, err)
	}
	if v, err := in.Guest.HostAdd(ctx, 40, 2); err != nil || v != 42 || h.calls != 2 {
		t.Errorf("host-add = %d, %v, %d calls", v, err, h.calls)
	}
	if _, err := in.Guest.HostEcho(ctx, "x", 1); !errors.Is(err, rt.ErrUnimplemented) {
		t.Errorf("host-echo = %v", err)
	}
}
