package wast

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

var (
	point  = &wit.Record{Fields: []wit.Field{{Name: "x", Type: wit.S32}, {Name: "y", Type: wit.F64}}}
	shape1 = &wit.Variant{Cases: []wit.Case{{Name: "dot"}, {Name: "at", Type: point}}}
	colour = &wit.Enum{Cases: []wit.Label{{Name: "red"}, {Name: "green"}}}
	rights = &wit.Flags{Flags: []wit.Label{{Name: "read"}, {Name: "write"}, {Name: "exec"}}}
	handle = &wit.Handle{Resource: &wit.TypeDef{Name: "r", Type: &wit.Resource{}}}
)

// values are of each type: what scripts write, and another value that is not
// the same.
var values = []struct {
	typ   wit.Type
	in    string
	want  rt.Value
	other rt.Value
}{
	{wit.Bool, `{"type":"bool","value":true}`, true, false},
	{wit.U8, `{"type":"u8","value":"200"}`, uint8(200), int8(-56)},
	{wit.S8, `{"type":"s8","value":"-2"}`, int8(-2), uint8(254)},
	{wit.U16, `{"type":"u16","value":"0xffff"}`, uint16(65535), uint16(1)},
	{wit.S16, `{"type":"s16","value":"-1"}`, int16(-1), int16(1)},
	{wit.U32, `{"type":"u32","value":"7"}`, uint32(7), uint64(7)},
	{wit.S32, `{"type":"s32","value":"0xffffffff"}`, int32(-1), int32(0)},
	{wit.U64, `{"type":"u64","value":"18446744073709551615"}`, uint64(math.MaxUint64), uint64(0)},
	{wit.S64, `{"type":"s64","value":"-9223372036854775808"}`, int64(math.MinInt64), int64(0)},
	{wit.F32, `{"type":"f32","value":"-0"}`, float32(math.Copysign(0, -1)), float32(0)},
	{wit.F64, `{"type":"f64","value":"nan"}`, math.Float64frombits(0x7ff8000000000000), math.Float64frombits(0x7ff8000000000001)},
	{wit.Char, `{"type":"char","value":"\u26f3"}`, '⛳', 'x'},
	{wit.String, `{"type":"string","value":"hi"}`, "hi", "ho"},
	{&wit.List{Elem: wit.U8}, `{"type":"list","value":[{"type":"u8","value":"1"}]}`, []byte{1}, []byte{1, 2}},
	{&wit.List{Elem: wit.U8, Fixed: true, Len: 1}, `{"type":"list","value":[{"type":"u8","value":"1"}]}`, []rt.Value{uint8(1)}, []rt.Value{uint8(2)}},
	{&wit.List{Elem: wit.String}, `{"type":"list","value":[]}`, []rt.Value{}, []rt.Value{""}},
	{&wit.Map{Key: wit.String, Value: wit.U8}, `{"type":"map","value":[[{"type":"string","value":"a"},{"type":"u8","value":"1"}]]}`, rt.Map{{Key: "a", Value: uint8(1)}}, rt.Map{{Key: "b", Value: uint8(1)}}},
	{&wit.Tuple{Types: []wit.Type{wit.U8, wit.Bool}}, `{"type":"tuple","value":[{"type":"u8","value":"1"},{"type":"bool","value":false}]}`, rt.Tuple{uint8(1), false}, rt.Tuple{uint8(1), true}},
	{point, `{"type":"record","value":[["x",{"type":"s32","value":"1"}],["y",{"type":"f64","value":"2"}]]}`, rt.Record{{Name: "x", Value: int32(1)}, {Name: "y", Value: 2.0}}, rt.Record{{Name: "x", Value: int32(1)}, {Name: "y", Value: 3.0}}},
	{shape1, `{"type":"variant","case":"dot","value":null}`, rt.Variant{Case: "dot"}, rt.Variant{Case: "at"}},
	{&wit.TypeDef{Type: shape1}, `{"type":"variant","case":"at","value":{"type":"record","value":[["x",{"type":"s32","value":"1"}],["y",{"type":"f64","value":"2"}]]}}`,
		rt.Variant{Case: "at", Value: rt.Record{{Name: "x", Value: int32(1)}, {Name: "y", Value: 2.0}}}, rt.Variant{Case: "at", Value: rt.Record{}}},
	{colour, `{"type":"enum","value":"green"}`, rt.Enum("green"), rt.Enum("red")},
	{rights, `{"type":"flags","value":["write","read"]}`, rt.Flags{"read", "write"}, rt.Flags{"read"}},
	{&wit.Option{Elem: wit.U8}, `{"type":"option","value":null}`, cm.None[rt.Value](), cm.Some[rt.Value](uint8(0))},
	{&wit.Option{Elem: &wit.Option{Elem: wit.U8}}, `{"type":"option","value":{"type":"option","value":null}}`, cm.Some[rt.Value](cm.None[rt.Value]()), cm.None[rt.Value]()},
	{&wit.Result{OK: wit.U8}, `{"type":"result","case":"ok","value":{"type":"u8","value":"1"}}`, cm.OK[rt.Value, rt.Value](uint8(1)), cm.Fail[rt.Value, rt.Value](nil)},
	{&wit.Result{OK: wit.U8}, `{"type":"result","case":"err","value":null}`, cm.Fail[rt.Value, rt.Value](nil), cm.OK[rt.Value, rt.Value](nil)},
}

