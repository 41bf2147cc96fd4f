package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// job is bindings to generate: what flags, or an entry of a configuration
// file, say. Paths are relative to the current directory.
type job struct {
	path, world, out string
	pkg, root, wasi  string
	rename, with     map[string]string
	features         []string
	optional         []string // exports
	// shared are optional exports of all that a file is about, as far as the world
	// has them.
	shared   []string
	versions []string // of the package that the bindings serve
	golden   string   // the directory of older ones

	entry *config.Generate // nil if flags say it all
	plain bool             // flags say nothing of it
}

// usageError is wrong usage that shows only once the configuration file is
// read.
type usageError struct{ error }

// jobs returns what there is to do.
func (f *generateFlags) jobs() ([]*job, error) {
	file, err := f.file()
	switch {
	case err != nil:
		return nil, err
	case file != nil:
		return f.entries(file)
	case f.out == "" && !f.stdout:
		missing := "--out is missing"
		if f.path == "" && f.config == "" {
			missing += ", and there is no " + config.Name + " here or above, in the module"
		}
		return nil, usageError{errors.New(missing)}
	case f.out == "" && f.root == "":
		return nil, usageError{errors.New("--stdout wants --out or --package-root")}
	}
	if f.path == "" {
		f.path = "wit"
		if _, err := os.Stat(f.path); errors.Is(err, os.ErrNotExist) {
			return nil, errors.New("wit: no such file or directory: say where the WIT package is, as in witgen generate PATH")
		}
	}
	if f.golden == "" {
		f.golden = "golden"
	}
	return []*job{&f.job}, nil
}

// file reads the configuration file; it returns nil if there is none to read.
func (f *generateFlags) file() (*config.File, error) {
	name := f.config
	if name == "none" || name == "" && f.path != "" {
		return nil, nil
	}
	if name == "" {
		found, err := config.Find(".")
		if err != nil || found == "" {
			return nil, err
		}
		name = relative(found)
	}
	return config.Load(name)
}

// relative returns a path as it is from the current directory, if it can be.
func relative(name string) string {
	wd, err := os.Getwd()
	if err != nil {
		return name
	}
	rel, err := filepath.Rel(wd, name)
	if err != nil {
		return name
	}
	return rel
}

