package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/wit/compat"
)

const rulesHelp = `usage: witgen rules [--format FORMAT]

Rules lists the rules of witgen breaking: the name of each, whom its findings
concern, how much they weigh, whether subtyping could admit some of what it
finds, and what the rule asks for. The categories:

  GUESTS  guests that exist keep linking to new hosts, and mean the same
  HOSTS   guests built for the new contract run on hosts that are out there
  NAMES   names that no core module sees
  GO      generated Go packages keep compiling what uses them: warnings up to
          version 1.0 of the contract, errors from then on

Types of values are equal or they are not: no version of the component model
has subtyping between them. One to come may have; the rules that are there
for that reason are marked "subtyping".

  --format FORMAT  text, the default; md, a table in Markdown; or json, an
                   object for each rule, each on a line

Exit codes: 0 success, 1 error, 2 wrong usage.
`

const explainHelp = `usage: witgen explain RULE

Explain says of a rule of witgen breaking what it asks for, why, and what to do;
of a rule of witgen lint or witgen targets what it asks for; and of the code of
a message of rt/plugin, such as RT202, what causes it and what helps. 'witgen
rules' lists the rules of witgen breaking, and 'witgen help lint' those of lint.

Exit codes: 0 success, 1 there is no such rule or code, 2 wrong usage.
`

// ignoreRules are the rules of breaking about what its configuration ignores.
var ignoreRules = []compat.Rule{
	{
		ID: "IGNORE_EXPIRED", Severity: compat.Error,
		Summary: "What is ignored is ignored until a day, and looked at again then.",
		Why: "A break that is ignored for good is one that nobody decided on. The day on which an entry ends makes somebody " +
			"decide again; from then on it ignores nothing.",
		Before: "ignore: [{item: \"acme:kv/debug\", until: 2020-01-01, reason: \"experimental\"}]",
		After:  "ignore: []",
		Fix:    "remove the entry, or give it another day",
	},
	{
		ID: "IGNORE_UNUSED", Severity: compat.Warning,
		Summary: "What is ignored is there.",
		Why:     "An entry that ignores nothing may be misspelt, or left over, and would hide the next break of its item.",
		Before:  "ignore: [{item: \"acme:kv/debgu\", until: 2999-01-01, reason: \"experimental\"}]",
		After:   "ignore: [{item: \"acme:kv/debug\", until: 2999-01-01, reason: \"experimental\"}]",
		Fix:     "remove the entry, or correct its item",
	},
}

