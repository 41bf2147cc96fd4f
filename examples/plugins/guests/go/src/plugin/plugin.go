// Package plugin makes a Go program a plugin for the world `plugin` of
// plugins.wit. The program registers a [Plugin] while it is initialized:
//
//	func init() { plugin.Register(&processor{}) }
//	func main() {}
//
// It speaks the canonical ABI by hand, for the standard Go toolchain: memory.go
// is what the host fills, layout.go how values lie in memory, exports.go what
// the host calls, host.go what it offers.
//
// The package stays clear of fmt, os and time, and so should a plugin: they need
// more of WASI than the build puts under the Go runtime. See stub.wat.
package plugin

// Plugin is what every plugin offers its host. The host makes one call at a time.
type Plugin interface {
	// Initialize prepares the plugin. It is called once, before anything else.
	Initialize(config []Setting) error
	// Process does one piece of work. An error answers the host with success
	// false and the text of the error.
	Process(req Request) (output string, err error)
	// Shutdown releases what the plugin holds. It is called once, after
	// everything else.
	Shutdown() error
	// Metadata tells who the plugin is. It may be called at any time.
	Metadata() Metadata
}

// Metadata says who a plugin is.
type Metadata struct {
	Name, Version, Description string
}

// Request is one piece of work.
type Request struct {
	Input   string
	Options []Setting // for this request alone
}

// Setting is a name and a value.
type Setting struct {
	Name, Value string
}

var registered Plugin

// Register makes p the plugin that the host talks to. It has to be called from
// an init function, once.
func Register(p Plugin) {
	registered = p
}
