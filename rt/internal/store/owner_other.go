//go:build !unix

package store

import "io/fs"

// insecure knows nothing of other systems' permissions.
func insecure(fs.FileInfo) string { return "" }
