package fs

import (
	"context"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// directory is a descriptor of a directory.
type directory struct {
	object
	notFile
	dir  *dir
	uses *uses // of dir
}

var _ types.Descriptor = (*directory)(nil)

// at returns what a guest is told of the error of an operation at a path.
func (d *directory) at(ctx context.Context, operation, path string, err error) error {
	if err == nil {
		return nil
	}
	return d.fails(ctx, operation, d.below(path), err)
}

// change does what changes something at a path, if that is permitted.
func (d *directory) change(ctx context.Context, operation, path string, do func() error) error {
	if !d.rights.write {
		return d.mayWrite(ctx, operation, d.below(path))
	}
	return d.at(ctx, operation, path, do())
}

// unsupported are flags that ask for what is not there.
const unsupported = types.DescriptorFlagsFileIntegritySync | types.DescriptorFlagsDataIntegritySync |
	types.DescriptorFlagsRequestedWriteSync

// OpenAt opens a file or a directory. It has the rights of this one, for good.
func (d *directory) OpenAt(ctx context.Context, path types.PathFlags, name string, open types.OpenFlags, flags types.DescriptorFlags) (types.Descriptor, error) {
	o := opening{
		read:      flags.Has(types.DescriptorFlagsRead) || !flags.Has(types.DescriptorFlagsWrite),
		write:     flags.Has(types.DescriptorFlagsWrite),
		create:    open.Has(types.OpenFlagsCreate),
		exclusive: open.Has(types.OpenFlagsExclusive),
		truncate:  open.Has(types.OpenFlagsTruncate),
		directory: open.Has(types.OpenFlagsDirectory),
		follow:    path.Has(types.PathFlagsSymlinkFollow),
	}
	switch {
	case flags&unsupported != 0:
		return nil, types.ErrorCodeUnsupported
	case o.directory && (o.create || o.exclusive || o.truncate):
		return nil, types.ErrorCodeInvalid
	}
	if o.write || o.create || o.truncate || flags.Has(types.DescriptorFlagsMutateDirectory) {
		if err := d.mayWrite(ctx, "open-at", d.below(name)); err != nil {
			return nil, err
		}
	}
	opened, err := d.open(ctx, name, o)
	if err != nil {
		return nil, d.at(ctx, "open-at", name, err)
	}
	return opened, nil
}

func (d *directory) open(ctx context.Context, path string, o opening) (types.Descriptor, error) {
	if err := d.fs.full(); err != nil {
		return nil, err
	}
	f, sub, err := d.dir.openAt(ctx, path, o, d.rights)
	if err != nil {
		return nil, err
	}
	below := object{d.fs, d.rights, d.below(path)}
	if sub != nil {
		return &directory{object: below, dir: sub, uses: d.fs.opened(sub.close)}, nil
	}
	return &file{object: below, os: f, uses: d.fs.opened(f.Close), how: o}, nil
}

// Sync writes the directory to the disk, if it may be changed.
func (d *directory) Sync(ctx context.Context) error {
	if !d.rights.write {
		return nil
	}
	return d.synced(ctx, d.dir.sync)
}

// SyncData is Sync.
func (d *directory) SyncData(ctx context.Context) error { return d.Sync(ctx) }

// GetFlags returns that the directory can be read, and whether what is in it may
// be changed.
func (d *directory) GetFlags(context.Context) (types.DescriptorFlags, error) {
	flags := types.DescriptorFlagsRead
	if d.rights.write {
		flags |= types.DescriptorFlagsMutateDirectory
	}
	return flags, nil
}

// GetType returns that it is a directory.
func (d *directory) GetType(context.Context) (types.DescriptorType, error) {
	return types.DescriptorTypeDirectory, nil
}

// SetTimes sets the times of the directory.
func (d *directory) SetTimes(ctx context.Context, access, modified types.NewTimestamp) error {
	if err := d.mayWrite(ctx, "set-times", d.name); err != nil {
		return err
	}
	s, err := stampsOf(access, modified)
	if err == nil {
		err = d.dir.setTimes(s)
	}
	return d.told(err)
}

// SetTimesAt sets those of what is at a path.
func (d *directory) SetTimesAt(ctx context.Context, flags types.PathFlags, path string, access, modified types.NewTimestamp) error {
	return d.change(ctx, "set-times-at", path, func() error {
		s, err := stampsOf(access, modified)
		if err != nil {
			return err
		}
		return d.dir.setTimesAt(ctx, path, flags.Has(types.PathFlagsSymlinkFollow), s)
	})
}

// Stat returns the status of the directory.
func (d *directory) Stat(context.Context) (types.DescriptorStat, error) {
	s, err := d.dir.stat()
	return s.DescriptorStat, d.told(err)
}

func (d *directory) status() (status, error) { return d.dir.stat() }

// StatAt returns that of what is at a path.
func (d *directory) StatAt(ctx context.Context, flags types.PathFlags, path string) (types.DescriptorStat, error) {
	s, err := d.dir.statAt(ctx, path, flags.Has(types.PathFlagsSymlinkFollow))
	return s.DescriptorStat, d.at(ctx, "stat-at", path, err)
}

// MetadataHash returns a hash of which directory it is.
func (d *directory) MetadataHash(context.Context) (types.MetadataHashValue, error) {
	s, err := d.dir.stat()
	if err != nil {
		return types.MetadataHashValue{}, code(err)
	}
	return d.fs.hash(s.id)
}

// MetadataHashAt returns a hash of what is at a path.
func (d *directory) MetadataHashAt(ctx context.Context, flags types.PathFlags, path string) (types.MetadataHashValue, error) {
	s, err := d.dir.statAt(ctx, path, flags.Has(types.PathFlagsSymlinkFollow))
	if err != nil {
		return types.MetadataHashValue{}, d.at(ctx, "metadata-hash-at", path, err)
	}
	return d.fs.hash(s.id)
}

// IsSameObject reports whether two descriptors are of one object.
func (d *directory) IsSameObject(_ context.Context, other types.Descriptor) (bool, error) {
	return same(d, other)
}

// CreateDirectoryAt makes a directory.
func (d *directory) CreateDirectoryAt(ctx context.Context, path string) error {
	return d.change(ctx, "create-directory-at", path, func() error {
		return d.rights.entry(func() error { return d.dir.mkdirAt(path) })
	})
}

// RemoveDirectoryAt removes a directory that is empty.
func (d *directory) RemoveDirectoryAt(ctx context.Context, path string) error {
	return d.change(ctx, "remove-directory-at", path, func() error { return d.dir.rmdirAt(path) })
}

// UnlinkFileAt removes what is no directory.
func (d *directory) UnlinkFileAt(ctx context.Context, path string) error {
	return d.change(ctx, "unlink-file-at", path, func() error { return d.dir.unlinkAt(path) })
}

// SymlinkAt makes a link that leads to a relative path.
func (d *directory) SymlinkAt(ctx context.Context, target, path string) error {
	return d.change(ctx, "symlink-at", path, func() error {
		if err := check(target); err != nil {
			return err
		}
		return d.rights.entry(func() error { return d.dir.symlinkAt(target, path) })
	})
}

// ReadlinkAt returns the path that a link leads to, unless that is absolute.
func (d *directory) ReadlinkAt(ctx context.Context, path string) (string, error) {
	target, err := d.dir.readlinkAt(ctx, path)
	switch {
	case err != nil:
	case strings.HasPrefix(target, "/"):
		err = errEscape
	case !utf8.ValidString(target):
		err = syscall.EILSEQ
	}
	if err != nil {
		return "", d.at(ctx, "readlink-at", path, err)
	}
	return target, nil
}

// LinkAt gives a file a second name, in a directory of the same rights.
func (d *directory) LinkAt(ctx context.Context, flags types.PathFlags, path string, to types.Descriptor, newPath string) error {
	if flags.Has(types.PathFlagsSymlinkFollow) {
		return types.ErrorCodeInvalid
	}
	return d.across(ctx, "link-at", path, to, newPath, func(t *directory) error {
		return t.rights.entry(func() error { return d.dir.linkAt(path, t.dir, newPath) })
	})
}

// RenameAt moves a file or a directory, to a directory of the same rights.
func (d *directory) RenameAt(ctx context.Context, path string, to types.Descriptor, newPath string) error {
	return d.across(ctx, "rename-at", path, to, newPath, func(t *directory) error {
		return d.dir.renameAt(path, t.dir, newPath)
	})
}

// across does what concerns two directories, which both may be changed: by what
// may only be read in one it could be changed in the other.
func (d *directory) across(ctx context.Context, operation, path string, to types.Descriptor, newPath string, do func(t *directory) error) error {
	t, ok := to.(*directory)
	if !ok {
		if _, ok := to.(*file); ok {
			return errNotDirectory
		}
		return errForeign
	}
	if !t.rights.write {
		return t.mayWrite(ctx, operation, t.below(newPath))
	}
	return d.change(ctx, operation, path, func() error {
		if d.rights != t.rights && (d.rights.limited || t.rights.limited) {
			return syscall.EXDEV // what has a name elsewhere is not counted; a copy is
		}
		return do(t)
	})
}

// Close ends the descriptor.
func (d *directory) Close(context.Context) error { return d.uses.less() }
