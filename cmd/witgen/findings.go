package main

import (
	"bufio"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/internal/git"
)

// formatHelp is what the help of checking commands says of their formats.
const formatHelp = `The formats of --format:

  text    a line "file:line:col: severity RULE: message" for each finding, and
          below it what to do; the default
  json    an object for each finding, each on a line
  github  workflow commands, which GitHub Actions shows as annotations
  gitlab  a code quality report
  junit   test cases, in XML
  sarif   SARIF 2.1.0

Those for GitHub and GitLab and SARIF name files from the root of the Git
repository. If there can be no check, which exits with 1, text and json have the
errors on standard error alone. The others have them too, with their places:
github as annotations, gitlab as issues of severity blocker, junit as the error
of a test case, sarif as notifications of a run that was not successful.
`

// formatFlag adds the flag --format.
func formatFlag(fs *flag.FlagSet, to *findings.Format) {
	*to = findings.Text
	fs.Func("format", "", func(s string) error {
		f, err := findings.ParseFormat(s)
		*to = f
		return err
	})
}

// printReport prints what a check found, and returns its exit code.
func printReport(r *findings.Report, f findings.Format, stdout, stderr io.Writer) int {
	if f == findings.GitHub || f == findings.GitLab || f == findings.SARIF {
		r.Below = belowRoot()
		r.Dir, _ = os.Getwd() // without it, files keep the names they have
	}
	if err := r.Write(stdout, f); err != nil {
		return fail(stderr, err)
	}
	if r.Failed() {
		return exitDiffer
	}
	return exitOK
}

// belowRoot returns the path of the current directory from the root of the
// repository that it is in; "" if it is in none.
func belowRoot() string {
	root, err := git.Root(".")
	if err != nil {
		return ""
	}
	below, err := filepath.Rel(root, resolved("."))
	if err != nil || below == "." {
		return ""
	}
	return filepath.ToSlash(below)
}

// maxSource is the size of the largest file that lines are shown of, in bytes.
const maxSource = 16 << 20

// sourceLine returns a line of a file of text: of WIT, or of configuration.
func sourceLine(name string, line int) (string, bool) {
	if filepath.Ext(name) == ".wasm" {
		return "", false
	}
	f, err := os.Open(filepath.FromSlash(name))
	if err != nil {
		return "", false
	}
	defer f.Close()
	s := bufio.NewScanner(io.LimitReader(f, maxSource))
	for n := 1; s.Scan(); n++ {
		if n == line {
			return strings.TrimRight(s.Text(), "\r"), true
		}
	}
	return "", false
}
