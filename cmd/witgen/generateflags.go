package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// generateFlags are the arguments of generate.
type generateFlags struct {
	job                            // as far as flags say it
	given                 []string // flags that say something of the job
	config                string
	check, dryRun, stdout bool
	verbose               bool
}

// flagSet returns the flags, which set f when they are parsed.
func (f *generateFlags) flagSet() *flag.FlagSet {
	fs := flag.NewFlagSet("generate", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	textFlag(fs, "world", &f.world)
	textFlag(fs, "out", &f.out)
	textFlag(fs, "package", &f.pkg)
	textFlag(fs, "package-root", &f.root)
	textFlag(fs, "wasi", &f.wasi)
	textFlag(fs, "config", &f.config)
	textFlag(fs, "golden", &f.golden)
	namesFlag(fs, "versions", &f.versions)
	fs.BoolVar(&f.check, "check", false, "")
	fs.BoolVar(&f.dryRun, "dry-run", false, "")
	fs.BoolVar(&f.stdout, "stdout", false, "")
	fs.BoolVar(&f.verbose, "v", false, "")
	featuresFlag(fs, &f.features)
	listFlag(fs, "optional-export", &f.optional)
	rulesFlag(fs, "rename", "want ITEM=NAME", f.rename)
	rulesFlag(fs, "with", "want ITEM=PATH", f.with)
	return fs
}

func parseGenerate(args []string) (*generateFlags, error) {
	f := &generateFlags{job: job{rename: map[string]string{}, with: map[string]string{}}}
	fs := f.flagSet()
	paths, err := parseFlags(fs, args)
	switch {
	case err != nil:
		return nil, err
	case len(paths) > 1:
		return nil, fmt.Errorf("more than one path: %s", strings.Join(paths, " "))
	case f.check && f.dryRun, f.check && f.stdout, f.dryRun && f.stdout:
		return nil, errors.New("--check, --dry-run and --stdout exclude one another")
	}
	if len(paths) == 1 {
		f.path = paths[0]
		f.given = append(f.given, "PATH")
	}
	fs.Visit(func(set *flag.Flag) {
		switch set.Name {
		case "config", "check", "dry-run", "stdout", "v":
		default:
			f.given = append(f.given, "--"+set.Name)
		}
	})
	return f, nil
}
