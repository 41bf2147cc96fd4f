package main

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/lint"
)

// lintHelp is what help says of lint.
var lintHelp = `usage: witgen lint [PATH] [--format FORMAT]

Lint looks in the WIT package at PATH for what will be regretted: what cannot
grow without breaking those who use it, and what says less than it could. PATH
is ./wit if it is left out. Every feature is on; packages in deps are not looked
at.

A finding is a line "file:line:col: severity RULE: message", and mostly another
that says what to do. What the rules ask for:

` + lintRulesHelp() + `
` + formatHelp + `
Exit codes: 0 nothing found, 1 error, 2 wrong usage, 100 something found.
`

// lintRules are the rules of lint in a sentence each.
var lintRules = []findings.Rule{
	{ID: string(lint.PackageUnversioned), Summary: "A package has a version."},
	{ID: string(lint.SinceMissing), Summary: "Interfaces and worlds of a versioned package, and items of a gated interface, say with @since or @unstable " +
		"which version they are there since."},
	{ID: string(lint.EnumNearLimit), Summary: "Enums and variants stay away from 256 cases, beyond which they take more room in memory."},
	{ID: string(lint.FlagsNearLimit), Summary: "Flags stay away from 8, 16 and 32, beyond which they take more room in memory, or are not allowed."},
	{ID: string(lint.ResultNoError), Summary: "A result has an error type, so that a function which fails can say why."},
	{ID: string(lint.ParamsSpill), Summary: "The parameters of a function are at most 16 core values; more go through memory."},
	{ID: string(lint.GoName), Summary: "No two names are one in Go, where generate would want a --rename."},
	{ID: string(lint.ComponentInvalid), Summary: "What WIT allows and components do not is left out: an error."},
}

// lintRulesHelp lists the rules of lint, as help has them.
func lintRulesHelp() string {
	width := 0
	for _, r := range lintRules {
		width = max(width, len(r.ID))
	}
	var b strings.Builder
	for _, r := range lintRules {
		b.WriteString(wrapped(fmt.Sprintf("  %-*s  ", width, r.ID), r.Summary) + "\n")
	}
	return b.String()
}

func runLint(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("lint", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	var format findings.Format
	formatFlag(fs, &format)
	path, err := parsePath(fs, args)
	if err != nil {
		return usage(stderr, "lint", "%v", err)
	}
	// Whatever is found is to be settled, so that warnings fail too.
	r := &findings.Report{Command: "witgen lint", Subject: filepath.ToSlash(path), Rules: lintRules, Strict: true, Line: sourceLine}
	p, err := wit.Load(path, wit.Options{AllFeatures: true})
	if err != nil {
		return failReport(r, format, err, stdout, stderr)
	}
	found := lint.Sort(append(lint.Check(p), goNames(p)...))
	for _, f := range found {
		at := findings.Place{File: f.Pos.File, Line: f.Pos.Line, Col: f.Pos.Col}
		if filepath.Ext(path) == ".wasm" { // positions are in text that is in no file
			at.Line, at.Col = 0, 0
		}
		r.Findings = append(r.Findings, findings.Finding{
			Place:    at,
			Severity: findings.Severity(f.Severity()), Rule: string(f.Rule), Message: f.Message, Fix: f.Fix,
		})
	}
	return printReport(r, format, stdout, stderr)
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
