package dyn

import (
	"strconv"

	"github.com/witgen/witgen/wit"
)

// kind is how values of a type are walked.
type kind uint8

const (
	scalar  kind = iota // one core value: numbers, bool, char, flags, own, borrow
	text                // string
	octets              // list<u8>
	list                // list<T> and map
	fixed               // list<T, N>
	record              // record and tuple
	variant             // variant, enum, option and result
)

// Type is a WIT type made ready for its values to be walked.
type Type struct {
	kind        kind
	name        string // the type's keyword
	size, align uint32 // in memory, in bytes
	flat        int    // core values, at most layout.MaxFlat
	height      int    // types nested in one another

	primitive wit.Primitive // of a scalar that is one
	mask      uint32        // of flags: all of them
	resource  *wit.TypeDef  // of own and borrow
	borrow    bool

	elem *Type  // of a list
	n    uint32 // length of a fixed list, cases of a variant

	shown int64 // bytes of the host's own form of a value, its parts not counted

	parts   []*Type  // fields; or payloads by case, nil without one; nil for an enum
	offsets []uint32 // of fields
	labels  []string // of fields and cases; nil when they go by number
	disc    uint32   // size of the discriminant in bytes
	payload uint32   // offset of the payload
}

// TypeOf makes a type ready. It fails for types that validation refuses, and
// for those without dynamic values.
func TypeOf(t wit.Type) (*Type, error) {
	b := builder{seen: make(map[wit.Type]*Type)}
	return b.of(t)
}

// part returns the payload's type of a case, or nil.
func (t *Type) part(i uint32) *Type {
	if uint64(i) >= uint64(len(t.parts)) {
		return nil
	}
	return t.parts[i]
}

// label names a field, a case or an element for errors.
func (t *Type) label(i int) string {
	what := "element "
	switch t.kind {
	case record:
		what = "field "
	case variant:
		what = "case "
	}
	if i < len(t.labels) {
		return what + strconv.Quote(t.labels[i])
	}
	return what + strconv.Itoa(i)
}
