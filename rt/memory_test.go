package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
)

const page = 64 << 10

// modules is a component that instantiates core modules, each so many times.
func modules(times int, mods ...string) []byte {
	out := "\x00asm\x0d\x00\x01\x00"
	for i, m := range mods {
		out += "\x01" + text("\x00asm\x01\x00\x00\x00"+m)
		for range times {
			out += wasmSection(2, "\x00"+uleb(i)+"\x00")
		}
	}
	return []byte(out)
}

// memoryOf is a core module with a memory of so many pages, and a maximum if it
// is not negative.
func memoryOf(pages, most int) string {
	if most < 0 {
		return wasmSection(5, "\x00"+uleb(pages))
	}
	return wasmSection(5, "\x01"+uleb(pages)+uleb(most))
}

// atStart is a core module with a page of memory that does something as it is
// instantiated.
func atStart(code ...string) string {
	return wasmSection(1, "\x60\x00\x00") + wasmSection(3, "\x00") + memoryOf(1, -1) + "\x08\x01\x00" +
		wasmSection(10, text("\x00"+strings.Join(code, "")+end))
}

// ownEngine returns an engine for one test.
func ownEngine(t testing.TB, c rt.Config) *rt.Engine {
	t.Helper()
	e, err := rt.NewEngine(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if use := e.Memory(); use.Bytes != 0 {
			t.Errorf("a closed engine has %d bytes in use", use.Bytes)
		}
	})
	return e
}

// instantiate starts an instance of a component's bytes.
func instantiate(t testing.TB, e *rt.Engine, wasm []byte, limits rt.Limits) (*rt.Instance, error) {
	t.Helper()
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context()) // once the instance is closed
	return c.Instantiate(t.Context(), rt.InstanceConfig{Limits: limits})
}

// TestDeclaredMemory: an instance whose memories are larger together than they
// may be does not start, and nothing is allocated for it.
func TestDeclaredMemory(t *testing.T) {
	e := ownEngine(t, rt.Config{Memory: 5 << 30})
	for _, test := range []struct {
		name  string
		wasm  []byte
		limit int64
		want  string // the error; none if empty
		bytes int64
	}{
		{"as much as there may be", modules(1, memoryOf(2, -1)), 2 * page, "", 2 * page},
		{"more", modules(1, memoryOf(3, -1)), 2 * page, "needs 192 KiB at start, limit 128 KiB", 0},
		{"two memories", modules(1, memoryOf(1, -1), memoryOf(2, 2)), 3 * page, "", 3 * page},
		{"two memories that are more", modules(1, memoryOf(1, -1), memoryOf(2, 2)), 3*page - 1, "limit 191 KiB", 0},
		{"a module several times", modules(4, memoryOf(1, -1)), 3 * page, "needs 256 KiB at start", 0},
		{"no pages", modules(3, memoryOf(0, -1), memoryOf(0, 0)), 1, "", 0},
		{"nothing allowed", modules(1, memoryOf(1, -1)), -1, "limit -1 bytes", 0},
		{"nothing needed", modules(1, ""), -1, "", 0},
		{"all there can be", modules(1, memoryOf(1<<16, 1<<16)), 4 << 30, "", 4 << 30},
		{"that, by default", modules(1, memoryOf(1<<16, 1<<16)), 0, "needs 4096.0 MiB at start, limit 1024.0 MiB", 0},
		{"more than all", modules(2, memoryOf(1<<16, -1)), 1 << 40, "needs 8192.0 MiB at start: the engine has 0 bytes of 5120.0 MiB in use", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var in *rt.Instance
			var err error
			if n := allocated(func() { in, err = instantiate(t, e, test.wasm, rt.Limits{Memory: test.limit}) }); n > 4<<20 && test.want != "" {
				t.Errorf("allocated %d bytes", n)
			}
			if test.want != "" {
				if !errors.Is(err, rt.ErrMemory) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
			} else if err != nil {
				t.Fatal(err)
			} else {
				if use := in.Memory(); use.Bytes != test.bytes || use.Peak != test.bytes || use.Denied != 0 || use.Last != nil {
					t.Errorf("memory: %+v, want %d bytes", use, test.bytes)
				}
				if err := in.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if use := e.Memory(); use.Bytes != 0 {
				t.Errorf("%d bytes stay in use", use.Bytes)
			}
		})
	}
	for name, bad := range map[string]string{
		"shared":       wasmSection(5, "\x03\x01\x02"),
		"two in one":   wasmSection(5, "\x00\x01", "\x00\x01"),
		"64 bits":      wasmSection(5, "\x04\x01"),
		"65,537 pages": memoryOf(1<<16+1, -1),
	} {
		if _, err := e.Compile(t.Context(), modules(1, bad)); err == nil {
			t.Errorf("memory %s is compiled", name)
		}
	}
}

