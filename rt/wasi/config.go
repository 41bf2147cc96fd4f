package wasi

import (
	"context"

	"github.com/witgen/witgen/rt/wasi/internal/audit"
)

// Config says what a guest is given. The zero Config gives it nothing but random
// numbers and the time.
type Config struct {
	// Audit, if it is not nil, is told of everything that the guest is denied,
	// on the goroutine of its call.
	Audit func(ctx context.Context, d Denial)
}

// Denial is something that a guest asked for and was denied.
type Denial = audit.Denial
