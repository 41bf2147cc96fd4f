// Package told has the errors of hosts whose texts guests are told.
package told

import (
	"context"
	"errors"
	"unicode/utf8"
)

// Error is a text that a guest may read. The texts of all other errors stay with
// the host: they have its paths and addresses.
type Error string

// Error returns the text.
func (e Error) Error() string { return string(e) }

// maxText is how many bytes of a text guests are told.
const maxText = 1 << 10

// Text returns what a guest is told of a failure: the text of an [Error] that is
// in it, or else this one.
func Text(err error, otherwise string) string {
	if e, ok := errors.AsType[Error](err); ok {
		return Clip(string(e), maxText)
	}
	return otherwise
}

// Ended returns why the context is done, if it is: a call that failed since then
// fails for that, and nothing goes on.
func Ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// Clip returns text with no more bytes than that before the ellipsis that it ends
// with if there were more. No character is cut.
func Clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
