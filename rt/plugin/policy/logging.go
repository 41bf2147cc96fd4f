package policy

import (
	"context"
	"log/slog"
	"slices"

	"github.com/witgen/witgen/rt/wasi"
)

// Level is how much matters what a plugin writes by wasi:logging.
type Level string

// The levels, in their order; empty is below all of them.
const (
	LogTrace    Level = "trace"
	LogDebug    Level = "debug"
	LogInfo     Level = "info"
	LogWarn     Level = "warn"
	LogError    Level = "error"
	LogCritical Level = "critical"
	LogOff      Level = "off" // nothing is logged
)

const logging = "wasi:logging/"

var (
	levels     = []Level{"", LogTrace, LogDebug, LogInfo, LogWarn, LogError, LogCritical, LogOff}
	slogLevels = map[Level]slog.Level{
		LogTrace: wasi.LevelTrace, LogDebug: slog.LevelDebug, LogInfo: slog.LevelInfo, LogWarn: slog.LevelWarn,
		LogError: slog.LevelError, LogCritical: wasi.LevelCritical,
	}
)

// Logger returns a logger for what a plugin writes by wasi:logging, which hands on
// what the rights let through; nil if that is nothing.
func (e Effective) Logger(to *slog.Logger) *slog.Logger {
	least, ok := slogLevels[e.Logging]
	switch {
	case e.Logging == LogOff:
		return nil
	case !ok || to == nil:
		return to
	}
	return slog.New(above{to.Handler(), least})
}

// above is a handler of what is of a level or above it.
type above struct {
	slog.Handler

	least slog.Level
}

// Enabled reports whether a level is handled.
func (a above) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= a.least && a.Handler.Enabled(ctx, level)
}

// WithAttrs returns the handler with attributes.
func (a above) WithAttrs(attrs []slog.Attr) slog.Handler {
	return above{a.Handler.WithAttrs(attrs), a.least}
}

// WithGroup returns the handler with a group.
func (a above) WithGroup(name string) slog.Handler { return above{a.Handler.WithGroup(name), a.least} }

func (e *Effective) resolveLogging(r Request, grant Level, c Ceiling) (all []Note) {
	if !r.wants(logging) {
		return nil
	}
	e.Logging = grant
	if slices.Index(levels, c.Logging) > slices.Index(levels, grant) {
		e.Logging = c.Logging
		all = []Note{{What: "logging", From: string(grant), To: string(c.Logging), By: byCeiling}}
	}
	return all
}
