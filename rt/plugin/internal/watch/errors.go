package watch

import (
	"errors"

	"github.com/witgen/witgen/rt"
)

// Kind says what is wrong with a file.
type Kind uint8

// What can be wrong with a file.
const (
	Disk         Kind = iota // the system does not let it be read
	Missing                  // there is none: fs.ErrNotExist is in the error
	NotRegular               // it is a directory, a device, a pipe
	TooLarge                 // it has more bytes than allowed
	Changing                 // it does not come to rest
	NotComponent             // it is wasm, but no component: mostly a core module
	NotWasm                  // it begins as no wasm does
	Truncated                // it ends within a section
)

// codes are what the messages are listed by.
var codes = [...]string{
	Changing:     "RT103",
	NotComponent: "RT101",
	NotWasm:      "RT102",
	Truncated:    "RT104",
}

// Code returns what the kind is listed by in lists of messages, such as
// "RT101"; empty if it is in none.
func (k Kind) Code() string {
	if int(k) < len(codes) {
		return codes[k]
	}
	return ""
}

// Error says why there are no bytes to go on with. It is rt.ErrNotComponent to
// errors.Is if there were bytes and they are no component.
type Error struct {
	Path   string // as it was asked for
	Kind   Kind
	Digest Digest // of the bytes, if they are at fault; else zero
	Err    error
}

// Error returns the path and what is wrong.
func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns what is wrong, without the path.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is rt.ErrNotComponent and the bytes are none.
func (e *Error) Is(target error) bool {
	return target == rt.ErrNotComponent && (e.Kind == NotComponent || e.Kind == NotWasm || e.Kind == Truncated)
}

// Passing reports whether the same path may be fine later without anybody
// changing a byte of it: the disk fails, or the file is on its way.
func (e *Error) Passing() bool { return e.Kind == Disk || e.Kind == Missing || e.Kind == Changing }

// Passing reports whether an error of this package says nothing of the bytes of
// a file: see [Error.Passing]. What is no [Error] is a context's.
func Passing(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return !ok || e.Passing()
}
