package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
)

// goldenFlags are the arguments of golden.
type goldenFlags struct {
	generateFlags
	dir     string
	update  bool
	release string // a version
}

func runGolden(args []string, stdout, stderr io.Writer) int {
	f, err := parseGolden(args)
	if err != nil {
		return usage(stderr, "golden", "%v", err)
	}
	jobs, err := f.goldenJobs()
	if wrong, ok := errors.AsType[usageError](err); ok {
		return usage(stderr, "golden", "%v", wrong)
	}
	if err != nil {
		return fail(stderr, err)
	}
	taken, err := snapshots(jobs)
	if err != nil {
		return fail(stderr, err)
	}
	g, err := openGolden(f.dir)
	if err != nil {
		return fail(stderr, err)
	}
	if f.check {
		return g.check(taken, stdout, stderr)
	}
	if f.release != "" {
		if err := g.release(taken, f.release); err != nil {
			return fail(stderr, err)
		}
	}
	if err := g.update(taken); err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

// goldenFlagSet returns the flags, which set f when they are parsed.
func (f *goldenFlags) goldenFlagSet() *flag.FlagSet {
	fs := flag.NewFlagSet("golden", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	textFlag(fs, "dir", &f.dir)
	textFlag(fs, "world", &f.world)
	textFlag(fs, "config", &f.config)
	textFlag(fs, "release", &f.release)
	featuresFlag(fs, &f.features)
	fs.BoolVar(&f.check, "check", false, "")
	fs.BoolVar(&f.update, "update", false, "")
	return fs
}

func parseGolden(args []string) (*goldenFlags, error) {
	f := new(goldenFlags)
	fs := f.goldenFlagSet()
	paths, err := parseFlags(fs, args)
	if err != nil {
		return nil, err
	}
	given := 0
	fs.Visit(func(set *flag.Flag) {
		switch set.Name {
		case "check", "update", "release":
			given++
		case "world", "features":
			f.given = append(f.given, "--"+set.Name)
		}
	})
	switch {
	case len(paths) > 1:
		return nil, fmt.Errorf("more than one path: %s", strings.Join(paths, " "))
	case given != 1 || !f.check && !f.update && f.release == "":
		return nil, errors.New("want one of --check, --update and --release X.Y.Z")
	}
	if len(paths) == 1 {
		f.path = paths[0]
		f.given = append(f.given, "PATH")
	}
	return f, nil
}

// goldenJobs returns what there is to generate for what is kept, and settles the
// directory.
func (f *goldenFlags) goldenJobs() ([]*job, error) {
	file, err := f.file()
	if err != nil {
		return nil, err
	}
	if f.dir == "" {
		f.dir = "golden"
		if file != nil {
			f.dir = filepath.Join(filepath.Dir(file.Name), "golden")
		}
	}
	if file != nil && len(file.Generate) > 0 {
		f.stdout = true // nothing is written to the directories of the entries
		return f.entries(file)
	}
	if file != nil && f.path == "" {
		b := file.Breaking
		if b == nil {
			b = new(config.Breaking)
		}
		if paths := contractPaths(file, b, filepath.Dir(file.Name)); len(paths) > 0 {
			f.path = paths[0]
		}
	}
	if f.path == "" {
		f.path = "wit"
	}
	if _, err := os.Stat(f.path); errors.Is(err, os.ErrNotExist) && f.path == "wit" {
		return nil, errors.New("wit: no such file or directory: say where the WIT package is, as in witgen golden PATH")
	}
	return []*job{&f.job}, nil
}
