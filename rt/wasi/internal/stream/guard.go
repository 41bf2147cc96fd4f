package stream

import (
	"errors"
	"fmt"
)

// What hosts give to read from and write to is called on goroutines that are
// nobody's: a panic there would end the process, and is an error of the stream
// instead.

// errExit is the error of a stream whose reader or writer ended the goroutine.
var errExit = errors.New("goroutine ended")

// guard calls f and makes a panic of its an error. If f ends the goroutine, so
// does guard, with errExit as the error that its caller's deferred functions see
// in err.
func guard(err *error, f func() error) {
	*err = errExit
	defer func() {
		if p := recover(); p != nil {
			*err = fmt.Errorf("panic: %v", p)
		}
	}()
	*err = f()
}
