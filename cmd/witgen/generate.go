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
	case ok && path.Error() == err.Error():
		return path.Path + ": " + path.Err.Error()
	}
	return err.Error()
}
