package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// importPath returns the import path of a directory, which need not exist:
// its path below the nearest go.mod, after that module's path.
func importPath(dir string) (string, error) {
	given := filepath.ToSlash(dir)
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for root := dir; ; root = filepath.Dir(root) {
		if info, err := os.Stat(root); err == nil && !info.IsDir() {
			return "", fmt.Errorf("%s: a file, where a directory is wanted", given)
		}
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err == nil {
			module := modulePath(string(text))
			if module == "" {
				return "", fmt.Errorf("%s names no module", filepath.ToSlash(relative(filepath.Join(root, "go.mod"))))
			}
			below, err := filepath.Rel(root, dir)
			if err != nil {
				return "", err
			}
			return path.Join(module, filepath.ToSlash(below)), nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if root == filepath.Dir(root) {
			return "", fmt.Errorf("%s is in no Go module: say what import path it has with --package-root", given)
		}
	}
}

// modulePath returns the path in the module directive of a go.mod file, or "".
func modulePath(text string) string {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[0] != "module" {
			continue
		}
		if p, err := strconv.Unquote(fields[1]); err == nil {
			return p
		}
		return fields[1]
	}
	return ""
}
