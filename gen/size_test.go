package gen_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/wit"
)

// sized are worlds of any size, each with n of something. The time to generate
// them is to grow as n does.
var sized = []struct {
	name, unit string
	sizes      []int // that are measured
	text       func(n int) string
}{
	{"interfaces", "interface", []int{10, 100, 1000}, func(n int) string {
		var b, world strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "interface store-%d {\n%s}\n", i, someTypes(i))
			fmt.Fprintf(&world, "import store-%d; export store-%d;\n", i, i)
		}
		return b.String() + "world w {\n" + world.String() + "}\n"
	}},
	{"interfaces that use one another", "interface", []int{10, 100, 1000}, func(n int) string {
		var b, world strings.Builder
		for i := range n {
			use := ""
			if i > 0 {
				use = fmt.Sprintf("use store-%d.{entry-%d};\nnext: func(e: entry-%d);\n", i-1, i-1, i-1)
			}
			fmt.Fprintf(&b, "interface store-%d {\n%s%s}\n", i, use, someTypes(i))
			fmt.Fprintf(&world, "import store-%d;\n", i)
		}
		return b.String() + "world w {\n" + world.String() + "}\n"
	}},
	{"functions", "function", []int{10, 100, 1000, 10000}, func(n int) string {
		return "interface store {\nrecord entry { key: string, value: option<list<u8>> }\n" +
			repeat(n, "f-%d: func(e: entry, s: string) -> result<entry, string>;\n") + "}\nworld w { import store; export store; }\n"
	}},
	{"functions of a world", "function", []int{10, 100, 1000, 10000}, func(n int) string {
		return "world w {\n" + repeat(n, "import f-%d: func(s: string) -> u32;\n") + "}\n"
	}},
	{"types", "type", []int{10, 100, 1000}, func(n int) string {
		var b strings.Builder
		for i := range n / 3 {
			b.WriteString(someTypes(i))
		}
		return "interface store {\n" + b.String() + "}\nworld w { import store; export store; }\n"
	}},
	{"fields", "field", []int{10, 100, 1000, 10000}, func(n int) string {
		return "interface store {\nrecord entry {\n" + repeat(n, "f-%d: string,\n") +
			"}\nf: func(e: entry) -> entry;\n}\nworld w { import store; export store; }\n"
	}},
	{"cases", "case", []int{10, 100, 1000, 10000}, func(n int) string {
		return "interface store {\nvariant entry {\n" + repeat(n, "c-%d(string),\n") +
			"}\nf: func(e: entry) -> entry;\n}\nworld w { import store; export store; }\n"
	}},
}

// someTypes returns three types and a function that has them.
func someTypes(i int) string {
	return strings.ReplaceAll(`record entry-N { key: string, value: option<list<u8>>, level: level-N }
enum level-N { low, high }
variant change-N { gone, put(entry-N) }
f-N: func(e: entry-N, s: string) -> result<change-N, level-N>;
`, "N", strconv.Itoa(i))
}

// repeat returns a line for each number below n.
func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func loadText(tb testing.TB, text string) *wit.World {
	tb.Helper()
	pkg, err := wit.LoadFS(fstest.MapFS{"w.wit": {Data: []byte("package acme:sized@1.0.0;\n" + text)}}, "w.wit", wit.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return pkg.Worlds[0]
}

// BenchmarkGenerate generates worlds of growing size, and all of WASI. The
// time for each interface, function and so on is to stay what it is.
func BenchmarkGenerate(b *testing.B) {
	for _, s := range sized {
		b.Run(s.name, func(b *testing.B) {
			for _, n := range s.sizes {
				b.Run(strconv.Itoa(n), func(b *testing.B) {
					benchmarkWorld(b, loadText(b, s.text(n)), n, s.unit)
				})
			}
		})
	}
	for _, all := range wasis {
		b.Run("WASI "+all.version, func(b *testing.B) {
			w, err := all.load(b).ChooseWorld("all")
			if err != nil {
				b.Fatal(err)
			}
			interfaces := 0
			for _, item := range w.Imports {
				if item.Interface != nil {
					interfaces++
				}
			}
			benchmarkWorld(b, w, interfaces, "interface")
		})
	}
}

// benchmarkWorld generates a world that has n units of something.
func benchmarkWorld(b *testing.B, w *wit.World, n int, unit string) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := gen.Generate(w, gen.Options{PackageRoot: "example.com/x"}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/"+unit)
}

// TestLinear generates worlds of two sizes. What that allocates, unlike the time
// it takes, is nearly the same on every run, and work that grows with the square
// shows in it, or it would not take long.
func TestLinear(t *testing.T) {
	const factor = 10
	for _, s := range sized {
		t.Run(s.name, func(t *testing.T) {
			small := 10
			if len(s.sizes) > 3 {
				small = race.Fewer(100, 10)
			}
			less, more := allocated(t, s.text(small)), allocated(t, s.text(small*factor))
			if ratio := float64(more) / float64(less); ratio > factor*1.3 { // slices grow in steps
				t.Errorf("%d bytes for %d, %d for %d: %.1f times as many", less, small, more, small*factor, ratio)
			} else {
				t.Logf("%.1f times as many bytes", ratio)
			}
		})
	}
}

// allocated returns how many bytes it takes to generate a world.
func allocated(t *testing.T, text string) uint64 {
	t.Helper()
	w := loadText(t, text)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := gen.Generate(w, gen.Options{PackageRoot: "example.com/x"}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
