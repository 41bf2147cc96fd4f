package wasi

import (
	"context"

	"github.com/witgen/witgen/rt/wasi/internal/audit"
)

// Config says what a guest is given. The zero Config gives it nothing but random
// numbers and the time.
type Config struct {
	// Network is what the guest may use of the network, none of it if it has no
	// rules. A rule that is wrong is an error when the instance starts.
	Network Network

	// Audit, if it is not nil, is told of everything that the guest is denied,
	// on the goroutine of its call.
	Audit func(ctx context.Context, d Denial)
}

// Denial is something that a guest asked for and was denied.
type Denial = audit.Denial
