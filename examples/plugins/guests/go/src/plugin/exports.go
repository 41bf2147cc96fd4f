package plugin

import (
	"strings"
	"unsafe"
)

// Where results lie until the host has read them.
var (
	resultArea   tagged
	responseArea response
	metadataArea metadata
)

//go:wasmexport witgen:plugins/plugin-api@0.1.0#initialize
func exportInitialize(config unsafe.Pointer, n uint32) unsafe.Pointer {
	settings := liftSettings(config, n)
	resultArea = lowerError(registered.Initialize(settings))
	return unsafe.Pointer(&resultArea)
}

//go:wasmexport witgen:plugins/plugin-api@0.1.0#process
func exportProcess(input string, options unsafe.Pointer, n uint32) unsafe.Pointer {
	output, err := registered.Process(Request{strings.Clone(input), liftSettings(options, n)})
	responseArea = response{lower(output), err == nil, lowerError(err)}
	return unsafe.Pointer(&responseArea)
}

//go:wasmexport witgen:plugins/plugin-api@0.1.0#shutdown
func exportShutdown() unsafe.Pointer {
	resultArea = lowerError(registered.Shutdown())
	return unsafe.Pointer(&resultArea)
}

//go:wasmexport witgen:plugins/plugin-api@0.1.0#get-metadata
func exportMetadata() unsafe.Pointer {
	m := registered.Metadata()
	metadataArea = metadata{lower(m.Name), lower(m.Version), lower(m.Description)}
	return unsafe.Pointer(&metadataArea)
}

//go:wasmexport cabi_post_witgen:plugins/plugin-api@0.1.0#initialize
func postInitialize(unsafe.Pointer) { postReturn() }

//go:wasmexport cabi_post_witgen:plugins/plugin-api@0.1.0#process
func postProcess(unsafe.Pointer) { postReturn() }

//go:wasmexport cabi_post_witgen:plugins/plugin-api@0.1.0#shutdown
func postShutdown(unsafe.Pointer) { postReturn() }

//go:wasmexport cabi_post_witgen:plugins/plugin-api@0.1.0#get-metadata
func postMetadata(unsafe.Pointer) { postReturn() }

// postReturn forgets what the host has read. Like cabi_realloc it runs while
// the instance may not leave, and allocates nothing.
func postReturn() {
	clear(kept)
	kept = kept[:0]
	release()
}
