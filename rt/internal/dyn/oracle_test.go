package dyn

import (
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/witgen/witgen/wit"
)

// oracle says what a value is in memory and as core values. It is a second
// reading of definitions.py that shares nothing with this package or with
// wit/layout: it goes by the WIT type alone and copies what is below a value
// into the value above, where the package walks offsets made beforehand.
type oracle struct {
	mem     []byte // from address 0 on
	next    uint32 // where the next allocation begins
	handles uint32 // how many the instance has been given
	trapped bool
}

// noPayloads are those of an enum's cases.
var noPayloads [1<<16 + 1]wit.Type

// casesOf returns the payloads of a variant's cases, nil for a case without
// one, or nil for what is no variant.
func casesOf(t wit.Type) []wit.Type {
	switch t := t.(type) {
	case *wit.Enum:
		return noPayloads[:len(t.Cases)]
	case *wit.Option:
		return []wit.Type{nil, t.Elem}
	case *wit.Result:
		return []wit.Type{t.OK, t.Err}
	case *wit.Variant:
		types := make([]wit.Type, len(t.Cases))
		for i, c := range t.Cases {
			types[i] = c.Type
		}
		return types
	}
	return nil
}

// fieldsOf returns the types of the parts that a value has side by side.
func fieldsOf(t wit.Type) []wit.Type {
	switch t := t.(type) {
	case *wit.Tuple:
		return t.Types
	case *wit.Record:
		var types []wit.Type
		for _, f := range t.Fields {
			types = append(types, f.Type)
		}
		return types
	case *wit.List:
		types := make([]wit.Type, t.Len)
		for i := range types {
			types[i] = t.Elem
		}
		return types
	}
	return nil
}

// elemOf returns the type of the elements of a list or map without a fixed
// length, or nil.
func elemOf(t wit.Type) wit.Type {
	switch t := t.(type) {
	case *wit.Map:
		return &wit.Tuple{Types: []wit.Type{t.Key, t.Value}}
	case *wit.List:
		if !t.Fixed {
			return t.Elem
		}
	}
	return nil
}

// plain looks behind names.
func plain(t wit.Type) wit.Type {
	for {
		d, ok := t.(*wit.TypeDef)
		if !ok {
			return t
		}
		t = d.Type
	}
}

// hasHandles reports whether values of a type can have handles in them.
func hasHandles(t wit.Type) bool {
	if t == nil {
		return false
	}
	t = plain(t)
	if _, ok := t.(*wit.Handle); ok {
		return true
	}
	return hasHandles(elemOf(t)) || slices.ContainsFunc(casesOf(t), hasHandles) || slices.ContainsFunc(fieldsOf(t), hasHandles)
}

// extent returns size and alignment in memory.
func extent(t wit.Type) (size, align int) {
	switch t = plain(t); t := t.(type) {
	case wit.Primitive:
		switch t {
		case wit.Bool, wit.U8, wit.S8:
			return 1, 1
		case wit.U16, wit.S16:
			return 2, 2
		case wit.U64, wit.S64, wit.F64:
			return 8, 8
		case wit.String:
			return 8, 4
		}
		return 4, 4
	case *wit.Handle:
		return 4, 4
	case *wit.Flags:
		n := 1
		for 8*n < len(t.Flags) {
			n *= 2
		}
		return n, n
	}
	if elemOf(t) != nil {
		return 8, 4
	}
	if cases := casesOf(t); cases != nil {
		disc := discriminant(len(cases))
		content, inner := 0, 1
		for _, c := range cases {
			if c != nil {
				s, a := extent(c)
				content, inner = max(content, s), max(inner, a)
			}
		}
		align = max(disc, inner)
		return pad(pad(disc, inner)+content, align), align
	}
	align = 1
	for _, f := range fieldsOf(t) {
		s, a := extent(f)
		size, align = pad(size, a)+s, max(align, a)
	}
	return pad(size, align), align
}

func pad(n, align int) int {
	for n%align != 0 {
		n++
	}
	return n
}

