package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

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
are written, and all of them or none. Files that an earlier run wrote to DIR for
this world, or for one that its package no longer has, and that no item leads to
any more are removed. Other files are never touched, be they written by hand or
for another world: where one is in the way, nothing is written. So each world
wants a DIR of its own; that may lie in another's. Success is silent.

Async functions are ordinary methods; they work as long as the guest never
waits. Functions with a stream, a future or an error-context in their types have
methods too, but a call fails, with rt.ErrNotSupported.

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
	outputs, errs := generateAll(jobs)
	if len(errs) == 0 && !f.stdout {
		errs = compareAll(outputs)
	}
	for _, err := range errs {
		fail(stderr, err)
	}
	switch {
	case len(errs) > 0:
		return exitError
	case f.stdout:
		printArchive(stdout, outputs)
		return exitOK
	}
	return f.write(outputs, stdout, stderr)
}

// generateAll does jobs, as many at a time as the machine has processors, and
// returns what they come to in their order, or all that is wrong.
func generateAll(jobs []*job) ([]*output, []error) {
	outputs, wrong := make([]*output, len(jobs)), make([]error, len(jobs))
	var all sync.WaitGroup
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for n, j := range jobs {
		turns <- struct{}{}
		all.Go(func() {
			outputs[n], wrong[n] = j.generate()
			<-turns
		})
	}
	all.Wait()
	if errs := present(wrong); len(errs) > 0 {
		return nil, errs
	}
	return outputs, nil
}

// compareAll finds the changes of outputs, of which no two may have a file in
// common.
func compareAll(outputs []*output) []error {
	wrong := make([]error, len(outputs))
	owners := make(map[string]*output)
	for n, o := range outputs {
		for _, f := range o.files {
			name, err := filepath.Abs(o.path(f.Path))
			if err != nil {
				name = o.path(f.Path)
			}
			if before := owners[name]; before != nil && wrong[n] == nil {
				wrong[n] = fmt.Errorf("%s is a file of %s too: choose another directory", o.name(f.Path), before.out)
			}
			owners[name] = o
		}
		if wrong[n] == nil {
			wrong[n] = o.findChanges()
		}
		if wrong[n] != nil {
			wrong[n] = o.at("out", wrong[n])
		}
	}
	return present(wrong)
}

// present returns the errors that are errors.
func present(errs []error) []error {
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// printArchive prints the files of outputs.
func printArchive(w io.Writer, outputs []*output) {
	var a txtar.Archive
	for _, o := range outputs {
		for _, file := range o.files {
			a.Files = append(a.Files, txtar.File{Name: o.name(file.Path), Data: file.Content})
		}
	}
	printf(w, "%s", txtar.Format(&a))
}

// write writes the files that change, or says which those are.
func (f *generateFlags) write(outputs []*output, stdout, stderr io.Writer) int {
	changed := false
	for _, o := range outputs {
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
	if err := apply(outputs); err != nil {
		return fail(stderr, err)
	}
	return exitOK
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

// message returns the text of an error. What is wrong with a file is said of
// its name, and that it is missing in the same words on all systems.
func message(err error) string {
	path, ok := errors.AsType[*os.PathError](err)
	switch {
	case ok && errors.Is(err, os.ErrNotExist):
		return path.Path + ": no such file or directory"
	case ok && error(path) == err:
		return path.Path + ": " + path.Err.Error()
	}
	return err.Error()
}
