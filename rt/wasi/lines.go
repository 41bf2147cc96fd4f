package wasi

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/wasi/internal/plain"
)

// maxLine is how many bytes of a line are logged as one.
const maxLine = 4 << 10

// Lines returns a writer for Config.Stdout or Config.Stderr that logs each line
// as a message. Of a line of more than 4 KiB, each 4 KiB are one. What is not
// printable is written as in Go, so that no guest writes what a terminal or a log
// takes for something else. A last line without an end is logged when the
// instance ends. Instances may share the writer: the lines of each stay whole.
func Lines(log *slog.Logger, level slog.Level) io.Writer {
	return &lines{log: log, level: level}
}

// lines is what Lines returns, and what each instance has of that.
type lines struct {
	log   *slog.Logger
	level slog.Level

	mu   sync.Mutex
	line []byte // what has no end yet
}

// Each returns the lines of one instance.
func (l *lines) Each() (w io.Writer, end func() error) {
	own := &lines{log: l.log, level: l.level}
	return own, own.end
}

// Write logs what ends in p.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		if room := maxLine - len(l.line); len(line) > room {
			l.line = append(l.line, rest[:room]...)
			rest = rest[room:]
			l.tell(cut(l.line))
			continue
		}
		l.line = append(l.line, line...)
		if rest = after; ended {
			l.tell(len(l.line))
		}
	}
	return len(p), nil
}

// tell logs the first n bytes of the line.
func (l *lines) tell(n int) {
	text := strings.TrimSuffix(string(l.line[:n]), "\r")
	l.line = append(l.line[:0], l.line[n:]...)
	l.log.Log(context.Background(), l.level, plain.Text(text))
}

// cut returns how much of a long line is logged: no part of a character at its
// end.
func cut(line []byte) int {
	n := len(line)
	for i := 1; i < utf8.UTFMax; i++ {
		if b := line[n-i:]; utf8.RuneStart(b[0]) {
			if !utf8.FullRune(b) {
				return n - i
			}
			break
		}
	}
	return n
}

// end logs the last line.
func (l *lines) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.line) > 0 {
		l.tell(len(l.line))
	}
	return nil
}