func discriminant(cases int) int {
	switch {
	case cases <= 0x100:
		return 1
	case cases <= 0x10000:
		return 2
	}
	return 4
}

// innermost returns the largest alignment of the payloads.
func innermost(cases []wit.Type) int {
	align := 1
	for _, c := range cases {
		if c != nil {
			_, a := extent(c)
			align = max(align, a)
		}
	}
	return align
}

// width returns how many core values a type has.
func width(t wit.Type) int {
	switch t = plain(t); t {
	case nil:
		return 0
	case wit.String:
		return 2
	}
	if elemOf(t) != nil {
		return 2
	}
	if cases := casesOf(t); cases != nil {
		most := 0
		for _, c := range cases {
			most = max(most, width(c))
		}
		return 1 + most
	}
	if l, ok := t.(*wit.List); ok {
		return int(l.Len) * width(l.Elem)
	}
	if fields := fieldsOf(t); fields != nil {
		n := 0
		for _, f := range fields {
			n += width(f)
		}
		return n
	}
	return 1
}

// number returns the bits of a value of one core value, narrow ones as i32.
func (o *oracle) number(v any) uint64 {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
		return 0
	case uint8:
		return uint64(v)
	case int8:
		return uint64(uint32(v))
	case uint16:
		return uint64(v)
	case int16:
		return uint64(uint32(v))
	case uint32:
		return uint64(v)
	case int32: // and char
		return uint64(uint32(v))
	case uint64:
		return v
	case int64:
		return uint64(v)
	case float32:
		return uint64(math.Float32bits(v))
	case float64:
		return math.Float64bits(v)
	}
	o.handles++ // own and borrow: the next index of an empty table
	return uint64(o.handles)
}

// alloc is the guest's realloc for something new.
func (o *oracle) alloc(size, align int) int {
	at := pad(int(o.next), align)
	o.next = uint32(at + size)
	for len(o.mem) < at+size {
		o.mem = append(o.mem, 0)
	}
	return at
}

// pointer copies a string or list into memory.
func (o *oracle) pointer(t wit.Type, v any) (ptr, n int) {
	var data []byte
	switch v := v.(type) {
	case string:
		data = []byte(v)
	case []byte:
		data = v
	case []any:
		elem := elemOf(t)
		size, align := extent(elem)
		ptr = o.alloc(len(v)*size, align)
		for i, e := range v {
			b := o.encode(elem, e) // may move o.mem
			copy(o.mem[ptr+i*size:], b)
		}
		return ptr, len(v)
	}
	ptr = o.alloc(len(data), 1)
	copy(o.mem[ptr:], data)
	return ptr, len(data)
}