// pages is a guest with a page of memory to begin with.
func pages() *guest {
	return &guest{world: `
		export grow: func(pages: u32) -> s32;
		export fill: func(byte: u32);
		export written: func() -> u32;
	`, funcs: map[string]body{
		"grow": does(get(0), grow),
		"fill": does(i32(0), get(0), "\x3f\x00", i32(16), "\x74", "\xfc\x0b\x00"),
		// How many numbers of 4 bytes are not 0; 0 is the address, 1 the count.
		"written": {tI32 + tI32, []any{
			block, loop,
			get(0), "\x3f\x00", i32(16), "\x74", "\x4f", brIf(1),
			get(1), get(0), load(0), i32(0), "\x47", add, set(1),
			get(0), i32(4), add, set(0), br(0),
			end, end, get(1),
		}},
	}}
}

func startWith(t testing.TB, c *rt.Component, limits rt.Limits) *rt.Instance {
	t.Helper()
	in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(context.Background()) })
	return in
}

func closeInstance(t testing.TB, in *rt.Instance) {
	t.Helper()
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestFault37MemoryCap: growth beyond what an instance may have is refused and
// counted; instances of one engine have limits of their own; an instance that
// wants to grow for ever gets its limit and no more.
func TestFault37MemoryCap(t *testing.T) {
	for _, interpreter := range []bool{false, true} {
		t.Run(fmt.Sprintf("interpreter %v", interpreter), func(t *testing.T) {
			e := ownEngine(t, rt.Config{Interpreter: interpreter})
			c := pages().compile(t, e)
			small, large := startWith(t, c, rt.Limits{Memory: 10*page + 7}), startWith(t, c, rt.Limits{Memory: 20 * page})
			for _, step := range []struct {
				in   *rt.Instance
				by   uint32
				want int32
			}{{small, 9, 1}, {small, 1, -1}, {large, 10, 1}, {large, 9, 11}, {large, 65_536, -1}, {large, 65_516, -1}, {small, 0, 10}, {large, 1, -1}} {
				if got := must(t, step.in, "grow", step.by); got != step.want {
					t.Errorf("growing by %d: %v, want %d", step.by, got, step.want)
				}
			}
			for range 1000 {
				if got := must(t, small, "grow", uint32(1)); got != int32(-1) {
					t.Fatalf("grew: %v", got)
				}
			}
			use := small.Memory()
			if use.Bytes != 10*page || use.Peak != 10*page || use.Denied != 1001 {
				t.Errorf("memory: %+v", use)
			}
			if !errors.Is(use.Last, rt.ErrMemory) || use.Last.Error() != "memory: growth to 704 KiB denied: limit of the instance 640 KiB" {
				t.Errorf("denied: %v", use.Last)
			}
			// 65,536 pages more than there are is beyond what the format has: no limit denied it.
			if use := large.Memory(); use.Bytes != 20*page || use.Denied != 2 {
				t.Errorf("memory: %+v", use)
			}
			must(t, small, "fill", uint32(1))
			closeInstance(t, small)
			if use := small.Memory(); use.Bytes != 0 || use.Peak != 10*page || use.Denied != 1001 {
				t.Errorf("memory of a closed instance: %+v", use)
			}
		})
	}
}

// TestBudget: instances that share a budget have it together, and put back what
// they had when they are closed or do not start.
func TestBudget(t *testing.T) {
	e := ownEngine(t, rt.Config{Memory: 30 * page})
	c := pages().compile(t, e)
	b := rt.NewBudget(10 * page)
	limits := rt.Limits{Budget: b}
	one, two := startWith(t, c, limits), startWith(t, c, limits)
	alone := startWith(t, c, rt.Limits{})
	if got := must(t, one, "grow", uint32(8)); got != int32(1) {
		t.Errorf("growing: %v", got)
	}
	if got := must(t, two, "grow", uint32(1)); got != int32(-1) {
		t.Errorf("growing beyond the budget: %v", got)
	}
	if use := two.Memory(); use.Denied != 1 || use.Last.Error() != "memory: growth to 128 KiB denied: the instance's group has 640 KiB of 640 KiB in use" {
		t.Errorf("denied: %+v", use)
	}
	if _, err := c.Instantiate(t.Context(), rt.InstanceConfig{Limits: limits}); !errors.Is(err, rt.ErrMemory) {
		t.Errorf("a third instance: %v", err)
	}
	if use := b.Memory(); use.Bytes != 10*page || use.Peak != 10*page || use.Denied != 2 || b.Limit() != 10*page {
		t.Errorf("budget: %+v", use)
	}
	closeInstance(t, one)
	closeInstance(t, one)
	if use := b.Memory(); use.Bytes != page {
		t.Errorf("%d bytes are in use after one is closed", use.Bytes)
	}
	if got := must(t, two, "grow", uint32(9)); got != int32(1) {
		t.Errorf("growing after that: %v", got)
	}
	if got := must(t, alone, "grow", uint32(20)); got != int32(-1) || !errors.Is(alone.Memory().Last, rt.ErrMemory) {
		t.Errorf("growing beyond the engine's: %v", got)
	}
	if got := must(t, alone, "grow", uint32(19)); got != int32(1) {
		t.Errorf("growing to all the engine has: %v", got)
	}
	closeInstance(t, two)
	if b.Memory().Bytes != 0 || e.Memory().Bytes != 20*page || e.Memory().Peak != 30*page {
		t.Errorf("in use: %d of the budget, %+v of the engine", b.Memory().Bytes, e.Memory())
	}
	wasm := modules(1, memoryOf(2, -1), atStart(i32(3), grow, drop, trap))
	if _, err := instantiate(t, e, wasm, limits); err == nil {
		t.Error("an instance that traps starts")
	}
	if use := b.Memory(); use.Bytes != 0 || use.Peak != 10*page {
		t.Errorf("after an instance that did not start: %+v", use)
	}
}

// TestGrowsAtStart: what a module grows by as it is instantiated is not taken
// from what a later one declares.
func TestGrowsAtStart(t *testing.T) {
	e := ownEngine(t, rt.Config{})
	grows := atStart(block, loop, i32(1), grow, i32(-1), eq, brIf(1), br(0), end, end)
	in, err := instantiate(t, e, modules(1, grows, memoryOf(5, -1)), rt.Limits{Memory: 20 * page})
	if err != nil {
		t.Fatal(err)
	}
	if use := in.Memory(); use.Bytes != 20*page || use.Denied != 1 {
		t.Errorf("memory: %+v", use)
	}
	closeInstance(t, in)
}

// TestZeroAgain: an instance never sees what was in the memory of another.
func TestZeroAgain(t *testing.T) {
	e := ownEngine(t, rt.Config{})
	c := pages().compile(t, e)
	for _, more := range []uint32{0, 1, 40, 100, 3, 250, 0, 40} {
		in := startWith(t, c, rt.Limits{})
		for range 2 {
			if n := must(t, in, "written"); n != uint32(0) {
				t.Fatalf("%v numbers in fresh memory are not 0", n)
			}
			must(t, in, "grow", more)
		}
		must(t, in, "fill", uint32(0xab))
		if n := must(t, in, "written"); n != (1+2*more)*page/4 {
			t.Fatalf("%v numbers are written", n)
		}
		closeInstance(t, in)
	}
}

// TestMemoryRace has goroutines start, grow and close instances that share a
// budget.
func TestMemoryRace(t *testing.T) {
	e := ownEngine(t, rt.Config{})
	c := pages().compile(t, e)
	b := rt.NewBudget(40 * page)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 50 {
				in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Limits: rt.Limits{Budget: b, Memory: 30 * page}})
				if err != nil {
					if !errors.Is(err, rt.ErrMemory) {
						t.Error(err)
					}
					continue
				}
				for range 5 {
					f, err := in.Func("", "grow")
					if err != nil {
						t.Error(err)
						continue
					}
					if _, err := f.Call(t.Context(), uint32(i%7)); err != nil {
						t.Error(err)
					}
					if use := b.Memory(); use.Bytes > 40*page || in.Memory().Bytes > use.Peak {
						t.Errorf("budget: %+v", use)
					}
				}
				if n, err := invoke(t, in, "written"); err != nil || n != uint32(0) {
					t.Errorf("%v numbers are written, %v", n, err)
				}
				if _, err := invoke(t, in, "fill", uint32(1)); err != nil {
					t.Error(err)
				}
				if err := in.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if use := b.Memory(); use.Bytes != 0 {
		t.Errorf("%d bytes stay in use", use.Bytes)
	}
}

