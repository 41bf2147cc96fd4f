package task

import "fmt"

// Failure is what is known of a call that went wrong.
type Failure struct {
	Ran    bool   // the guest did, or could have; it has the turn of its tree still
	Export string // what was called, as "interface#function"
	Err    error  // the first cause: a [*CoreError] if the guest's own code trapped
	Core   error  // what wazero returned, with the guest's stack; nil if the guest was not running

	// Passed is what wazero returned for calls between component instances that
	// the failure went through, innermost first.
	Passed []error
}

// ImportError is why a guest was stopped in a call of its host.
type ImportError struct {
	Import string // what the guest called, as "interface#function"; empty for a function of its own component
	Err    error
	Guest  bool // the guest broke a rule, such as a pointer outside its memory; else the host function failed
}

// Error returns the error after the name of the function, if it has one.
func (e *ImportError) Error() string {
	text := fmt.Sprint(e.Err) // a host's error may be one whose method panics
	if e.Import == "" {
		return text
	}
	return e.Import + ": " + text
}

// Unwrap returns the error.
func (e *ImportError) Unwrap() error { return e.Err }

// PanicError is a host function's panic, as the error of the call it ended.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine, where it panicked
}

// Error returns the panic's value.
func (e *PanicError) Error() string { return fmt.Sprintf("host function panicked: %v", e.Value) }

// Unwrap returns the panic's value if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// CoreError is the failure of a call into core code.
type CoreError struct {
	Err    error  // what wazero returned
	During string // what the call was, if not the function itself: "realloc", "post-return"
}

// Error returns what wazero said.
func (e *CoreError) Error() string {
	if e.During != "" {
		return e.During + ": " + e.Err.Error()
	}
	return e.Err.Error()
}

// Unwrap returns what wazero returned.
func (e *CoreError) Unwrap() error { return e.Err }

// Interrupted is why the host interrupted a guest that was running.
type Interrupted struct {
	Why   error // [ErrDeadline], [ErrFuel] or [ErrStack]
	Cause error // of the context, or what is used up; nil for none
}

// Error returns why, and the cause.
func (e *Interrupted) Error() string {
	if e.Cause == nil {
		return e.Why.Error()
	}
	return e.Why.Error() + ": " + e.Cause.Error()
}

// Unwrap returns both.
func (e *Interrupted) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Why}
	}
	return []error{e.Why, e.Cause}
}

// ReallocError is a realloc of a guest that returned what cannot be used.
type ReallocError string

// Error returns the text.
func (e ReallocError) Error() string { return string(e) }
