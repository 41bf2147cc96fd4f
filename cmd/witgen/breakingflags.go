package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// breakingFlags are the arguments of breaking, with what the configuration file
// says where they do not.
type breakingFlags struct {
	paths           []string
	against, golden string
	worlds          []string
	role            compat.Role
	direction       compat.Direction // empty for both
	use, except     []string
	optional        []string
	optionalOf      []string // the packages that they may be of, beside paths
	versions        []string // that hosts serve, rather than what the file says
	options         wit.Options
	unstable        bool
	format          findings.Format
	suggest, strict bool
	config          string

	generates []*job // of the configuration file
	ignores   []*ignore
	given     map[string]bool // flags, and PATH
	// partly says that not all was compared that the file is about, so that an
	// entry of which nothing is found may be about the rest.
	partly bool
	// whole says that all packages are compared that the file is about.
	whole bool
}

// ignore is an entry of the file, and whether there was anything of it.
type ignore struct {
	*config.Ignore
	used bool
}

// flagSet returns the flags, which set f when they are parsed.
func (f *breakingFlags) flagSet() *flag.FlagSet {
	fs := flag.NewFlagSet("breaking", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	textFlag(fs, "against", &f.against)
	textFlag(fs, "config", &f.config)
	namesFlag(fs, "world", &f.worlds)
	namesFlag(fs, "use", &f.use)
	namesFlag(fs, "except", &f.except)
	namesFlag(fs, "versions", &f.versions)
	listFlag(fs, "optional-export", &f.optional)
	featuresFlag(fs, &f.options.Features)
	fs.BoolVar(&f.options.AllFeatures, "all-features", false, "")
	fs.BoolVar(&f.suggest, "suggest", false, "")
	fs.BoolVar(&f.strict, "strict", false, "")
	fs.Func("role", "", func(s string) (err error) { f.role, err = parseRole(s); return err })
	fs.Func("direction", "", func(s string) (err error) { f.direction, err = parseDirection(s); return err })
	formatFlag(fs, &f.format)
	return fs
}

// namesFlag adds a flag of names with commas between them, which may be given
// several times.
func namesFlag(fs *flag.FlagSet, name string, to *[]string) {
	fs.Func(name, "", func(list string) error {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name == "" {
				return errors.New("want names with commas between them")
			}
			*to = append(*to, name)
		}
		return nil
	})
}

func parseRole(s string) (compat.Role, error) {
	switch s {
	case "imports", "exports":
		return compat.Role(s), nil
	case "both":
		return compat.BothRoles, nil
	}
	return "", errors.New("want imports, exports or both")
}

func parseDirection(s string) (compat.Direction, error) {
	switch s {
	case "guests", "hosts":
		return compat.Direction(s), nil
	case "both":
		return "", nil
	}
	return "", errors.New("want guests, hosts or both")
}

func parseBreaking(args []string) (*breakingFlags, error) {
	f := &breakingFlags{given: make(map[string]bool)}
	fs := f.flagSet()
	var err error
	f.paths, err = parseFlags(fs, args)
	if err == nil && len(f.paths) > 1 {
		err = fmt.Errorf("more than one path: %s", strings.Join(f.paths, " "))
	}
	if err == nil {
		err = errors.Join(unknownRules("--use", f.use), unknownRules("--except", f.except))
	}
	fs.Visit(func(set *flag.Flag) { f.given[set.Name] = true })
	f.given["PATH"] = len(f.paths) > 0
	f.partly = f.given["world"] || f.given["role"] || f.given["direction"] || f.given["except"]
	return f, err
}

// unknownRules returns an error for a name that is neither of a rule nor of a
// category.
func unknownRules(option string, names []string) error {
	for _, name := range names {
		if err := unknownRule(name, true); err != nil {
			return fmt.Errorf("%s %w", option, err)
		}
	}
	return nil
}

// configure reads the configuration file for all that flags do not say.
func (f *breakingFlags) configure() error {
	g := generateFlags{config: f.config}
	file, err := g.file()
	if err != nil {
		return err
	}
	dir := "."
	if file != nil {
		dir = filepath.Dir(file.Name)
		if err := f.fromFile(file, dir); err != nil {
			return err
		}
	}
	if len(f.paths) == 0 {
		f.paths = []string{filepath.Join(dir, "wit")}
	}
	if f.golden = filepath.Join(dir, "golden"); f.against == "" {
		f.against = "golden"
	}
	if f.options.AllFeatures || len(f.options.Features) > 0 {
		f.unstable = file == nil || file.Breaking == nil || !file.Breaking.IgnoreUnstable
	}
	switch of := filepath.Dir(f.against); {
	case isGolden(f.against):
		f.golden = f.against
	case filepath.Ext(f.against) == ".wit" && isGolden(of):
		f.golden = of
	}
	return nil
}

