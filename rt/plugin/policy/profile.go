package policy

import (
	"time"
)

// The profiles: limits by name, for what a policy does not say. Neither grants
// files, a network or an environment.
const (
	// Restricted has 32 MiB and 30 s. It is the profile of plugins that nobody has
	// written anything about.
	Restricted = "restricted"
	// Standard has 64 MiB and 60 s.
	Standard = "standard"
)

var profiles = map[string]Limits{
	Restricted: {
		Memory:           32 * MiB,
		Stack:            64 * MiB,
		Handles:          4096,
		FuelPerCall:      20e9,
		Deadline:         Duration(30 * time.Second),
		HostCallsPerCall: 1e6,
		HostBytesPerCall: 256 * MiB,
		Lift:             32 * MiB,
		OpenFiles:        64,
		Sockets:          16,
		Requests:         8,
		Output:           64 * KiB,
		Component:        64 * MiB,
		PluginMemory:     256 * MiB,
		Instances:        8,
		Queue:            64,
		MaxWait:          Duration(time.Second),
	},
	Standard: {
		Memory:           64 * MiB,
		Stack:            128 * MiB,
		Handles:          65536,
		FuelPerCall:      40e9,
		Deadline:         Duration(60 * time.Second),
		HostCallsPerCall: 10e6,
		HostBytesPerCall: 1 * GiB,
		Lift:             128 * MiB,
		OpenFiles:        1024,
		Sockets:          128,
		Requests:         64,
		Output:           64 * KiB,
		Component:        64 * MiB,
		PluginMemory:     512 * MiB,
		Instances:        8,
		Queue:            64,
		MaxWait:          Duration(time.Second),
	},
}

// Profile returns the limits of a profile, and whether there is one of the name.
func Profile(name string) (Limits, bool) {
	l, ok := profiles[name]
	return l, ok
}
