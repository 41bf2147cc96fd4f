// Package git reads files as they are in a commit of a Git repository, from
// the repository's objects, without the git program.
//
// Reading goes from a name to bytes: [Repository.Resolve] makes the name of a
// revision the ID of a commit, by refs and by walking parents; [Repository.Tree]
// makes that a file system; and opening a file in it reads objects, each of them
// loose or from a pack, where it may be a delta over others.
//
// A repository may come from anywhere. The SHA-1 of every object is checked,
// what is read has bounds, and no path leads out of a tree. Nothing is written,
// no configuration is obeyed, and nothing is fetched: what a shallow or partial
// clone lacks is an error that says so.
//
// See gitrepository-layout(5), gitformat-pack(5) and gitrevisions(7).
package git

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Repository is a repository that was opened. It is for one goroutine at a
// time.
type Repository struct {
	root   string // of the working tree; empty if there is none
	own    string // the directory of this working tree's HEAD
	common string // the directory of what all working trees share
	stores []*store
	lacks  string // why objects may be missing; empty if there is no reason
	// shallow says that the clone is: branches and tags are missing, too.
	shallow bool
	// remotes are the repositories that it fetches from.
	remotes []string
}

// Open opens the repository that a directory belongs to: the nearest one that
// has its working tree at or above it, or a bare one at or above it. The
// repository has to be closed.
func Open(dir string) (*Repository, error) {
	own, root, err := search(dir)
	if err != nil {
		return nil, err
	}
	return open(own, root)
}

// Root returns the root of the working tree that a directory is in, with
// symbolic links followed. It is an error if there is none.
func Root(dir string) (string, error) {
	_, root, err := search(dir)
	if err == nil && root == "" {
		err = fmt.Errorf("%s is in a Git repository without a working tree", filepath.ToSlash(dir))
	}
	return root, err
}

// search finds the repository that a directory belongs to, and the root of its
// working tree, which is empty if it has none.
func search(dir string) (own, root string, err error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	for at := abs; err == nil; at = filepath.Dir(at) {
		if own, root, err = find(at); err != nil || own != "" {
			return own, root, err
		}
		if at == filepath.Dir(at) {
			err = fmt.Errorf("%s is in no Git repository", filepath.ToSlash(dir))
		}
	}
	return "", "", err
}

// Root returns the directory of the working tree, absolute and with symbolic
// links followed; it is empty for a bare repository.
func (r *Repository) Root() string { return r.root }

// Close closes the files of the repository.
func (r *Repository) Close() error {
	var errs []error
	for _, s := range r.stores {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// find returns the repository's directory that belongs to a directory, and the
// root of its working tree. Both are empty if it is the root of none.
func find(dir string) (own, root string, err error) {
	name := filepath.Join(dir, ".git")
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir() && isRepository(name):
		return name, dir, nil
	case err == nil && info.Mode().IsRegular():
		own, err = elsewhere(name)
		return own, dir, err
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return "", "", err
	}
	if isRepository(dir) {
		if filepath.Base(dir) == ".git" {
			return dir, filepath.Dir(dir), nil
		}
		return dir, "", nil
	}
	return "", "", nil
}

// isRepository reports whether a directory is what .git is.
func isRepository(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, "HEAD"))
	if err != nil {
		return false
	}
	for _, name := range []string{"objects", "refs"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || !info.IsDir() {
			// A further working tree has neither, but says where they are.
			_, err := os.Stat(filepath.Join(dir, "commondir"))
			return err == nil
		}
	}
	return true
}

// elsewhere reads a file .git, which says where the repository is, as it does
// in submodules and in further working trees.
func elsewhere(name string) (string, error) {
	text, err := readSmall(name)
	if err != nil {
		return "", err
	}
	dir, ok := strings.CutPrefix(strings.TrimRight(text, "\r\n"), "gitdir: ")
	if !ok {
		return "", fmt.Errorf("%s does not say where the repository is", filepath.ToSlash(name))
	}
	dir = below(filepath.Dir(name), dir)
	if !isRepository(dir) {
		return "", fmt.Errorf("%s says that the repository is in %s, where there is none", filepath.ToSlash(name), filepath.ToSlash(dir))
	}
	return dir, nil
}

