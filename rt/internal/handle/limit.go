package handle

import "errors"

// ErrLimit is in the error of whatever would take more of something than there
// may be.
var ErrLimit = errors.New("limit reached")

// LimitError is an [ErrLimit] that says of what.
type LimitError string

// Error returns the text.
func (e LimitError) Error() string { return string(e) }

// Unwrap returns ErrLimit.
func (LimitError) Unwrap() error { return ErrLimit }
