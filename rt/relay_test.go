package rt

import (
	"context"
	"strings"
	"testing"
)

// relayed is a component without code, which exports what it imports:
//
//	(import "f" (func (param "s" string) (result string))) (export "g" (func 0))
//	(import "add" (func (param "a" u32) (param "b" u32) (result u32))) (export "plus" (func 1))
//	(import "cat" (func (param "a" string) (param "b" string) (result string))) (export "both" (func 2))
const relayed = "\x00asm\x0d\x00\x01\x00" +
	"\x07\x1c\x03\x40\x01\x01s\x73\x00\x73\x40\x02\x01a\x79\x01b\x79\x00\x79\x40\x02\x01a\x73\x01b\x73\x00\x73" +
	"\x0a\x14\x03\x00\x01f\x01\x00\x00\x03add\x01\x01\x00\x03cat\x01\x02" +
	"\x0b\x19\x03\x00\x01g\x01\x00\x00\x00\x04plus\x01\x01\x00\x00\x04both\x01\x02\x00"

// TestRelay calls imports that a component exports as they are: the host's
// functions answer, and what a call needs of memory is free after it.
func TestRelay(t *testing.T) {
	e, err := NewEngine(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	c, err := e.Compile(t.Context(), []byte(relayed))
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.Instantiate(t.Context(), InstanceConfig{Host: []HostInstance{{Funcs: map[string]HostFunc{
		"f": {Call: func(_ context.Context, args []Value) (Value, error) {
			return strings.ToUpper(args[0].(string)), nil
		}},
		"cat": {Call: func(_ context.Context, args []Value) (Value, error) { return args[0].(string) + args[1].(string), nil }},
		"add": {Call: func(_ context.Context, args []Value) (Value, error) {
			return args[0].(uint32) + args[1].(uint32), nil
		}},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := in.Func("", "g")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("gopher ", 20_000)
	for range 100 {
		if got, err := g.Call(t.Context(), long); err != nil || got != strings.ToUpper(long) {
			t.Fatalf("g: %d bytes, %v", len(got.(string)), err)
		}
	}
	if size := in.modules[c.plan.Relay].Memory().Size(); size > 1<<20 {
		t.Errorf("the memory has grown to %d bytes: calls do not free theirs", size)
	}
	both, err := in.Func("", "both")
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := both.Call(t.Context(), long, "\xff"); err == nil {
			t.Fatal("both of a string that is not UTF-8 succeeded")
		}
	}
	if got, err := both.Call(t.Context(), "a", "b"); err != nil || got != "ab" {
		t.Errorf("both = %v, %v", got, err)
	}
	if size := in.modules[c.plan.Relay].Memory().Size(); size > 1<<20 {
		t.Errorf("the memory has grown to %d bytes: calls that fail do not free theirs", size)
	}
	plus, err := in.Func("", "plus")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := plus.Call(t.Context(), uint32(40), uint32(2)); err != nil || got != uint32(42) {
		t.Errorf("plus = %v, %v", got, err)
	}
	if _, err := g.Call(t.Context(), uint32(1)); err == nil || !strings.Contains(err.Error(), `g: parameter "s": uint32 is no value of type string`) {
		t.Errorf("g of a number: %v", err)
	}
}
