//go:build unix

package owned

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Insecure says why others than the user, and root, may write to a file or
// directory, in words that follow its name; it is empty if they may not.
func Insecure(info fs.FileInfo) string {
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Sprintf("can be written to by others (mode %s)", info.Mode())
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Uid != 0 && int(s.Uid) != os.Geteuid() {
		return fmt.Sprintf("belongs to user %d, the process is of user %d", s.Uid, os.Geteuid())
	}
	return ""
}
