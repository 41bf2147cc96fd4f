package guests

import (
	"path/filepath"
	"runtime"
	"strings"
)

// Plugin returns the path of a plugin that was built for version 0.1 of the
// contract of examples/plugins, of which golden/plugins has the bindings: its name
// is its language and what it does, "rust/image-processor", or "broken/hostile" for
// one that does not do what it should. Where the example has it in a later version
// by now, it is the one that was kept.
func Plugin(name string) string {
	example := filepath.Join(root(), "examples", "plugins")
	language, _, _ := strings.Cut(name, "/")
	if language == "c" || language == "rust" {
		return filepath.Join(example, "golden", "components", strings.ReplaceAll(name, "/", "-")+"@0.1.0.wasm")
	}
	return filepath.Join(example, "guests", filepath.FromSlash(name)+".wasm")
}

// root returns the root of the repository.
func root() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..")
}
