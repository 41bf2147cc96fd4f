package wasi_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/rt/wasi"
)

// messages is a handler that keeps messages.
type messages struct {
	slog.Handler
	mu  sync.Mutex
	got []string
}

func (m *messages) Enabled(context.Context, slog.Level) bool { return true }

func (m *messages) Handle(_ context.Context, r slog.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got = append(m.got, r.Level.String()+" "+r.Message)
	return nil
}

// TestLines has lines come in parts, in all lengths, and with what harms.
func TestLines(t *testing.T) {
	long := strings.Repeat("é", 3<<10) // 6 KiB
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"lines", "one\ntwo\r\n\nfour\n", []string{"one", "two", "", "four"}},
		{"no end", "one\ntwo", []string{"one"}},
		{"controls", "a\x1b[2J\x00\u202e\tb\x7f\n", []string{`a\x1b[2J\x00\u202e` + "\t" + `b\x7f`}},
		{"no UTF-8", "a\xff\uFFFDb\n", []string{`a\xff` + "\uFFFDb"}},
		{"4 KiB", long[:4096] + "\n", []string{long[:4096]}},
		{"more", long + "\n", []string{long[:4096], long[4096:]}},
		{"more, with half a character at the end", "x" + long + "\n", []string{"x" + long[:4094], long[4094:]}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{1, 5, len(test.text)} {
				m := &messages{}
				w := wasi.Lines(slog.New(m), slog.LevelWarn)
				for rest := test.text; rest != ""; {
					n := min(size, len(rest))
					if got, err := io.WriteString(w, rest[:n]); got != n || err != nil {
						t.Errorf("write: %d, %v", got, err)
					}
					rest = rest[n:]
				}
				for i := range m.got {
					m.got[i] = strings.TrimPrefix(m.got[i], "WARN ")
				}
				if !slices.Equal(m.got, test.want) {
					t.Errorf("by %d: got %q, want %q", size, m.got, test.want)
				}
			}
		})
	}
}

// TestLinesOfInstances has several instances share a writer: their lines stay
// whole, also the last one, which has no end.
func TestLinesOfInstances(t *testing.T) {
	m := &messages{}
	w := wasi.Lines(slog.New(m), slog.LevelInfo)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got := command(t.Context(), t, wasi.Config{Stdout: w, Stderr: w}, "both"); got.code != 0 || got.err != nil {
				t.Errorf("%+v", got)
			}
		})
	}
	wg.Wait()
	count := make(map[string]int)
	for _, s := range m.got {
		count[s]++
	}
	for _, want := range []string{"INFO to stdout", "INFO to stderr", "INFO no end of line"} {
		if count[want] != 4 {
			t.Errorf("%d times %q", count[want], want)
		}
	}
	if len(m.got) != 12 {
		t.Errorf("%d messages: %q", len(m.got), m.got)
	}
}

// TestLinesFlood logs a line without an end: memory stays bounded.
func TestLinesFlood(t *testing.T) {
	var b bytes.Buffer
	w := wasi.Lines(slog.New(slog.NewTextHandler(&b, nil)), slog.LevelInfo)
	got := command(t.Context(), t, wasi.Config{Stdout: w}, "flood", "100000", "4096")
	if got.code != 0 || got.err != nil {
		t.Errorf("%+v", got)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 25 || strings.Count(b.String(), "x") != 100_000 {
		t.Errorf("%d lines, %d bytes", len(lines), strings.Count(b.String(), "x"))
	}
}
