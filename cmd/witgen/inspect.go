package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/witgen/witgen/rt"
)

const inspectHelp = `usage: witgen inspect PATH [--json] [--policy FILE [--plugin NAME]]

Inspect shows what the component at PATH, which is a .wasm file, or - for
standard input, needs of its host and what it is made of: imports and exports
with their types, core modules, the memory that an instance has before its first
code runs, what it uses of the component model, and which tools made it. Nothing
is compiled or run. What is invalid or not supported is named, with its byte
offset, and the rest described as far as it can be; a built-in that is not
supported traps when it is called, anything else keeps the component from being
compiled. A core module is described too. 'witgen wit' prints imports and
exports as WIT.

Of memories (in pages of 64 KiB) and tables (in elements), 1..16 is from 1 to
16, and 17.. has no limit.

With --json, the same is printed as JSON. The names stay as they are; fields may
be added. A field without a value is left out.

  kind            "component" or "core module"
  size            of the file; all sizes and offsets are in bytes
  error           why it cannot be compiled
  imports, exports
                  [{name, kind, implements, type, items}]: kind is "func",
                  "instance", "type", "resource", "core module" or "component";
                  type is WIT, with types spelled out; items are those of an
                  instance. There are only names if error is about types
  memory          of an instance before its first code runs
  core_instances  how many core instances an instance has
  core_modules    [{name, component, offset, size, instances, code, data,
                  custom, functions, start, imports, exports, memories,
                  tables}]: component is an index in components; code, data and
                  custom are the sizes of those sections; memories and tables
                  are [{imported, min, max, shared, is64}]
  components      [{name, within, offset, size}], the file's own first: within
                  is an index, or -1
  features        [{kind, name, uses, supported}]: kind is "built-in", "option",
                  "definition" or "core"
  producers       [{field, name, version}]

With --policy, it prints instead what the component has by a policy file of
package rt/plugin/policy: what it asks for, its policy grants and the ceiling
has, as a policy file. Comments before that say what is cut, and by whom, what
it imports that nothing is granted of, with the line that would, and why a host
would refuse it. NAME is its name in the file; it can be left out if that is the
only one, or the one whose source.file is PATH. As JSON that is {plugin, rights,
cut, denied, refused}.

Exit codes: 0 success, 1 not a component and not a core module, or one that a
host would refuse by the policy, 2 wrong usage.
`

