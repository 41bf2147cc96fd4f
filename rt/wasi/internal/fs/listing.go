package fs

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// entries is how many entries of a directory are read at a time.
const entries = 128

// listing is the entries of a directory.
type listing struct {
	file *os.File
	uses *uses
	have []fs.DirEntry
	err  error // after those
}

var _ types.DirectoryEntryStream = (*listing)(nil)

// ReadDirectory returns the entries, from the first.
func (d *directory) ReadDirectory(context.Context) (types.DirectoryEntryStream, error) {
	if err := d.fs.full(); err != nil {
		return nil, code(err)
	}
	f, err := d.dir.list()
	if err != nil {
		return nil, code(err)
	}
	return &listing{file: f, uses: d.fs.opened(f.Close)}, nil
}

// ReadDirectoryEntry returns the next entry, and none after the last. A name that
// is not UTF-8 is an error, and passed over.
func (l *listing) ReadDirectoryEntry(context.Context) (cm.Option[types.DirectoryEntry], error) {
	none := cm.None[types.DirectoryEntry]()
	if len(l.have) == 0 && l.err == nil {
		l.have, l.err = l.file.ReadDir(entries)
		if errors.Is(l.err, fs.ErrNotExist) {
			l.err = io.EOF // the directory was removed
		}
	}
	if len(l.have) == 0 {
		if l.err == io.EOF { //nolint:errorlint // ReadDir returns io.EOF as it is
			return none, nil
		}
		return none, code(l.err)
	}
	e := l.have[0]
	l.have = l.have[1:]
	if !utf8.ValidString(e.Name()) {
		return none, types.ErrorCodeIllegalByteSequence
	}
	return cm.Some(types.DirectoryEntry{Type: kindOfMode(e.Type()), Name: e.Name()}), nil
}

// Close ends the listing.
func (l *listing) Close(context.Context) error { return l.uses.less() }

// kindOfMode returns the type of an object, as far as its mode says.
func kindOfMode(m fs.FileMode) types.DescriptorType {
	switch {
	case m.IsRegular():
		return types.DescriptorTypeRegularFile
	case m.IsDir():
		return types.DescriptorTypeDirectory
	case m&fs.ModeSymlink != 0:
		return types.DescriptorTypeSymbolicLink
	case m&fs.ModeNamedPipe != 0:
		return types.DescriptorTypeFIFO
	case m&fs.ModeSocket != 0:
		return types.DescriptorTypeSocket
	case m&fs.ModeCharDevice != 0:
		return types.DescriptorTypeCharacterDevice
	case m&fs.ModeDevice != 0:
		return types.DescriptorTypeBlockDevice
	}
	return types.DescriptorTypeUnknown
}
