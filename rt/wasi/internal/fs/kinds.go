package fs

import (
	"context"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// notDirectory answers what only directories are asked.
type notDirectory struct{}

const errNotDirectory = types.ErrorCodeNotDirectory

func (notDirectory) ReadDirectory(context.Context) (types.DirectoryEntryStream, error) {
	return nil, errNotDirectory
}

func (notDirectory) CreateDirectoryAt(context.Context, string) error { return errNotDirectory }

func (notDirectory) StatAt(context.Context, types.PathFlags, string) (types.DescriptorStat, error) {
	return types.DescriptorStat{}, errNotDirectory
}

func (notDirectory) SetTimesAt(context.Context, types.PathFlags, string, types.NewTimestamp, types.NewTimestamp) error {
	return errNotDirectory
}

func (notDirectory) LinkAt(context.Context, types.PathFlags, string, types.Descriptor, string) error {
	return errNotDirectory
}

func (notDirectory) OpenAt(context.Context, types.PathFlags, string, types.OpenFlags, types.DescriptorFlags) (types.Descriptor, error) {
	return nil, errNotDirectory
}

func (notDirectory) ReadlinkAt(context.Context, string) (string, error) { return "", errNotDirectory }

func (notDirectory) RemoveDirectoryAt(context.Context, string) error { return errNotDirectory }

func (notDirectory) RenameAt(context.Context, string, types.Descriptor, string) error {
	return errNotDirectory
}

func (notDirectory) SymlinkAt(context.Context, string, string) error { return errNotDirectory }

func (notDirectory) UnlinkFileAt(context.Context, string) error { return errNotDirectory }

func (notDirectory) MetadataHashAt(context.Context, types.PathFlags, string) (types.MetadataHashValue, error) {
	return types.MetadataHashValue{}, errNotDirectory
}

// notFile answers what only files are asked.
type notFile struct{}

const errNotFile = types.ErrorCodeBadDescriptor

func (notFile) ReadViaStream(context.Context, uint64) (streams.InputStream, error) {
	return nil, types.ErrorCodeIsDirectory
}

func (notFile) WriteViaStream(context.Context, uint64) (streams.OutputStream, error) {
	return nil, errNotFile
}

func (notFile) AppendViaStream(context.Context) (streams.OutputStream, error) {
	return nil, errNotFile
}

func (notFile) Advise(context.Context, uint64, uint64, types.Advice) error { return errNotFile }

func (notFile) SetSize(context.Context, uint64) error { return errNotFile }

func (notFile) Read(context.Context, uint64, uint64) (cm.Tuple2[[]byte, bool], error) {
	return cm.Tuple2[[]byte, bool]{}, errNotFile
}

func (notFile) Write(context.Context, []byte, uint64) (uint64, error) { return 0, errNotFile }
