package policy

import (
	"fmt"
	"net/netip"

	"github.com/witgen/witgen/rt/wasi/internal/audit"
)

// Denied is the error of what no rule grants.
type Denied struct {
	Protocol Protocol
	Target   string // an address, or the name of a host and perhaps its port
	Reason   string

	// Range is the name of the range that an address is in, if that is not of the
	// public Internet.
	Range string

	// Resolved is set if a rule grants the name, but not an address that it has.
	Resolved bool
}

// Error says what was denied and why, for people, not for guests.
func (d *Denied) Error() string {
	return fmt.Sprintf("%s %s is denied: %s", d.Protocol, d.Target, d.Reason)
}

// Denial returns what to tell of it: operation is the function that was called.
// HTTP and HTTPS are one capability.
func (d *Denied) Denial(operation string) audit.Denial {
	capability := d.Protocol.String()
	if d.Protocol == HTTPS {
		capability = HTTP.String()
	}
	return audit.Denial{Capability: capability, Operation: operation, Target: d.Target, Reason: d.Reason, Range: d.Range}
}

func deny(use Use, addr netip.AddrPort, reason string) *Denied {
	_, name := special(addr.Addr())
	return &Denied{Protocol: uses[use].protocol, Target: addr.String(), Reason: reason, Range: name}
}
