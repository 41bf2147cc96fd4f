package compat

import "github.com/witgen/witgen/wit"

// kind is what sort of type a type is, once names are followed.
type kind uint8

const (
	otherKind kind = iota
	recordKind
	tupleKind
	variantKind
	enumKind
	flagsKind
	resourceKind
	handleKind
)

func kindOf(t wit.Type) kind {
	switch wit.Underlying(t).(type) {
	case *wit.Record:
		return recordKind
	case *wit.Tuple:
		return tupleKind
	case *wit.Variant:
		return variantKind
	case *wit.Enum:
		return enumKind
	case *wit.Flags:
		return flagsKind
	case *wit.Resource:
		return resourceKind
	case *wit.Handle:
		return handleKind
	}
	return otherKind
}

// declared reports whether types of the kind are declared under a keyword of
// their own.
func (k kind) declared() bool { return k != otherKind && k != tupleKind && k != handleKind }

// String returns what the kind is called.
func (k kind) String() string {
	return [...]string{"type", "record", "tuple", "variant", "enum", "flags", "resource", "handle"}[k]
}
