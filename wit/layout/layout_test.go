package layout_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

func record(types ...wit.Type) *wit.Record {
	r := &wit.Record{}
	for i, t := range types {
		r.Fields = append(r.Fields, wit.Field{Name: "f" + strconv.Itoa(i), Type: t})
	}
	return r
}

func variant(types ...wit.Type) *wit.Variant {
	v := &wit.Variant{}
	for i, t := range types {
		v.Cases = append(v.Cases, wit.Case{Name: "c" + strconv.Itoa(i), Type: t})
	}
	return v
}

func enum(n int) *wit.Enum   { return &wit.Enum{Cases: make([]wit.Label, n)} }
func flags(n int) *wit.Flags { return &wit.Flags{Flags: make([]wit.Label, n)} }

func tuple(types ...wit.Type) *wit.Tuple { return &wit.Tuple{Types: types} }

func named(t wit.Type) *wit.TypeDef { return &wit.TypeDef{Name: "n", Type: t} }

func fixed(t wit.Type, n uint32) *wit.List { return &wit.List{Elem: t, Fixed: true, Len: n} }

// core reads core types written as one letter each: i, I for i32 and i64, f, F
// for f32 and f64.
func core(s string) []layout.CoreType {
	var types []layout.CoreType
	for _, c := range s {
		types = append(types, map[rune]layout.CoreType{
			'i': layout.I32, 'I': layout.I64, 'f': layout.F32, 'F': layout.F64,
		}[c])
	}
	return types
}

func TestOf(t *testing.T) {
	res := &wit.TypeDef{Name: "r", Type: &wit.Resource{}}
	tests := []struct {
		name string
		in   wit.Type
		size uint32
		algn uint32
		flat string
	}{
		{"none", nil, 0, 1, ""},
		{"bool", wit.Bool, 1, 1, "i"},
		{"s8", wit.S8, 1, 1, "i"},
		{"u8", wit.U8, 1, 1, "i"},
		{"s16", wit.S16, 2, 2, "i"},
		{"u16", wit.U16, 2, 2, "i"},
		{"s32", wit.S32, 4, 4, "i"},
		{"u32", wit.U32, 4, 4, "i"},
		{"s64", wit.S64, 8, 8, "I"},
		{"u64", wit.U64, 8, 8, "I"},
		{"f32", wit.F32, 4, 4, "f"},
		{"f64", wit.F64, 8, 8, "F"},
		{"char", wit.Char, 4, 4, "i"},
		{"string", wit.String, 8, 4, "ii"},
		{"error-context", wit.ErrorContext, 4, 4, "i"},
		{"list", &wit.List{Elem: wit.U64}, 8, 4, "ii"},
		{"fixed list", fixed(wit.U16, 3), 6, 2, "iii"},
		{"fixed list of none", fixed(wit.U16, 0), 0, 2, ""},
		{"fixed list of 20", fixed(wit.F64, 20), 160, 8, "FFFFFFFFFFFFFFFFF"},
		{"map", &wit.Map{Key: wit.String, Value: wit.U64}, 8, 4, "ii"},
		{"own", &wit.Handle{Resource: res}, 4, 4, "i"},
		{"borrow", &wit.Handle{Resource: res, Borrow: true}, 4, 4, "i"},
		{"bare resource", res, 4, 4, "i"},
		{"stream", &wit.Stream{Elem: wit.U8}, 4, 4, "i"},
		{"future", &wit.Future{}, 4, 4, "i"},
		{"record", record(wit.U8, wit.U32, wit.U8), 12, 4, "iii"},
		{"record of 64 bits last", record(wit.Bool, wit.S64), 16, 8, "iI"},
		{"empty record", record(), 0, 1, ""},
		{"tuple", tuple(wit.U8, wit.U16, wit.U8), 6, 2, "iii"},
		{"name of name", named(named(wit.U16)), 2, 2, "i"},
		{"enum of 256", enum(256), 1, 1, "i"},
		{"enum of 257", enum(257), 2, 2, "i"},
		{"enum of 65536", enum(65536), 2, 2, "i"},
		{"enum of 65537", enum(65537), 4, 4, "i"},
		{"flags of 8", flags(8), 1, 1, "i"},
		{"flags of 9", flags(9), 2, 2, "i"},
		{"flags of 17", flags(17), 4, 4, "i"},
		{"flags of 32", flags(32), 4, 4, "i"},
		{"option of bool", &wit.Option{Elem: wit.Bool}, 2, 1, "ii"},
		{"option of u64", &wit.Option{Elem: wit.U64}, 16, 8, "iI"},
		{"option of string", &wit.Option{Elem: wit.String}, 12, 4, "iii"},
		{"result", &wit.Result{}, 1, 1, "i"},
		{"result of u16 or u8", &wit.Result{OK: wit.U16, Err: wit.U8}, 4, 2, "ii"},
		{"result of error", &wit.Result{Err: wit.String}, 12, 4, "iii"},
		{"variant joins i32 f32", variant(wit.F32, wit.U32, nil), 8, 4, "ii"},
		{"variant joins i32 i64", variant(wit.U32, wit.U64), 16, 8, "iI"},
		{"variant joins f32 f64", variant(wit.F32, wit.F64), 16, 8, "iI"},
		{"variant keeps f64", variant(wit.F64, wit.F64), 16, 8, "iF"},
		{"variant of several", variant(tuple(wit.F32, wit.String), wit.U8, tuple(wit.U64)), 24, 8, "iIii"},
		{"variant, smaller and more aligned", variant(fixed(wit.U8, 9), wit.U32), 16, 4, "iiiiiiiiii"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, want := layout.Of(tt.in), (layout.Layout{Size: tt.size, Align: tt.algn}); got != want {
				t.Errorf("Of = %v, want %v", got, want)
			}
			if got, want := layout.Flat(tt.in), core(tt.flat); !slices.Equal(got, want) {
				t.Errorf("Flat = %v, want %v", got, want)
			}
		})
	}
}

