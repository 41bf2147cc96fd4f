// Package guests has the components of the plugins, as files by language and
// name: "rust/image-processor.wasm".
package guests

import "embed"

// FS has the components.
//
//go:embed */*.wasm
var FS embed.FS
