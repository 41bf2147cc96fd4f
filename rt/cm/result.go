package cm

import "fmt"

// Result is a result<T, E> that stands inside another type. A function that
// returns a result returns (T, error) in Go instead, see [Err]. A payload
// that WIT leaves out is struct{}. The zero Result is ok with a zero T.
type Result[T, E any] struct {
	ok    T
	err   E
	isErr bool
}

// OK returns a result that went well.
func OK[T, E any](v T) Result[T, E] { return Result[T, E]{ok: v} }

// Fail returns a result that did not.
func Fail[T, E any](e E) Result[T, E] { return Result[T, E]{err: e, isErr: true} }

// OK returns the value and whether the result went well.
func (r Result[T, E]) OK() (T, bool) { return r.ok, !r.isErr }

// Err returns the error payload and whether there is one.
func (r Result[T, E]) Err() (E, bool) { return r.err, r.isErr }

// String returns "ok(…)" or "err(…)".
func (r Result[T, E]) String() string {
	if r.isErr {
		return fmt.Sprintf("err(%v)", r.err)
	}
	return fmt.Sprintf("ok(%v)", r.ok)
}

// Err is the error of a function that returns a result<T, E> whose E is not
// an error type of its own. A host method returns it to answer the guest with
// the err case; a call of a guest returns it when the guest answered so. Use
// [errors.AsType] to tell it from failures of the call itself.
type Err[E any] struct{ Value E }

// Error returns the value's text.
func (e Err[E]) Error() string {
	if _, ok := any(e.Value).(struct{}); ok {
		return "result is err"
	}
	return fmt.Sprint(e.Value)
}

// Errorf returns an Err[string] with formatted text.
func Errorf(format string, args ...any) error {
	return Err[string]{Value: fmt.Sprintf(format, args...)}
}