func TestOffsets(t *testing.T) {
	r := named(named(record(wit.U8, wit.U64, wit.U16, wit.String)))
	if got, want := layout.Fields(r), []uint32{0, 8, 16, 20}; !slices.Equal(got, want) {
		t.Errorf("Fields = %v, want %v", got, want)
	}
	if got := layout.Fields(wit.U8); got != nil {
		t.Errorf("Fields(u8) = %v, want none", got)
	}
	offsets, l := layout.Sequence(wit.U8, wit.U32, wit.U8)
	if want := []uint32{0, 4, 8}; !slices.Equal(offsets, want) || l != (layout.Layout{Size: 12, Align: 4}) {
		t.Errorf("Sequence = %v, %v", offsets, l)
	}
	tests := []struct {
		name                  string
		in                    wit.Type
		discriminant, payload uint32
	}{
		{"option of u8", &wit.Option{Elem: wit.U8}, 1, 1},
		{"option of u32", &wit.Option{Elem: wit.U32}, 1, 4},
		{"result of u16 or u64", named(&wit.Result{OK: wit.U16, Err: wit.U64}), 1, 8},
		{"result of nothing", &wit.Result{}, 1, 1},
		{"variant of 300", variant(slices.Repeat([]wit.Type{wit.U8}, 300)...), 2, 2},
		{"enum", enum(300), 2, 2},
		{"string", wit.String, 0, 0},
	}
	for _, tt := range tests {
		d, p := layout.DiscriminantSize(tt.in), layout.PayloadOffset(tt.in)
		if d != tt.discriminant || p != tt.payload {
			t.Errorf("%s: discriminant %d, payload at %d, want %d, %d", tt.name, d, p, tt.discriminant, tt.payload)
		}
	}
}

