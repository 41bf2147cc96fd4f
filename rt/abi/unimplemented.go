package abi

import (
	"errors"
	"fmt"
)

// ErrUnimplemented is what the methods of generated Unimplemented types
// return; it traps the guest that called.
var ErrUnimplemented = errors.New("not implemented by the host")

// Unimplemented returns [ErrUnimplemented] for a function.
func Unimplemented(iface, function string) error {
	return fmt.Errorf("%s#%s: %w", iface, function, ErrUnimplemented)
}
