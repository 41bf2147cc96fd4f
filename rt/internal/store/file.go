package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/witgen/witgen/rt/internal/owned"
)

// maxSmall is how many bytes a file may have of which no size is known.
const maxSmall = 4 << 20

// open opens a file that is the user's.
func open(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil {
		if why := owned.Insecure(info); why != "" {
			err = fmt.Errorf("%s: %s", filepath.Base(path), why)
		} else if !info.Mode().IsRegular() {
			err = fmt.Errorf("%s: is not a file", filepath.Base(path))
		}
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// readSmall returns what is in a file that is not large.
func readSmall(path string) ([]byte, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > maxSmall {
		return nil, fmt.Errorf("%s: has %d bytes", filepath.Base(path), size)
	}
	return contents(f, size)
}

// readFile returns what is in a file, which has to be what was written.
func readFile(path string, want file) ([]byte, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size != want.Size {
		return nil, fmt.Errorf("%s: has %d bytes, want %d", filepath.Base(path), size, want.Size)
	}
	data, err := contents(f, size)
	if err == nil && sumOf(data) != want.Sum {
		err = fmt.Errorf("%s: is not what was written", filepath.Base(path))
	}
	return data, err
}

func contents(f *os.File, size int64) ([]byte, error) {
	data := make([]byte, size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(f.Name()), err)
	}
	return data, nil
}

// checkFile reads a file, which has to be what was written.
func checkFile(path string, want file) error {
	f, size, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if size != want.Size {
		return fmt.Errorf("%s: has %d bytes, want %d", filepath.Base(path), size, want.Size)
	}
	have, err := measure(f)
	if err == nil && have != want {
		err = fmt.Errorf("%s: is not what was written", filepath.Base(path))
	}
	return err
}

var buffers = sync.Pool{New: func() any { return new([128 << 10]byte) }}

// measure returns the size and the sum of what is left of a file.
func measure(f *os.File) (file, error) {
	buffer := buffers.Get().(*[128 << 10]byte)
	defer buffers.Put(buffer)
	var s sum
	var size int64
	for {
		n, err := f.Read(buffer[:])
		s.add(buffer[:n])
		size += int64(n)
		if err == io.EOF {
			return file{size, s.String()}, nil
		}
		if err != nil {
			return file{}, fmt.Errorf("%s: %w", filepath.Base(f.Name()), err)
		}
	}
}