func TestFits(t *testing.T) {
	tests := []struct {
		name string
		in   wit.Type
		want bool
	}{
		{"largest", fixed(wit.U8, 1<<28-1), true},
		{"one more", fixed(wit.U8, 1<<28), false},
		{"pointers count twice as wide", fixed(wit.String, 1<<24), false},
		{"pointers that fit", fixed(wit.String, 1<<24-1), true},
		{"nothing", nil, true},
		{"33 flags", flags(33), false},
	}
	for _, tt := range tests {
		if got := layout.Fits(tt.in); got != tt.want {
			t.Errorf("%s: Fits = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestHostileTypes(t *testing.T) {
	circle := &wit.TypeDef{Name: "a"}
	circle.Type = tuple(circle, circle)
	aliases := &wit.TypeDef{Name: "a"}
	aliases.Type = &wit.TypeDef{Name: "b", Type: aliases}

	doubled := wit.Type(wit.U64)
	joined := wit.Type(wit.U8)
	deep := wit.Type(wit.U8)
	for range 5000 {
		doubled = named(tuple(doubled, doubled))
		joined = variant(joined, joined, joined)
		deep = tuple(deep)
	}
	huge := fixed(fixed(fixed(wit.U64, 1<<32-1), 1<<32-1), 1<<32-1)
	for name, in := range map[string]wit.Type{
		"contains itself": circle, "alias of itself": aliases, "doubles": doubled, "joins": joined,
		"deep": deep, "huge": huge, "33 flags": flags(33), "no such primitive": wit.Primitive(200),
		"offset past the end": tuple(huge, wit.U64),
	} {
		t.Run(name, func(t *testing.T) {
			if got := layout.Of(in); got.Size != layout.Unbounded || got.Align == 0 {
				t.Errorf("Of = %v, want an unbounded size", got)
			}
			if flat := layout.Flat(in); len(flat) > layout.MaxFlat {
				t.Errorf("Flat has %d core values", len(flat))
			}
			layout.Fields(in)
			layout.PayloadOffset(in)
			layout.Lower(&wit.Func{Params: []wit.Param{{Type: in}}, Result: in}, layout.Options{})
		})
	}
	if got := len(layout.Flat(huge)); got != layout.MaxFlat {
		t.Errorf("a huge fixed list has %d core values, want %d", got, layout.MaxFlat)
	}
	if got := layout.Of(fixed(wit.U8, 1<<32-2)); got.Size != 1<<32-2 {
		t.Errorf("size of the largest list = %d", got.Size)
	}
}

// TestAgainstDefinition compares with a transcription of definitions.py that
// works on despecialized types only.
func TestAgainstDefinition(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		typ := randomType(rnd, 4)
		plain := despecialize(typ)
		flat := plain.flat()
		want := layout.Layout{Size: plain.size(), Align: plain.align()}
		if got := layout.Of(typ); got != want {
			t.Fatalf("%s: Of = %v, want %v", wit.TypeText(typ), got, want)
		}
		if got, want := layout.Flat(typ), flat[:min(len(flat), layout.MaxFlat)]; !slices.Equal(got, want) {
			t.Fatalf("%s: Flat = %v, want %v", wit.TypeText(typ), got, want)
		}
	}
}

func randomType(rnd *rand.Rand, depth int) wit.Type {
	kinds := 11
	if depth == 0 {
		kinds = 3
	}
	next := func() wit.Type { return randomType(rnd, depth-1) }
	maybe := func() wit.Type {
		if rnd.IntN(3) == 0 {
			return nil
		}
		return next()
	}
	many := func(one func() wit.Type) []wit.Type {
		types := make([]wit.Type, 1+rnd.IntN(4))
		for i := range types {
			types[i] = one()
		}
		return types
	}
	switch rnd.IntN(kinds) {
	case 0, 1:
		return wit.Primitive(1 + rnd.IntN(int(wit.ErrorContext)))
	case 2:
		return flags(1 + rnd.IntN(32))
	case 3:
		return enum(1 + rnd.IntN(400))
	case 4:
		return record(many(next)...)
	case 5:
		return tuple(many(next)...)
	case 6:
		return variant(many(maybe)...)
	case 7:
		return &wit.Option{Elem: next()}
	case 8:
		return &wit.Result{OK: maybe(), Err: maybe()}
	case 9:
		return fixed(next(), 1+rnd.Uint32N(4))
	default:
		return named(next())
	}
}
