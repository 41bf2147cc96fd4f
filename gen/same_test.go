package gen

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

// TestSame tells which interfaces are one in two versions: those whose functions
// take, return and fail with the same.
func TestSame(t *testing.T) {
	for _, tt := range []struct {
		name, old, now string
		want           bool
	}{
		{"the same", "f: func(a: u8) -> string;", "f: func(a: u8) -> string;", true},
		{"another order", "f: func(); g: func();", "g: func(); f: func();", true},
		{"an alias", "f: func(a: u8);", "type t = u8; f: func(a: t);", true},
		{"a new function", "f: func();", "f: func(); g: func();", false},
		{"a function less", "f: func(); g: func();", "f: func();", false},
		{"another type", "f: func(a: u8);", "f: func(a: u16);", false},
		{"another name", "f: func(a: u8);", "f: func(b: u8);", false},
		// Go has the same signature for these, and an error that the one has no words for.
		{"an error that is new", "f: func() -> string;", "f: func() -> result<string, u8>;", false},
		{"an error that is gone", "f: func() -> result<_, u8>;", "f: func();", false},
		{"another error", "f: func() -> result<_, u8>;", "f: func() -> result<_, u16>;", false},
		{"an error that has a reason", "f: func() -> result;", "f: func() -> result<_, u8>;", false},
		{"the same error", "f: func() -> result<_, u8>;", "f: func() -> result<_, u8>;", true},
		{"a type of an error", "enum e { a } f: func() -> result<_, e>;", "enum e { a } f: func() -> result<_, e>; ", true},
		{"a type that is an error now", "enum e { a } f: func() -> e;", "enum e { a } f: func() -> result<_, e>;", false},
		{"a case of an error", "enum e { a } f: func() -> result<_, e>;", "enum e { a, b } f: func() -> result<_, e>;", false},
		{"a resource", "resource r { m: func() -> u8; }", "resource r { m: func() -> u8; }", true},
		{"a method", "resource r { m: func() -> u8; } f: func();", "resource r { m: func() -> u16; } f: func();", false},
		{"a stream", "f: func(a: stream<u8>);", "f: func(a: stream<u8>);", true},
		{"a stream of something else", "f: func(a: stream<u8>);", "f: func(a: stream<u16>);", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			world := func(version, body string) *wit.World {
				text := fmt.Sprintf("package a:b@%s; interface i { %s g0: func(); } world w { import i; }", version, body)
				pkg, err := wit.LoadFS(fstest.MapFS{"x.wit": {Data: []byte(text)}}, "x.wit", wit.Options{})
				if err != nil {
					t.Fatal(err)
				}
				return pkg.Worlds[0]
			}
			plans, err := newPlans(world("0.2.0", tt.now), Options{PackageRoot: "example.com/x", Older: []*wit.World{world("0.1.0", tt.old)}})
			if err != nil {
				t.Fatal(err)
			}
			if got := plans[1].same.wholeOf(plans[1].interfaces[0]); got != tt.want {
				t.Errorf("the interface is the same: %t", got)
			}
		})
	}
}