// allRules returns the rules of breaking, sorted by name.
func allRules() []compat.Rule {
	rules := slices.Concat(compat.Rules(), trackRules, goRules, ignoreRules)
	slices.SortFunc(rules, func(a, b compat.Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// findRule returns the rule of breaking of that name.
func findRule(id string) (compat.Rule, bool) {
	for _, r := range allRules() {
		if r.ID == id {
			return r, true
		}
	}
	return compat.Rule{}, false
}

// describedRules returns the rules as reports describe them.
func describedRules() []findings.Rule {
	var rules []findings.Rule
	for _, r := range allRules() {
		rules = append(rules, findings.Rule{ID: r.ID, Summary: r.Summary, Help: r.Why + "\n\nFix: " + r.Fix + "."})
	}
	return rules
}

// categories returns those that findings of rules have.
func categories() []string {
	var all []string
	for _, r := range allRules() {
		for _, c := range r.Categories {
			if !slices.Contains(all, string(c)) {
				all = append(all, string(c))
			}
		}
	}
	return all
}

// unknownRule returns an error for a name that is none of a rule, nor, where
// that may be, of a category.
func unknownRule(name string, category bool) error {
	var known []string
	for _, r := range allRules() {
		known = append(known, r.ID)
	}
	if category {
		known = append(known, categories()...)
	}
	if slices.Contains(known, name) {
		return nil
	}
	if category {
		return noRule("rule or category", name, known)
	}
	return noRule("rule", name, known)
}

// noRule is the error that nothing has a name.
func noRule(what, name string, known []string) error {
	text := "there is no " + what + " " + name
	if near := nearest(strings.ToUpper(name), known); near != "" {
		return errors.New(text + "; did you mean " + near + "?")
	}
	return errors.New(text + "; witgen rules lists them")
}

func runRules(args []string, stdout, stderr io.Writer) int {
	format := "text"
	fs := flag.NewFlagSet("rules", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Func("format", "", func(s string) error {
		if format = s; s != "text" && s != "md" && s != "json" {
			return errors.New("want text, md or json")
		}
		return nil
	})
	others, err := parseFlags(fs, args)
	if err == nil && len(others) > 0 {
		err = errors.New("rules takes no arguments")
	}
	if err != nil {
		return usage(stderr, "rules", "%v", err)
	}
	if err := printRules(stdout, format); err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

func printRules(w io.Writer, format string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // types have arrows
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if format == "md" {
		printf(w, "| rule | category | severity | subtyping | what it asks for |\n|---|---|---|---|---|\n")
	}
	for _, r := range allRules() {
		switch format {
		case "json":
			if err := e.Encode(r); err != nil {
				return err
			}
		case "md":
			printf(w, "| `%s` | %s | %s | %s | %s |\n", r.ID, categoriesText(r), severityText(r), subtypingText(r), strings.ReplaceAll(r.Summary, "|", `\|`))
		default:
			printf(t, "%s\t%s\t%s\t%s\t%s\n", r.ID, categoriesText(r), severityText(r), subtypingText(r), r.Summary)
		}
	}
	return t.Flush()
}

// categoriesText returns the categories that findings of a rule have.
func categoriesText(r compat.Rule) string {
	if len(r.Categories) == 0 {
		return "-"
	}
	var names []string
	for _, c := range r.Categories {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

// subtypingText returns the mark of a rule that subtyping could relax.
func subtypingText(r compat.Rule) string {
	if r.Subtyping {
		return "subtyping"
	}
	return "-"
}

// whySubtyping is what there is to say of rules that subtyping could relax.
const whySubtyping = "Subtyping between types of values could admit some of these changes, in one direction. No version of the component " +
	"model that is released has it."

// severityText returns the severities that findings of a rule have by default.
func severityText(r compat.Rule) string {
	if len(r.Categories) == 0 {
		return string(r.Severity)
	}
	var names []string
	for _, c := range r.Categories {
		if s := string(r.Default(c, false)); !slices.Contains(names, s) {
			names = append(names, s)
		}
	}
	return strings.Join(names, ", ")
}

func runExplain(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("explain", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	names, err := parseFlags(fs, args)
	if err == nil && len(names) != 1 {
		err = errors.New("explain takes the name of one rule")
	}
	if err != nil {
		return usage(stderr, "explain", "%v", err)
	}
	text, err := explanation(strings.ToUpper(names[0]))
	if err != nil {
		return fail(stderr, err)
	}
	printf(stdout, "%s", text)
	return exitOK
}

// explanation returns what there is to say of a rule, or of a code of
// rt/plugin.
func explanation(name string) (string, error) {
	if r, ok := findRule(name); ok {
		return ruleText(r), nil
	}
	for _, of := range []struct {
		command string
		rules   []findings.Rule
	}{{"lint", lintRules}, {"targets", targetRules}} {
		for _, r := range of.rules {
			if r.ID == name {
				return name + ", a rule of witgen " + of.command + "\n\n" + wrapped("", r.Summary) + "\n", nil
			}
		}
	}
	if cause, remedy := plugin.Explain(name); cause != "" {
		return name + ", a message of rt/plugin\n\n" + wrapped("", "cause: "+cause) + "\n" + wrapped("", "remedy: "+remedy) + "\n", nil
	}
	var known []string
	for _, r := range slices.Concat(describedRules(), lintRules, targetRules) {
		known = append(known, r.ID)
	}
	return "", noRule("rule", name, known)
}

// ruleText returns what there is to say of a rule of breaking.
func ruleText(r compat.Rule) string {
	var b strings.Builder
	printf(&b, "%s", r.ID)
	if len(r.Categories) > 0 {
		printf(&b, " [%s]", categoriesText(r))
	}
	printf(&b, ", %s\n\n%s\n\n%s\n", severityText(r), wrapped("", r.Summary), wrapped("", r.Why))
	if r.Subtyping {
		printf(&b, "\n%s\n", wrapped("", whySubtyping))
	}
	for _, x := range []struct{ title, text string }{{"before", r.Before}, {"after", r.After}} {
		if x.text != "" {
			printf(&b, "\n%s:\n    %s\n", x.title, strings.ReplaceAll(shortened(x.text), "\n", "\n    "))
		}
	}
	if r.Fix != "" {
		printf(&b, "\n%s\n", wrapped("fix: ", r.Fix))
	}
	return b.String()
}

// maxExample is how many names of a list an example shows.
const maxExample = 20

// shortened returns an example without most names of its very long lists.
func shortened(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if names := strings.Split(line, ", "); len(names) > maxExample {
			lines[i] = strings.Join(slices.Concat(names[:3], []string{"..."}, names[len(names)-2:]), ", ")
		}
	}
	return strings.Join(lines, "\n")
}

// wrapped breaks text into lines of 80 bytes, if its words allow. The first one
// begins with lead, and those after it with as many blanks.
func wrapped(lead, text string) string {
	var b strings.Builder
	b.WriteString(lead)
	length := len(lead)
	for n, word := range strings.Fields(text) {
		switch {
		case n == 0:
		case length+1+len(word) > 80:
			b.WriteString("\n" + strings.Repeat(" ", len(lead)))
			length = len(lead)
		default:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += len(word)
	}
	return b.String()
}
