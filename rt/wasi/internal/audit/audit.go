// Package audit tells hosts what guests were denied.
package audit

import "context"

// Denial is something that a guest asked for and was denied, since nobody
// granted it.
type Denial struct {
	// Capability is what would have had to be granted: "filesystem", "tcp",
	// "udp", "dns", "http", "keyvalue".
	Capability string

	// Operation is the function of WASI that was called, as in "open-at".
	Operation string

	// Target is what the guest asked for: a path in its own terms, an address,
	// a name, a URL, a bucket. It is a guest's text.
	Target string

	// Reason says why it was denied, for people.
	Reason string

	// ReadOnly is set if the target is granted, for reading alone.
	ReadOnly bool

	// Address is the address that was denied if Target is a name that is granted,
	// and was resolved to it.
	Address string

	// Range says what keeps an address that was denied from being of the public
	// Internet: "private", "loopback", "metadata"; empty if nothing does.
	Range string
}

// Log is told of each denial, on the goroutine of the guest, with the context
// of its call. A nil Log is told nothing.
type Log func(ctx context.Context, d Denial)

// Deny tells of a denial.
func (l Log) Deny(ctx context.Context, d Denial) {
	if l != nil {
		l(ctx, d)
	}
}
