package watch

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxLinks is how many symbolic links a path may lead through.
const maxLinks = 40

// trail returns the names that decide what a path leads to: each symbolic link
// on the way, and at the end the file, or the first name that is missing. Each
// is in a directory that is there and reached without links, so that the
// directories of the names are what has to be watched. The path is absolute.
//
// A path that cannot be followed has a trail as far as it goes.
func trail(path string) []string {
	var names []string
	vol := filepath.VolumeName(path)
	at, todo := vol+string(filepath.Separator), elements(path[len(vol):])
	for links := 0; len(todo) > 0; {
		name := todo[0]
		todo = todo[1:]
		if name == ".." {
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, name)
		info, err := os.Lstat(next)
		if err != nil || len(todo) == 0 && info.Mode()&fs.ModeSymlink == 0 {
			return append(names, next)
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		names = append(names, next)
		target, err := os.Readlink(next)
		if links++; err != nil || links > maxLinks {
			return names
		}
		if v := filepath.VolumeName(target); v != "" {
			vol, target = v, target[len(v):]
			at = vol + string(filepath.Separator)
		} else if target != "" && os.IsPathSeparator(target[0]) {
			at = vol + string(filepath.Separator)
		}
		todo = slices.Concat(elements(target), todo)
	}
	return append(names, at)
}

// elements splits a path without a volume at its separators. Those that mean
// nothing are left out; ".." is not, since what it means depends on links.
func elements(path string) []string {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r < 0x80 && os.IsPathSeparator(uint8(r)) })
	return slices.DeleteFunc(parts, func(s string) bool { return s == "." })
}
