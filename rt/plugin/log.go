package plugin

import (
	"context"
	"log/slog"
)

// coded is the log of an engine, whose errors have their codes beside them.
type coded struct{ slog.Handler }

// Handle handles a record.
func (h coded) Handle(ctx context.Context, r slog.Record) error {
	code := ""
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok {
			code = Code(err)
		}
		return code == ""
	})
	if code != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("code", code))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs returns the same with attributes.
func (h coded) WithAttrs(attrs []slog.Attr) slog.Handler { return coded{h.Handler.WithAttrs(attrs)} }

// WithGroup returns the same in a group.
func (h coded) WithGroup(name string) slog.Handler { return coded{h.Handler.WithGroup(name)} }
