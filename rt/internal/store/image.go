package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/witgen/witgen/rt/internal/owned"
)

// Image is a core module as it is run.
type Image struct {
	Wasm   []byte
	Notes  string // that the caller has of it
	Native string // what the core runtime calls its file of native code
	Part   Part   // where it is stored; zero if it is not
}

const (
	manifestFile = "manifest.json"
	wasmFile     = "image.wasm"
	nativeFile   = "native"
)

// Part is an image as components have it: what is in the image's manifest, so
// that this need not be read. It is comparable.
type Part struct{ manifest manifest }

// Stored says if it is one.
func (p Part) Stored() bool { return p.manifest.Key != "" }

// Size returns how many bytes the core module has.
func (p Part) Size() int64 { return p.manifest.Wasm.Size }

// manifest says what the other files of an image are.
type manifest struct {
	Format int    `json:"format"`
	Key    string `json:"key"`
	Wasm   file   `json:"wasm"`
	Notes  string `json:"notes"`
	Native file   `json:"native"`
	Name   string `json:"name"` // that the core runtime has for the file
}

type file struct {
	Size int64  `json:"size"`
	Sum  string `json:"sum"`
}

// Image returns an image whose files are all as they were written, and notes
// that it was used. It fails with [fs.ErrNotExist] if there is none; any other
// error says what is wrong with the one there is.
func (d *Dir) Image(key Key) (*Image, error) {
	path := d.image(key)
	before, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var im *Image
	if err == nil {
		im, err = readImage(path, key, before)
	}
	if err == nil {
		touch(path)
		return im, nil
	}
	if after, gone := os.Lstat(path); gone != nil || !os.SameFile(before, after) {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fs.ErrNotExist} // it went while it was read
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New(err.Error()) // only a part of it is missing
	}
	return nil, fmt.Errorf("%s: %w", path, err)
}

// Place returns where an image is that was read.
func (d *Dir) Place(im *Image) string { return d.place(im.Part) }

func (d *Dir) place(p Part) string { return filepath.Join(d.path, imagesDir, p.manifest.Key) }

// Part returns an image as a component has it. Any error means that [Dir.Image]
// is to be asked.
func (d *Dir) Part(p Part) (*Image, error) {
	path := d.place(p)
	im, err := p.manifest.read(path)
	if err == nil {
		touch(path)
	}
	return im, err
}

func readImage(path string, key Key, info fs.FileInfo) (*Image, error) {
	if why := owned.Insecure(info); why != "" {
		return nil, errors.New(why)
	}
	text, err := readSmall(filepath.Join(path, manifestFile))
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := unseal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", manifestFile, err)
	}
	if m.Key != key.String() || !m.valid() {
		return nil, fmt.Errorf("%s: is that of another image", manifestFile)
	}
	return m.read(path)
}

// valid says if it is a manifest of this format, with names that stay where they
// belong.
func (m manifest) valid() bool {
	var key Key
	return m.Format == Format && key.parse(m.Key) == nil && filepath.IsLocal(m.Name) && filepath.Base(m.Name) == m.Name && m.Name != "."
}

// read reads the files of an image.
func (m manifest) read(path string) (*Image, error) {
	wasm, err := readFile(filepath.Join(path, wasmFile), m.Wasm)
	if err != nil {
		return nil, err
	}
	if err := checkFile(filepath.Join(path, nativeFile), m.Native); err != nil {
		return nil, err
	}
	return &Image{wasm, m.Notes, m.Name, Part{m}}, nil
}
