package cm

import "errors"

// ErrNotSupported is in the error of what is valid, but asks for something that
// package rt does not support. It is rt.ErrNotSupported.
var ErrNotSupported = errors.New("not supported")
