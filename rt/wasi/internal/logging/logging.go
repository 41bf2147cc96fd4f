// Package logging takes messages of guests for the host's log: wasi:logging.
package logging

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/witgen/witgen/rt/wasi/draft/logging/logging"
	"github.com/witgen/witgen/rt/wasi/internal/plain"
	"github.com/witgen/witgen/rt/wasi/internal/told"
)

// How many bytes of a guest's message and of its context are logged.
const (
	maxMessage = 16 << 10
	maxContext = 256
)

// Levels that package log/slog has no names for.
const (
	LevelTrace    = slog.LevelDebug - 4
	LevelCritical = slog.LevelError + 4
)

// levels are those of the guest, by its numbers.
var levels = [...]slog.Level{
	logging.LevelTrace:    LevelTrace,
	logging.LevelDebug:    slog.LevelDebug,
	logging.LevelInfo:     slog.LevelInfo,
	logging.LevelWarn:     slog.LevelWarn,
	logging.LevelError:    slog.LevelError,
	logging.LevelCritical: LevelCritical,
}

// Log is wasi:logging for a log; nil drops everything.
type Log struct{ Logger *slog.Logger }

var _ logging.Logging = Log{}

// Log logs a message, with its context as an attribute unless that is empty.
func (l Log) Log(ctx context.Context, level logging.Level, about, message string) error {
	if int(level) >= len(levels) {
		return fmt.Errorf("level %d", level)
	}
	if l.Logger == nil || !l.Logger.Enabled(ctx, levels[level]) {
		return nil
	}
	attrs := make([]slog.Attr, 0, 1)
	if about != "" {
		attrs = append(attrs, slog.String("context", plain.Text(told.Clip(about, maxContext))))
	}
	l.Logger.LogAttrs(ctx, levels[level], plain.Text(told.Clip(message, maxMessage)), attrs...)
	return nil
}
