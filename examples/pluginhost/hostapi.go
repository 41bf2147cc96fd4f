package main

import (
	"context"
	"log/slog"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/plugin"
)

// hostAPI is what plugins may ask of this service: it implements the interface
// hostapi.HostAPI. Who asks is in the context.
type hostAPI struct{}

func (hostAPI) LogMessage(ctx context.Context, level, message string) error {
	caller, _ := plugin.CallerFrom(ctx)
	slog.DebugContext(ctx, message, "plugin", caller.Plugin, "revision", caller.Revision, "level", level)
	return nil
}

// GetConfig has for each plugin what the policy has for it, and nothing of the
// others.
func (hostAPI) GetConfig(ctx context.Context, key string) (cm.Option[string], error) {
	value, ok := plugin.Setting(ctx, key)
	return cm.OptionOf(value, ok), nil
}

func (hostAPI) EmitEvent(ctx context.Context, eventType, payload string) error {
	caller, _ := plugin.CallerFrom(ctx)
	slog.DebugContext(ctx, "event", "plugin", caller.Plugin, "type", eventType, "payload", payload)
	return nil
}
