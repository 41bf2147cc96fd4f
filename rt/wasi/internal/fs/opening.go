package fs

import "os"

// opening says how to open what is at a path.
type opening struct {
	read, write, create, exclusive, truncate, directory, follow bool
}

// flags returns those of the system, but for what makes a file.
func (o opening) flags() int {
	flags := os.O_RDONLY
	switch {
	case o.read && o.write:
		flags = os.O_RDWR
	case o.write:
		flags = os.O_WRONLY
	}
	if o.truncate {
		flags |= os.O_TRUNC
	}
	return flags
}
