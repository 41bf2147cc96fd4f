package abi

import (
	"fmt"
	"strings"
)

// Case lowers case v of an enum with n cases. A number that is no case, which
// Go lets pass, fails the call.
func (m *Mem) Case(enum string, v, n uint32) uint32 {
	if v >= n {
		m.Fail(fmt.Errorf("enum %s has no case %d", enum, v))
		return 0
	}
	return v
}

// NoCase fails the call because v is no case of a variant: nil, or a value of
// a type that only looks like one, such as a pointer to a case.
func (m *Mem) NoCase(variant string, v any) {
	if v == nil {
		m.Fail(fmt.Errorf("variant %s is nil", variant))
		return
	}
	m.Fail(fmt.Errorf("variant %s has no case %T", variant, v))
}

// FlagNames returns the text of a set of flags, "{a, b}". The name of the
// lowest bit comes first; bits without a name show as a number.
func FlagNames(v uint32, names ...string) string {
	var set []string
	for i, name := range names {
		if v&(1<<i) != 0 {
			set = append(set, name)
			v &^= 1 << i
		}
	}
	if v != 0 {
		set = append(set, fmt.Sprintf("%#x", v))
	}
	return "{" + strings.Join(set, ", ") + "}"
}
