package dyn

import "github.com/witgen/witgen/rt/internal/handle"

// The Go values of WIT types, each of exactly this Go type:
//
//	bool                        bool
//	u8, u16, u32, u64           uint8, uint16, uint32, uint64
//	s8, s16, s32, s64           int8, int16, int32, int64
//	f32, f64                    float32, float64
//	char                        rune
//	string                      string; abi.Text if it goes to another instance
//	list<u8>                    []byte
//	list<T>, list<T, N>         []any
//	map<K, V>                   []any, each element a tuple
//	record, tuple               []any, in order
//	variant, enum               Variant
//	option                      Variant: case 0 is none, 1 is some
//	result                      Variant: case 0 is ok, 1 is err
//	flags                       uint32, bit 0 for the first flag
//	own<R>, borrow<R>           Own, Borrow

// Variant is a value of a variant, enum, option or result. Value is nil for a
// case without a payload.
type Variant struct {
	Case  uint32 // its index
	Value any
}

// Own is a resource on its way from one owner to another.
type Own struct {
	Resource *handle.Resource
	Rep      uint32
}

// Borrow is a resource that is lent for the time of a call.
type Borrow struct {
	Resource *handle.Resource
	Rep      uint32
}
