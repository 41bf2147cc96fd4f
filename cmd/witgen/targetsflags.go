package main

import (
	"cmp"
	"errors"
	"flag"
	"io"
	"path/filepath"

	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/wit"
)

const targetsHelp = `usage: witgen targets COMPONENT... [OPTIONS]

Targets says whether components fit a host, and how: each import and export,
what stands for it and in which version, and both types where they differ. It
compares as a host does that loads them, and runs nothing of them. The host is
written for a world of a WIT package; what components import of WASI it has from
package rt/wasi. A COMPONENT is a .wasm file, or - for standard input.

  matched     it is there, of the same type
  missing     who has to have it does not: the nearest name is told, and the
              versions that are there
  wrong type  both have it, of different types
  absent      an optional export that the component does not have
  extra       an export that the world does not have, which does no harm

It also says how much memory an instance has before its first code runs, and for
which imports nothing can be done without a grant of a policy.

Options, before or after COMPONENT:

  --against SOURCE  where the host's WIT package is: a .wit file, a directory, a
                    .wasm file with an encoded package, or git:REF[:PATH], as
                    for breaking. "golden", or a directory with a lock.json as
                    witgen golden keeps it, is all released versions: there is a
                    line for each, and a component fits if it fits one. Without
                    it, the package is what witgen.yaml is about, or ./wit
  --world WORLD     the host's world, if the package has several
  --versions LIST   the versions that the host serves, as for generate; by
                    default those of witgen.yaml, where the package is from it
  --semver MATCH    which versions stand for one another: track, which is the
                    default and what hosts do: the version itself, or else the
                    greatest of its compatibility track; exact: only the version
                    itself; prerelease: track, with pre-releases in the tracks
                    of their releases
  --no-wasi         the host has nothing of WASI beside the world
  --optional-export EXPORT  an export that components may lack, as for generate
                    (repeatable)
  --policy FILE     say what is denied by a policy file of package
                    rt/plugin/policy, and why a host would refuse the component
                    by it. With golden, one for a world in a version refuses
                    hosts of other tracks
  --plugin NAME     its name in that file; see inspect
  --features LIST   turn on items that are @unstable (repeatable)
  --all-features    turn on all of them
  --format FORMAT   how to print; see below
  --config FILE     read FILE rather than the next witgen.yaml. "none" reads no
                    file

The formats of --format:

  text    for people; the default
  json    an object for each component and world, each on a line:
          {component, world, from, fits, error, imports, exports, memory,
          grants, denied, refused}. Imports and exports are [{name, verdict,
          with, beside, versions, near, guest, host, items}]: with is what
          stands for it on the other side, guest and host are types
  github, gitlab, junit, sarif
          what does not fit as findings, and why there can be no check, as for
          breaking; junit has a test case that passed for each world that fits

Exit codes: 0 all components fit, 1 error, 2 wrong usage, 100 one does not fit.
`

// targetsFlags are the arguments of targets.
type targetsFlags struct {
	paths           []string
	against, golden string
	world           string
	matching        wit.Matching
	noWASI          bool
	optional        []string
	versions        []string
	policy, plugin  string
	options         wit.Options
	format          findings.Format
	config          string

	given map[string]bool // flags
}

func parseTargets(args []string) (*targetsFlags, error) {
	f := &targetsFlags{given: make(map[string]bool)}
	fs := flag.NewFlagSet("targets", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	textFlag(fs, "against", &f.against)
	textFlag(fs, "config", &f.config)
	textFlag(fs, "world", &f.world)
	textFlag(fs, "policy", &f.policy)
	textFlag(fs, "plugin", &f.plugin)
	listFlag(fs, "optional-export", &f.optional)
	featuresFlag(fs, &f.options.Features)
	fs.BoolVar(&f.options.AllFeatures, "all-features", false, "")
	namesFlag(fs, "versions", &f.versions)
	fs.BoolVar(&f.noWASI, "no-wasi", false, "")
	fs.Func("semver", "", func(s string) (err error) { f.matching, err = parseMatching(s); return err })
	formatFlag(fs, &f.format)
	var err error
	f.paths, err = parseFlags(fs, args)
	switch {
	case err != nil:
	case len(f.paths) == 0:
		err = errors.New("which component?")
	case f.plugin != "" && f.policy == "":
		err = errors.New("--plugin is for --policy")
	}
	fs.Visit(func(set *flag.Flag) { f.given[set.Name] = true })
	return f, err
}

func parseMatching(s string) (wit.Matching, error) {
	switch s {
	case "track":
		return wit.MatchTrack, nil
	case "exact":
		return wit.MatchExact, nil
	case "prerelease":
		return wit.MatchPrerelease, nil
	}
	return 0, errors.New("want track, exact or prerelease")
}

// configure reads the configuration file for what flags do not say.
func (f *targetsFlags) configure() error {
	g := generateFlags{config: f.config}
	file, err := g.file()
	if err != nil {
		return err
	}
	dir, against := ".", "wit"
	if file != nil {
		dir = filepath.Dir(file.Name)
		if len(file.Generate) > 0 {
			j := newJob(dir, file.Generate[0])
			against = j.path
			if f.against == "" && !f.given["versions"] {
				f.versions, f.golden = j.versions, j.golden
			}
		}
		if !f.given["optional-export"] {
			if f.optional, err = entryOptionals(file, dir); err != nil {
				return err
			}
			if file.Breaking != nil {
				f.optional = append(f.optional, file.Breaking.OptionalExports...)
			}
		}
	}
	f.golden = cmp.Or(f.golden, filepath.Join(dir, "golden"))
	if isGolden(f.against) {
		f.golden = f.against
	}
	if f.against == "" {
		f.against = against
	}
	return nil
}
