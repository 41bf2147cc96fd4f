package rt_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	guestapi "github.com/witgen/witgen/golden/calls/guest"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/rt/cm"
	component "github.com/witgen/witgen/rt/internal/binary"
)

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

// echoFloor calls a function of one list or string that returns the like.
func echoFloor[T any](ctx context.Context, f *floor, fn, post api.Function, v T, lower func(context.Context, *floor, T) (ptr, n uint32, err error),
	lift func(f *floor, ptr, n uint32) (T, error),
) (got T, err error) {
	ptr, n, err := lower(ctx, f, v)
	if err != nil {
		return got, err
	}
	f.stack[0], f.stack[1] = uint64(ptr), uint64(n)
	if err := fn.CallWithStack(ctx, f.stack[:2]); err != nil {
		return got, err
	}
	ret, ok := f.mem.Read(uint32(f.stack[0]), 8)
	if !ok || f.stack[0]%4 != 0 {
		return got, errFloor
	}
	got, err = lift(f, binary.LittleEndian.Uint32(ret), binary.LittleEndian.Uint32(ret[4:]))
	if err != nil {
		return got, err
	}
	return got, post.CallWithStack(ctx, f.stack[:1])
}

func lowerBytes(ctx context.Context, f *floor, v []byte) (ptr, n uint32, err error) {
	n = uint32(len(v))
	ptr, err = f.alloc(ctx, 1, n)
	if err == nil && !f.mem.Write(ptr, v) {
		err = errFloor
	}
	return ptr, n, err
}

func (f *floor) liftBytes(ptr, n uint32) ([]byte, error) {
	b, ok := f.mem.Read(ptr, n)
	if !ok {
		return nil, errFloor
	}
	v := make([]byte, n)
	copy(v, b)
	return v, nil
}

// list allocates a list and returns where it goes.
func (f *floor) list(ctx context.Context, n int, size, align uint32) (uint32, []byte, error) {
	ptr, err := f.alloc(ctx, align, uint32(n)*size)
	if err != nil {
		return 0, nil, err
	}
	b, ok := f.mem.Read(ptr, uint32(n)*size)
	if !ok || ptr%align != 0 {
		return 0, nil, errFloor
	}
	return ptr, b, nil
}

func lowerPoints(ctx context.Context, f *floor, v []guestapi.Point) (ptr, n uint32, err error) {
	ptr, b, err := f.list(ctx, len(v), 24, 8)
	if err != nil {
		return 0, 0, err
	}
	for i := range v {
		at := b[24*i:][:24]
		binary.LittleEndian.PutUint32(at, v[i].ID)
		binary.LittleEndian.PutUint64(at[8:], math.Float64bits(v[i].At))
		at[16] = 0
		if v[i].On {
			at[16] = 1
		}
	}
	return ptr, uint32(len(v)), nil
}

func (f *floor) liftPoints(ptr, n uint32) ([]guestapi.Point, error) {
	b, ok := f.mem.Read(ptr, n*24)
	if !ok || ptr%8 != 0 || n > math.MaxUint32/24 {
		return nil, errFloor
	}
	v := make([]guestapi.Point, n)
	for i := range v {
		at := b[24*i:][:24]
		v[i] = guestapi.Point{
			ID: binary.LittleEndian.Uint32(at),
			At: math.Float64frombits(binary.LittleEndian.Uint64(at[8:])),
			On: at[16] != 0,
		}
	}
	return v, nil
}

func lowerLines(ctx context.Context, f *floor, v []guestapi.Line) (ptr, n uint32, err error) {
	ptr, _, err = f.list(ctx, len(v), 16, 4)
	if err != nil {
		return 0, 0, err
	}
	for i := range v {
		text, err := f.lower(ctx, v[i].Text)
		if err != nil {
			return 0, 0, err
		}
		at, ok := f.mem.Read(ptr+uint32(i)*16, 16)
		if !ok {
			return 0, 0, errFloor
		}
		binary.LittleEndian.PutUint32(at, text)
		binary.LittleEndian.PutUint32(at[4:], uint32(len(v[i].Text)))
		binary.LittleEndian.PutUint32(at[8:], v[i].ID)
		at[12] = 0
		if v[i].On {
			at[12] = 1
		}
	}
	return ptr, uint32(len(v)), nil
}

func (f *floor) liftLines(ptr, n uint32) ([]guestapi.Line, error) {
	b, ok := f.mem.Read(ptr, n*16)
	if !ok || ptr%4 != 0 || n > math.MaxUint32/16 {
		return nil, errFloor
	}
	v := make([]guestapi.Line, n)
	for i := range v {
		at := b[16*i:][:16]
		text, err := f.lift(binary.LittleEndian.Uint32(at), binary.LittleEndian.Uint32(at[4:]))
		if err != nil {
			return nil, err
		}
		v[i] = guestapi.Line{Text: text, ID: binary.LittleEndian.Uint32(at[8:]), On: at[12] != 0}
	}
	return v, nil
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
