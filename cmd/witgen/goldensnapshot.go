package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/internal/coreabi"
	"github.com/witgen/witgen/internal/goapi"
	"github.com/witgen/witgen/wit"
)

// snapshot is what golden keeps of a package.
type snapshot struct {
	name wit.PackageName
	path string
	// files are the contents of its files, by what their names end in: .wit,
	// .abi, and .goapi if it has worlds.
	files map[string][]byte
	// serves are the versions of other tracks that hosts of a world serve, newest
	// first, by the world's name.
	serves map[string][]string
}

// anyRoot is the import path of packages that nobody said where they go. Nothing
// that is kept has it.
const anyRoot = "example.com/api"

// snapshots takes a snapshot of each package that jobs are about.
func snapshots(jobs []*job) ([]*snapshot, error) {
	var all []*snapshot
	from := make(map[string]string) // paths, by file name
	for len(jobs) > 0 {
		first := jobs[0]
		alike := func(j *job) bool { return same(j.path, first.path) && slices.Equal(j.features, first.features) }
		var own []*job
		for _, j := range jobs {
			if alike(j) {
				own = append(own, j)
			}
		}
		jobs = slices.DeleteFunc(slices.Clone(jobs), alike)
		s, err := takeSnapshot(own)
		if err != nil {
			return nil, err
		}
		base := goldenBase(s.name)
		if before, ok := from[base]; ok {
			return nil, fmt.Errorf("%s and %s are both %s, with other features or contents", before, filepath.ToSlash(first.path), s.name)
		}
		from[base] = filepath.ToSlash(first.path)
		all = append(all, s)
	}
	return all, nil
}

// takeSnapshot takes a snapshot of the package that jobs have in common.
func takeSnapshot(jobs []*job) (*snapshot, error) {
	first := jobs[0]
	pkg, err := wit.Load(first.path, wit.Options{Features: first.features})
	if err != nil {
		return nil, first.at("wit", err)
	}
	s := &snapshot{name: pkg.Name, path: first.path, files: make(map[string][]byte), serves: make(map[string][]string)}
	s.files[".abi"] = joined(coreabi.Lines(pkg))
	var sources []goapi.Source
	for _, j := range jobs {
		if len(pkg.Worlds) == 0 && j.world == "" {
			continue
		}
		if j.out == "" && j.root == "" {
			j.root = anyRoot
		}
		o, err := j.generate()
		if err != nil {
			return nil, err
		}
		sources = append(sources, goapi.Source{Root: o.root, Files: o.files})
		if err := s.serve(pkg, j); err != nil {
			return nil, err
		}
	}
	if len(sources) > 0 {
		api, err := goapi.Of(sources...)
		if err != nil {
			return nil, err
		}
		s.files[".goapi"] = joined(api)
	}
	s.files[".wit"] = goldenWIT(pkg)
	return s, nil
}

// serve notes the older versions that a job generates bindings for.
func (s *snapshot) serve(pkg *wit.Package, j *job) error {
	world, err := pkg.ChooseWorld(j.world)
	if err != nil {
		return err
	}
	older, err := j.older(world)
	if err != nil {
		return err
	}
	for _, w := range older {
		if v := w.Package.Name.Version; !slices.Contains(s.serves[w.Name], v) {
			s.serves[w.Name] = append(s.serves[w.Name], v)
		}
	}
	return nil
}

// joined returns lines as a text.
func joined(lines []string) []byte {
	if len(lines) == 0 {
		return []byte{}
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}
