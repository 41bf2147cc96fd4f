package cli

import (
	"context"
	"fmt"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/cli/exit"
)

// ExitError is the cause of the trap that a guest's exit ends its call with.
type ExitError struct {
	// Code is the exit code, from 0 to 255. 0 is success.
	Code int
}

// Error returns the code.
func (e *ExitError) Error() string { return fmt.Sprintf("exit with code %d", e.Code) }

// Exit lets a guest end. See wasi:cli/exit.
type Exit struct {
	// Err is the error that the guest's exit was answered with, nil before.
	Err *ExitError
}

var _ exit.Exit = (*Exit)(nil)

// Exit ends the guest with the code 0 for ok, 1 for err.
func (e *Exit) Exit(_ context.Context, status cm.Result[struct{}, struct{}]) error {
	if _, ok := status.OK(); !ok {
		return e.with(1)
	}
	return e.with(0)
}

// ExitWithCode ends the guest with a code.
func (e *Exit) ExitWithCode(_ context.Context, code uint8) error { return e.with(int(code)) }

func (e *Exit) with(code int) error {
	e.Err = &ExitError{code}
	return e.Err
}
