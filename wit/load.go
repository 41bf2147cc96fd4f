package wit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// Options say how to load a package. The zero Options is ready to use.
type Options struct {
	// Features are the features that are on: what is @unstable is there only
	// if its feature is.
	Features []string
	// AllFeatures turns every feature on.
	AllFeatures bool
}

// Load reads and resolves the package at a path: a .wit file, a directory
// whose .wit files are one package, or a .wasm file that [Decode] reads. The
// packages it refers to are nested in it, or in the deps directory of the
// directory: each as a directory, as a .wit file, or as a .wasm file with the
// encoding of a package. The error is [Errors] when it is about the text.
func Load(name string, o Options) (*Package, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return load(os.DirFS(name), ".", filepath.ToSlash(filepath.Clean(name)), o)
	}
	dir, file := filepath.Split(filepath.Clean(name))
	if dir == "" {
		dir = "."
	}
	return load(os.DirFS(dir), file, filepath.ToSlash(filepath.Clean(dir)), o)
}

// LoadFS is [Load] from a file system. The path follows the rules of [fs.FS].
func LoadFS(fsys fs.FS, name string, o Options) (*Package, error) {
	return load(fsys, name, "", o)
}

func load(fsys fs.FS, name, prefix string, o Options) (*Package, error) {
	l := loader{fsys: fsys, prefix: prefix}
	if path.Ext(name) == ".wasm" {
		wasm, err := l.read(name)
		if err != nil {
			return nil, err
		}
		return Decode(l.display(name), wasm)
	}
	if err := l.root(name); err != nil {
		return nil, err
	}
	return l.resolve(o)
}

// resolve makes packages of the trees, if their syntax is right.
func (l *loader) resolve(o Options) (*Package, error) {
	if err := l.errs.err(); err != nil {
		return nil, err
	}
	r := newResolver(&l.errs, o)
	r.ungated = l.ungated
	return r.resolve(l.packages)
}

// parsedPackage is the trees of the files of one package.
type parsedPackage struct {
	files []*syntax.File // at least one
}

// loader reads and parses files.
type loader struct {
	fsys     fs.FS
	prefix   string // what messages put before names
	errs     diagnostics
	packages []parsedPackage // the root, then those in deps
	decoder  *decoder        // of the encoded packages in deps; nil if there are none
	ungated  map[*syntax.Source]bool
}

func (l *loader) display(name string) string { return path.Join(l.prefix, name) }

// root reads the root package and those in its deps directory.
func (l *loader) root(name string) error {
	info, err := fs.Stat(l.fsys, name)
	if err != nil {
		return l.at(name, err)
	}
	if !info.IsDir() {
		return l.file(name)
	}
	if err := l.directory(name); err != nil {
		return err
	}
	if err := l.deps(path.Join(name, "deps")); err != nil {
		return err
	}
	l.encodedPackages()
	return nil
}

// deps reads the packages in a deps directory, if there is one. What is
// neither a directory nor WIT is none of them.
func (l *loader) deps(dir string) error {
	entries, err := fs.ReadDir(l.fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return l.at(dir, err)
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		info, err := fs.Stat(l.fsys, name) // follows symbolic links
		switch {
		case err != nil:
			return l.at(name, err)
		case info.IsDir():
			err = l.directory(name)
		case path.Ext(name) == ".wasm":
			err = l.encoded(name)
		case wanted(name):
			err = l.file(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wanted reports whether a file in a deps directory is a package.
func wanted(name string) bool {
	switch path.Ext(name) {
	case ".wit", ".wat":
		return true
	}
	return false
}

// file reads a package that is one file.
func (l *loader) file(name string) error {
	if path.Ext(name) == ".wat" {
		return fmt.Errorf("%s: the text of a component is not read: assemble it to %s first",
			l.display(name), strings.TrimSuffix(path.Base(name), ".wat")+".wasm")
	}
	f, err := l.parse(name)
	if err != nil {
		return err
	}
	l.packages = append(l.packages, parsedPackage{[]*syntax.File{f}})
	return nil
}

// directory reads a package that is the .wit files of a directory.
func (l *loader) directory(dir string) error {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		return l.at(dir, err)
	}
	var p parsedPackage
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if !strings.HasSuffix(name, ".wit") {
			continue
		}
		info, err := fs.Stat(l.fsys, name)
		if err != nil {
			return l.at(name, err)
		}
		if info.IsDir() {
			continue
		}
		f, err := l.parse(name)
		if err != nil {
			return err
		}
		p.files = append(p.files, f)
	}
	if len(p.files) == 0 {
		return fmt.Errorf("%s: no .wit files", l.display(dir))
	}
	l.packages = append(l.packages, p)
	return nil
}

// read returns the contents of a file.
func (l *loader) read(name string) ([]byte, error) {
	text, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		return nil, l.at(name, err)
	}
	return text, nil
}

// at returns an error of the file system, which knows the name below it only,
// under the name that the user knows.
func (l *loader) at(name string, err error) error {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err
	}
	return fmt.Errorf("%s: %w", l.display(name), err)
}

func (l *loader) parse(name string) (*syntax.File, error) {
	text, err := l.read(name)
	if err != nil {
		return nil, err
	}
	return l.source(syntax.NewSource(l.display(name), string(text))), nil
}

// source parses a source.
func (l *loader) source(src *syntax.Source) *syntax.File {
	l.errs.file(src)
	f, errs := syntax.Parse(src)
	for _, e := range errs {
		l.errs.add(e.Span, e.Msg)
	}
	return f
}
