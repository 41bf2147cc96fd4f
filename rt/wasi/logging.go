package wasi

import (
	"github.com/witgen/witgen/rt"
	draft "github.com/witgen/witgen/rt/wasi/draft/logging/logging"
	"github.com/witgen/witgen/rt/wasi/internal/logging"
)

// Levels of guests' messages that package log/slog has no names for.
const (
	LevelTrace    = logging.LevelTrace
	LevelCritical = logging.LevelCritical
)

var loggingUnversioned = draft.Interface.As("wasi:logging/logging")

// logging returns wasi:logging.
func (h *host) logging() []rt.Import {
	im := draft.Import(logging.Log{Logger: h.config.Log})
	return []rt.Import{im, also(im, loggingUnversioned)}
}
