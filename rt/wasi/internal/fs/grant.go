package fs

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Grant is a directory that a guest is given.
type Grant struct {
	Host  string   // its path on the host; not used if there is a Root
	Root  *os.Root // the directory, already open; it stays the caller's
	Guest string   // the path by which the guest knows it
	Write bool     // the guest may change what is in it
	Quota int64    // how many bytes it may write; 0 means any number
}

// rights are what a grant permits, for all that is opened below it.
type rights struct {
	write   bool
	limited bool
	left    int64 // of the quota
}

// entryCost is what a file, directory or link counts that a guest makes.
const entryCost = 4096

// blockSize is what a byte takes that is written into a hole of a file.
const blockSize = 4096

func newRights(g Grant) (*rights, error) {
	switch {
	case g.Guest == "":
		return nil, errors.New("no path for the guest")
	case !utf8.ValidString(g.Guest) || strings.IndexByte(g.Guest, 0) >= 0 || len(g.Guest) >= maxPath:
		return nil, errors.New("the guest's path is not UTF-8 of less than 4096 bytes without zeros")
	case g.Quota < 0:
		return nil, errors.New("negative quota")
	case g.Host == "" && g.Root == nil:
		return nil, errors.New("no directory of the host")
	}
	return &rights{write: g.Write, limited: g.Quota > 0, left: g.Quota}, nil
}

// charge takes n bytes from the quota, all or none.
func (r *rights) charge(n int64) error {
	if !r.limited {
		return nil
	}
	if n > r.left {
		return syscall.EDQUOT
	}
	r.left -= n
	return nil
}

// refund gives back what was charged.
func (r *rights) refund(n int64) {
	if r.limited {
		r.left += n
	}
}

// entry does what makes a file, directory or link, and charges for it.
func (r *rights) entry(do func() error) error {
	if err := r.charge(entryCost); err != nil {
		return err
	}
	err := do()
	if err != nil {
		r.refund(entryCost)
	}
	return err
}

// atEnd is the offset of what is written wherever a file ends.
const atEnd = -1

// room returns how many of n bytes may be written at an offset of a file, and
// charges for them, for the hole that they leave behind its end, and for whole
// blocks in a file that has holes: there they may be new. The error is that there
// is no room at all. What is not written then is to be refunded.
func (r *rights) room(f *os.File, n int, offset int64) (int, error) {
	if !r.limited || n == 0 {
		return n, nil
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	beside := max(0, offset-info.Size())
	if offset != atEnd && offset < info.Size() && sparse(info) {
		beside = offset%blockSize + blockSize - 1
	}
	if beside >= r.left {
		return 0, syscall.EDQUOT
	}
	may := min(int64(n), r.left-beside)
	r.left -= beside + may
	return int(may), nil
}
