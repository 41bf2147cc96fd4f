package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

const generateHelp = `usage: witgen generate [PATH] --out DIR [OPTIONS]

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
  --package-root PATH   the import path of DIR; by default it follows from the
                        nearest go.mod at or above DIR
  --rename ITEM=NAME    give an item another Go name (repeatable); an item is an
                        interface or world ("host-api", "wasi:io/streams"), or
                        something in it ("host-api.get-config",
                        "plugin-api.process-request.input")
  --feature NAME        turn on items that are @unstable (repeatable)
  --check               write nothing; print what would change as a unified diff
                        and exit with 100 if that is anything
  --dry-run             write nothing; list the files that would change
  --stdout              write nothing; print the files as a txtar archive
  -v                    list the files that change

Exit codes: 0 success, 1 error, 2 wrong usage, 100 --check found differences.
`

// generateFlags are the arguments of generate.
type generateFlags struct {
	path, world, out, root string
	rename                 map[string]string
	features               []string
	check, dryRun, stdout  bool
	verbose                bool
}

func runGenerate(args []string, stdout, stderr io.Writer) int {
	f, err := parseGenerate(args)
	if err != nil {
		return usage(stderr, "generate", "%v", err)
	}
	files, err := f.files()
	if err != nil {
		return fail(stderr, err)
	}
	if f.stdout {
		var a txtar.Archive
		for _, file := range files {
			a.Files = append(a.Files, txtar.File{Name: file.Path, Data: file.Content})
		}
		printf(stdout, "%s", txtar.Format(&a))
		return exitOK
	}
	changes, err := findChanges(f.out, files)
	if err != nil {
		return fail(stderr, err)
	}
	for _, c := range changes {
		switch {
		case f.check:
			printf(stdout, "%s", c.diff())
		case f.dryRun || f.verbose:
			printf(stdout, "%s\n", c)
		}
	}
	switch {
	case f.check && len(changes) > 0:
		return exitDiffer
	case f.check || f.dryRun:
		return exitOK
	}
	if err := apply(f.out, changes); err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

// files loads the world and generates its files.
func (f *generateFlags) files() ([]gen.File, error) {
	pkg, err := wit.Load(f.path, wit.Options{Features: f.features})
	if err != nil {
		return nil, err
	}
	world, err := pkg.ChooseWorld(f.world)
	if err != nil {
		return nil, err
	}
	root := f.root
	if root == "" {
		if root, err = importPath(f.out); err != nil {
			return nil, err
		}
	}
	return gen.Generate(world, gen.Options{PackageRoot: root, Rename: f.rename})
}

func parseGenerate(args []string) (*generateFlags, error) {
	f := &generateFlags{rename: make(map[string]string)}
	fs := flag.NewFlagSet("generate", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&f.world, "world", "", "")
	fs.StringVar(&f.out, "out", "", "")
	fs.StringVar(&f.root, "package-root", "", "")
	fs.BoolVar(&f.check, "check", false, "")
	fs.BoolVar(&f.dryRun, "dry-run", false, "")
	fs.BoolVar(&f.stdout, "stdout", false, "")
	fs.BoolVar(&f.verbose, "v", false, "")
	fs.Func("feature", "", func(s string) error {
		f.features = append(f.features, s)
		return nil
	})
	fs.Func("rename", "", func(s string) error {
		item, name, ok := strings.Cut(s, "=")
		if !ok || item == "" || name == "" {
			return errors.New("want ITEM=NAME")
		}
		f.rename[item] = name
		return nil
	})
	paths, err := parseFlags(fs, args)
	switch {
	case err != nil:
		return nil, err
	case len(paths) > 1:
		return nil, fmt.Errorf("more than one path: %s", strings.Join(paths, " "))
	case f.check && f.dryRun, f.check && f.stdout, f.dryRun && f.stdout:
		return nil, errors.New("--check, --dry-run and --stdout exclude one another")
	case f.out == "" && !f.stdout:
		return nil, errors.New("--out is missing")
	case f.out == "" && f.root == "":
		return nil, errors.New("--stdout wants --out or --package-root")
	}
	f.path = "wit"
	if len(paths) == 1 {
		f.path = paths[0]
	}
	return f, nil
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
	if isWIT || isWorld {
		printf(stderr, "%v\n", err)
		return exitError
	}
	if path, ok := errors.AsType[*os.PathError](err); ok && errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("%s: no such file or directory", path.Path)
	}
	printf(stderr, "witgen: %v\n", err)
	return exitError
}
