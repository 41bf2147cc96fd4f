package rt_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/examples/plugins/api/pluginapi"
	"github.com/witgen/witgen/golden/calls/calls"
	guestapi "github.com/witgen/witgen/golden/calls/guest"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	component "github.com/witgen/witgen/rt/internal/binary"
)

// Each benchmark does the same work twice: through generated code, and through
// glue written by hand over wazero for that one function, which is the floor.
// Both run the same core module.

const callsGuest = "../golden/calls/testdata/calls.wasm"

// floor is a core module of a component on bare wazero.
type floor struct {
	mod     api.Module
	mem     api.Memory
	realloc api.Function
	stack   [8]uint64
}

// newFloor instantiates the component's first core module that exports a
// memory, with add and echo for the guest to call.
func newFloor(b *testing.B, path string) *floor {
	b.Helper()
	wasm, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	tree, err := component.Decode(wasm)
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	b.Cleanup(func() { r.Close(ctx) })
	f := &floor{}
	f.host(b, r)
	for _, d := range tree.Defs {
		m, ok := d.(*component.CoreModule)
		if !ok {
			continue
		}
		if _, ok := m.Module.Export("memory"); !ok {
			continue
		}
		if f.mod, err = r.Instantiate(ctx, m.Bytes); err != nil {
			b.Fatal(err)
		}
		f.mem, f.realloc = f.mod.Memory(), f.mod.ExportedFunction("cabi_realloc")
		return f
	}
	b.Fatal("no core module with a memory")
	return nil
}

// host makes the functions that the guest of golden/calls imports.
func (f *floor) host(b *testing.B, r wazero.Runtime) {
	const i32 = api.ValueTypeI32
	_, err := r.NewHostModuleBuilder("witgen:calls/host@0.1.0").
		NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, s []uint64) {
		s[0] = uint64(uint32(s[0]) + uint32(s[1]))
	}), []api.ValueType{i32, i32}, []api.ValueType{i32}).Export("add").
		NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, _ api.Module, s []uint64) {
		v, err := f.lift(uint32(s[0]), uint32(s[1]))
		if err != nil {
			panic(err)
		}
		ptr, err := f.lower(ctx, v)
		if err != nil || !f.mem.WriteUint32Le(uint32(s[2]), ptr) || !f.mem.WriteUint32Le(uint32(s[2])+4, uint32(len(v))) {
			panic(errors.New("echo"))
		}
	}), []api.ValueType{i32, i32, i32}, nil).Export("echo").
		Instantiate(context.Background())
	if err != nil {
		b.Fatal(err)
	}
}

var errFloor = errors.New("guest memory")

func (f *floor) lift(ptr, n uint32) (string, error) {
	v, ok := f.mem.Read(ptr, n)
	if !ok || !utf8.Valid(v) {
		return "", errFloor
	}
	return string(v), nil
}

func (f *floor) alloc(ctx context.Context, align, size uint32) (uint32, error) {
	f.stack[0], f.stack[1], f.stack[2], f.stack[3] = 0, 0, uint64(align), uint64(size)
	err := f.realloc.CallWithStack(ctx, f.stack[:4])
	return uint32(f.stack[0]), err
}

func (f *floor) lower(ctx context.Context, s string) (uint32, error) {
	if !utf8.ValidString(s) {
		return 0, errFloor
	}
	ptr, err := f.alloc(ctx, 1, uint32(len(s)))
	if err == nil && !f.mem.WriteString(ptr, s) {
		err = errFloor
	}
	return ptr, err
}

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

func benchmarkEcho(b *testing.B, s string) {
	ctx := context.Background()
	b.Run("floor", func(b *testing.B) {
		f := newFloor(b, callsGuest)
		fn := f.mod.ExportedFunction("witgen:calls/guest@0.1.0#echo")
		post := f.mod.ExportedFunction("cabi_post_witgen:calls/guest@0.1.0#echo")
		echo := func() (string, error) {
			ptr, err := f.lower(ctx, s)
			if err != nil {
				return "", err
			}
			f.stack[0], f.stack[1] = uint64(ptr), uint64(len(s))
			if err := fn.CallWithStack(ctx, f.stack[:2]); err != nil {
				return "", err
			}
			ret, ok := f.mem.Read(uint32(f.stack[0]), 8)
			if !ok {
				return "", errFloor
			}
			v, err := f.lift(binary.LittleEndian.Uint32(ret), binary.LittleEndian.Uint32(ret[4:]))
			if err != nil {
				return "", err
			}
			return v, post.CallWithStack(ctx, f.stack[:1])
		}
		b.ReportAllocs()
		for b.Loop() {
			if v, err := echo(); err != nil || len(v) != len(s) {
				b.Fatal(len(v), err)
			}
		}
	})
	b.Run("witgen", func(b *testing.B) {
		g := startCalls(b)
		b.ReportAllocs()
		for b.Loop() {
			if v, err := g.Echo(ctx, s); err != nil || len(v) != len(s) {
				b.Fatal(len(v), err)
			}
		}
	})
}

func BenchmarkEcho16(b *testing.B)  { benchmarkEcho(b, strings.Repeat("x", 16)) }
func BenchmarkEcho64K(b *testing.B) { benchmarkEcho(b, strings.Repeat("x", 64<<10)) }

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

// processFloor calls process of the contract of examples/plugins by hand.
func processFloor(ctx context.Context, f *floor, process, post api.Function, req *pluginapi.ProcessRequest) (resp pluginapi.ProcessResponse, err error) {
	input, err := f.lower(ctx, req.Input)
	if err != nil {
		return resp, err
	}
	options, err := f.alloc(ctx, 4, uint32(len(req.Options))*16)
	if err != nil {
		return resp, err
	}
	for i, o := range req.Options {
		name, err := f.lower(ctx, o.F0)
		if err != nil {
			return resp, err
		}
		value, err := f.lower(ctx, o.F1)
		if err != nil {
			return resp, err
		}
		at, ok := f.mem.Read(options+uint32(i)*16, 16)
		if !ok {
			return resp, errFloor
		}
		binary.LittleEndian.PutUint32(at, name)
		binary.LittleEndian.PutUint32(at[4:], uint32(len(o.F0)))
		binary.LittleEndian.PutUint32(at[8:], value)
		binary.LittleEndian.PutUint32(at[12:], uint32(len(o.F1)))
	}
	f.stack[0], f.stack[1] = uint64(input), uint64(len(req.Input))
	f.stack[2], f.stack[3] = uint64(options), uint64(len(req.Options))
	if err := process.CallWithStack(ctx, f.stack[:4]); err != nil {
		return resp, err
	}
	ret, ok := f.mem.Read(uint32(f.stack[0]), 24)
	if !ok || f.stack[0]%4 != 0 || ret[12] > 1 {
		return resp, errFloor
	}
	if resp.Output, err = f.lift(binary.LittleEndian.Uint32(ret), binary.LittleEndian.Uint32(ret[4:])); err != nil {
		return resp, err
	}
	resp.Success = ret[8] != 0
	if ret[12] == 1 {
		msg, err := f.lift(binary.LittleEndian.Uint32(ret[16:]), binary.LittleEndian.Uint32(ret[20:]))
		if err != nil {
			return resp, err
		}
		resp.ErrorMessage = cm.Some(msg)
	}
	return resp, post.CallWithStack(ctx, f.stack[:1])
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
