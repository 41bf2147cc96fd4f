package wasi

import (
	"os"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/internal/fs"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/preopens"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// Dir is a directory of the host that a guest is given, with all that is in it.
//
// No path leads out of it, be it by "..", from the root or by a symbolic link, not
// even one that is put there in the middle of a call: the directory is opened
// when the instance starts, and what is in it is reached from there. What
// another file system is mounted on is in it. Files and directories are opened and
// nothing else: no pipes, sockets and devices.
//
// A guest may make links that lead out of the directory by their relative path. It
// cannot follow them itself, but programs of the host can.
type Dir struct {
	// Host is the path of the directory on the host. Guests are never told.
	Host string

	// Root, if it is not nil, is the directory, and Host is not used. It stays
	// the caller's, who may close it once the instance has started.
	Root *os.Root

	// Guest is the path by which the guest knows the directory, as in "/data".
	// It may not be empty. For a guest with a current directory "." stands for
	// that.
	Guest string

	// Write lets the guest change what is in the directory, instead of only
	// reading it.
	Write bool

	// Quota is how many bytes the guest may write below the directory in the
	// life of its instance; 0 means any number. All bytes count that are
	// written, also over others, and those by which a file becomes longer
	// without; a file, directory or link that is made counts 4,096. What is
	// removed gives nothing back, so the guest never takes more room than this.
	// Beyond it, the error is quota. Nothing is moved or linked from another
	// directory of Dirs to this one or back, as if they were two devices.
	Quota int64
}

// filesystem returns what guests import for files.
func (h *host) filesystem() []rt.Import {
	return []rt.Import{types.Import(&h.files), preopens.Import(&h.files)}
}

// openFiles opens the directories.
func (h *host) openFiles() error {
	o := fs.Options{Life: &h.life, Audit: h.audit, Limit: h.config.OpenFiles, Random: h.config.Random}
	for _, d := range h.config.Dirs {
		o.Grants = append(o.Grants, fs.Grant(d))
	}
	return h.files.Open(o)
}
