//go:build unix

package store

import (
	"errors"
	"os"
	"syscall"
)

// syncDir waits until the names in a directory are on the disk. There are file
// systems that cannot be asked, and write them when they like.
func (system) syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
