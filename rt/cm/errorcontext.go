package cm

// ErrorContext is an error-context: what a guest or a host says of something
// that went wrong, for people. It may be shared between goroutines.
//
// Package rt does not support error contexts: there is none that has a message.
type ErrorContext struct{ message string }

// DebugMessage returns the message, which is empty for the zero ErrorContext and
// for nil. No program should depend on it: whoever hands on an error context may
// shorten it, or leave it out.
func (e *ErrorContext) DebugMessage() string {
	if e == nil {
		return ""
	}
	return e.message
}
