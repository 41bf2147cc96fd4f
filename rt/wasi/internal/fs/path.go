package fs

import (
	"strings"
	"syscall"
)

// maxPath is how long a path may be, in bytes, with the zero byte that systems
// end it with.
const maxPath = 4096

// maxLinks is how many links are followed from the end of one path.
const maxLinks = 40

// check returns what is wrong with a path that a guest gives.
func check(path string) error {
	switch {
	case path == "":
		return syscall.ENOENT
	case strings.IndexByte(path, 0) >= 0:
		return syscall.EINVAL
	case path[0] == '/':
		return errEscape
	case len(path) >= maxPath:
		return syscall.ENAMETOOLONG
	}
	return nil
}

// split parts a path that was checked into the directory, which is empty for a
// path of one name, and the name that it ends in. Slash is whether slashes
// follow that.
func split(path string) (front, name string, slash bool) {
	whole := strings.TrimRight(path, "/")
	front, name = "", whole
	if i := strings.LastIndexByte(whole, '/'); i >= 0 {
		front, name = whole[:i], whole[i+1:]
	}
	return front, name, len(whole) < len(path)
}

// followed returns the path to which a link leads that a path ends in. It is no
// longer than that of a guest may be, as systems may have it.
func followed(path, target string) (string, error) {
	front, _, slash := split(path)
	if err := check(target); err != nil {
		return "", err
	}
	if front != "" {
		target = front + "/" + target
	}
	if slash {
		target += "/"
	}
	if len(target) >= maxPath {
		return "", syscall.ENAMETOOLONG
	}
	return target, nil
}

// dots reports whether a name is that of a directory itself, or of the one that
// it is in.
func dots(name string) bool { return name == "." || name == ".." }
