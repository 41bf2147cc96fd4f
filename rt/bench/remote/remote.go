// Package remote is the contract between the host of a HashiCorp go-plugin and
// the process it starts: net/rpc, values in gob, over the socket that go-plugin
// chooses.
package remote

import (
	"net/rpc"

	"github.com/hashicorp/go-plugin"
)

// Name is what the one plugin of the process is called.
const Name = "guest"

// Handshake is what host and process have to agree on.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "WITGEN_BENCH",
	MagicCookieValue: "guest",
}

// Pair is the two parameters of Service.Add.
type Pair struct{ A, B uint32 }

// Option is a setting of a request.
type Option struct{ Name, Value string }

// Request is process-request of the example's contract.
type Request struct {
	Input   string
	Options []Option
}

// Response is process-response of the example's contract.
type Response struct {
	Output       string
	Success      bool
	ErrorMessage *string
}

// Service is what the process offers. It does what the WebAssembly guests do.
type Service struct{}

// Add stores the sum of p, modulo 2^32.
func (Service) Add(p Pair, sum *uint32) error {
	*sum = p.A + p.B
	return nil
}

// Echo stores s.
func (Service) Echo(s string, out *string) error {
	*out = s
	return nil
}

// Process stores the answer to r.
func (Service) Process(r Request, out *Response) error {
	*out = Response{Output: "processed: " + r.Input, Success: true}
	return nil
}

// Plugin serves Service in the process and gives the host a *rpc.Client for it.
type Plugin struct{}

// Server implements plugin.Plugin.
func (Plugin) Server(*plugin.MuxBroker) (any, error) { return Service{}, nil }

// Client implements plugin.Plugin.
func (Plugin) Client(_ *plugin.MuxBroker, c *rpc.Client) (any, error) { return c, nil }
