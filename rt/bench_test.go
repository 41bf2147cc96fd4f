package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/calls/calls"
	guestapi "github.com/witgen/witgen/golden/calls/guest"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
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

// calling makes ready to call something, and calls it n times.
type calling func(b *testing.B) func(n int) error

// beside measures calls through generated code and by hand: each alone, and then
// by turns, which machines that are busy with other things disturb alike, for
// the ratio of the medians.
func beside(b *testing.B, witgen, floor calling) {
	alone := func(c calling) func(b *testing.B) {
		return func(b *testing.B) {
			run := c(b)
			b.ReportAllocs()
			b.ResetTimer()
			if err := run(b.N); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("by=floor", alone(floor))
	b.Run("by=witgen", alone(witgen))
	b.Run("ratio", func(b *testing.B) {
		w, f := witgen(b), floor(b)
		n := 1 // calls of a turn, which then takes longer than reading the clock
		for took := time.Duration(0); took < 20*time.Microsecond; {
			n *= 2
			start := time.Now()
			if err := f(n); err != nil {
				b.Fatal(err)
			}
			took = time.Since(start)
		}
		some := func(run func(n int) error) func(b *testing.B) {
			return func(b *testing.B) {
				if err := run(n); err != nil {
					b.Fatal(err)
				}
			}
		}
		benchmarkRatio(b, some(w), some(f))
	})
}

// repeat calls something n times.
func repeat(call func() error) func(n int) error {
	return func(n int) error {
		for range n {
			if err := call(); err != nil {
				return err
			}
		}
		return nil
	}
}

var errAnswer = errors.New("wrong answer")

func BenchmarkAdd(b *testing.B) {
	ctx := context.Background()
	beside(b, func(b *testing.B) func(n int) error {
		g := startCalls(b)
		return func(n int) error {
			for range n {
				if v, err := g.Add(ctx, 1, 2); err != nil || v != 3 {
					return errAnswer
				}
			}
			return nil
		}
	}, func(b *testing.B) func(n int) error {
		f := newFloor(b, callsGuest)
		add := f.mod.ExportedFunction("witgen:calls/guest@0.1.0#add")
		return func(n int) error {
			for range n {
				f.stack[0], f.stack[1] = 1, 2
				if err := add.CallWithStack(ctx, f.stack[:2]); err != nil || f.stack[0] != 3 {
					return errAnswer
				}
			}
			return nil
		}
	})
}

// BenchmarkHostAdd has the guest call its host.
func BenchmarkHostAdd(b *testing.B) {
	ctx := context.Background()
	beside(b, func(b *testing.B) func(n int) error {
		g := startCalls(b)
		return func(n int) error {
			if v, err := g.HostAdd(ctx, 0, uint32(n)); err != nil || v != uint32(n) {
				return errAnswer
			}
			return nil
		}
	}, func(b *testing.B) func(n int) error {
		f := newFloor(b, callsGuest)
		fn := f.mod.ExportedFunction("witgen:calls/guest@0.1.0#host-add")
		return func(n int) error {
			f.stack[0], f.stack[1] = 0, uint64(n)
			if err := fn.CallWithStack(ctx, f.stack[:2]); err != nil || f.stack[0] != uint64(n) {
				return errAnswer
			}
			return nil
		}
	})
}

// benchmarkEcho has the guest send back what it gets.
func benchmarkEcho[T any](b *testing.B, name string, v T, size func(T) int, lower func(context.Context, *floor, T) (ptr, n uint32, err error),
	lift func(f *floor, ptr, n uint32) (T, error), call func(guestapi.Guest, context.Context, T) (T, error),
) {
	ctx := context.Background()
	beside(b, func(b *testing.B) func(n int) error {
		g := startCalls(b)
		return repeat(func() error {
			if got, err := call(g, ctx, v); err != nil || size(got) != size(v) {
				return errAnswer
			}
			return nil
		})
	}, func(b *testing.B) func(n int) error {
		f := newFloor(b, callsGuest)
		fn := f.mod.ExportedFunction("witgen:calls/guest@0.1.0#" + name)
		post := f.mod.ExportedFunction("cabi_post_witgen:calls/guest@0.1.0#" + name)
		return repeat(func() error {
			if got, err := echoFloor(ctx, f, fn, post, v, lower, lift); err != nil || size(got) != size(v) {
				return errAnswer
			}
			return nil
		})
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

// BenchmarkInto1M puts the result where the caller says.
func BenchmarkInto1M(b *testing.B) {
	into := make([]byte, 1<<20)
	ctx := rt.WithBuffer(context.Background(), into)
	lift := func(f *floor, ptr, n uint32) ([]byte, error) {
		b, ok := f.mem.Read(ptr, n)
		if !ok || int(n) > len(into) {
			return nil, errFloor
		}
		return into[:copy(into, b)], nil
	}
	call := func(g guestapi.Guest, _ context.Context, v []byte) ([]byte, error) { return g.Bytes(ctx, v) }
	benchmarkEcho(b, "bytes", make([]byte, 1<<20), length[byte], lowerBytes, lift, call)
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
	beside(b, func(b *testing.B) func(n int) error {
		g := startCalls(b)
		return func(n int) error {
			if got, err := g.HostEcho(ctx, s, uint32(n)); err != nil || got != 16 {
				return errAnswer
			}
			return nil
		}
	}, func(b *testing.B) func(n int) error {
		f := newFloor(b, callsGuest)
		fn := f.mod.ExportedFunction("witgen:calls/guest@0.1.0#host-echo")
		return func(n int) error {
			ptr, err := f.lower(ctx, s)
			if err != nil {
				return err
			}
			stack := []uint64{uint64(ptr), uint64(len(s)), uint64(n)}
			if err := fn.CallWithStack(ctx, stack); err != nil || stack[0] != 16 {
				return errAnswer
			}
			return nil
		}
	})
}

// BenchmarkProcess calls a plugin of examples/plugins.
func BenchmarkProcess(b *testing.B) {
	path := guests.Plugin("c/image-processor")
	ctx := context.Background()
	req := pluginapi.ProcessRequest{Input: "cat.png", Options: []cm.Tuple2[string, string]{cm.T2("format", "webp"), cm.T2("quality", "80")}}
	want := pluginapi.ProcessResponse{Output: "processed: cat.png", Success: true}
	beside(b, func(b *testing.B) func(n int) error {
		p := start(b, path, &host{}).PluginAPI
		return repeat(func() error {
			if got, err := p.Process(ctx, req); err != nil || got != want {
				return errAnswer
			}
			return nil
		})
	}, func(b *testing.B) func(n int) error {
		f := newFloor(b, path)
		process := f.mod.ExportedFunction(processExport)
		post := f.mod.ExportedFunction("cabi_post_" + processExport)
		return repeat(func() error {
			if got, err := processFloor(ctx, f, process, post, &req); err != nil || got != want {
				return errAnswer
			}
			return nil
		})
	})
}