// open opens a repository whose directory is known.
func open(own, root string) (*Repository, error) {
	r := &Repository{root: root, own: own, common: own}
	switch text, err := readSmall(filepath.Join(own, "commondir")); {
	case err == nil:
		r.common = below(own, strings.TrimRight(text, "\r\n"))
	case !errors.Is(err, os.ErrNotExist):
		return nil, err
	}
	if err := r.configure(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(r.common, "shallow")); err == nil {
		r.shallow = true
		r.lacks = "the clone is shallow: fetch all of it, by git fetch --unshallow, or fetch-depth: 0 of actions/checkout"
	}
	if err := r.addStores(filepath.Join(r.common, "objects"), 0); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// configure reads the configuration for what decides how a repository is read.
func (r *Repository) configure() error {
	name := filepath.Join(r.common, "config")
	text, err := readSmall(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	all := settings(text)
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%s: "+format, append([]any{filepath.ToSlash(name)}, args...)...)
	}
	if v := all["core.repositoryformatversion"]; v != "" && v != "0" && v != "1" {
		return wrong("the format of the repository is %q, and 0 and 1 are known", v)
	}
	if v := strings.ToLower(all["extensions.objectformat"]); v != "" && v != "sha1" {
		return wrong("objects go by %s, and only sha1 can be read", v)
	}
	if v := strings.ToLower(all["extensions.refstorage"]); v != "" && v != "files" {
		return wrong("refs are kept as %s, and only files can be read: git refs migrate --ref-format=files makes them that", v)
	}
	partial := all["extensions.partialclone"] != ""
	for key, value := range all {
		if name, ok := strings.CutPrefix(key, "remote."); ok && strings.HasSuffix(name, ".url") {
			r.remotes = append(r.remotes, strings.TrimSuffix(name, ".url"))
		}
		partial = partial || strings.HasPrefix(key, "remote.") && strings.HasSuffix(key, ".promisor") && strings.EqualFold(value, "true")
	}
	if partial {
		r.lacks = "the clone is partial: git fetch --refetch --no-filter fetches all of it"
	}
	return nil
}

// settings returns the settings of a configuration by their keys, in which
// sections are in lower case. Of a setting that is there twice the last counts.
// Includes are left alone.
func settings(text string) map[string]string {
	all := make(map[string]string)
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "["); ok {
			head, after, _ := strings.Cut(rest, "]")
			name, sub, _ := strings.Cut(head, " ")
			section = strings.ToLower(name) + "."
			if sub = strings.Trim(strings.TrimSpace(sub), `"`); sub != "" {
				section += sub + "."
			}
			line = strings.TrimSpace(after)
		}
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			value = "true"
		}
		value, _, _ = strings.Cut(value, "#")
		value, _, _ = strings.Cut(value, ";")
		all[section+strings.ToLower(strings.TrimSpace(key))] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	return all
}

// maxAlternates is how far repositories borrow objects of others that borrow
// in turn. It is git's own limit.
const maxAlternates = 5

// addStores adds a directory of objects, and those it borrows from.
func (r *Repository) addStores(dir string, depth int) error {
	if slices.ContainsFunc(r.stores, func(s *store) bool { return s.dir == dir }) {
		return nil
	}
	s, err := openStore(dir)
	if err != nil {
		return err
	}
	r.stores = append(r.stores, s)
	text, err := readSmall(filepath.Join(dir, "info", "alternates"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if depth == maxAlternates {
			return fmt.Errorf("%s borrows objects too deeply", filepath.ToSlash(dir))
		}
		if err := r.addStores(below(dir, line), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// below returns a path that another file gives, relative to its directory.
func below(dir, name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// maxSmall is the size of the largest file of a repository that is text and
// read at once. Lists of refs of large repositories have some megabytes.
const maxSmall = 64 << 20

// readSmall reads a file of text, which must be none that blocks or never ends.
func readSmall(name string) (string, error) {
	info, err := os.Stat(name)
	// A tag v1 is a file, in which the branch v1/next is not looked for.
	if errors.Is(err, syscall.ENOTDIR) || err == nil && !info.Mode().IsRegular() {
		return "", &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
	}
	if err != nil {
		return "", err
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var text bytes.Buffer
	n, err := io.Copy(&text, io.LimitReader(bufio.NewReader(f), maxSmall+1))
	if err == nil && n > maxSmall {
		err = fmt.Errorf("%s is too large", filepath.ToSlash(name))
	}
	return text.String(), err
}
