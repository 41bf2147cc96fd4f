// Command worker is the process that a HashiCorp go-plugin host starts.
package main

import (
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/witgen/witgen/rt/bench/remote"
)

func main() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: remote.Handshake,
		Plugins:         plugin.PluginSet{remote.Name: remote.Plugin{}},
		Logger:          hclog.NewNullLogger(),
	})
}
