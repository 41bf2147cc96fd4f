package layout_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

func function(result wit.Type, params ...wit.Type) *wit.Func {
	f := &wit.Func{Name: "f", Result: result}
	for i, t := range params {
		f.Params = append(f.Params, wit.Param{Name: fmt.Sprint("p", i), Type: t})
	}
	return f
}

func TestSignatures(t *testing.T) {
	sync := layout.Options{}
	async := layout.Options{Async: true}
	callback := layout.Options{Async: true, Callback: true}
	u32s := func(n int) []wit.Type { return slices.Repeat([]wit.Type{wit.U32}, n) }
	tests := []struct {
		name            string
		f               *wit.Func
		make            func(*wit.Func, layout.Options) layout.Signature
		o               layout.Options
		params, results string
		spill, ret      bool
	}{
		{"lift nothing", function(nil), layout.Lift, sync, "", "", false, false},
		{"lower nothing", function(nil), layout.Lower, sync, "", "", false, false},
		{"lift flat", function(wit.F64, wit.String, wit.U64), layout.Lift, sync, "iiI", "F", false, false},
		{"lower flat", function(wit.F64, wit.String, wit.U64), layout.Lower, sync, "iiI", "F", false, false},
		{"lift long result", function(wit.String, wit.U8), layout.Lift, sync, "i", "i", false, true},
		{"lower long result", function(wit.String, wit.U8), layout.Lower, sync, "ii", "", false, true},
		{"lift 16", function(nil, u32s(16)...), layout.Lift, sync, "iiiiiiiiiiiiiiii", "", false, false},
		{"lift 17", function(nil, u32s(17)...), layout.Lift, sync, "i", "", true, false},
		{"lower 17 and a long result", function(wit.String, u32s(17)...), layout.Lower, sync, "ii", "", true, true},
		{"lower 16 and a long result", function(wit.String, u32s(16)...), layout.Lower, sync, "iiiiiiiiiiiiiiiii", "", false, true},
		{"async lift", function(wit.String, u32s(16)...), layout.Lift, async, "iiiiiiiiiiiiiiii", "", false, false},
		{"async lift with callback", function(wit.U64, u32s(17)...), layout.Lift, callback, "i", "i", true, false},
		{"async lower 4", function(nil, u32s(4)...), layout.Lower, async, "iiii", "i", false, false},
		{"async lower 5", function(nil, u32s(5)...), layout.Lower, async, "i", "i", true, false},
		{"async lower with a result", function(wit.U8, wit.F32), layout.Lower, async, "fi", "i", false, true},
		{"lift empty result", function(tuple(), wit.F32), layout.Lift, sync, "f", "", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.make(tt.f, tt.o)
			if !slices.Equal(s.Params, core(tt.params)) || !slices.Equal(s.Results, core(tt.results)) {
				t.Errorf("got %v -> %v, want %s -> %s", s.Params, s.Results, tt.params, tt.results)
			}
			if s.ParamsSpill != tt.spill || s.ResultSpills != tt.ret {
				t.Errorf("spills = %v, %v, want %v, %v", s.ParamsSpill, s.ResultSpills, tt.spill, tt.ret)
			}
			if s.Slots() != max(len(tt.params), len(tt.results)) {
				t.Errorf("slots = %d", s.Slots())
			}
		})
	}
}

func TestSignatureLayouts(t *testing.T) {
	s := layout.Lift(function(&wit.Option{Elem: wit.U64}, wit.U8, wit.String, wit.U64), layout.Options{})
	if want := []int{0, 1, 3}; !slices.Equal(s.ParamSlots, want) {
		t.Errorf("slots = %v, want %v", s.ParamSlots, want)
	}
	if want := []uint32{0, 4, 16}; !slices.Equal(s.ParamOffsets, want) {
		t.Errorf("offsets = %v, want %v", s.ParamOffsets, want)
	}
	if want := (layout.Layout{Size: 24, Align: 8}); s.ParamLayout != want {
		t.Errorf("parameters = %v, want %v", s.ParamLayout, want)
	}
	if want := (layout.Layout{Size: 16, Align: 8}); s.ResultLayout != want {
		t.Errorf("result = %v, want %v", s.ResultLayout, want)
	}
	spilled := layout.Lift(function(nil, fixed(wit.U8, 17)), layout.Options{})
	if spilled.ParamSlots != nil {
		t.Errorf("spilled parameters have slots %v", spilled.ParamSlots)
	}
}

func TestTaskReturn(t *testing.T) {
	tests := []struct {
		name   string
		result wit.Type
		params string
		spill  bool
	}{
		{"nothing", nil, "", false},
		{"flat", record(wit.String, wit.F64), "iiF", false},
		{"16", fixed(wit.U32, 16), "iiiiiiiiiiiiiiii", false},
		{"17", fixed(wit.U32, 17), "i", true},
	}
	for _, tt := range tests {
		s := layout.TaskReturn(tt.result)
		if !slices.Equal(s.Params, core(tt.params)) || len(s.Results) != 0 || s.ResultSpills != tt.spill {
			t.Errorf("%s: %v -> %v, spills %v", tt.name, s.Params, s.Results, s.ResultSpills)
		}
	}
}
