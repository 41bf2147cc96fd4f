package cli

import (
	"strings"
	"unicode/utf8"
)

// Tail keeps the last bytes of what is written to it, as many as its number
// says.
type Tail struct {
	Max int

	last []byte // up to twice as many
	all  int64
}

// Write keeps what is the last of p.
func (t *Tail) Write(p []byte) (int, error) {
	t.all += int64(len(p))
	if len(p) >= t.Max {
		t.last = append(t.last[:0], p[len(p)-t.Max:]...)
		return len(p), nil
	}
	if len(t.last)-t.Max > t.Max-len(p) { // there is no room: Max may be any number
		t.last = append(t.last[:0], t.last[len(t.last)-t.Max:]...)
	}
	t.last = append(t.last, p...)
	return len(p), nil
}

// Bytes returns what is kept. It is the tail's.
func (t *Tail) Bytes() []byte { return t.last[max(0, len(t.last)-t.Max):] }

// Written returns how many bytes were written.
func (t *Tail) Written() int64 { return t.all }

// Text returns what is kept as text: a character that is not whole is left out
// at the beginning, and replaced elsewhere.
func (t *Tail) Text() string {
	p := t.Bytes()
	if t.all > int64(len(p)) {
		for i := 0; i < utf8.UTFMax && len(p) > 0 && !utf8.RuneStart(p[0]); i++ {
			p = p[1:]
		}
	}
	return strings.ToValidUTF8(string(p), "\uFFFD")
}
