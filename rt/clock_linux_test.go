package rt_test

import (
	"syscall"
	"time"
	"unsafe"
)

// clock returns how much of a processor the calling thread has had. What else
// the machine does is not in it.
func clock() time.Duration {
	const threadTime = 3 // CLOCK_THREAD_CPUTIME_ID; what getrusage says is older
	var now syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadTime, uintptr(unsafe.Pointer(&now)), 0); err != 0 {
		panic(err)
	}
	return time.Duration(now.Nano())
}
