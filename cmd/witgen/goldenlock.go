package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

const goldenLockName = "lock.json"

// goldenLock is lock.json in a directory of released contracts.
type goldenLock struct {
	// Witgen, Format and Rules say what wrote the files: the version of
	// witgen, the form of its code, and a digest of the rules of breaking.
	Witgen string `json:"witgen"`
	Format int    `json:"format"`
	Rules  string `json:"rules"`
	// Released are the names of the packages that are released, such as
	// "acme:kv@0.2.1".
	Released []string `json:"released"`
	// Serves has the versions of other tracks that hosts of a released package
	// serve, newest first, by its name and that of the world.
	Serves map[string]map[string][]string `json:"serves,omitempty"`
	// Files are the digests of files of the directory, by their names.
	Files map[string]string `json:"files"`
	// Components are the digests of the components that are kept, and of their
	// calls, by their names in the directory components.
	Components map[string]string `json:"components,omitempty"`
}

// readGoldenLock reads lock.json; it is nil if there is none.
func readGoldenLock(dir string) (*goldenLock, error) {
	name := filepath.Join(dir, goldenLockName)
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var lock goldenLock
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, lockError(filepath.ToSlash(name), text, err)
	}
	return &lock, nil
}

// lockError says where a lock cannot be read. Two branches that both release
// something change the same lines.
func lockError(name string, text []byte, err error) error {
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		at := min(max(int(wrong.Offset), 0), len(text))
		name = fmt.Sprintf("%s:%d", name, 1+bytes.Count(text[:at], []byte("\n")))
	}
	if bytes.Contains(text, []byte("<<<<<<<")) {
		return fmt.Errorf("%s: %w: a merge is not settled, which is to keep the entries of both sides", name, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// unlike says what is wrong with a file of a released version; "" if it is what it
// was, or is none of a released version. Files are read by their names in the
// directory.
func (l *goldenLock) unlike(dir, file string) (string, error) {
	of, ok := releasedAs(file, l.Released)
	if !ok {
		return "", nil
	}
	name := path.Join(filepath.ToSlash(dir), file)
	content, err := os.ReadFile(filepath.Join(dir, file))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Sprintf("%s is gone, and %s is released: restore it", name, of), nil
	case err != nil:
		return "", reason(name, err)
	case digest(content) != l.Files[file]:
		return fmt.Sprintf("%s is not what it was when %s was released: restore it", name, of), nil
	}
	return "", nil
}

// has reports whether a package is released. Without a lock all are that are
// there.
func (l *goldenLock) has(name wit.PackageName) bool {
	return l == nil || slices.Contains(l.Released, name.String())
}

// setServed takes down what hosts of a package serve, which is released now.
func (l *goldenLock) setServed(s *snapshot) {
	if len(s.serves) == 0 {
		return
	}
	if l.Serves == nil {
		l.Serves = make(map[string]map[string][]string)
	}
	l.Serves[s.name.String()] = s.serves
}

// stamp takes down what writes the lock.
func (l *goldenLock) stamp() {
	l.Witgen, l.Format = version(), gen.Format
	h := sha256.New()
	for _, r := range allRules() {
		printf(h, "%s %s %s\n", r.ID, r.Categories, r.Severity)
	}
	l.Rules = hex.EncodeToString(h.Sum(nil))[:16]
}

// text returns the lock as its file.
func (l *goldenLock) text() []byte {
	slices.Sort(l.Released)
	if l.Released == nil {
		l.Released = []string{}
	}
	text, _ := json.MarshalIndent(l, "", "  ") // which strings and numbers never fail
	return append(text, '\n')
}

// digest returns that of a file, whose lines version control may have given
// other ends.
func digest(content []byte) string {
	sum := sha256.Sum256(plainLines(content))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// digestOf is digest for a file of a name. A component is no text.
func digestOf(name string, content []byte) string {
	if filepath.Ext(name) != ".wasm" {
		return digest(content)
	}
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// plainLines ends lines as witgen does.
func plainLines(content []byte) []byte {
	return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
}