func runInspect(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("inspect", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	asJSON := fs.Bool("json", false, "")
	var file, plugin string
	textFlag(fs, "policy", &file)
	textFlag(fs, "plugin", &plugin)
	path, err := parseWasm(fs, args)
	if err == nil && plugin != "" && file == "" {
		err = errors.New("--plugin is for --policy")
	}
	if err != nil {
		return usage(stderr, "inspect", "%v", err)
	}
	wasm, err := readWasm(path)
	if err != nil {
		return fail(stderr, err)
	}
	if file != "" {
		r, err := rightsOf(wasm, path, file, plugin)
		if err == nil {
			err = r.print(stdout, *asJSON)
		}
		switch {
		case err != nil:
			return fail(stderr, err)
		case len(r.Refused) > 0:
			return exitError
		}
		return exitOK
	}
	r, err := inspect(wasm)
	if err != nil {
		return fail(stderr, fmt.Errorf("%s: %w", path, err))
	}
	if *asJSON {
		e := json.NewEncoder(stdout)
		e.SetEscapeHTML(false) // types have arrows
		e.SetIndent("", "  ")
		err = e.Encode(r)
	} else {
		_, err = io.WriteString(stdout, r.String())
	}
	if err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

// inspect describes a component or a core module.
func inspect(wasm []byte) (*report, error) {
	info, err := rt.Inspect(wasm)
	if err == nil {
		return reportOf(info), nil
	}
	if m, moduleErr := rt.NewModule(wasm); moduleErr == nil {
		x := reportOf(&rt.Info{Size: len(wasm), Modules: []rt.ModuleInfo{m.Info()}})
		x.Kind = "core module"
		return x, nil
	}
	return nil, err
}

// String returns the report for people.
func (r *report) String() string {
	var b strings.Builder
	printf(&b, "%s, %s\n", r.Kind, bytesText(uint64(r.Size)))
	if r.Kind != "component" {
		printf(&b, "  no component, which witgen run and generated packages want\n")
	}
	if r.Error != "" {
		printf(&b, "cannot be compiled: %s\n", r.Error)
	}
	if r.Kind == "component" {
		externsText(&b, "imports", r.Imports)
		externsText(&b, "exports", r.Exports)
	}
	r.modulesText(&b)
	if len(r.Components) > 1 {
		printf(&b, "nested components: %d\n", len(r.Components)-1)
	}
	if r.Kind == "component" && r.Error == "" {
		printf(&b, "core instances: %d\nmemory at start: %s\n", r.CoreInstances, bytesText(r.Memory))
	}
	r.featuresText(&b)
	if len(r.Producers) > 0 {
		printf(&b, "made with:\n")
		for _, p := range r.Producers {
			printf(&b, "  %s %s\n", safe(p.Field), strings.TrimSpace(safe(p.Name)+" "+safe(p.Version)))
		}
	}
	return b.String()
}

func externsText(w io.Writer, title string, list []externReport) {
	if len(list) == 0 {
		printf(w, "%s: none\n", title)
		return
	}
	printf(w, "%s:\n", title)
	for _, e := range list {
		e.print(w, "  ")
	}
}

// print prints an import or export, and below it what is in it.
func (e externReport) print(w io.Writer, indent string) {
	name := safe(e.Name)
	switch {
	case e.Kind == "func":
		printf(w, "%s%s: %s\n", indent, name, e.Type)
	case e.Kind == "type":
		printf(w, "%stype %s = %s\n", indent, name, e.Type)
	case e.Kind == "resource" || e.Kind == "component" || e.Kind == "core module":
		printf(w, "%s%s %s\n", indent, e.Kind, name)
	case e.Implements != "":
		printf(w, "%s%s: %s\n", indent, name, e.Implements)
	default:
		printf(w, "%s%s\n", indent, name)
	}
	for _, x := range e.Items {
		x.print(w, indent+"  ")
	}
}

// modulesText prints a table of the core modules.
func (r *report) modulesText(w io.Writer) {
	if len(r.CoreModules) == 0 {
		printf(w, "core modules: none\n")
		return
	}
	sum := 0
	for _, m := range r.CoreModules {
		sum += m.Size
	}
	printf(w, "core modules: %d of %s\n", len(r.CoreModules), bytesText(uint64(sum)))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	printf(t, "  bytes\tcode\tdata\tcustom\tfunctions\timports\texports\tmemory\ttable\tinstances\tname\n")
	for _, m := range r.CoreModules {
		printf(t, "  %d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%d\t%s\n", m.Size, m.Code, m.Data, m.Custom, m.Functions,
			len(m.Imports), len(m.Exports), limitsText(m.Memories), limitsText(m.Tables), m.Instances, safe(cmp.Or(m.Name, "-")))
	}
	_ = t.Flush() // of a writer that cannot fail
}

func limitsText(list []limitsReport) string {
	if len(list) == 0 {
		return "none"
	}
	parts := make([]string, len(list))
	for i, l := range list {
		s := strconv.FormatUint(l.Min, 10) + ".."
		if l.Max != nil {
			s += strconv.FormatUint(*l.Max, 10)
		}
		for _, mark := range []struct {
			set  bool
			text string
		}{{l.Is64, " 64-bit"}, {l.Shared, " shared"}, {l.Imported, " imported"}} {
			if mark.set {
				s += mark.text
			}
		}
		parts[i] = s
	}
	return strings.Join(parts, ", ")
}

func (r *report) featuresText(w io.Writer) {
	kind, missing := "", []string(nil)
	for _, f := range r.Features {
		if f.Kind != kind {
			if kind != "" {
				printf(w, "\n")
			}
			kind = f.Kind
			printf(w, "uses %s:", map[string]string{
				"built-in": "built-ins", "option": "options", "definition": "definitions", "core": "core features",
			}[kind])
		} else {
			printf(w, ",")
		}
		printf(w, " %s (%d)", f.Name, f.Uses)
		if !f.Supported {
			missing = append(missing, f.Kind+" "+f.Name)
		}
	}
	if kind != "" {
		printf(w, "\n")
	}
	if len(missing) > 0 {
		printf(w, "not supported: %s\n", strings.Join(missing, ", "))
	}
}

// bytesText returns a size, with a rounded one that is easier to read.
func bytesText(n uint64) string {
	exact := fmt.Sprintf("%d bytes", n)
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%s (%.1f MiB)", exact, float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%s (%.1f KiB)", exact, float64(n)/(1<<10))
	}
	return exact
}

// safe returns text that a guest chose, quoted if it is not fit for a terminal.
func safe(s string) string {
	if q := strconv.Quote(s); q != `"`+s+`"` {
		return q
	}
	return s
}
