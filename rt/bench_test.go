package rt_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/examples/plugins/api/pluginapi"
	"github.com/witgen/witgen/golden/calls/calls"
	guestapi "github.com/witgen/witgen/golden/calls/guest"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// Each benchmark does the same work twice: through generated code, and through
// glue written by hand over wazero for that one function, which is the floor.
// Both run the same core module.

const callsGuest = "../golden/calls/testdata/calls.wasm"

// callsHost implements the host of golden/calls.
type callsHost struct{}

func (callsHost) Add(_ context.Context, a, b uint32) (uint32, error) { return a + b, nil }
func (callsHost) Echo(_ context.Context, s string) (string, error)   { return s, nil }

var callsPrepared = sync.OnceValues(func() (*calls.Prepared, error) {
	e, err := engine()
	if err != nil {
		return nil, err
	}
	wasm, err := os.ReadFile(callsGuest)
	if err != nil {
		return nil, err
	}
	c, err := e.Compile(context.Background(), wasm)
	if err != nil {
		return nil, err
	}
	return calls.Prepare(c)
})

func startCalls(t testing.TB) guestapi.Guest {
	t.Helper()
	p, err := callsPrepared()
	if err != nil {
		t.Fatal(err)
	}
	in, err := p.Instantiate(context.Background(), calls.Imports{Host: callsHost{}}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(context.Background()) })
	return in.Guest
}

func BenchmarkAdd(b *testing.B) {
	ctx := context.Background()
	b.Run("floor", func(b *testing.B) {
		f := newFloor(b, callsGuest)
		add := f.mod.ExportedFunction("witgen:calls/guest@0.1.0#add")
		b.ReportAllocs()
		for b.Loop() {
			f.stack[0], f.stack[1] = 1, 2
			if err := add.CallWithStack(ctx, f.stack[:2]); err != nil || f.stack[0] != 3 {
				b.Fatal(f.stack[0], err)
			}
		}
	})
	b.Run("witgen", func(b *testing.B) {
		g := startCalls(b)
		b.ReportAllocs()
		for b.Loop() {
			if v, err := g.Add(ctx, 1, 2); err != nil || v != 3 {
				b.Fatal(v, err)
			}
		}
	})
}

func BenchmarkHostAdd(b *testing.B) {
	ctx := context.Background()
	b.Run("floor", func(b *testing.B) {
		f := newFloor(b, callsGuest)
		fn := f.mod.ExportedFunction("witgen:calls/guest@0.1.0#host-add")
		b.ReportAllocs()
		b.ResetTimer()
		f.stack[0], f.stack[1] = 0, uint64(b.N)
		if err := fn.CallWithStack(ctx, f.stack[:2]); err != nil || f.stack[0] != uint64(b.N) {
			b.Fatal(f.stack[0], err)
		}
	})
	b.Run("witgen", func(b *testing.B) {
		g := startCalls(b)
		b.ReportAllocs()
		b.ResetTimer()
		if v, err := g.HostAdd(ctx, 0, uint32(b.N)); err != nil || v != uint32(b.N) {
			b.Fatal(v, err)
		}
	})
}

// benchmarkEcho has the guest send back what it gets.
func benchmarkEcho[T any](b *testing.B, name string, v T, size func(T) int, lower func(context.Context, *floor, T) (ptr, n uint32, err error),
	lift func(f *floor, ptr, n uint32) (T, error), call func(guestapi.Guest, context.Context, T) (T, error),
) {
	ctx := context.Background()
	b.Run("floor", func(b *testing.B) {
		f := newFloor(b, callsGuest)
		fn := f.mod.ExportedFunction("witgen:calls/guest@0.1.0#" + name)
		post := f.mod.ExportedFunction("cabi_post_witgen:calls/guest@0.1.0#" + name)
		b.ReportAllocs()
		for b.Loop() {
			got, err := echoFloor(ctx, f, fn, post, v, lower, lift)
			if err != nil || size(got) != size(v) {
				b.Fatal(size(got), err)
			}
		}
	})
	b.Run("witgen", func(b *testing.B) {
		g := startCalls(b)
		b.ReportAllocs()
		for b.Loop() {
			if got, err := call(g, ctx, v); err != nil || size(got) != size(v) {
				b.Fatal(size(got), err)
			}
		}
	})
}

