package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/internal/goapi"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

func runBreaking(args []string, stdout, stderr io.Writer) int {
	f, err := parseBreaking(args)
	if err != nil {
		return usage(stderr, "breaking", "%v", err)
	}
	r := &findings.Report{Command: "witgen breaking", Rules: describedRules(), Line: sourceLine}
	err = f.configure()
	if wrong, ok := errors.AsType[usageError](err); ok {
		return usage(stderr, "breaking", "%v", wrong)
	}
	var suggested []string
	if err == nil {
		suggested, err = f.find(r, stderr)
	}
	if err != nil {
		return failReport(r, f.format, err, stdout, stderr)
	}
	code := printReport(r, f.format, stdout, stderr)
	if f.suggest {
		to := stdout
		if f.format != findings.Text {
			to = stderr
		}
		for _, s := range suggested {
			printf(to, "%s\n", s)
		}
	}
	return code
}

// find compares the packages, and adds what is found to a report. It returns which
// versions that asks for.
func (f *breakingFlags) find(r *findings.Report, stderr io.Writer) (suggested []string, err error) {
	r.Strict, r.Subject = f.strict, filepath.ToSlash(f.paths[0])
	if err := f.checkOptional(); err != nil {
		return nil, err
	}
	var compared []*wit.Package
	for _, path := range f.paths {
		c, err := f.compare(path)
		if err != nil {
			return nil, err
		}
		compared = append(compared, c.now)
		if c.old == nil {
			printf(stderr, "witgen: %s has no released version in the track of %s: there is nothing to compare with%s\n", filepath.ToSlash(f.golden), c.now.Name, f.unreleased(c.now))
			f.partly = true
			continue
		}
		compared = append(compared, c.old.pkg)
		f.partly = f.partly || c.old.component()
		found := c.report()
		if len(found) == 0 {
			r.Passed = append(r.Passed, filepath.ToSlash(path))
		}
		r.Findings = append(r.Findings, found...)
		suggested = append(suggested, c.suggestion())
	}
	if err := f.checkNames(compared); err != nil {
		return nil, err
	}
	r.Findings = append(r.Findings, f.staleIgnores(time.Now())...)
	return suggested, nil
}

// renamed returns the newest release of the only package that no path has any more
// and that shares names with a package: it has another name now. It is nil if there is none.
func (f *breakingFlags) renamed(s source, now *wit.Package) (*contract, error) {
	names, err := releasedNames(f.golden)
	if err != nil {
		return nil, err
	}
	have := make(map[string]bool)
	for _, path := range f.paths {
		p, err := wit.Load(path, f.options)
		if err != nil {
			return nil, nil // which is told where it is compared
		}
		have[bare(p.Name)] = true
	}
	var found *contract
	for i, n := range names { // those of one name together, the newest last
		if have[bare(n)] || i+1 < len(names) && bare(names[i+1]) == bare(n) {
			continue
		}
		c, err := s.file(filepath.Join(f.golden, goldenBase(n)+".wit"))
		switch {
		case err != nil:
			return nil, err
		case !sharesNames(c.pkg, now):
		case found != nil:
			return nil, nil
		default:
			found = c
		}
	}
	return found, nil
}

// sharesNames reports whether an interface of one package, or a world if it has no
// interfaces, has the name of one of another.
func sharesNames(a, b *wit.Package) bool {
	if len(a.Interfaces) > 0 {
		return slices.ContainsFunc(a.Interfaces, func(i *wit.Interface) bool { return b.Interface(i.Name) != nil })
	}
	return slices.ContainsFunc(a.Worlds, func(w *wit.World) bool { return b.World(w.Name) != nil })
}

// unreleased says what to do where no released version is in a package's track.
func (f *breakingFlags) unreleased(now *wit.Package) string {
	names, err := releasedNames(f.golden)
	if err != nil {
		return ""
	}
	names = slices.DeleteFunc(names, func(n wit.PackageName) bool { return bare(n) != bare(now.Name) })
	if len(names) > 0 {
		other := filepath.ToSlash(filepath.Join(f.golden, goldenBase(names[len(names)-1])+".wit"))
		return "; --against " + other + " compares with another track"
	}
	if now.Name.Version == "" {
		return "; a package is released by its version, as in `package " + bare(now.Name) + "@0.1.0;`"
	}
	return "; 'witgen golden --release " + now.Name.Version + "' keeps this one"
}

// checkOptional looks for optional exports that several of the packages have.
func (f *breakingFlags) checkOptional() error {
	if !slices.ContainsFunc(f.optional, func(export string) bool { return !qualified(export) }) {
		return nil
	}
	var packages []*wit.Package
	for _, path := range slices.Concat(f.paths, f.optionalOf) {
		p, err := wit.Load(path, f.options)
		if err != nil {
			continue // which is told where it is compared
		}
		packages = append(packages, p)
	}
	return checkOptional(f.optional, packages)
}

// checkNames looks for optional exports and features that are nowhere in the
// packages. Those of a file may be of packages that are not compared.
func (f *breakingFlags) checkNames(compared []*wit.Package) error {
	var optional, features []string
	if f.whole || f.given["optional-export"] {
		optional = f.optional
	}
	if f.whole || f.given["features"] {
		features = f.options.Features
	}
	if len(optional)+len(features) == 0 {
		return nil
	}
	return misspelt(optional, features, append(compared, withAllFeatures(f.paths)...))
}

