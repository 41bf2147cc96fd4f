package rt_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// cycles is for whoever has minutes: make soak
var cycles = flag.Int("cycles", 5000, "how many instances TestSoak starts, calls and closes")

// usage is what the process has.
type usage struct {
	heap       int64 // bytes in use, after a collection
	goroutines int
	resident   int64 // bytes in memory
	addresses  int64 // bytes of addresses
	mappings   int   // ranges of them
}

// measure collects garbage, gives the system back what is free, and returns
// what the process has after it. Without a file system that tells more, it is
// what Go knows.
func measure() usage {
	debug.FreeOSMemory()
	u := usage{heap: int64(heap()), goroutines: runtime.NumGoroutine()}
	if stat, err := os.ReadFile("/proc/self/statm"); err == nil {
		fmt.Sscan(string(stat), &u.addresses, &u.resident)
		u.addresses *= int64(os.Getpagesize())
		u.resident *= int64(os.Getpagesize())
	}
	if maps, err := os.ReadFile("/proc/self/maps"); err == nil {
		u.mappings = strings.Count(string(maps), "\n")
	}
	return u
}

// String returns it in a line.
func (u usage) String() string {
	return fmt.Sprintf("heap %.2f MiB, %d goroutines, resident %.1f MiB, addresses %.1f GiB in %d mappings",
		float64(u.heap)/(1<<20), u.goroutines, float64(u.resident)/(1<<20), float64(u.addresses)/(1<<30), u.mappings)
}

// TestSoak starts, calls and closes instances of the Rust guest, one after the
// other: what the process has does not grow once it has run warm.
func TestSoak(t *testing.T) {
	p := prepare(t, guests.Plugin("rust/data-processor"))
	h := plugin.Imports{HostAPI: soakHost{}}
	limits := rt.InstanceConfig{Limits: rt.Limits{Memory: 4 << 20, Fuel: 10_000_000}}
	cycle := func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		in, err := p.Instantiate(ctx, h, limits)
		if err != nil {
			t.Fatal(err)
		}
		if err := in.PluginAPI.Initialize(ctx, nil); err != nil {
			t.Fatal(err)
		}
		out, err := in.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "row 1"})
		if err != nil || out.Output != "processed: row 1" {
			t.Fatal(out, err)
		}
		if err := in.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for range 1000 {
		cycle()
	}
	warm := measure()
	t.Log("warm: ", warm)
	const intervals = 10
	for i := range intervals {
		begin, n := time.Now(), *cycles/intervals
		for range n {
			cycle()
		}
		took := time.Since(begin)
		now := measure()
		t.Logf("%d cycles: %.0f a second, %v", (i+1)*n, float64(n)/took.Seconds(), now)
		// Of 5,000 cycles 200 bytes each show here, of a million one byte each, and
		// 6,700 bytes each of what is in memory.
		if grown := now.heap - warm.heap; grown > 1<<20 {
			t.Errorf("%d bytes of heap are in use that were not before", grown)
		}
		if grown := now.resident - warm.resident; grown > 32<<20 {
			t.Errorf("%d MiB are in memory that were not before", grown>>20)
		}
		if now.goroutines > warm.goroutines {
			t.Errorf("%d goroutines, %d before", now.goroutines, warm.goroutines)
		}
		if now.mappings > warm.mappings+100 || now.addresses > warm.addresses+16<<30 {
			t.Errorf("addresses are not used again: %v, %v before", now, warm)
		}
	}
}

// soakHost is a host that keeps nothing.
type soakHost struct{ hostapi.UnimplementedHostAPI }

func (soakHost) LogMessage(context.Context, string, string) error { return nil }
func (soakHost) EmitEvent(context.Context, string, string) error  { return nil }
func (soakHost) GetConfig(context.Context, string) (cm.Option[string], error) {
	return cm.Some("db://here"), nil
}
