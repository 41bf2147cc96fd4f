package fs

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// errEscape is that a path leads out of its grant.
var errEscape = errors.New("the path leads out of the directory")

// errSpecial is that what a path names is neither a file nor a directory.
var errSpecial = errors.New("neither a file nor a directory")

// escapes is how os.Root says the same as errEscape, with an error that it does
// not export.
const escapes = "path escapes from parent"

// isEscape reports whether an error is that a path leads out of its grant.
func isEscape(err error) bool {
	if errors.Is(err, errEscape) {
		return true
	}
	for err != nil {
		if err.Error() == escapes {
			return true
		}
		err = errors.Unwrap(err)
	}
	return false
}

// code returns what a guest is told of an error: never more than its kind.
func code(err error) types.ErrorCode {
	if c, ok := errors.AsType[types.ErrorCode](err); ok {
		return c
	}
	if isEscape(err) || errors.Is(err, errSpecial) {
		return types.ErrorCodeNotPermitted
	}
	if c, ok := known(err); ok {
		return c
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.code
		}
	}
	return types.ErrorCodeIO
}

// known returns the code of an error number.
func known(err error) (types.ErrorCode, bool) {
	n, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return 0, false
	}
	for _, e := range numbers {
		if e.number == n {
			return e.code, true
		}
	}
	if n == textFileBusy {
		return types.ErrorCodeTextFileBusy, true
	}
	return 0, false
}

// kinds has what systems have other numbers for.
var kinds = []struct {
	err  error
	code types.ErrorCode
}{
	{fs.ErrNotExist, types.ErrorCodeNoEntry},
	{fs.ErrExist, types.ErrorCodeExist},
	{fs.ErrPermission, types.ErrorCodeAccess},
	{fs.ErrClosed, types.ErrorCodeBadDescriptor},
	{fs.ErrInvalid, types.ErrorCodeInvalid},
	{errors.ErrUnsupported, types.ErrorCodeUnsupported},
}

// numbers is a list, as some have two names on one system and are two on
// another.
var numbers = []struct {
	number syscall.Errno
	code   types.ErrorCode
}{
	{syscall.EACCES, types.ErrorCodeAccess},
	{syscall.EAGAIN, types.ErrorCodeWouldBlock},
	{syscall.EALREADY, types.ErrorCodeAlready},
	{syscall.EBADF, types.ErrorCodeBadDescriptor},
	{syscall.EBUSY, types.ErrorCodeBusy},
	{syscall.EDEADLK, types.ErrorCodeDeadlock},
	{syscall.EDQUOT, types.ErrorCodeQuota},
	{syscall.EEXIST, types.ErrorCodeExist},
	{syscall.EFBIG, types.ErrorCodeFileTooLarge},
	{syscall.EILSEQ, types.ErrorCodeIllegalByteSequence},
	{syscall.EINPROGRESS, types.ErrorCodeInProgress},
	{syscall.EINTR, types.ErrorCodeInterrupted},
	{syscall.EINVAL, types.ErrorCodeInvalid},
	{syscall.EIO, types.ErrorCodeIO},
	{syscall.EISDIR, types.ErrorCodeIsDirectory},
	{syscall.ELOOP, types.ErrorCodeLoop},
	{syscall.EMLINK, types.ErrorCodeTooManyLinks},
	{syscall.EMSGSIZE, types.ErrorCodeMessageSize},
	{syscall.ENAMETOOLONG, types.ErrorCodeNameTooLong},
	{syscall.ENODEV, types.ErrorCodeNoDevice},
	{syscall.ENOENT, types.ErrorCodeNoEntry},
	{syscall.ENOLCK, types.ErrorCodeNoLock},
	{syscall.ENOMEM, types.ErrorCodeInsufficientMemory},
	{syscall.EMFILE, types.ErrorCodeInsufficientMemory},
	{syscall.ENFILE, types.ErrorCodeInsufficientMemory},
	{syscall.ENOSPC, types.ErrorCodeInsufficientSpace},
	{syscall.ENOTDIR, types.ErrorCodeNotDirectory},
	{syscall.ENOTEMPTY, types.ErrorCodeNotEmpty},
	{syscall.ENOTSUP, types.ErrorCodeUnsupported},
	{syscall.EOPNOTSUPP, types.ErrorCodeUnsupported},
	{syscall.ENOSYS, types.ErrorCodeUnsupported},
	{syscall.ENOTTY, types.ErrorCodeNoTTY},
	{syscall.ENXIO, types.ErrorCodeNoSuchDevice},
	{syscall.EOVERFLOW, types.ErrorCodeOverflow},
	{syscall.EPERM, types.ErrorCodeNotPermitted},
	{syscall.EPIPE, types.ErrorCodePipe},
	{syscall.EROFS, types.ErrorCodeReadOnly},
	{syscall.ESPIPE, types.ErrorCodeInvalidSeek},
	{syscall.EXDEV, types.ErrorCodeCrossDevice},
}
