// Command data-processor is a plugin that calls its host while the host calls it.
package main

import (
	"errors"

	"github.com/witgen/witgen/examples/plugins/guests/go/plugin"
)

type processor struct{}

func init() { plugin.Register(processor{}) }

func main() {}

func (processor) Initialize([]plugin.Setting) error {
	url, ok := plugin.GetConfig("database_url")
	if !ok {
		return errors.New("database_url not configured")
	}
	return plugin.LogMessage("info", "connected to "+url)
}

func (processor) Process(req plugin.Request) (string, error) {
	if req.Input == "" {
		return "", errors.New("empty input")
	}
	if err := plugin.LogMessage("info", "processing "+req.Input); err != nil {
		return "", err
	}
	if err := plugin.EmitEvent("processing_complete", req.Input); err != nil {
		return "", err
	}
	return "processed: " + req.Input, nil
}

func (processor) Shutdown() error { return nil }

func (processor) Metadata() plugin.Metadata {
	return plugin.Metadata{Name: "data-processor", Version: "0.1.0", Description: "records data, written in Go"}
}
