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

// componentNames returns the names of the components that are there and have
// calls, or those of the ones that have none.
func (g *goldenDir) componentNames(called bool) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(g.dir, goldenComponents))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, reason(g.name(goldenComponents), err)
	}
	is := func(name string) bool {
		return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name && !e.IsDir() })
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), componentSuffix); ok && is(e.Name()) && is(name+callsSuffix) == called {
			names = append(names, name)
		}
	}
	return names, nil
}

// components returns the digests of components and their calls: those that are
// locked as they are, and those of what is there beside them.
func (g *goldenDir) components() (map[string]string, error) {
	digests := make(map[string]string)
	maps.Copy(digests, g.lock.Components)
	names, err := g.componentNames(true)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
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
			wrong = append(wrong, name+" is gone: it is kept as it was")
		case digestOf(file, content) != g.lock.Components[file]:
			wrong = append(wrong, name+" is not what it was when it was kept: keep another one under another name")
		}
	}
	return wrong, nil
}

// withoutCalls returns what is wrong with components that nobody calls.
func (g *goldenDir) withoutCalls() ([]string, error) {
	names, err := g.componentNames(false)
	var wrong []string
	for _, name := range names {
		if g.lock.Components[name+callsSuffix] == "" { // or it is told of already
			wrong = append(wrong, fmt.Sprintf("%s has no calls: 'witgen golden --record %s' makes them",
				g.name(path.Join(goldenComponents, name+componentSuffix)), name))
		}
	}
	return wrong, err
}