// encode returns the bytes of a value; padding is zero.
func (o *oracle) encode(t wit.Type, v any) []byte {
	t = plain(t)
	size, _ := extent(t)
	b := make([]byte, 0, size)
	if t == wit.String || elemOf(t) != nil {
		ptr, n := o.pointer(t, v)
		b = binary.LittleEndian.AppendUint32(b, uint32(ptr))
		return binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	if cases := casesOf(t); cases != nil {
		c := v.(Variant)
		disc := discriminant(len(cases))
		b = binary.LittleEndian.AppendUint32(b, c.Case)[:disc]
		if p := cases[c.Case]; p != nil {
			b = append(b, make([]byte, pad(disc, innermost(cases))-disc)...)
			b = append(b, o.encode(p, c.Value)...)
		}
		return append(b, make([]byte, size-len(b))...)
	}
	if fields := fieldsOf(t); fields != nil {
		for i, f := range fields {
			_, align := extent(f)
			b = append(b, make([]byte, pad(len(b), align)-len(b))...)
			b = append(b, o.encode(f, v.([]any)[i])...)
		}
		return append(b, make([]byte, size-len(b))...)
	}
	return binary.LittleEndian.AppendUint64(b, o.number(v))[:size]
}

// flatten returns the core values of a value.
func (o *oracle) flatten(t wit.Type, v any) []uint64 {
	t = plain(t)
	if t == wit.String || elemOf(t) != nil {
		ptr, n := o.pointer(t, v)
		return []uint64{uint64(ptr), uint64(n)}
	}
	if cases := casesOf(t); cases != nil {
		c := v.(Variant)
		flat := []uint64{uint64(c.Case)}
		if p := cases[c.Case]; p != nil {
			flat = append(flat, o.flatten(p, c.Value)...)
		}
		return append(flat, make([]uint64, width(t)-len(flat))...)
	}
	if fields := fieldsOf(t); fields != nil {
		var flat []uint64
		for i, f := range fields {
			flat = append(flat, o.flatten(f, v.([]any)[i])...)
		}
		return flat
	}
	return []uint64{o.number(v)}
}

// word reads an integer of size bytes, or traps.
func (o *oracle) word(ptr, size int) uint64 {
	if ptr+size > len(o.mem) {
		o.trapped = true
		return 0
	}
	var b [8]byte
	copy(b[:], o.mem[ptr:ptr+size])
	return binary.LittleEndian.Uint64(b[:])
}

// decode returns the value that is at ptr. It knows no handles.
func (o *oracle) decode(t wit.Type, ptr int) any {
	if o.trapped {
		return nil
	}
	t = plain(t)
	size, align := extent(t)
	if ptr%align != 0 || ptr+size > len(o.mem) {
		o.trapped = true
		return nil
	}
	if t == wit.String || elemOf(t) != nil {
		return o.decodeList(t, int(o.word(ptr, 4)), int(o.word(ptr+4, 4)))
	}
	if cases := casesOf(t); cases != nil {
		disc := discriminant(len(cases))
		c := o.word(ptr, disc)
		if c >= uint64(len(cases)) {
			o.trapped = true
			return nil
		}
		v := Variant{Case: uint32(c)}
		if p := cases[c]; p != nil {
			v.Value = o.decode(p, ptr+pad(disc, innermost(cases)))
		}
		return v
	}
	if fields := fieldsOf(t); fields != nil {
		values := []any{}
		for _, f := range fields {
			s, a := extent(f)
			ptr = pad(ptr, a)
			values = append(values, o.decode(f, ptr))
			ptr += s
		}
		return values
	}
	return o.decodeNumber(t, o.word(ptr, size))
}

func (o *oracle) decodeList(t wit.Type, ptr, n int) any {
	elem, size, align := elemOf(t), 1, 1
	if elem != nil {
		size, align = extent(elem)
	}
	if n*size >= 1<<28 || ptr%align != 0 || ptr+n*size > len(o.mem) {
		o.trapped = true
		return nil
	}
	data := o.mem[ptr : ptr+n*size]
	switch {
	case elem == nil:
		o.trapped = !utf8.Valid(data)
		return string(data)
	case plain(elem) == wit.U8:
		return append([]byte{}, data...)
	}
	values := []any{}
	for i := range n {
		values = append(values, o.decode(elem, ptr+i*size))
	}
	return values
}

func (o *oracle) decodeNumber(t wit.Type, bits uint64) any {
	switch t {
	case wit.Bool:
		return bits != 0
	case wit.U8:
		return uint8(bits)
	case wit.S8:
		return int8(bits)
	case wit.U16:
		return uint16(bits)
	case wit.S16:
		return int16(bits)
	case wit.U32:
		return uint32(bits)
	case wit.S32:
		return int32(bits)
	case wit.U64:
		return bits
	case wit.S64:
		return int64(bits)
	case wit.F32:
		if bits&0x7f800000 == 0x7f800000 && bits&0x7fffff != 0 {
			bits = 0x7fc00000
		}
		return math.Float32frombits(uint32(bits))
	case wit.F64:
		if bits&(0x7ff<<52) == 0x7ff<<52 && bits&(1<<52-1) != 0 {
			bits = 0x7ff8000000000000
		}
		return math.Float64frombits(bits)
	case wit.Char:
		if bits > 0x10ffff || bits >= 0xd800 && bits < 0xe000 {
			o.trapped = true
		}
		return rune(bits)
	}
	return uint32(bits & (1<<len(t.(*wit.Flags).Flags) - 1))
}
