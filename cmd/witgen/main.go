// Command witgen makes Go bindings from WIT. See witgen help.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/witgen/witgen/gen"
)

// Exit codes of every command.
const (
	exitOK     = 0
	exitError  = 1
	exitUsage  = 2
	exitDiffer = 100 // a check found differences
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// command is a subcommand.
type command struct {
	name  string
	short string
	long  string
	run   func(args []string, stdout, stderr io.Writer) int
}

// commands returns the subcommands in the order of the help.
func commands() []command {
	return []command{
		{"generate", "write Go bindings for a WIT world", generateHelp, runGenerate},
		{"wit", "print a WIT package, or what a component imports and exports", witHelp, runWIT},
		{"lint", "find what will be regretted in a WIT package", lintHelp, runLint},
		{"breaking", "find what a change of a contract breaks", breakingHelp, runBreaking},
		{"golden", "keep released contracts, and check them", goldenHelp, runGolden},
		{"compat", "write which components run on which hosts, version by version", compatHelp, runCompat},
		{"targets", "say whether components fit a host", targetsHelp, runTargets},
		{"rules", "list the rules of breaking", rulesHelp, runRules},
		{"explain", "explain a rule, or the code of a message", explainHelp, runExplain},
		{"run", "call functions that a component exports", runCommandHelp, runRun},
		{"serve", "serve HTTP with a component", serveHelp, runServe},
		{"inspect", "show what a component needs and what it is made of", inspectHelp, runInspect},
		{"wast", "run scripts of the WebAssembly test suites", wastHelp, runWast},
		{"version", "print the version of witgen", versionHelp, runVersion},
		{"help", "explain witgen or one of its commands", helpHelp, runHelp},
	}
}

// run is the command without its process: it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		printOverview(stderr)
		return exitUsage
	}
	name, rest := args[0], args[1:]
	switch name {
	case "-h", "-help", "--help":
		return runHelp(rest, stdout, stderr)
	case "-version", "--version":
		name = "version"
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		if asksHelp(rest) {
			printf(stdout, "%s", c.long)
			return exitOK
		}
		return c.run(rest, stdout, stderr)
	}
	return unknownCommand(stderr, name)
}

// unknownCommand reports that there is no such command.
func unknownCommand(stderr io.Writer, name string) int {
	var known []string
	for _, c := range commands() {
		known = append(known, c.name)
	}
	if near := nearest(name, known); near != "" {
		return usage(stderr, "", "unknown command %q; did you mean %q?", name, near)
	}
	return usage(stderr, "", "unknown command %q", name)
}

// printf prints. Whoever reads it may have gone away, which changes nothing.
func printf(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// asksHelp reports whether an argument before "--" asks for help.
func asksHelp(args []string) bool {
	for _, a := range args {
		switch a {
		case "--":
			return false
		case "-h", "-help", "--help":
			return true
		}
	}
	return false
}

// usage reports wrong arguments.
func usage(stderr io.Writer, command, format string, args ...any) int {
	printf(stderr, "witgen: "+format+"\n", args...)
	printf(stderr, "Run '%s' for usage.\n", strings.TrimSpace("witgen help "+command))
	return exitUsage
}

const versionHelp = `usage: witgen version

Version prints the version of witgen and the number of the form of the code it
generates, which changes when the same WIT leads to other code.
`

func runVersion(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		return usage(stderr, "version", "version takes no arguments")
	}
	printf(stdout, "witgen %s, format %d\n", version(), gen.Format)
	return exitOK
}

// version returns the version of witgen.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

const helpHelp = `usage: witgen help [COMMAND]

Help explains witgen or one of its commands.
`

func runHelp(args []string, stdout, stderr io.Writer) int {
	switch len(args) {
	case 0:
		printOverview(stdout)
		return exitOK
	case 1:
		for _, c := range commands() {
			if c.name == args[0] {
				printf(stdout, "%s", c.long)
				return exitOK
			}
		}
		return unknownCommand(stderr, args[0])
	}
	return usage(stderr, "help", "help takes one command")
}

func printOverview(w io.Writer) {
	printf(w, `witgen makes Go bindings from WIT, with which Go programs run WebAssembly
components.

usage: witgen COMMAND [ARGUMENTS]

Commands:

`)
	for _, c := range commands() {
		printf(w, "  %-10s %s\n", c.name, c.short)
	}
	printf(w, `
Run 'witgen help COMMAND' for more about a command.

Exit codes: 0 success, 1 error, 2 wrong usage, 100 a check found differences.
`)
}
