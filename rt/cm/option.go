package cm

import "fmt"

// Option is an option<T>: some value or none. The zero Option is none.
// Options of a comparable type are comparable.
type Option[T any] struct {
	value T
	some  bool
}

// Some returns an option that holds v.
func Some[T any](v T) Option[T] { return Option[T]{value: v, some: true} }

// None returns an option that holds nothing.
func None[T any]() Option[T] { return Option[T]{} }

// OptionOf returns Some(v) if ok and None otherwise. It takes the two results
// of a map lookup or a type assertion as they are.
func OptionOf[T any](v T, ok bool) Option[T] {
	if !ok {
		return Option[T]{}
	}
	return Some(v)
}

// Get returns the value and whether there is one; the zero T if there is none.
func (o Option[T]) Get() (T, bool) { return o.value, o.some }

// IsSome reports whether the option holds a value.
func (o Option[T]) IsSome() bool { return o.some }

// Or returns the value, or v if there is none.
func (o Option[T]) Or(v T) T {
	if o.some {
		return o.value
	}
	return v
}

// String returns "some(…)" or "none".
func (o Option[T]) String() string {
	if !o.some {
		return "none"
	}
	return fmt.Sprintf("some(%v)", o.value)
}