func TestValueOf(t *testing.T) {
	for _, test := range values {
		got, err := valueOf(test.typ, json.RawMessage(test.in))
		if err != nil || !same(test.want, got) || reflect.TypeOf(got) != reflect.TypeOf(test.want) {
			t.Errorf("%s: %s = %s, %v; want %s", wit.TypeText(test.typ), test.in, show(got), err, show(test.want))
		}
	}
}

// TestSame compares each value with each: only one is its own.
func TestSame(t *testing.T) {
	for i, a := range values {
		if same(a.want, a.other) || same(a.other, a.want) {
			t.Errorf("%s and %s are the same", show(a.want), show(a.other))
		}
		for j, b := range values {
			if same(a.want, b.want) != (i == j) {
				t.Errorf("%s and %s: %v", show(a.want), show(b.want), i != j)
			}
		}
	}
}

func TestValueOfErrors(t *testing.T) {
	for _, test := range []struct {
		typ  wit.Type
		in   string
		want string
	}{
		{wit.U8, `7`, "7 is no value"},
		{wit.U8, `{"type":"u16","value":"7"}`, "the script has a u16, where the type is u8"},
		{wit.U8, `{"type":"u8","value":"256"}`, `"256" is no integer of 8 bits`},
		{wit.U8, `{"type":"u8","value":7}`, "cannot unmarshal number"},
		{wit.Char, `{"type":"char","value":"ab"}`, `"ab" is no char`},
		{handle, `{"type":"own","value":"1"}`, "the script has a own"},
		{&wit.Tuple{Types: []wit.Type{wit.U8}}, `{"type":"tuple","value":[]}`, "0 values for a tuple of 1"},
		{point, `{"type":"record","value":[]}`, "0 fields for a record of 2"},
		{point, `{"type":"record","value":[["y",{"type":"s32","value":"1"}],["x",{"type":"f64","value":"2"}]]}`, `field 0 is "y" in the script, "x" in the type`},
		{point, `{"type":"record","value":[["x",{"type":"s32","value":"1"}],["y",{"type":"f64","value":"z"}]]}`, `field "y": "z" is no number of 64 bits`},
		{shape1, `{"type":"variant","case":"line","value":null}`, `has no case "line"`},
		{shape1, `{"type":"variant","case":"at","value":null}`, `case "at" has a payload in the script or in the type, not in both`},
		{rights, `{"type":"flags","value":["own"]}`, "are not all of"},
		{&wit.Result{}, `{"type":"result","case":"maybe","value":null}`, `no case "maybe"`},
		{&wit.List{Elem: wit.U8}, `{"type":"list","value":[{"type":"u8","value":"1"},{"type":"s8","value":"1"}]}`, "element 1: the script has a s8"},
	} {
		got, err := valueOf(test.typ, json.RawMessage(test.in))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s = %s, %v; want error %q", test.in, show(got), err, test.want)
		}
	}
}
