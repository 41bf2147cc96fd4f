package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// source is the body of a message that arrives. Its methods may be called from
// any goroutine.
type source struct {
	// body is what is read, and size how long that will be; -1 if it is
	// unknown.
	body io.ReadCloser
	size int64

	quota *quota

	// trailer returns the trailers once the body is read.
	trailer func() http.Header

	// began and paused are called before and after each read; either may be nil.
	began, paused func()

	// code returns what an error of the body is for the guest.
	code func(err error) types.ErrorCode

	// over is called once, when the body is read, has failed or is no longer
	// wanted. It may be nil.
	over func()

	reading  sync.Mutex // held by who reads the body
	mu       sync.Mutex
	ended    bool // the body has been read, or cannot be
	err      error
	trailers *Fields
}

// begins readies the source of a message that begins. One without a body is at
// its end.
func (s *source) begins() *source {
	if s.size == 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended = true
		s.stop(io.EOF)
	}
	return s
}

// Read reads the body. Its errors are those of the guest.
func (s *source) Read(p []byte) (n int, err error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if err := s.failure(); err != nil {
		return 0, err
	}
	n, err = s.next(p)
	s.end(err)
	return n, s.failure()
}

// next reads the body, whose reader may be a host's own.
func (s *source) next(p []byte) (n int, err error) {
	if s.began != nil {
		s.began()
		defer s.paused()
	}
	returned := false
	defer func() {
		if !returned {
			n, err = 0, fmt.Errorf("reading the body panicked: %v", recover())
		}
	}()
	n, err = s.body.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.EOF
	}
	returned = true
	return n, err
}

func (s *source) end(err error) {
	var trailers *Fields
	if err == io.EOF { //nolint:errorlint // as next has it
		var tooMany error
		if trailers, tooMany = arrived(s.trailer(), s.quota); tooMany != nil {
			err = tooMany
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = s.ended || err != nil
	if s.err == nil && err != nil {
		s.trailers = trailers
		s.stop(err)
	} else if trailers != nil { // nobody will ask
		trailers.drop()
	}
}

// stop notes why nothing more is read.
func (s *source) stop(err error) {
	if err != io.EOF { //nolint:errorlint // io.EOF is the end, what wraps it is not
		err = s.code(err)
	}
	s.err = err
	if s.over != nil {
		s.over()
	}
}

func (s *source) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// leave says that nothing more will be read.
func (s *source) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.stop(errLeft)
	}
	if s.trailers != nil {
		s.trailers.drop()
		s.trailers = nil
	}
}

// leaveWell is leave, and reads on for a moment, up to a size that is not worth
// a connection: one is used again only if the body is at its end. It reports
// whether that is so. If not, f ends the read under way.
func (s *source) leaveWell(moment time.Duration, f func()) bool {
	s.leave()
	if s.isEnded() {
		return true
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.rest()
	}()
	late := time.NewTimer(moment)
	defer late.Stop()
	select {
	case <-read:
	case <-late.C:
	}
	if s.isEnded() {
		return true
	}
	f()
	<-read
	return false
}

// maxRest is how much of a body is read that nobody wants.
const maxRest = 256 << 10

// rest reads what is left of the body.
func (s *source) rest() {
	s.reading.Lock()
	defer s.reading.Unlock()
	buf := make([]byte, 4<<10)
	for left := maxRest; left > 0 && !s.isEnded(); {
		n, err := s.next(buf)
		s.end(err)
		left -= n
	}
}

func (s *source) isEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// wait waits for the read under way, if there is one.
func (s *source) wait() {
	s.reading.Lock()
	defer s.reading.Unlock()
}

var errLeft = errors.New("body is no longer wanted")

// limited is a body of which no more than so many bytes are read.
type limited struct {
	io.ReadCloser
	most int64
	read int64
}

// Read reads the body. One that is longer is an error.
func (l *limited) Read(p []byte) (int, error) {
	if left := l.most - l.read; int64(len(p)) > left {
		p = p[:left+1]
	}
	n, err := l.ReadCloser.Read(p)
	l.read += int64(n)
	if l.read > l.most {
		return 0, types.ErrorCodeHTTPResponseBodySize{Value: cm.Some(uint64(l.read))}
	}
	return n, err
}
