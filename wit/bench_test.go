package wit_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

func BenchmarkLoadTiny(b *testing.B) {
	for b.Loop() {
		if _, err := wit.Load("../examples/plugins/wit/plugins.wit", wit.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadWASI(b *testing.B) {
	fsys := wasi(b, filepath.Join(corpus(b, "wasi-wit"), "0.2.12"), "http")
	for b.Loop() {
		if _, err := wit.LoadFS(fsys, ".", wit.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoadLarge loads 500 interfaces of 40 functions each.
func BenchmarkLoadLarge(b *testing.B) {
	var text strings.Builder
	text.WriteString("package t:t;\n")
	for i := range 500 {
		fmt.Fprintf(&text, "/// Interface %d.\ninterface i%d {\n  record request { name: string, values: list<tuple<string, u32>> }\n", i, i)
		if i > 0 {
			fmt.Fprintf(&text, "  use i%d.{response as previous};\n", i-1)
		}
		text.WriteString("  variant response { ok(request), failed(string) }\n")
		for f := range 40 {
			fmt.Fprintf(&text, "  /// Function %d.\n  handle-%d: func(req: request, retry: option<u32>) -> result<response, string>;\n", f, f)
		}
		text.WriteString("}\n")
	}
	text.WriteString("world w { import i499; }\n")
	fsys := fstest.MapFS{"a.wit": {Data: []byte(text.String())}}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wit.LoadFS(fsys, "a.wit", wit.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