// entries returns the jobs of a configuration file, over which flags win.
func (f *generateFlags) entries(file *config.File) ([]*job, error) {
	switch n := len(file.Generate); {
	case n == 0:
		return nil, fmt.Errorf("%s: there is nothing under generate", filepath.ToSlash(file.Name))
	case n > 1 && len(f.given) > 0:
		return nil, usageError{fmt.Errorf("%s has %d entries: %s would be for all of them; --config none leaves the file out",
			filepath.ToSlash(file.Name), n, strings.Join(f.given, ", "))}
	}
	dir := filepath.Dir(file.Name)
	var jobs []*job
	var errs config.Errors
	for _, g := range file.Generate {
		j := newJob(dir, g)
		j.shared = sharedOptionals(file)
		j.override(&f.job)
		j.plain = len(f.given) == 0
		switch {
		case j.out == "" && (!f.stdout || j.root == ""):
			errs = append(errs, &config.Error{Pos: g.Pos, Message: "out is missing"})
		case j.out != "":
			for _, before := range jobs {
				if before.out != "" && same(before.out, j.out) {
					errs = append(errs, &config.Error{Pos: g.KeyPos("out", ""), Message: fmt.Sprintf(
						"out: %s is the directory of another entry (%s); each wants one of its own",
						g.Out, before.entry.KeyPos("out", ""))})
				}
			}
		}
		jobs = append(jobs, j)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return jobs, nil
}

// newJob returns the job of an entry of a file in a directory.
func newJob(dir string, g *config.Generate) *job {
	below := func(name string) string {
		if name == "" || filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(dir, filepath.FromSlash(name))
	}
	j := &job{
		path: below(g.WIT), world: g.World, out: below(g.Out), pkg: g.Package, root: g.PackageRoot, wasi: g.WASI,
		rename: maps.Clone(g.Rename), with: maps.Clone(g.With), features: g.Features,
		optional: g.OptionalExports, versions: g.Versions, golden: below(cmp.Or(g.Golden, "golden")), entry: g,
	}
	if j.path == "" {
		j.path = below("wit")
	}
	return j
}

// override puts what flags say over what the file says.
func (j *job) override(flags *job) {
	for _, s := range []struct {
		to   *string
		from string
	}{
		{&j.path, flags.path}, {&j.world, flags.world}, {&j.out, flags.out}, {&j.pkg, flags.pkg}, {&j.root, flags.root}, {&j.wasi, flags.wasi},
	} {
		if s.from != "" {
			*s.to = s.from
		}
	}
	if flags.features != nil {
		j.features = flags.features
	}
	if flags.optional != nil {
		j.optional, j.shared = flags.optional, nil
	}
	if flags.versions != nil {
		j.versions = flags.versions
	}
	if flags.golden != "" {
		j.golden = flags.golden
	}
	j.rename, j.with = merge(j.rename, flags.rename), merge(j.with, flags.with)
}

func merge(rules, over map[string]string) map[string]string {
	all := make(map[string]string)
	maps.Copy(all, rules)
	maps.Copy(all, over)
	return all
}

// same reports whether two paths are one directory's.
func same(a, b string) bool { return resolved(a) == resolved(b) }

// resolved returns the absolute path of a directory that need not exist, with
// symbolic links followed as far as it does.
func resolved(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	rest := ""
	for at := abs; ; at = filepath.Dir(at) {
		if at, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(at, rest)
		}
		if at == filepath.Dir(at) {
			return abs
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}

// generate loads the world and generates its files.
func (j *job) generate() (*output, error) {
	pkg, err := wit.Load(j.path, wit.Options{Features: j.features})
	if err != nil {
		return nil, j.at("wit", err)
	}
	world, err := pkg.ChooseWorld(j.world)
	switch {
	case err != nil && j.world == "" && len(pkg.Worlds) > 1:
		return nil, j.at("world", fmt.Errorf("%w: choose one with --world", err))
	case err != nil:
		return nil, j.at("world", err)
	}
	errs := j.unknownFeatures(pkg, world)
	root := j.root
	if root == "" {
		if root, err = importPath(j.out); err != nil {
			return nil, j.at("out", err)
		}
	}
	if j.wasi != "" && j.wasi != "runtime" && j.wasi != "generate" {
		return nil, j.at("wasi", fmt.Errorf("wasi is %q: want runtime or generate", j.wasi))
	}
	older, err := j.older(world)
	if err != nil {
		return nil, j.at("versions", err)
	}
	files, err := gen.Generate(world, gen.Options{
		PackageRoot: root, Package: j.pkg, Rename: j.rename, With: j.with, OptionalExports: j.optionals(world),
		GenerateWASI: j.wasi == "generate", Older: older,
	})
	list, ok := errors.AsType[gen.ErrorList](err)
	switch {
	case ok && j.root == "" && list[0].Rule.Option == "package-root":
		return nil, j.at("out", fmt.Errorf("%s would have the import path %s, which is none: choose another directory",
			filepath.ToSlash(j.out), root))
	case ok:
		errs = append(errs, list...)
	case err != nil:
		return nil, err
	}
	if len(errs) > 0 {
		j.locate(errs)
		return nil, errs
	}
	return &output{job: j, root: root, world: world, files: files}, nil
}

// at returns an error about what a key of the configuration file says, at its
// place or else the entry's. An error in WIT has a place of its own.
func (j *job) at(key string, err error) error {
	if _, ok := errors.AsType[wit.Errors](err); ok || !j.plain {
		return err
	}
	pos := j.entry.KeyPos(key, "")
	if pos == (wit.Pos{}) {
		pos = j.entry.Pos
	}
	return config.Errors{{Pos: pos, Message: message(err)}}
}

// locate puts the errors about options where the configuration file has them.
func (j *job) locate(errs gen.ErrorList) {
	if j.entry == nil {
		return
	}
	for _, e := range errs {
		if r := e.Rule; r.Option != "" && j.says(r) {
			e.Pos = j.entry.KeyPos(key(r), cmp.Or(r.Item, j.listed(r)))
		}
	}
	errs.Sort()
}

// says reports whether the entry has an option as it is, so that no flag won
// over it.
func (j *job) says(r gen.Rule) bool {
	switch r.Option {
	case "rename":
		return j.entry.Rename[r.Item] == r.Value
	case "with":
		return j.entry.With[r.Item] == r.Value
	case "package":
		return j.entry.Package == r.Value
	case "package-root":
		return j.entry.PackageRoot == r.Value
	case "features":
		return slices.Equal(j.entry.Features, j.features)
	case "optional-export":
		return slices.Equal(j.entry.OptionalExports, j.optional)
	}
	return false
}

// key returns the key of the configuration file that is an option.
func key(r gen.Rule) string {
	if r.Option == "optional-export" {
		return config.OptionalExports
	}
	return r.Option
}

// listed returns the item of a list that a rule is about; "" if it is no list's.
func (j *job) listed(r gen.Rule) string {
	if r.Option == "features" || r.Option == "optional-export" {
		return r.Value
	}
	return ""
}
