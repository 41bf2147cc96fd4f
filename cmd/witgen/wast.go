package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/witgen/witgen/cmd/witgen/internal/wast"
)

const wastHelp = `usage: witgen wast PATH... [OPTIONS]

Wast runs scripts of the WebAssembly test suites: lists of commands in JSON,
with the components that they name as binaries beside them. PATH is a script,
or a directory, in which every .json file with a list "commands" is one, at any
depth. Components may import what suites expect of the world around them: the
instances that the script registers, and the test functions and resources of an
instance named host.

A line is printed for each script, with how many commands passed, failed and
were skipped, and one for all of them.

Options, before or after PATH:

  -v                also print each command that failed, with what was got and
                    what was wanted, and each that was skipped, with the reason
  --skip-list FILE  commands that need more than the engine has, a line each:
                    "folder/script:line reason". They and what depends on them
                    are skipped; one that passes fails, and can be struck out
  --timeout TIME    how long a command may take, "10s" if it is left out, and
                    "0" for no limit. It ends what waits, not an endless loop
  --interpreter     run core code without compiling it

Exit codes: 0 no command failed, 1 one did or an error, 2 wrong usage.
`

// wastFlags are the arguments of wast.
type wastFlags struct {
	paths    []string
	verbose  bool
	skipList string
	options  wast.Options
}

func runWast(args []string, stdout, stderr io.Writer) int {
	f, err := parseWast(args)
	if err != nil {
		return usage(stderr, "wast", "%v", err)
	}
	if f.skipList != "" {
		text, err := os.ReadFile(f.skipList)
		if err != nil {
			return fail(stderr, err)
		}
		if f.options.Beyond, err = wast.ParseList(string(text)); err != nil {
			return fail(stderr, fmt.Errorf("%s: %w", f.skipList, err))
		}
	}
	files, err := wast.Files(f.paths...)
	if err == nil && len(files) == 0 {
		err = errors.New("no scripts there")
	}
	if err != nil {
		return fail(stderr, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return printReports(ctx, files, f, stdout, stderr)
}

func parseWast(args []string) (*wastFlags, error) {
	f := &wastFlags{}
	fs := flag.NewFlagSet("wast", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.BoolVar(&f.verbose, "v", false, "")
	fs.StringVar(&f.skipList, "skip-list", "", "")
	fs.DurationVar(&f.options.Timeout, "timeout", 10*time.Second, "")
	fs.BoolVar(&f.options.Interpreter, "interpreter", false, "")
	var err error
	f.paths, err = parseFlags(fs, args)
	if err == nil && len(f.paths) == 0 {
		err = errors.New("wast wants a path")
	}
	return f, err
}

// printReports runs scripts, several at a time, and prints what came of them in
// their order.
func printReports(ctx context.Context, files []string, f *wastFlags, stdout, stderr io.Writer) int {
	type ran struct {
		report *wast.Report
		err    error
	}
	results := make([]chan ran, len(files))
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range files {
		results[i] = make(chan ran, 1)
	}
	go func() {
		for i, file := range files {
			turns <- struct{}{}
			go func() {
				report, err := wast.Run(ctx, file, f.options)
				results[i] <- ran{report, err}
				<-turns
			}()
		}
	}()
	code := exitOK
	var total [3]int // by outcome
	for _, result := range results {
		r := <-result
		if r.err != nil {
			code = fail(stderr, r.err)
			continue
		}
		var n [3]int
		for _, x := range r.report.Results {
			n[x.Outcome]++
			total[x.Outcome]++
			if f.verbose && x.Outcome != wast.Passed {
				printf(stdout, "%s\n", r.report.Text(x))
			}
		}
		printf(stdout, "%s: %s\n", r.report.File, countText(n))
	}
	printf(stdout, "total: %s\n", countText(total))
	if total[wast.Failed] > 0 {
		code = exitError
	}
	return code
}

// countText returns how many commands there are of each outcome.
func countText(n [3]int) string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", n[wast.Passed], n[wast.Failed], n[wast.Skipped])
}
