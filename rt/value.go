package rt

import "slices"

// Value is a value of a WIT type, for calls of functions whose types are not
// known when the program is compiled. Each WIT type has one Go type:
//
//	bool                        bool
//	u8, u16, u32, u64           uint8, uint16, uint32, uint64
//	s8, s16, s32, s64           int8, int16, int32, int64
//	f32, f64                    float32, float64
//	char                        rune
//	string                      string, of valid UTF-8
//	list<u8>                    []byte
//	list<T>, list<T, N>         []Value
//	map<K, V>                   Map
//	record                      Record
//	tuple                       Tuple
//	variant                     Variant
//	enum                        Enum
//	flags                       Flags
//	option<T>                   cm.Option[Value]
//	result<T, E>                cm.Result[Value, Value]; nil stands for a missing T or E
//	own<R>, borrow<R>           *Resource
//
// Package rt/wave reads and writes them as text.
type Value = any

// Record is a value of a record type. As an argument, its fields may be in any
// order; as a result, they are in that of the type.
type Record []Field

// Field is a field of a [Record].
type Field struct {
	Name  string
	Value Value
}

// Get returns the value of a field, or nil if there is none of that name.
func (r Record) Get(name string) Value {
	i := slices.IndexFunc(r, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return r[i].Value
}

// Tuple is a value of a tuple type.
type Tuple []Value

// Map is a value of a map type. A key may occur more than once: a guest's map
// is a list on the wire, in which the last one counts.
type Map []Entry

// Entry is a key and its value in a [Map].
type Entry struct{ Key, Value Value }

// Variant is a value of a variant type: the name of its case, and what the
// case holds, nil if that is nothing.
type Variant struct {
	Case  string
	Value Value
}

// Enum is a value of an enum type: the name of its case.
type Enum string

// Flags is a value of a flags type: the names of those that are set, in any
// order as an argument, in that of the type as a result.
type Flags []string
