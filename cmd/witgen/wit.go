package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/witgen/witgen/wit"
)

const witHelp = `usage: witgen wit [PATH] [OPTIONS]

Wit prints the canonical text of a WIT package, with the packages that it needs
nested in it. PATH is a .wit file, a directory of them, with other packages in
its directory deps, or a .wasm file: an encoded WIT package, or any component,
whose imports and exports are shown as world root of package root:component.
PATH is ./wit if it is left out.

Worlds are printed as they are in the end, with what they include, and with all
that an import needs among the imports. Loading the text gives the same again.

Options, before or after PATH:

  --world NAME     print only this world and what it needs: one of the package,
                   or "ns:pkg/world@version" of another one
  --features LIST  turn on items that are @unstable: names with commas between
                   them (repeatable)
  --all-features   turn on all of them
  --json           print the model as JSON, in the form that wasm-tools has for
                   it, with every package that was loaded

Exit codes: 0 success, 1 error, 2 wrong usage.
`

// witFlags are the arguments of wit.
type witFlags struct {
	path, world string
	options     wit.Options
	json        bool
}

func runWIT(args []string, stdout, stderr io.Writer) int {
	f, err := parseWIT(args)
	if err != nil {
		return usage(stderr, "wit", "%v", err)
	}
	p, err := wit.Load(f.path, f.options)
	if err != nil {
		return fail(stderr, err)
	}
	if f.world != "" {
		w, err := p.ChooseWorld(f.world)
		if err != nil {
			return fail(stderr, err)
		}
		p = wit.Closure(w)
	}
	text := wit.Print(p, p.Deps...)
	if f.json {
		text = string(wit.JSON(p)) + "\n"
	}
	if _, err := io.WriteString(stdout, text); err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

func parseWIT(args []string) (*witFlags, error) {
	f := &witFlags{}
	fs := flag.NewFlagSet("wit", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&f.world, "world", "", "")
	fs.BoolVar(&f.options.AllFeatures, "all-features", false, "")
	fs.BoolVar(&f.json, "json", false, "")
	featuresFlag(fs, &f.options.Features)
	var err error
	f.path, err = parsePath(fs, args)
	return f, err
}

// featuresFlag adds the flag --features.
func featuresFlag(fs *flag.FlagSet, features *[]string) {
	fs.Func("features", "", func(list string) error {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name == "" {
				return errors.New("want names with commas between them")
			}
			*features = append(*features, name)
		}
		return nil
	})
}

// parsePath parses flags and the path of a package, which is ./wit if it is
// left out.
func parsePath(fs *flag.FlagSet, args []string) (string, error) {
	paths, err := parseFlags(fs, args)
	switch {
	case err != nil:
		return "", err
	case len(paths) > 1:
		return "", fmt.Errorf("more than one path: %s", strings.Join(paths, " "))
	case len(paths) == 1:
		return paths[0], nil
	}
	return "wit", nil
}
