package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi"
)

// host is what plugins may ask of this program: it implements the interface
// hostapi.HostAPI. Each plugin gets one of its own.
type host struct {
	out    io.Writer
	config map[string]string
}

func (h *host) LogMessage(_ context.Context, level, message string) error {
	fmt.Fprintf(h.out, "  log %s: %s\n", level, message)
	return nil
}

func (h *host) GetConfig(_ context.Context, key string) (cm.Option[string], error) {
	value, ok := h.config[key]
	return cm.OptionOf(value, ok), nil
}

func (h *host) EmitEvent(_ context.Context, eventType, payload string) error {
	fmt.Fprintf(h.out, "  event %s: %s\n", eventType, payload)
	return nil
}

// wasiImports returns WASI for one instance: it has random numbers and the time,
// what it prints is logged, and all else is denied when it is called. Most
// languages want WASI to be there, whether or not a plugin uses it.
func wasiImports() []rt.Import {
	return wasi.Imports(wasi.Config{
		Stdout: wasi.Lines(slog.Default(), slog.LevelInfo),
		Stderr: wasi.Lines(slog.Default(), slog.LevelWarn),
	})
}
