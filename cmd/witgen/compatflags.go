package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
	"github.com/witgen/witgen/wit"
)

// tableFormat is a form of the support table.
type tableFormat string

// The forms.
const (
	textTable tableFormat = "text"
	mdTable   tableFormat = "md"
	jsonTable tableFormat = "json"
)

// compatFlags are the arguments of compat.
type compatFlags struct {
	paths        []string // of the packages that are not released yet
	golden       string
	world        string
	format       tableFormat // empty for the default
	check, write string      // names of files
	versions     []string    // that the newest host serves, by --versions
	serving      []*job      // of the configuration file, which say it too
	optional     []string
	options      wit.Options
	unstable     bool
	config       string

	given map[string]bool // flags
}

func parseCompat(args []string) (*compatFlags, error) {
	f := &compatFlags{given: make(map[string]bool)}
	fs := flag.NewFlagSet("compat", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	textFlag(fs, "dir", &f.golden)
	textFlag(fs, "world", &f.world)
	textFlag(fs, "config", &f.config)
	textFlag(fs, "check", &f.check)
	textFlag(fs, "write", &f.write)
	fs.Func("table", "", f.setFormat)
	fs.Func("format", "", f.setFormat)
	namesFlag(fs, "versions", &f.versions)
	namesFlag(fs, "optional-export", &f.optional)
	featuresFlag(fs, &f.options.Features)
	fs.BoolVar(&f.options.AllFeatures, "all-features", false, "")
	var err error
	f.paths, err = parseFlags(fs, args)
	fs.Visit(func(set *flag.Flag) { f.given[set.Name] = true })
	file := f.check != "" || f.write != ""
	switch {
	case err != nil:
	case len(f.paths) > 1:
		err = fmt.Errorf("more than one path: %s", strings.Join(f.paths, " "))
	case f.check != "" && f.write != "":
		err = errors.New("--check and --write exclude one another")
	case (f.given["check"] || f.given["write"]) && !file:
		err = errors.New("--check and --write want the name of a file")
	case file && f.format != "" && f.format != mdTable:
		err = fmt.Errorf("--check and --write are for the table in md, not in %s", f.format)
	case file:
		f.format = mdTable
	case f.format == "":
		f.format = textTable
	}
	return f, err
}

func (f *compatFlags) setFormat(s string) error {
	known := []tableFormat{textTable, mdTable, jsonTable}
	switch {
	case !slices.Contains(known, tableFormat(s)):
		return errors.New("want one of text, md, json")
	case f.format != "" && f.format != tableFormat(s):
		return errors.New("it is " + string(f.format) + " already")
	}
	f.format = tableFormat(s)
	return nil
}

// configure reads the configuration file for what flags do not say.
func (f *compatFlags) configure() error {
	g := generateFlags{config: f.config}
	file, err := g.file()
	if err != nil {
		return err
	}
	dir := "."
	if file != nil {
		dir = filepath.Dir(file.Name)
		if err := f.fromFile(file, dir); err != nil {
			return err
		}
	}
	if len(f.paths) == 0 {
		name := filepath.Join(dir, "wit")
		if _, err := os.Stat(name); err == nil {
			f.paths = []string{name}
		}
	}
	if f.golden == "" {
		f.golden = filepath.Join(dir, "golden")
	}
	f.unstable = f.options.AllFeatures || len(f.options.Features) > 0
	return nil
}

// fromFile takes what a file says.
func (f *compatFlags) fromFile(file *config.File, dir string) error {
	b := file.Breaking
	if b == nil {
		b = new(config.Breaking)
	}
	if len(f.paths) == 0 {
		f.paths = contractPaths(file, b, dir)
	}
	features := slices.Clone(b.Features)
	for _, g := range file.Generate {
		f.serving, features = append(f.serving, newJob(dir, g)), append(features, g.Features...)
	}
	if !f.given["features"] {
		f.options.Features = features
	}
	if f.given["optional-export"] {
		return nil
	}
	optional, err := entryOptionals(file, dir)
	f.optional = slices.Concat(b.OptionalExports, optional)
	return err
}

// served returns the versions that the newest host of a world serves beside its
// own.
func (f *compatFlags) served(newest *edition, world string) []string {
	if f.given["versions"] {
		return f.versions
	}
	var all []string
	w := newest.pkg.World(world)
	for _, j := range f.serving {
		if newest.path != "" && same(j.path, newest.path) && w != nil && isWorld(w, j.world) {
			all = append(all, j.versions...)
		}
	}
	return all
}

// isWorld reports whether a name is a world's, or that of no world.
func isWorld(w *wit.World, name string) bool {
	return name == "" || name == w.Name || name == w.ID() || name == unversioned(w.ID())
}
