package wasihttp

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// messages is where the messages of an instance go: the log of the request that
// it has. What was derived from it stays with that request.
type messages struct{ log atomic.Pointer[slog.Logger] }

var _ slog.Handler = (*messages)(nil)

// to says where messages go from now on.
func (m *messages) to(log *slog.Logger) { m.log.Store(log) }

func (m *messages) handler() slog.Handler { return m.log.Load().Handler() }

func (m *messages) Enabled(ctx context.Context, level slog.Level) bool {
	return m.handler().Enabled(ctx, level)
}

func (m *messages) Handle(ctx context.Context, r slog.Record) error {
	return m.handler().Handle(ctx, r)
}

func (m *messages) WithAttrs(attrs []slog.Attr) slog.Handler { return m.handler().WithAttrs(attrs) }

func (m *messages) WithGroup(name string) slog.Handler { return m.handler().WithGroup(name) }