// comparison is a package and what was found against an older one.
type comparison struct {
	flags *breakingFlags
	old   *contract // nil if there is nothing to compare with
	now   *wit.Package
	found []compat.Finding
	// encoded says that the positions in the package are in no file.
	encoded bool
}

// compare compares the package at a path.
func (f *breakingFlags) compare(name string) (*comparison, error) {
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) && name == "wit" {
		return nil, errors.New("wit: no such file or directory: say where the WIT package is, as in witgen breaking PATH")
	}
	now, err := wit.Load(name, f.options)
	if err != nil {
		return nil, err
	}
	for _, world := range f.worlds {
		if now.World(world) == nil {
			_, err := now.ChooseWorld(world)
			if err == nil {
				err = fmt.Errorf("world %s is of another package", world)
			}
			return nil, err
		}
	}
	c := &comparison{flags: f, now: now, encoded: filepath.Ext(name) == ".wasm"}
	s := source{against: f.against, golden: f.golden, now: name, options: f.options}
	if c.old, err = s.load(now); err == nil && c.old == nil && !f.given["PATH"] {
		c.old, err = f.renamed(s, now)
	}
	if err != nil || c.old == nil {
		return c, err
	}
	if c.old.component() && len(f.worlds) == 0 && len(now.Worlds) > 1 {
		return nil, fmt.Errorf("%w: choose the one that %s is for with --world", worldError(now), c.old.from)
	}
	found := compat.Compare(c.old.pkg, now, compat.Options{
		Worlds: f.worlds, Role: f.role, Unstable: f.unstable, Optional: f.optional,
	})
	tracks, err := c.tracksGone(name)
	if err != nil {
		return nil, err
	}
	inGo, err := c.goAPI(name)
	if err != nil {
		return nil, err
	}
	moved := func(x compat.Finding) bool { return x.Rule == goapi.Moved }
	if slices.ContainsFunc(found, moved) { // it is told of where it stands
		inGo = slices.DeleteFunc(inGo, moved)
	}
	c.found = f.keep(slices.Concat(found, tracks, inGo), c.old.component())
	bump, err := c.bump()
	if bump != nil {
		c.found = append(f.keep([]compat.Finding{*bump}, false), c.found...)
	}
	return c, err
}

// worldError is the error that a package has several worlds.
func worldError(p *wit.Package) error {
	_, err := p.ChooseWorld("")
	return err
}

// bump finds out whether the version of the package says what changed. What was
// never released may change under its version.
func (c *comparison) bump() (*compat.Finding, error) {
	if c.old.component() {
		return nil, nil
	}
	lock, err := readGoldenLock(c.flags.golden)
	if err != nil || !lock.has(c.old.pkg.Name) {
		return nil, err
	}
	return compat.CheckBump(c.found, c.old.pkg, c.now), nil
}

// moved reports whether the package is in another track now: guests of the old
// one are never linked to it.
func (c *comparison) moved() bool {
	was, is := c.old.pkg.Name, c.now.Name
	return bare(was) == bare(is) && was.Version != "" && is.Version != "" &&
		!sameTrack(was.Version, is.Version) && wit.CompareVersions(was.Version, is.Version) < 0
}

// suggestion says which version the findings ask for.
func (c *comparison) suggestion() string {
	name := bare(c.now.Name)
	was := c.old.pkg.Name.Version
	switch {
	case c.old.component():
		return name + ": a component has no version to go on from"
	case was == "":
		return name + " has no version"
	case wit.Track(was) == "":
		return name + "@" + was + " promises nothing"
	}
	never := slices.IndexFunc(c.found, func(f compat.Finding) bool {
		return f.Severity == compat.Error && f.Bump == compat.NoBump && f.Rule != "PACKAGE_VERSION_BUMP"
	})
	need := compat.Needed(c.found)
	switch {
	case never >= 0:
		return name + ": no version admits " + c.found[never].Rule
	case need == compat.NoBump:
		return name + "@" + was + " (nothing to release)"
	}
	guests, hosts, code := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for _, f := range c.found {
		switch {
		case f.Bump != need || f.Rule == "PACKAGE_VERSION_BUMP":
		case f.Category == compat.Go:
			code[f.Rule+" "+f.Item] = true
		case f.Direction == compat.ToHosts:
			hosts[f.Rule+" "+f.Item] = true
		default:
			guests[f.Rule+" "+f.Item] = true
		}
	}
	next := compat.Next(was, need)
	what := "breaking"
	if sameTrack(was, next) {
		what = "new"
	}
	var why []string
	for _, n := range []struct {
		number int
		whom   string
	}{{len(guests), "guests"}, {len(hosts), "hosts"}, {len(code), "Go code"}} {
		if n.number > 0 {
			why = append(why, fmt.Sprintf("%d %s for %s", n.number, what, n.whom))
		}
	}
	return fmt.Sprintf("%s@%s -> @%s (%s)", name, was, next, strings.Join(why, ", "))
}