// fromFile takes what a file says.
func (f *breakingFlags) fromFile(file *config.File, dir string) error {
	b := file.Breaking
	if b == nil {
		b = new(config.Breaking)
	}
	if err := checkBreaking(b); err != nil {
		return err
	}
	all := contractPaths(file, b, dir)
	if len(f.paths) == 0 {
		f.paths = all
	}
	f.whole = !slices.ContainsFunc(all, func(path string) bool {
		return !slices.ContainsFunc(f.paths, func(given string) bool { return same(given, path) })
	})
	f.partly = f.partly || !f.whole
	if f.against == "" && b.Against != "" {
		f.against = b.Against
		if b.Against != "golden" && !strings.HasPrefix(b.Against, "git:") && !filepath.IsAbs(b.Against) {
			f.against = filepath.Join(dir, filepath.FromSlash(b.Against))
		}
	}
	for _, l := range []struct {
		flag string
		to   *[]string
		from []string
	}{
		{"world", &f.worlds, b.Worlds}, {"use", &f.use, b.Use}, {"except", &f.except, b.Except}, {"features", &f.options.Features, b.Features},
	} {
		if !f.given[l.flag] {
			*l.to = l.from
		}
	}
	if !f.given["role"] && b.Role != "" {
		f.role, _ = parseRole(b.Role)
	}
	if !f.given["direction"] && b.Direction != "" {
		f.direction, _ = parseDirection(b.Direction)
	}
	if !f.given["strict"] {
		f.strict = b.Strict
	}
	if !f.given["optional-export"] {
		optional, err := entryOptionals(file, dir)
		if err != nil {
			return err
		}
		f.optional, f.optionalOf = slices.Concat(b.OptionalExports, optional), all
	}
	for _, g := range file.Generate {
		j := newJob(dir, g)
		j.shared, j.plain = b.OptionalExports, true
		f.generates = append(f.generates, j)
	}
	for _, g := range b.Ignore {
		f.ignores = append(f.ignores, &ignore{Ignore: g})
	}
	return nil
}

// contractPaths returns the packages that a file is about.
func contractPaths(file *config.File, b *config.Breaking, dir string) []string {
	var paths []string
	if b.WIT != "" {
		return []string{newJob(dir, &config.Generate{WIT: b.WIT}).path}
	}
	for _, g := range file.Generate {
		if path := newJob(dir, g).path; !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// checkItem checks what an entry is to ignore: findings have items by their
// packages, whatever version those have.
func checkItem(item string) error {
	of, _, _ := strings.Cut(item, "/")
	var more string
	switch {
	case strings.Contains(item, "@"):
		more = ", without a version"
	case strings.Contains(of, ":"):
		return nil
	}
	return fmt.Errorf("want an item as findings name it, such as acme:kv/handler#flush%s, found %q", more, item)
}

// checkBreaking checks what a file says of rules and the like.
func checkBreaking(b *config.Breaking) error {
	var errs config.Errors
	wrong := func(pos wit.Pos, key string, err error) {
		if err != nil {
			errs = append(errs, &config.Error{Pos: pos, Message: key + ": " + err.Error()})
		}
	}
	if b.Role != "" {
		_, err := parseRole(b.Role)
		wrong(b.KeyPos("role", ""), "role", err)
	}
	if b.Direction != "" {
		_, err := parseDirection(b.Direction)
		wrong(b.KeyPos("direction", ""), "direction", err)
	}
	for _, name := range b.Use {
		wrong(b.KeyPos("use", name), "use", unknownRule(name, true))
	}
	for _, name := range b.Except {
		wrong(b.KeyPos("except", name), "except", unknownRule(name, true))
	}
	for _, g := range b.Ignore {
		wrong(g.KeyPos("item", ""), "item", checkItem(g.Item))
		for _, name := range g.Rules {
			wrong(g.KeyPos("rules", name), "rules", unknownRule(name, false))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}
