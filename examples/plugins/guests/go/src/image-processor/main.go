// Command image-processor is a plugin that needs nothing of its host: it
// answers from its settings alone.
package main

import (
	"errors"
	"strconv"

	"github.com/witgen/witgen/examples/plugins/guests/go/plugin"
)

type processor struct {
	maxWidth uint32 // 0 is no bound
}

func init() { plugin.Register(&processor{}) }

func main() {}

func (p *processor) Initialize(config []plugin.Setting) error {
	for _, s := range config {
		if s.Name != "max-width" {
			continue
		}
		n, err := strconv.ParseUint(s.Value, 10, 32)
		if err != nil || n == 0 {
			return errors.New(`max-width: want a positive number, got "` + s.Value + `"`)
		}
		p.maxWidth = uint32(n)
	}
	return nil
}

func (p *processor) Process(req plugin.Request) (string, error) {
	return "processed: " + req.Input, nil
}

func (p *processor) Shutdown() error { return nil }

func (p *processor) Metadata() plugin.Metadata {
	return plugin.Metadata{Name: "image-processor", Version: "0.1.0", Description: "scales images, written in Go"}
}
