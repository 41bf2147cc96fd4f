package main

import (
	"flag"
	"io"
	"slices"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/lint"
)

const lintHelp = `usage: witgen lint [PATH]

Lint looks in the WIT package at PATH for what will be regretted: what cannot
grow without breaking those who use it, and what says less than it could. PATH
is ./wit if it is left out. Every feature is on; packages in deps are not looked
at.

A finding is a line "file:line:col: warning RULE: message", and mostly another
that says what to do. The rules:

  PACKAGE_UNVERSIONED  the package has no version
  SINCE_MISSING        an interface or world, or an item of a gated interface,
                       has neither @since nor @unstable
  ENUM_NEAR_LIMIT      an enum or variant has nearly 256 cases, beyond which it
                       takes more room in memory
  FLAGS_NEAR_LIMIT     a type has nearly 8, 16 or 32 flags, likewise
  RESULT_NO_ERROR      a function returns a result without an error type
  PARAMS_SPILL         the parameters of a function are more than 16 core
                       values, and go through memory
  GO_NAME              two names are one in Go, and generate wants a --rename
  COMPONENT_INVALID    what WIT allows and components do not: an error

Exit codes: 0 nothing found, 1 error, 2 wrong usage, 100 something found.
`

func runLint(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("lint", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	path, err := parsePath(fs, args)
	if err != nil {
		return usage(stderr, "lint", "%v", err)
	}
	p, err := wit.Load(path, wit.Options{AllFeatures: true})
	if err != nil {
		return fail(stderr, err)
	}
	found := lint.Sort(append(lint.Check(p), goNames(p)...))
	for _, f := range found {
		printf(stdout, "%s\n", f)
	}
	if len(found) > 0 {
		return exitDiffer
	}
	return exitOK
}

// goNames returns the names of a package that are one in Go: in each of its
// worlds, and among all of its interfaces.
func goNames(p *wit.Package) []lint.Finding {
	all := &wit.World{Package: p, Name: "every-interface-of-the-package", Pos: p.Pos}
	for _, i := range p.Interfaces {
		all.Imports = append(all.Imports, &wit.WorldItem{Interface: i, Pos: i.Pos})
	}
	var found []lint.Finding
	for _, w := range append(slices.Clone(p.Worlds), all) {
		for _, e := range gen.Collisions(w, gen.Options{PackageRoot: "lint"}) {
			found = append(found, lint.Finding{Pos: e.Pos, Rule: lint.GoName, Message: e.Message})
		}
	}
	return found
}
