package abi

import (
	"errors"
	"fmt"
)

// ErrLossy is in the error of a call between versions of a contract, where one of
// them has no way to say what the other does.
var ErrLossy = errors.New("cannot be said in version")

// Lossy returns the error of what a version of a contract, such as "0.1.0", cannot
// say.
func Lossy(version, what string) error { return fmt.Errorf("%w %s: %s", ErrLossy, version, what) }

// Lacks returns the error of a call of a function that the version of the contract
// lacks which the component was built for. It is an [ErrNotExported].
func Lacks(version, iface, name string) error {
	return fmt.Errorf("%w function %q of %q, which version %s lacks", ErrNotExported, name, iface, version)
}

// Failed returns what a function of a guest has failed with, if err is that. What a
// guest was stopped for, which a trap wraps, is no error of its own.
func Failed[E error](err error) (E, bool) {
	e, ok := err.(E) //nolint:errorlint // an error that wraps one is none of the guest's own
	return e, ok
}

// integer is a WIT integer in Go.
type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Narrow returns an integer as another type, or an [ErrLossy] if that has none of
// its value.
func Narrow[T, V integer](version string, v V) (T, error) {
	n := T(v)
	if V(n) != v || n < 0 != (v < 0) {
		return 0, Lossy(version, fmt.Sprintf("%d as %T", v, n))
	}
	return n, nil
}
