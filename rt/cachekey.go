package rt

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/store"
)

// build says which code makes images: the versions of what this program is made
// of, or, where they are none that anybody released, which program it is.
var build = sync.OnceValue(func() string {
	info, _ := debug.ReadBuildInfo()
	if versions, ok := released(info); ok {
		return versions
	}
	path, err := os.Executable()
	var program fs.FileInfo
	if err == nil {
		program, err = os.Stat(path)
	}
	if err != nil {
		return rand.Text() // nobody else finds what this process stores
	}
	return fmt.Sprint(path, program.Size(), program.ModTime().UnixNano())
})

// released returns the versions of what makes images, if they say all.
func released(info *debug.BuildInfo) (string, bool) {
	if info == nil {
		return "", false
	}
	versions := make(map[string]string)
	for _, m := range append(slices.Clone(info.Deps), &info.Main) {
		path := m.Path
		if path != wazeroPath && path != modulePath {
			continue
		}
		for m.Replace != nil {
			m = m.Replace
		}
		if m.Version == "" || m.Version == "(devel)" || strings.HasSuffix(m.Version, "+dirty") {
			return "", false
		}
		versions[path] = m.Path + "@" + m.Version + " " + m.Sum
	}
	return versions[modulePath] + ", " + versions[wazeroPath], len(versions) == 2
}

const (
	wazeroPath = "github.com/tetratelabs/wazero"
	modulePath = "github.com/witgen/witgen"
)

// imageKey returns the key of a core module with its imports named names.
func (e *Engine) imageKey(module []byte, names []core.Binding) store.Key {
	b := e.keyPrefix("image")
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, n := range names {
		b = append(binary.AppendUvarint(b, uint64(len(n.Module))), n.Module...)
		b = append(binary.AppendUvarint(b, uint64(len(n.Name))), n.Name...)
	}
	h := sha256.New()
	h.Write(b)
	h.Write(module)
	return store.Key(h.Sum(nil))
}

// componentKey returns the key of a component, by the digest of its bytes.
func (e *Engine) componentKey(component digest) store.Key {
	return sha256.Sum256(append(e.keyPrefix("component"), component[:]...))
}

// keyPrefix begins what keys are made of: all that the bytes do not say.
func (e *Engine) keyPrefix(kind string) []byte {
	return fmt.Appendf(nil, "%s %x %t\n", kind, e.disk.identity, e.uninterrupted)
}