// TestInstancesComeAndGo starts and closes an instance again and again, which
// writes to its memory: the process does not grow.
func TestInstancesComeAndGo(t *testing.T) {
	rounds := 10_000
	if testing.Short() {
		rounds = 1000
	}
	e := ownEngine(t, rt.Config{})
	c := pages().compile(t, e)
	use := func(times int) {
		for range times {
			in, err := c.Instantiate(t.Context(), rt.InstanceConfig{})
			if err != nil {
				t.Fatal(err)
			}
			must(t, in, "fill", uint32(1))
			closeInstance(t, in)
		}
	}
	use(500)
	addresses, resident := processPages(t)
	use(rounds)
	nowAddresses, nowResident := processPages(t)
	if grown := nowResident - resident; grown > 64<<20 { // 625 MiB if each stayed
		t.Errorf("the process has grown by %d MiB", grown>>20)
	}
	if grown := nowAddresses - addresses; grown > 64<<30 { // 10,000 GiB
		t.Errorf("the process has %d GiB more of addresses", grown>>30)
	}
}

// TestManyLive has 10,000 instances of the Rust guest at once, and says how much
// of the machine's memory they take.
func TestManyLive(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	const many = 10_000
	p := prepare(t, guests.Plugin("rust/data-processor"))
	_, before := processPages(t)
	live := make([]*plugin.Plugin, many)
	for i := range live {
		var err error
		if live[i], err = p.Instantiate(t.Context(), plugin.Imports{HostAPI: &host{}}, rt.InstanceConfig{}); err != nil {
			t.Fatal(err)
		}
	}
	_, after := processPages(t)
	t.Logf("%d instances: %d MiB, %d bytes each", many, (after-before)>>20, (after-before)/many)
	if each := (after - before) / many; runtime.GOOS == "linux" && each > 200<<10 { // 1.1 MB is declared
		t.Errorf("an instance takes %d bytes", each)
	}
	for _, in := range live {
		if err := in.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// processPages returns how many bytes of addresses the process has, and how
// many are in memory.
func processPages(t *testing.T) (addresses, resident int64) {
	t.Helper()
	runtime.GC()
	stat, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("the system does not say how large the process is: ", err)
	}
	if _, err := fmt.Sscan(string(stat), &addresses, &resident); err != nil {
		t.Fatal(err)
	}
	size := int64(os.Getpagesize())
	return addresses * size, resident * size
}
