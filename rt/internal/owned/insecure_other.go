//go:build !unix

package owned

import "io/fs"

// Insecure returns an empty string: it knows nothing of other systems'
// permissions.
func Insecure(fs.FileInfo) string { return "" }
