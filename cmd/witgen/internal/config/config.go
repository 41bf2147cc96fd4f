// Package config reads witgen.yaml, which says what witgen does where its
// flags do not.
//
// It is the only package that knows YAML. The text becomes YAML's own tree,
// which has a position for all in it; the tree is read key by key, and whatever
// is not as it should be is an error with its place, all of them in one run.
package config

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
)

// Name is what the file is called.
const Name = "witgen.yaml"

// OptionalExports is the key of an entry for what components may lack.
const OptionalExports = "optional_exports"

// File is what a configuration file says.
type File struct {
	Name     string // as it was given to Load
	Generate []*Generate
	Breaking *Breaking // nil if the file says nothing of it
}

// Generate is an entry of "generate": bindings for a world. Strings that the
// file does not set are empty.
type Generate struct {
	Pos wit.Pos // of the entry

	WIT, World, Out      string
	Package, PackageRoot string
	WASI                 string
	Rename, With         map[string]string
	Features             []string
	OptionalExports      []string
	Versions             []string
	Golden               string

	pos map[string]wit.Pos
}

// KeyPos returns the place of a key of the entry, or of an item in the mapping
// that is its value; zero for what the file does not say.
func (g *Generate) KeyPos(key, item string) wit.Pos { return place(g.pos, key, item) }

// Error is something wrong in a configuration file.
type Error struct {
	Pos     wit.Pos // without a column for what is no YAML
	Message string
}

// Error returns "file:line:col: message".
func (e *Error) Error() string {
	if e.Pos.Col == 0 {
		return e.Pos.File + ":" + strconv.Itoa(e.Pos.Line) + ": " + e.Message
	}
	return e.Pos.String() + ": " + e.Message
}

// Errors is all that is wrong in a configuration file, in its order.
type Errors []*Error

// Error returns the errors, each on a line of its own.
func (l Errors) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Find returns the path of the configuration file of a directory: the one in
// it, or in the nearest directory above it. It looks no further up than the
// root of the Go module that the directory is in. The path is empty if there
// is no such file.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		name := filepath.Join(dir, Name)
		switch found, err := exists(name); {
		case err != nil:
			return "", err
		case found:
			return name, nil
		}
		root, err := exists(filepath.Join(dir, "go.mod"))
		if err != nil || root || dir == filepath.Dir(dir) {
			return "", err
		}
		dir = filepath.Dir(dir)
	}
}

// exists reports whether there is a file, and none that is a directory.
func exists(name string) (bool, error) {
	info, err := os.Stat(name)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil && !info.IsDir(), err
}

// Load reads a configuration file. The error is [Errors] if it is wrong in
// itself.
func Load(name string) (*File, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return parse(name, text)
}
