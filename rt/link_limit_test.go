package rt_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestLinkErrorSize has a small component whose imports have long names inside
// long names: the error of a host that offers none of them stays small.
func TestLinkErrorSize(t *testing.T) {
	const depth, funcs = 90, 10_000
	var exports []string
	for i := range funcs {
		exports = append(exports, "\x04\x00"+text(fmt.Sprintf("f%d", i))+"\x01\x00")
	}
	// A type of instances of functions, and one of instances of the last around it.
	space := []string{"\x42" + list(append([]string{"\x01\x40\x00\x01\x00"}, exports...)...)}
	long := strings.Repeat("n", 999)
	for i := range depth {
		space = append(space, "\x42"+list("\x02\x03\x02"+uleb(1)+uleb(i), "\x04\x00"+text(long)+"\x05\x00"))
	}
	wasm := "\x00asm\x0d\x00\x01\x00"
	for _, def := range space {
		wasm += wasmSection(7, def)
	}
	wasm += wasmSection(10, "\x00"+text(long)+"\x05"+uleb(depth))

	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := e.Compile(t.Context(), []byte(wasm))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Instantiate(t.Context(), rt.InstanceConfig{})
	runtime.ReadMemStats(&after)
	link, ok := errors.AsType[*rt.LinkError](err)
	if !ok || len(link.Problems)+link.More != funcs || len(err.Error()) > 2<<20 {
		t.Errorf("%d problems and %d more in %d bytes, of %d", len(link.Problems), link.More, len(err.Error()), funcs)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 400<<20 {
		t.Errorf("%d bytes of component took %d MiB", len(wasm), n>>20)
	}
}
