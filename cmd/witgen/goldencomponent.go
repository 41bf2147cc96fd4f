package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Components that are kept, in the directory of golden files: each with the calls
// that package replay makes of it.
const (
	goldenComponents = "components"
	componentSuffix  = ".wasm"
	callsSuffix      = ".calls.jsonl"
)

// readComponent returns a file of the directory components; nil if there is none.
func (g *goldenDir) readComponent(file string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(g.dir, goldenComponents, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, reason(g.name(path.Join(goldenComponents, file)), err)
	}
	return content, nil
}

// componentFiles returns the names of files in the directory components.
func (g *goldenDir) componentFiles() (map[string]bool, error) {
	entries, err := os.ReadDir(filepath.Join(g.dir, goldenComponents))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, reason(g.name(goldenComponents), err)
	}
	files := make(map[string]bool)
	for _, e := range entries {
		if !e.IsDir() {
			files[e.Name()] = true
		}
	}
	return files, nil
}

// components returns the digests of components and their calls: those that are
// locked as they are, and those of what is there beside them.
func (g *goldenDir) components() (map[string]string, error) {
	digests := make(map[string]string)
	maps.Copy(digests, g.lock.Components)
	files, err := g.componentFiles()
	if err != nil {
		return nil, err
	}
	for file := range files {
		name, ok := strings.CutSuffix(file, componentSuffix)
		if !ok || !files[name+callsSuffix] {
			continue
		}
		for _, file := range []string{name + componentSuffix, name + callsSuffix} {
			if digests[file] != "" {
				continue
			}
			content, err := g.readComponent(file)
			if err != nil {
				return nil, err
			}
			digests[file] = digestOf(file, content)
		}
	}
	return digests, nil
}

// otherComponents returns what is not as it was of the components that are kept.
func (g *goldenDir) otherComponents() ([]string, error) {
	var wrong []string
	for _, file := range slices.Sorted(maps.Keys(g.lock.Components)) {
		content, err := g.readComponent(file)
		name := g.name(path.Join(goldenComponents, file))
		switch {
		case err != nil:
			return nil, err
		case content == nil:
			wrong = append(wrong, name+" is gone: restore it, or take it out of "+goldenLockName+" too")
		case digestOf(file, content) != g.lock.Components[file]:
			wrong = append(wrong, name+" is not what it was when it was kept: keep another one under another name")
		}
	}
	return wrong, nil
}

// alone returns what is wrong with components that nobody calls, and with calls of
// no component.
func (g *goldenDir) alone() ([]string, error) {
	files, err := g.componentFiles()
	var wrong []string
	for _, file := range slices.Sorted(maps.Keys(files)) {
		at := g.name(path.Join(goldenComponents, file))
		name, called := strings.CutSuffix(file, callsSuffix)
		if called && !g.has(files, name+componentSuffix) {
			wrong = append(wrong, fmt.Sprintf("%s are the calls of no component: put %s beside them, or remove them",
				at, name+componentSuffix))
		}
		name, ok := strings.CutSuffix(file, componentSuffix)
		if ok && !g.has(files, name+callsSuffix) {
			where := ""
			if g.dir != "golden" {
				where = " --dir " + g.name("")
			}
			wrong = append(wrong, fmt.Sprintf("%s has no calls: 'witgen golden --record %s --calls FILE%s' makes them",
				at, name, where))
		}
	}
	return wrong, err
}

// has reports whether a file is there, or is told of as gone already.
func (g *goldenDir) has(files map[string]bool, name string) bool {
	return files[name] || g.lock.Components[name] != ""
}
