package wit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/witgen/witgen/wit"
)

func BenchmarkLoadTiny(b *testing.B) {
	for b.Loop() {
		if _, err := wit.Load("../golden/plugins/wit/plugins.wit", wit.Options{}); err != nil {
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

// BenchmarkLoadLarge loads 500 interfaces of 40 functions each: 2 MB.
func BenchmarkLoadLarge(b *testing.B) { benchmarkLoad(b, 500) }

// BenchmarkLoadInterfaces shows how the time grows with the number of
// interfaces, which have 40 functions each.
func BenchmarkLoadInterfaces(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			benchmarkLoad(b, n)
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "us/interface")
		})
	}
}

func benchmarkLoad(b *testing.B, interfaces int) {
	text := generated(interfaces)
	fsys := fstest.MapFS{"a.wit": {Data: []byte(text)}}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wit.LoadFS(fsys, "a.wit", wit.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// generated returns the text of a package of many interfaces, of which each
// uses a type of the one before. The world imports them all.
func generated(interfaces int) string {
	var text strings.Builder
	text.WriteString("package t:t;\n")
	for i := range interfaces {
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
	fmt.Fprintf(&text, "world w { import i%d; }\n", interfaces-1)
	return text.String()
}

func BenchmarkPrintLarge(b *testing.B) {
	p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(generated(500))}}, "a.wit", wit.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		wit.Print(p)
	}
}

func BenchmarkDecode(b *testing.B) {
	wasm, err := os.ReadFile("../examples/plugins/guests/js/data-processor.wasm")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wit.Decode("x.wasm", wasm); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLoadTime holds loading to a small part of the time that it may take as a
// process, and to linear growth, with room for a busy machine.
func TestLoadTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a second")
	}
	took := func(interfaces int) time.Duration {
		fsys := fstest.MapFS{"a.wit": {Data: []byte(generated(interfaces))}}
		best := time.Hour
		for range 3 {
			start := time.Now()
			if _, err := wit.LoadFS(fsys, "a.wit", wit.Options{}); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	var small, large time.Duration
	for range 5 { // on a busy machine some of it may take long for other reasons
		small, large = took(50), took(500)
		t.Logf("50 interfaces: %s, 500 interfaces: %s", small, large)
		if large <= 30*small {
			return
		}
	}
	t.Errorf("500 interfaces take %s, 50 take %s: that is more than linear", large, small)
}
