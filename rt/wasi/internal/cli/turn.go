package cli

import (
	"io"
	"reflect"
	"sync"
	"time"
)

// Instances may have one reader, and what ends a read of one would end that of
// another: a deadline is the reader's. So they read in turns, which are found by
// the reader. A turn is kept only as long as somebody reads or waits.
var turns = struct {
	mu sync.Mutex
	of map[any]*turn
}{of: make(map[any]*turn)}

// turn is whose turn it is to read.
type turn struct {
	users    int           // read or wait
	free     chan struct{} // has one unless somebody reads
	deadline bool          // a deadline is what ends a read
}

// take waits for the turn to read what key stands for, until it is given back. It
// reports false if ended is closed first. A nil key is nobody else's.
func take(key any, deadline bool, ended <-chan struct{}) (give func(), ok bool) {
	if key == nil {
		return func() {}, true
	}
	turns.mu.Lock()
	t := turns.of[key]
	if t == nil {
		t = &turn{free: make(chan struct{}, 1), deadline: deadline}
		t.free <- struct{}{}
		turns.of[key] = t
	}
	t.users++
	turns.mu.Unlock()
	leave := func() {
		turns.mu.Lock()
		defer turns.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(turns.of, key)
		}
	}
	select {
	case <-t.free:
		return func() {
			t.free <- struct{}{}
			leave()
		}, true
	case <-ended:
		leave()
		return nil, false
	}
}

// keyOf returns what a reader's turn is found by; nil if there is nothing.
func keyOf(r io.Reader) any {
	if !reflect.ValueOf(r).Comparable() {
		return nil
	}
	return r
}

// deadliner is a reader whose reads may end at a time.
type deadliner interface {
	io.Reader
	SetReadDeadline(t time.Time) error
}

// endsByDeadline reports whether a deadline works. One that is set is left alone:
// it ends a read that is under way.
func endsByDeadline(d deadliner) bool {
	turns.mu.Lock()
	defer turns.mu.Unlock()
	if key := keyOf(d); key != nil {
		if t := turns.of[key]; t != nil {
			return t.deadline
		}
	}
	return d.SetReadDeadline(time.Time{}) == nil
}

// turned reads for one instance when it is its turn.
type turned struct {
	key   any
	from  io.Reader
	limit deadliner // ends reads, and nil if from does that itself
	ended chan struct{}

	mu      sync.Mutex
	reading bool
	over    bool
}

func newTurned(key any, from io.Reader, limit deadliner) *turned {
	return &turned{key: key, from: from, limit: limit, ended: make(chan struct{})}
}

// Read waits for the turn, and reads.
func (t *turned) Read(p []byte) (int, error) {
	give, ok := take(t.key, t.limit != nil, t.ended)
	if !ok {
		return 0, io.EOF
	}
	defer give()
	if !t.begin() {
		return 0, io.EOF
	}
	defer t.done()
	return t.from.Read(p)
}

func (t *turned) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reading = !t.over
	return t.reading
}

// done has the next one read without a deadline.
func (t *turned) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reading = false
	if t.over && t.limit != nil {
		_ = t.limit.SetReadDeadline(time.Time{}) // it could be set, too
	}
}

// end has a read under way return, and later ones.
func (t *turned) end() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return nil
	}
	t.over = true
	close(t.ended)
	if t.reading && t.limit != nil {
		return t.limit.SetReadDeadline(time.Unix(1, 0))
	}
	return nil
}
