package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/witgen/witgen/internal/git"
	"github.com/witgen/witgen/wit"
)

// contract is a WIT package that another one is compared with.
type contract struct {
	pkg *wit.Package
	// from is where it is, as users say it.
	from string
	// below stands before the names of its files where those are not in the
	// working tree.
	below string
	// encoded says that the positions in it are in no file.
	encoded bool
}

// component reports whether it is what a component imports and exports.
func (c *contract) component() bool {
	return c.pkg.Name == wit.PackageName{Namespace: "root", Name: "component"}
}

// source says where an older contract is.
type source struct {
	against string // as the option says it
	golden  string // the directory that "golden" means
	now     string // path of the package that it is compared with
	options wit.Options
}

// load loads the contract. It is nil if golden has none to compare with.
func (s *source) load(now *wit.Package) (*contract, error) {
	if rest, ok := strings.CutPrefix(s.against, "git:"); ok {
		return s.commit(rest)
	}
	name := s.against
	if name == "golden" {
		name = s.golden
	}
	if isGolden(name) || s.against == "golden" {
		return s.released(name, now)
	}
	return s.file(name)
}

// file loads a contract from a path.
func (s *source) file(name string) (*contract, error) {
	pkg, err := wit.Load(name, s.options)
	if err != nil {
		return nil, err
	}
	return &contract{pkg: pkg, from: filepath.ToSlash(name), encoded: filepath.Ext(name) == ".wasm"}, nil
}

// commit loads a contract from a commit: REF, for what is where the package is
// now, or REF:PATH, for a path from the root of the repository, or from the
// current directory if it begins with a dot.
func (s *source) commit(rest string) (*contract, error) {
	ref, name, given := strings.Cut(rest, ":")
	repo, err := git.Open(existing(s.now))
	if err != nil {
		return nil, err
	}
	defer repo.Close()
	switch {
	case !given:
		name, err = inRepository(repo, s.now)
	case name == "." || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../"):
		name, err = inRepository(repo, filepath.FromSlash(name))
	default:
		name = path.Clean(strings.TrimLeft(name, "/"))
	}
	if err != nil {
		return nil, err
	}
	id, err := repo.Resolve(ref)
	if err != nil {
		return nil, err
	}
	tree, err := repo.Tree(id)
	if err != nil {
		return nil, err
	}
	pkg, err := wit.LoadFS(tree, name, s.options)
	if errors.Is(err, os.ErrNotExist) {
		err = errors.New(name + " is not there: say where the package was with --against git:" + ref + ":PATH")
	}
	if err != nil {
		return nil, fmt.Errorf("git:%s: %w", ref, err)
	}
	return &contract{pkg: pkg, from: "git:" + ref, below: ref + ":", encoded: path.Ext(name) == ".wasm"}, nil
}

// existing returns the directory of a path.
func existing(name string) string {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return name
	}
	return filepath.Dir(name)
}

// inRepository returns a path from the root of a repository.
func inRepository(repo *git.Repository, name string) (string, error) {
	if repo.Root() == "" {
		return "", errors.New("the repository has no working tree: say where the package is with --against git:REF:PATH")
	}
	rel, err := filepath.Rel(repo.Root(), resolved(name))
	if err != nil {
		return "", err
	}
	rel = filepath.ToSlash(rel)
	if rel == ".." || strings.HasPrefix(rel, "../") {
		return "", fmt.Errorf("%s is not in the repository in %s", filepath.ToSlash(name), filepath.ToSlash(repo.Root()))
	}
	return rel, nil
}

// isGolden reports whether a path is a directory of released contracts.
func isGolden(name string) bool {
	info, err := os.Stat(filepath.Join(name, goldenLockName))
	return err == nil && info.Mode().IsRegular()
}

// released loads the newest released version of a package from a directory, of
// the track that its version is in now, or of all if it has none any more. It is
// nil if there is none.
func (s *source) released(dir string, now *wit.Package) (*contract, error) {
	names, err := releasedNames(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such directory: say with --against what to compare with, such as git:origin/main, or keep a release there: 'witgen golden --release X.Y.Z'", filepath.ToSlash(dir))
	}
	if err != nil {
		return nil, err
	}
	last := -1
	for i, n := range names { // in the order of versions
		if bare(n) == bare(now.Name) && (now.Name.Version == "" || sameTrack(n.Version, now.Name.Version)) {
			last = i
		}
	}
	if last < 0 {
		return nil, nil
	}
	return s.file(filepath.Join(dir, goldenBase(names[last])+".wit"))
}
