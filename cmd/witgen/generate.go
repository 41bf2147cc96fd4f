package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

const generateHelp = `usage: witgen generate [PATH] --out DIR [OPTIONS]
       witgen generate [--config FILE] [OPTIONS]

Generate writes Go bindings for a world of the WIT package at PATH, which is a
.wit file, a directory of them, with other packages in its directory deps, or a
.wasm file: an encoded package, or a component, which becomes a world by what it
imports and exports. PATH is ./wit if it is left out.

For each interface that the world imports or exports, and for the world itself,
it writes a package below DIR, in files called *.wit.go. Only files that change
are written. Files that an earlier run wrote for the same WIT package and that
no item leads to any more are removed, so each world wants a DIR of its own.
Success is silent.

Options, before or after PATH:

  --world NAME          the world: one of the package, or "ns:pkg/world@version"
                        of another one; needed if the package has several
  --out DIR             the output directory
  --package NAME        the name of the world's package and its directory; by
                        default it is the world's, without dashes
  --package-root PATH   the import path of DIR; by default it follows from the
                        nearest go.mod at or above DIR
  --rename ITEM=NAME    give an item another Go name (repeatable); an item is an
                        interface or world ("host-api", "wasi:io/streams"), or
                        something in it ("host-api.get-config",
                        "plugin-api.process-request.input")
  --with ITEM=PATH      use the bindings of an interface that are in the package
                        at an import path already (repeatable); see below
  --features LIST       turn on items that are @unstable: names with commas
                        between them (repeatable)
  --config FILE         read FILE rather than the next witgen.yaml; see below.
                        "none" reads no file
  --check               write nothing; print what would change as a unified diff
                        and exit with 100 if that is anything
  --dry-run             write nothing; list the files that would change
  --stdout              write nothing; print the files as a txtar archive
  -v                    list the files that change

Bindings that exist. An ITEM of --with is an interface ("host-api",
"wasi:io/streams"), or that only in a version or a track of versions
("wasi:io/streams@0.2.3", "wasi:io/streams@0.2"), or all interfaces of a
package, each in the directory that witgen gives it:

  --with 'wasi:io/*@0.2=example.com/bindings/wasi/io/*'

Nothing is generated for such an interface. Other packages refer to its types
and resources where they are, and the world to its Interface, Import and Export.
So the package must come from witgen, in the same format (see witgen version),
for a world that imports the interface if this one does and exports it if this
one does, with the same --rename for all in it. The interfaces whose types it
uses need a --with too. A --with or --rename that is about nothing is an error.

The file. Without PATH, generate looks for witgen.yaml in the current directory
and above it, up to the root of the Go module, and works through its entries:

  generate:
    - wit: wit                  # PATH; all paths are relative to the file
      world: plugin             # each key is the option of that name
      out: api
      package: plugin
      package-root: example.com/app/api
      rename: {store: KV}
      with:
        wasi:io/*@0.2: example.com/bindings/wasi/io/*
      features: [peeking]

Options win over the file of one entry: --rename and --with item by item. Where
the file has several, options that would be about all of them are wrong.

Exit codes: 0 success, 1 error, 2 wrong usage, 100 --check found differences.
`

// generateFlags are the arguments of generate.
type generateFlags struct {
	job                            // as far as flags say it
	given                 []string // flags that say something of the job, in order
	config                string
	check, dryRun, stdout bool
	verbose               bool
}

func runGenerate(args []string, stdout, stderr io.Writer) int {
	f, err := parseGenerate(args)
	if err != nil {
		return usage(stderr, "generate", "%v", err)
	}
	jobs, err := f.jobs()
	if wrong, ok := errors.AsType[usageError](err); ok {
		return usage(stderr, "generate", "%v", wrong)
	}
	if err != nil {
		return fail(stderr, err)
	}
	var outputs []*output
	for _, j := range jobs {
		files, err := j.files()
		if err != nil {
			fail(stderr, err)
			continue
		}
		outputs = append(outputs, &output{dir: j.out, files: files})
	}
	if len(outputs) < len(jobs) {
		return exitError
	}
	if f.stdout {
		var a txtar.Archive
		for _, o := range outputs {
			for _, file := range o.files {
				a.Files = append(a.Files, txtar.File{Name: o.name(file.Path), Data: file.Content})
			}
		}
		printf(stdout, "%s", txtar.Format(&a))
		return exitOK
	}
	return f.write(outputs, stdout, stderr)
}

// write writes the files that change, or says which those are.
func (f *generateFlags) write(outputs []*output, stdout, stderr io.Writer) int {
	changed := false
	for _, o := range outputs {
		if err := o.findChanges(); err != nil {
			return fail(stderr, err)
		}
		for _, c := range o.changes {
			changed = true
			switch {
			case f.check:
				printf(stdout, "%s", c.diff(o.name(c.name)))
			case f.dryRun || f.verbose:
				printf(stdout, "%s %s\n", c.verb(), o.name(c.name))
			}
		}
	}
	switch {
	case f.check && changed:
		return exitDiffer
	case f.check || f.dryRun:
		return exitOK
	}
	for _, o := range outputs {
		if err := o.apply(); err != nil {
			return fail(stderr, err)
		}
	}
	return exitOK
}

func parseGenerate(args []string) (*generateFlags, error) {
	f := &generateFlags{job: job{rename: map[string]string{}, with: map[string]string{}}}
	fs := flag.NewFlagSet("generate", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&f.world, "world", "", "")
	fs.StringVar(&f.out, "out", "", "")
	fs.StringVar(&f.pkg, "package", "", "")
	fs.StringVar(&f.root, "package-root", "", "")
	fs.StringVar(&f.config, "config", "", "")
	fs.BoolVar(&f.check, "check", false, "")
	fs.BoolVar(&f.dryRun, "dry-run", false, "")
	fs.BoolVar(&f.stdout, "stdout", false, "")
	fs.BoolVar(&f.verbose, "v", false, "")
	featuresFlag(fs, &f.features)
	rulesFlag(fs, "rename", "want ITEM=NAME", f.rename)
	rulesFlag(fs, "with", "want ITEM=PATH", f.with)
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

// rulesFlag adds a flag that gives items something.
func rulesFlag(fs *flag.FlagSet, name, want string, rules map[string]string) {
	fs.Func(name, "", func(s string) error {
		item, value, ok := strings.Cut(s, "=")
		if !ok || item == "" || value == "" {
			return errors.New(want)
		}
		rules[item] = value
		return nil
	})
}

// parseFlags parses flags wherever they stand and returns the other arguments.
// After "--" there are no flags.
func parseFlags(fs *flag.FlagSet, args []string) ([]string, error) {
	var others, last []string
	for i, a := range args {
		if a == "--" {
			args, last = args[:i], args[i+1:]
			break
		}
	}
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return append(others, last...), nil
		}
		others = append(others, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

// fail reports an error. Those that begin with a place in a file stand as they
// are.
func fail(stderr io.Writer, err error) int {
	_, isWIT := errors.AsType[wit.Errors](err)
	_, isWorld := errors.AsType[gen.ErrorList](err)
	_, isConfig := errors.AsType[config.Errors](err)
	if isWIT || isWorld || isConfig {
		printf(stderr, "%v\n", err)
		return exitError
	}
	printf(stderr, "witgen: %s\n", message(err))
	return exitError
}

// message returns the text of an error. That a file is missing reads the same
// on all systems.
func message(err error) string {
	if path, ok := errors.AsType[*os.PathError](err); ok && errors.Is(err, os.ErrNotExist) {
		return path.Path + ": no such file or directory"
	}
	return err.Error()
}
