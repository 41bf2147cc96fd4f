package rt_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/witgen/witgen/rt"
)

// tabled is a core module that exports a table of one function, "t", and a
// function "f" that calls itself so many times, and then what is in the table.
func tabled(deep int) string {
	return "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x00\x00", "\x60\x01\x7f\x00") + wasmSection(3, "\x00", "\x01") + wasmSection(4, "\x70\x00\x01") +
		wasmSection(7, text("t")+"\x01\x00", text("f")+"\x00\x00") +
		wasmSection(10, text("\x00"+i32(deep)+"\x10\x01"+end),
			text("\x00"+get(0)+when+get(0)+i32(1)+sub+"\x10\x01"+"\x05"+i32(0)+"\x11\x00\x00"+end+end))
}

// itself is a component whose function "f" calls itself, by way of what the
// component lowers of its own: core functions call so many of their own first.
func itself(deep int) []byte {
	// A module that puts the lowered function into the table.
	put := "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x00\x00") +
		wasmSection(2, text("m")+text("t")+"\x01\x70\x00\x01", text("l")+text("f")+"\x00\x00") +
		wasmSection(9, "\x00"+i32(0)+end+"\x01\x00")
	return []byte("\x00asm\x0d\x00\x01\x00" + "\x01" + text(tabled(deep)) + "\x01" + text(put) +
		wasmSection(2, "\x00\x00\x00") + // core instance 0
		wasmSection(6, "\x00\x00\x01\x00"+text("f")) + // core function 0
		wasmSection(7, "\x40\x00\x01\x00") + // func()
		wasmSection(8, "\x00\x00\x00\x00\x00") + // lifted
		wasmSection(8, "\x01\x00\x00\x00") + // and lowered: core function 1
		wasmSection(2, "\x01"+list(text("f")+"\x00\x01")) +
		wasmSection(2, "\x00\x01"+list(text("m")+"\x12\x00", text("l")+"\x12\x01")) +
		wasmSection(11, "\x00"+text("f")+"\x01\x00\x00"))
}

// destructors is a component with a resource whose destructor makes another
// one and drops that. Its function "f" makes and drops one.
func destructors() []byte {
	dtor := "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x01\x7f\x00") + wasmSection(3, "\x00") + wasmSection(4, "\x70\x00\x01") +
		wasmSection(7, text("t")+"\x01\x00", text("f")+"\x00\x00") +
		wasmSection(10, text("\x00"+get(0)+i32(0)+"\x11\x00\x00"+end))
	// A function that makes and drops a resource; it is put into the table.
	put := "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x00\x00", "\x60\x01\x7f\x00", "\x60\x01\x7f\x01\x7f") +
		wasmSection(2, text("m")+text("t")+"\x01\x70\x00\x01", text("r")+text("new")+"\x00\x02", text("r")+text("drop")+"\x00\x01") +
		wasmSection(3, "\x01", "\x00") + wasmSection(7, text("f")+"\x00\x03") +
		wasmSection(9, "\x00"+i32(0)+end+"\x01\x02") +
		wasmSection(10, text("\x00"+i32(0)+"\x10\x00\x10\x01"+end), text("\x00"+i32(0)+"\x10\x02"+end))
	return []byte("\x00asm\x0d\x00\x01\x00" + "\x01" + text(dtor) + "\x01" + text(put) +
		wasmSection(2, "\x00\x00\x00") + // core instance 0
		wasmSection(6, "\x00\x00\x01\x00"+text("f")) + // core function 0: the destructor
		wasmSection(7, "\x3f\x7f\x01\x00", "\x40\x00\x01\x00") + // the resource, func()
		wasmSection(8, "\x02\x00", "\x03\x00") + // core functions 1 and 2: new, drop
		wasmSection(2, "\x01"+list(text("new")+"\x00\x01", text("drop")+"\x00\x02")) +
		wasmSection(2, "\x00\x01"+list(text("m")+"\x12\x00", text("r")+"\x12\x01")) +
		wasmSection(6, "\x00\x00\x01\x02"+text("f")) + // core function 3
		wasmSection(8, "\x00\x00\x03\x00\x01") +
		wasmSection(11, "\x00"+text("f")+"\x01\x00\x00"))
}

// TestEndlessNesting: a component that calls itself over and over, each call by
// way of the host -> trap, and not the end of the process.
func TestEndlessNesting(t *testing.T) {
	for name, wasm := range map[string][]byte{"calls itself": itself(0), "destructors": destructors()} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, e *rt.Engine) {
				c, err := e.Compile(t.Context(), wasm)
				if err != nil {
					t.Fatal(err)
				}
				for limit, said := range map[int]int{0: 32, 1: 1, 1000: 1000, -1: -1} {
					in := startWith(t, c, rt.Limits{Depth: limit})
					_, err := invoke(t, in, "f")
					wantTrap(t, in, err, rt.TrapLimit, fmt.Sprintf("more than %d calls between component instances inside each other (Limits.Depth)", said))
					if !errors.Is(err, rt.ErrLimit) {
						t.Errorf("%v has not ErrLimit in it", err)
					}
				}
			})
		})
	}
}

// TestDepth: component instances that call each other in a row, as many as there
// may be, and one more. What one call has used is not missing in the next.
func TestDepth(t *testing.T) {
	const many = 20
	both(t, func(t *testing.T, e *rt.Engine) {
		c, err := e.Compile(t.Context(), chained(t, many))
		if err != nil {
			t.Fatal(err)
		}
		for limit, ok := range map[int]bool{many - 1: true, many - 2: false} { // the first call is the host's
			in, err := c.Instantiate(t.Context(), rt.InstanceConfig{
				Limits: rt.Limits{Depth: limit},
				Host:   []rt.HostInstance{hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"g": sameValue})},
			})
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				got, err := invoke(t, in, "f", "through")
				if !ok {
					wantTrap(t, nil, err, rt.TrapLimit, fmt.Sprintf("more than %d calls", limit))
					break
				}
				if err != nil || got != "through" {
					t.Errorf("limit %d: %v, %v", limit, got, err)
				}
			}
			closeInstance(t, in)
		}
	})
}

// TestDeepNesting: each of many calls inside each other has a deep call stack of
// its own -> they are stopped at the limit, also where a goroutine's stack would
// not hold them all.
func TestDeepNesting(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 600 MB")
	}
	e := ownEngine(t, rt.Config{Interpreter: true})
	c, err := e.Compile(t.Context(), itself(1980))
	if err != nil {
		t.Fatal(err)
	}
	_, err = invoke(t, startWith(t, c, rt.Limits{Depth: 65}), "f")
	wantTrap(t, nil, err, rt.TrapLimit, "more than 65 calls")
}

// TestNestedGoexit: a host function ends its goroutine, with many component
// instances between it and its caller -> that is the caller's goroutine too.
func TestNestedGoexit(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c, err := e.Compile(t.Context(), chained(t, 30))
		if err != nil {
			t.Fatal(err)
		}
		in := startFrom(t, c, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"g": func([]rt.Value) (rt.Value, error) {
			runtime.Goexit()
			return nil, nil
		}}))
		ended, returned := make(chan bool), false
		go func() {
			defer close(ended)
			invoke(t, in, "f", "x")
			returned = true
		}()
		if <-ended; returned {
			t.Error("the caller's goroutine goes on")
		}
		if trap, ok := asTrap(in.Err()); !ok || trap.Kind != rt.TrapDead {
			t.Errorf("the instance: %v", in.Err())
		}
	})
}
