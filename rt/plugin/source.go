package plugin

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/witgen/witgen/rt/plugin/internal/store"
	"github.com/witgen/witgen/rt/plugin/internal/watch"
)

// Source is where a plugin's code comes from.
type Source struct {
	name string
	path string // of a file that may be watched
	read func(ctx context.Context, h *Host) ([]byte, error)
}

// String returns a name of the source for messages.
func (s Source) String() string { return s.name }

// Verifier says whether a component may be used, by the identity that the policy of
// the plugin names, which may be empty: who has to have signed it, say. It is called
// after [Config.Verify], and an error of it means the same.
type Verifier func(ctx context.Context, plugin, identity string, digest Digest, wasm []byte) error

// File is a component in a file. It is read once the file has come to rest, and
// may be watched: see [Options].
func File(path string) Source {
	return Source{name: path, path: path, read: func(ctx context.Context, h *Host) ([]byte, error) {
		f, err := watch.Read(ctx, path, watch.Options{Limit: h.MaxSize})
		if err != nil {
			return nil, err
		}
		return f.Bytes, nil
	}}
}

// Stored is a component that is in the host's store already: what served before,
// or another slot has. Its host needs a StateDir.
func Stored(code Digest) Source { return stored(code.String(), code) }

// stored is a component in the host's store.
func stored(name string, code Digest) Source {
	return Source{name: name, read: func(ctx context.Context, h *Host) ([]byte, error) {
		if h.store == nil {
			return nil, errors.New("the host has no store: see Config.StateDir")
		}
		return h.store.Get(ctx, store.Digest(code))
	}}
}

// Bytes is a component in memory. It must not be changed. The name is for
// messages.
func Bytes(name string, wasm []byte) Source {
	return Source{name: name, read: func(context.Context, *Host) ([]byte, error) { return wasm, nil }}
}

// FS is a component in a file of a file system, which is not watched.
func FS(fsys fs.FS, name string) Source {
	return Source{name: name, read: func(_ context.Context, h *Host) ([]byte, error) {
		f, err := fsys.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		wasm, err := io.ReadAll(io.LimitReader(f, h.MaxSize+1))
		if err == nil && int64(len(wasm)) > h.MaxSize {
			err = tooLarge(h.MaxSize)
		}
		return wasm, err
	}}
}
