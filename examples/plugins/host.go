package main

import (
	"context"
	"fmt"
	"io"

	"github.com/witgen/witgen/rt/cm"
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
