package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
)

// goldenFlags are the arguments of golden.
type goldenFlags struct {
	generateFlags
	dir     string
	update  bool
	release string // a version

	record  string            // a component
	calls   string            // a file, or - for standard input
	answers map[string]string // results of functions of the host
}

func runGolden(args []string, stdout, stderr io.Writer) int {
	f, err := parseGolden(args)
	if err != nil {
		return usage(stderr, "golden", "%v", err)
	}
	if f.record != "" {
		return f.runRecord(stderr)
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
		if err := f.checkPromises(taken); err != nil {
			return fail(stderr, err)
		}
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
	textFlag(fs, "record", &f.record)
	namesFlag(fs, "versions", &f.versions)
	textFlag(fs, "calls", &f.calls)
	rulesFlag(fs, "answer", "want FUNCTION=VALUE", f.answers)
	featuresFlag(fs, &f.features)
	fs.BoolVar(&f.check, "check", false, "")
	fs.BoolVar(&f.update, "update", false, "")
	return fs
}

// wholeVersion matches what begins as versions do.
var wholeVersion = regexp.MustCompile(`^\d+\.\d+\.\d+`)

func parseGolden(args []string) (*goldenFlags, error) {
	f := &goldenFlags{answers: make(map[string]string)}
	fs := f.goldenFlagSet()
	paths, err := parseFlags(fs, args)
	if err != nil {
		return nil, err
	}
	given, recording := 0, false
	fs.Visit(func(set *flag.Flag) {
		switch set.Name {
		case "check", "update", "release", "record":
			given++
		case "calls", "answer":
			recording = true
		case "world", "versions", "features":
			f.given = append(f.given, "--"+set.Name)
		}
	})
	switch {
	case len(paths) > 1:
		return nil, fmt.Errorf("more than one path: %s", strings.Join(paths, " "))
	case given != 1 || !f.check && !f.update && f.release == "" && f.record == "":
		return nil, errors.New("want one of --check, --update, --release X.Y.Z and --record NAME")
	case f.release != "" && !wholeVersion.MatchString(f.release):
		return nil, fmt.Errorf("--release %q: want a version as the package has it, such as 0.2.1", f.release)
	case recording && f.record == "":
		return nil, errors.New("--calls and --answer are for --record")
	case f.record != "" && len(paths)+len(f.given) > 0:
		return nil, errors.New("--record is of a component: it takes no path, no --world, no --versions and no --features")
	case strings.ContainsAny(f.record, `/\`):
		return nil, fmt.Errorf("--record %q: want the name of a component in the directory components, without its directory", f.record)
	}
	if len(paths) == 1 {
		f.path = paths[0]
		f.given = append(f.given, "PATH")
	}
	return f, nil
}

// settle settles the directory, and returns the configuration file; nil if there
// is none.
func (f *goldenFlags) settle() (*config.File, error) {
	g := generateFlags{config: f.config}
	file, err := g.file()
	f.golden = f.dir // which entries of the file may have
	if err == nil && f.dir == "" {
		f.dir = "golden"
		if file != nil {
			f.dir = filepath.Join(filepath.Dir(file.Name), "golden")
		}
	}
	return file, err
}

// goldenJobs returns what there is to generate for what is kept, and settles the
// directory.
func (f *goldenFlags) goldenJobs() ([]*job, error) {
	file, err := f.settle()
	if err != nil {
		return nil, err
	}
	if file, err = f.ofPath(file); err != nil {
		return nil, err
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
	f.golden = f.dir
	if _, err := os.Stat(f.path); errors.Is(err, os.ErrNotExist) && f.path == "wit" {
		return nil, errors.New("wit: no such file or directory: say where the WIT package is, as in witgen golden PATH")
	}
	return []*job{&f.job}, nil
}

// ofPath returns a file with the entries for the package at PATH alone, and nil if
// there are none but those of a file that was not asked for.
func (f *goldenFlags) ofPath(file *config.File) (*config.File, error) {
	if file == nil || f.path == "" {
		return file, nil
	}
	own := *file
	own.Generate = slices.DeleteFunc(slices.Clone(file.Generate), func(g *config.Generate) bool {
		return !same(newJob(filepath.Dir(file.Name), g).path, f.path)
	})
	others := slices.DeleteFunc(slices.Clone(f.given), func(option string) bool { return option == "PATH" })
	switch n := len(own.Generate); {
	case n > 1 && len(others) > 0:
		return nil, usageError{fmt.Errorf("%s has %d entries for %s: %s would be for all of them; --config none leaves the file out",
			filepath.ToSlash(file.Name), n, filepath.ToSlash(f.path), strings.Join(others, ", "))}
	case n > 0:
		f.path, f.given = "", others
		return &own, nil
	case f.config != "":
		return file, nil
	}
	return nil, nil
}
