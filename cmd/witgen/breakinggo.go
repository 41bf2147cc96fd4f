package main

import (
	"cmp"
	"errors"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/goapi"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// goAPI finds what of the change breaks those who use the generated packages:
// those that entries of the configuration file are for, or the packages of each
// world without choices if --use asks for it.
func (c *comparison) goAPI(name string) ([]compat.Finding, error) {
	if c.old.component() {
		return nil, nil
	}
	var found []compat.Finding
	for _, j := range c.flags.goJobs(name, c.now) {
		more, err := c.goWorld(j)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// goJobs returns what is generated for the package at a path.
func (f *breakingFlags) goJobs(name string, now *wit.Package) []*job {
	var jobs []*job
	for _, j := range f.generates {
		if same(j.path, name) && (len(f.worlds) == 0 || slices.Contains(f.worlds, j.world)) {
			jobs = append(jobs, j)
		}
	}
	asked := func(s string) bool { return s == string(compat.Go) || strings.HasPrefix(s, "GO_") }
	if len(jobs) > 0 || !slices.ContainsFunc(f.use, asked) {
		return jobs
	}
	for _, w := range now.Worlds {
		if len(f.worlds) == 0 || slices.Contains(f.worlds, w.Name) {
			jobs = append(jobs, &job{world: w.Name, optional: optionalIn(w, f.optional)})
		}
	}
	return jobs
}

// goWorld compares what is generated for a world. Where there was nothing to
// generate, or is nothing, nothing breaks that witgen generate does not tell of.
func (c *comparison) goWorld(j *job) ([]compat.Finding, error) {
	was, is := worldOf(c.old.pkg, j.world), worldOf(c.now, j.world)
	if was == nil || is == nil {
		return nil, nil
	}
	older, err := c.older(j, is)
	if err != nil {
		return nil, err
	}
	then, err := c.olderThen(was, older)
	if err != nil {
		return nil, err
	}
	before := &bindings{world: was, older: then, files: generateOld(was, j.options(was, then))}
	if before.files == nil {
		return nil, nil
	}
	now := &bindings{world: is, older: older}
	now.files, err = gen.Generate(is, j.options(is, older))
	if list, ok := errors.AsType[gen.ErrorList](err); ok {
		return c.unstableNames(list, is), nil
	}
	if err != nil {
		return nil, err
	}
	old, err := before.api()
	if err != nil {
		return nil, err
	}
	api, err := now.api()
	if err != nil {
		return nil, err
	}
	items := goItems(slices.Concat(before.files, now.files))
	var found []compat.Finding
	for _, ch := range goapi.Compare(old, api) {
		x := c.goFinding(is, ch.Rule, ch.Message, !ch.Embeddable)
		if ch.Rule == goapi.PackageGone {
			x.Fix = cmp.Or(now.moved(before, ch.Package), x.Fix)
		}
		x.Item = items[ch.Package]
		if x.Item == "" {
			x.Item = bare(is.Package.Name) + "/" + is.Name
		}
		if ch.Item != "" {
			x.Item += "#" + ch.Item
		}
		if ch.Old != "" {
			x.Old = &compat.Place{Text: ch.Old}
		}
		if ch.New != "" {
			x.New = &compat.Place{Text: ch.New}
		}
		if ch.Embeddable {
			x.Severity = compat.Info
		} else {
			x = c.releasable(x)
		}
		found = append(found, x)
	}
	return found, nil
}

// goFinding returns a finding about Go code, which may break, or be about an
// addition. It weighs more once the contract promises something.
func (c *comparison) goFinding(w *wit.World, rule, message string, breaks bool) compat.Finding {
	was := c.old.pkg.Name.Version
	x := compat.Finding{
		Rule: rule, Category: compat.Go, Severity: compat.Warning, Direction: compat.ToHosts, Package: c.now.Name.String(), World: w.Name,
		Message: message, Bump: compat.BumpFor(was, breaks),
	}
	if v := c.now.Name.Version; v != "" && wit.CompareVersions(v, "1.0.0") >= 0 {
		x.Severity = compat.Error
	}
	r, _ := findRule(rule)
	x.Fix = r.Fix
	return x
}

// unstableNames returns findings about names that are new and take the Go name
// of another one.
func (c *comparison) unstableNames(list gen.ErrorList, w *wit.World) []compat.Finding {
	var found []compat.Finding
	for _, e := range list {
		if e.Rename == "" {
			continue
		}
		x := c.goFinding(w, nameStable, e.Message, false) // nothing is generated until it has a name
		x.Item = bare(c.now.Name) + "/" + e.Rename
		x.New = &compat.Place{File: e.Pos.File, Line: e.Pos.Line, Col: e.Pos.Col}
		x.Fix = "give one of them a name: --rename " + e.Rename + "=NAME, or rename in witgen.yaml"
		found = append(found, x)
	}
	return found
}

// worldOf returns the world that a name means, or the package's only one: it
// may have had another name.
func worldOf(p *wit.Package, name string) *wit.World {
	if w, err := p.ChooseWorld(name); err == nil {
		return w
	}
	if len(p.Worlds) == 1 {
		return p.Worlds[0]
	}
	return nil
}

// options returns the options of the job for a world and older ones, for packages
// that nobody imports.
func (j *job) options(w *wit.World, older []*wit.World) gen.Options {
	return gen.Options{
		PackageRoot: anyRoot, Package: j.pkg, Rename: maps.Clone(j.rename), With: maps.Clone(j.with),
		OptionalExports: j.optionals(w), GenerateWASI: j.wasi == "generate", Older: older,
	}
}

// generateOld generates packages for the world as it was, without the options
// that are about what it did not have. It returns nil if there were none.
func generateOld(w *wit.World, o gen.Options) []gen.File {
	for range 2 {
		files, err := gen.Generate(w, o)
		if err == nil {
			return files
		}
		list, _ := errors.AsType[gen.ErrorList](err)
		for _, e := range list {
			switch e.Rule.Option {
			case "rename":
				delete(o.Rename, e.Rule.Item)
			case "with":
				delete(o.With, e.Rule.Item)
			case "optional-export":
				o.OptionalExports = slices.DeleteFunc(slices.Clone(o.OptionalExports), func(s string) bool { return s == e.Rule.Value })
			}
		}
	}
	return nil
}

// holds matches what the package of an interface says it holds.
var holds = regexp.MustCompile(`(?m)^// Package \w+ holds the WIT(?:\n//)? interface(?:\n//)? (\S+)\.$`)

// goItems returns the WIT interfaces that generated packages are for, by their
// paths.
func goItems(files []gen.File) map[string]string {
	items := make(map[string]string)
	for _, f := range files {
		if m := holds.FindSubmatch(f.Content); m != nil {
			items[path.Dir(f.Path)] = unversioned(string(m[1]))
		}
	}
	return items
}
