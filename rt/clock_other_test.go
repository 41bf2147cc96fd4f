//go:build !linux

package rt_test

import "time"

var begun = time.Now()

// clock returns how much time has passed, where the system does not say how much
// of a processor a thread has had.
func clock() time.Duration { return time.Since(begun) }
