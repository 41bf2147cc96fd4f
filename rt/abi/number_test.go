package abi

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt/internal/task"
)

// bump is a module with a memory of one page and a realloc that hands out
// memory from 1024 on, aligned:
//
//	(module
//	  (memory (export "memory") 1)
//	  (global $next (mut i32) (i32.const 1024))
//	  (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
//	    (local $p i32)
//	    (local.set $p (i32.and
//	      (i32.sub (i32.add (global.get $next) (local.get $align)) (i32.const 1))
//	      (i32.sub (i32.const 0) (local.get $align))))
//	    (global.set $next (i32.add (local.get $p) (local.get $new)))
//	    (local.get $p)))
var bump = []byte("\x00asm\x01\x00\x00\x00" +
	"\x01\x09\x01\x60\x04\x7f\x7f\x7f\x7f\x01\x7f" +
	"\x03\x02\x01\x00" +
	"\x05\x03\x01\x00\x01" +
	"\x06\x07\x01\x7f\x01\x41\x80\x08\x0b" +
	"\x07\x14\x02\x06memory\x02\x00\x07realloc\x00\x00" +
	"\x0a\x1f\x01\x1d\x01\x01\x7f" +
	"\x23\x00\x20\x02\x6a\x41\x01\x6b\x41\x00\x20\x02\x6b\x71\x21\x04" +
	"\x20\x04\x20\x03\x6a\x24\x00\x20\x04\x0b")

// newMem returns a view of the memory of a new instance of bump.
func newMem(t testing.TB) *Mem {
	m, _ := NewTestMem(t)
	return m
}

// NewTestMem returns a view of the memory of a new instance of bump, and what
// fills that memory with copies of a text.
func NewTestMem(t testing.TB) (*Mem, func(text []byte)) {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	t.Cleanup(func() {
		if err := r.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	in, err := r.Instantiate(ctx, bump)
	if err != nil {
		t.Fatal(err)
	}
	m := new(Mem)
	m.Start(&task.Options{
		Instance: new(task.Instance),
		Memory:   in.Memory(), Realloc: in.ExportedFunction("realloc"),
	}, &task.Task{Caller: ctx})
	return m, func(text []byte) {
		m.take()
		clear(m.view)
		for b := m.view; len(text) > 0 && len(b) > 0; {
			b = b[copy(b, text):]
		}
	}
}

func TestNumbers(t *testing.T) {
	testNumbers(t, "s8", []int8{0, 1, -1, math.MinInt8}, "\x00\x01\xff\x80")
	testNumbers(t, "s16", []int16{1, -2}, "\x01\x00\xfe\xff")
	testNumbers(t, "u16", []uint16{1, 0xfffe}, "\x01\x00\xfe\xff")
	testNumbers(t, "s32", []int32{1, -2}, "\x01\x00\x00\x00\xfe\xff\xff\xff")
	testNumbers(t, "u32", []uint32{0x01020304}, "\x04\x03\x02\x01")
	testNumbers(t, "s64", []int64{-2}, "\xfe\xff\xff\xff\xff\xff\xff\xff")
	testNumbers(t, "u64", []uint64{1 << 63, 1}, "\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x00\x00\x00")
	testNumbers(t, "f32", []float32{1, -0.5}, "\x00\x00\x80\x3f\x00\x00\x00\xbf")
	testNumbers(t, "f64", []float64{1}, "\x00\x00\x00\x00\x00\x00\xf0\x3f")
	testNumbers(t, "none", []float64{}, "")
}

func testNumbers[T Number](t *testing.T, name string, v []T, want string) {
	t.Run(name, func(t *testing.T) {
		m := newMem(t)
		StoreNumbers(m, 8, v)
		ptr, n := m.LoadU32(8), m.LoadU32(12)
		if m.Err() != nil || int(n) != len(v) || ptr%sizeOf[T]() != 0 {
			t.Fatalf("stored %d numbers at %#x, %v; want %d", n, ptr, m.Err(), len(v))
		}
		if got := string(m.view[ptr : int(ptr)+len(want)]); got != want {
			t.Errorf("got % x in memory, want % x", got, want)
		}
		if got := LoadNumbers[T](m, 8); !slices.Equal(got, v) || m.Err() != nil {
			t.Errorf("got %v, %v; want %v", got, m.Err(), v)
		}
	})
}

func TestNumbersCanonicalNaN(t *testing.T) {
	m := newMem(t)
	m.StoreU32(16, 0x7fa00001)
	m.StoreU64(24, 0xfff0000000000001)
	f32, f64 := LiftNumbers[float32](m, 16, 1), LiftNumbers[float64](m, 24, 1)
	if math.Float32bits(f32[0]) != 0x7fc00000 || math.Float64bits(f64[0]) != 0x7ff8000000000000 {
		t.Errorf("got %#x and %#x", math.Float32bits(f32[0]), math.Float64bits(f64[0]))
	}
}

func TestNumbersHostile(t *testing.T) {
	for _, tt := range []struct {
		name   string
		ptr, n uint32
		want   string
	}{
		{"unaligned", 2, 1, "not aligned"},
		{"outside", 1 << 16, 1, "out of bounds"},
		{"too long", 8, 1 << 14, "out of bounds"},
		{"overflow", math.MaxUint32 - 3, math.MaxUint32, "out of bounds"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMem(t)
			if got := LiftNumbers[uint32](m, tt.ptr, tt.n); got != nil {
				t.Errorf("got %d numbers", len(got))
			}
			if m.Err() == nil || !strings.Contains(m.Err().Error(), tt.want) {
				t.Errorf("got error %v, want %q in it", m.Err(), tt.want)
			}
			if got := LoadNumbers[int64](m, 0); len(got) != 0 {
				t.Errorf("after a failure: got %v", got)
			}
			StoreNumbers(m, 0, []int16{1})
		})
	}
}

func TestNumbersGuestWithoutRoom(t *testing.T) {
	m := newMem(t)
	StoreNumbers(m, 0, make([]uint64, 1<<14))
	if m.Err() == nil || !strings.Contains(m.Err().Error(), "beyond end of memory") {
		t.Errorf("got error %v", m.Err())
	}
}
