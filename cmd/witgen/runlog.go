package main

import (
	"errors"
	"flag"
	"io"
	"log/slog"
	"strings"

	"github.com/witgen/witgen/rt/wasi"
)

// logLevels are the levels of wasi:logging.
var logLevels = map[string]slog.Level{
	"trace": wasi.LevelTrace, "debug": slog.LevelDebug, "info": slog.LevelInfo,
	"warn": slog.LevelWarn, "error": slog.LevelError, "critical": wasi.LevelCritical,
}

// logFlag adds --log: the least level of a component's messages that are logged.
func logFlag(fs *flag.FlagSet, to **slog.Level) {
	fs.Func("log", "", func(s string) error {
		level, ok := logLevels[s]
		if !ok {
			return errors.New("want trace, debug, info, warn, error or critical")
		}
		*to = &level
		return nil
	})
}

// logger returns a logger for a component's messages; nil if none are logged.
func logger(to io.Writer, least *slog.Level) *slog.Logger {
	if least == nil {
		return nil
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{
		Level: *least,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) > 0 || a.Key != slog.LevelKey {
				return a
			}
			for name, level := range logLevels {
				if a.Value.Any() == level {
					a.Value = slog.StringValue(strings.ToUpper(name))
				}
			}
			return a
		},
	}))
}