func benchmarkText(b *testing.B, n int) {
	length := func(s string) int { return len(s) }
	lower := func(ctx context.Context, f *floor, s string) (uint32, uint32, error) {
		ptr, err := f.lower(ctx, s)
		return ptr, uint32(len(s)), err
	}
	benchmarkEcho(b, "echo", strings.Repeat("x", n), length, lower, (*floor).lift, guestapi.Guest.Echo)
}

func BenchmarkEcho16(b *testing.B)  { benchmarkText(b, 16) }
func BenchmarkEcho64K(b *testing.B) { benchmarkText(b, 64<<10) }

func BenchmarkBytes1M(b *testing.B) {
	benchmarkEcho(b, "bytes", make([]byte, 1<<20), length[byte], lowerBytes, (*floor).liftBytes, guestapi.Guest.Bytes)
}

// BenchmarkPoints has 1,000 records of numbers go both ways.
func BenchmarkPoints(b *testing.B) {
	points := make([]guestapi.Point, 1000)
	for i := range points {
		points[i] = guestapi.Point{ID: uint32(i), At: float64(i) / 3, On: i%3 == 0}
	}
	benchmarkEcho(b, "points", points, length[guestapi.Point], lowerPoints, (*floor).liftPoints, guestapi.Guest.Points)
}

// BenchmarkLines has 1,000 records with a string each go both ways.
func BenchmarkLines(b *testing.B) {
	lines := make([]guestapi.Line, 1000)
	for i := range lines {
		lines[i] = guestapi.Line{Text: fmt.Sprintf("line %d of a thousand", i), ID: uint32(i), On: i%3 == 0}
	}
	benchmarkEcho(b, "lines", lines, length[guestapi.Line], lowerLines, (*floor).liftLines, guestapi.Guest.Lines)
}

func length[T any](list []T) int { return len(list) }

func BenchmarkHostEcho16(b *testing.B) {
	ctx := context.Background()
	s := strings.Repeat("x", 16)
	b.Run("floor", func(b *testing.B) {
		f := newFloor(b, callsGuest)
		fn := f.mod.ExportedFunction("witgen:calls/guest@0.1.0#host-echo")
		b.ReportAllocs()
		b.ResetTimer()
		ptr, err := f.lower(ctx, s)
		if err != nil {
			b.Fatal(err)
		}
		stack := []uint64{uint64(ptr), uint64(len(s)), uint64(b.N)}
		if err := fn.CallWithStack(ctx, stack); err != nil || stack[0] != 16 {
			b.Fatal(stack[0], err)
		}
	})
	b.Run("witgen", func(b *testing.B) {
		g := startCalls(b)
		b.ReportAllocs()
		b.ResetTimer()
		if n, err := g.HostEcho(ctx, s, uint32(b.N)); err != nil || n != 16 {
			b.Fatal(n, err)
		}
	})
}

func BenchmarkProcess(b *testing.B) {
	const path = guests + "c/image-processor.wasm"
	ctx := context.Background()
	req := pluginapi.ProcessRequest{Input: "cat.png", Options: []cm.Tuple2[string, string]{cm.T2("format", "webp"), cm.T2("quality", "80")}}
	want := pluginapi.ProcessResponse{Output: "processed: cat.png", Success: true}
	b.Run("floor", func(b *testing.B) {
		f := newFloor(b, path)
		process := f.mod.ExportedFunction(processExport)
		post := f.mod.ExportedFunction("cabi_post_" + processExport)
		b.ReportAllocs()
		for b.Loop() {
			if got, err := processFloor(ctx, f, process, post, &req); err != nil || got != want {
				b.Fatal(got, err)
			}
		}
	})
	b.Run("witgen", func(b *testing.B) {
		p := start(b, path, &host{}).PluginAPI
		b.ReportAllocs()
		for b.Loop() {
			if got, err := p.Process(ctx, req); err != nil || got != want {
				b.Fatal(got, err)
			}
		}
	})
}
