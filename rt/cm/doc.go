// Package cm holds the values of the Component Model that Go has no type for:
// options, results, tuples and the errors of functions that return a result.
//
// They are plain values: copying copies them, and they may be shared between
// goroutines as far as what they hold may be.
package cm
