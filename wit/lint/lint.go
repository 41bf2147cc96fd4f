// Package lint finds what is right in a WIT package and will be regretted:
// what cannot grow without breaking those who use it, and what says less than
// it could.
//
// Each finding belongs to a [Rule], has a place in the source and says what to
// do about it. What component validation refuses is found, too, with the
// severity of an error.
package lint

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// Rule names a kind of finding.
type Rule string

// The rules.
const (
	PackageUnversioned Rule = "PACKAGE_UNVERSIONED" // a package without a version
	SinceMissing       Rule = "SINCE_MISSING"       // an item without @since or @unstable
	EnumNearLimit      Rule = "ENUM_NEAR_LIMIT"     // an enum or variant of nearly 256 cases
	FlagsNearLimit     Rule = "FLAGS_NEAR_LIMIT"    // nearly 8, 16 or 32 flags
	ResultNoError      Rule = "RESULT_NO_ERROR"     // a function that fails without saying why
	ParamsSpill        Rule = "PARAMS_SPILL"        // a function of more than 16 core parameters
	ComponentInvalid   Rule = "COMPONENT_INVALID"   // what component validation refuses
	GoName             Rule = "GO_NAME"             // names that are one name in Go
)

// Finding is something that is found.
type Finding struct {
	Pos     wit.Pos
	Rule    Rule
	Message string
	Fix     string // what to do about it; may be empty
}

// Severity returns "error" for what cannot be used, else "warning".
func (f Finding) Severity() string {
	if f.Rule == ComponentInvalid {
		return "error"
	}
	return "warning"
}

// String returns "file:line:col: severity RULE: message" and, on a line of
// its own, what to do about it.
func (f Finding) String() string {
	s := f.Pos.String() + ": " + f.Severity() + " " + string(f.Rule) + ": " + f.Message
	if f.Fix != "" {
		s += "\n    fix: " + f.Fix
	}
	return s
}

// Check returns what is found in a package, in the order of its files. The
// packages that it needs are not looked at. It does not know the rule GoName.
func Check(p *wit.Package) []Finding {
	c := &checker{pkg: p}
	c.pack()
	for _, i := range p.Interfaces {
		c.iface(i)
	}
	for _, w := range p.Worlds {
		c.world(w)
	}
	c.validate()
	return Sort(c.found)
}

// Sort puts findings in the order of the files, and drops those that are there
// twice.
func Sort(found []Finding) []Finding {
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(
			strings.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col),
			strings.Compare(string(a.Rule), string(b.Rule)), strings.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(found)
}

// checker looks through a package.
type checker struct {
	pkg   *wit.Package
	found []Finding
}

func (c *checker) add(pos wit.Pos, r Rule, message, fix string) {
	c.found = append(c.found, Finding{pos, r, message, fix})
}

// validate looks at all that a component could import of the package.
func (c *checker) validate() {
	worlds := slices.Clone(c.pkg.Worlds)
	all := &wit.World{Package: c.pkg}
	for _, i := range c.pkg.Interfaces {
		all.Imports = append(all.Imports, &wit.WorldItem{Interface: i})
	}
	for _, w := range append(worlds, all) {
		errs, _ := errors.AsType[wit.Errors](wit.Validate(w))
		for _, e := range errs {
			c.add(e.Pos, ComponentInvalid, e.Msg, "")
		}
	}
}
