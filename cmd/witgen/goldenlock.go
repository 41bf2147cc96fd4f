package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
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
		return nil, fmt.Errorf("%s: %w", filepath.ToSlash(name), err)
	}
	return &lock, nil
}

// has reports whether a package is released. Without a lock all are that are
// there.
func (l *goldenLock) has(name wit.PackageName) bool {
	return l == nil || slices.Contains(l.Released, name.String())
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
