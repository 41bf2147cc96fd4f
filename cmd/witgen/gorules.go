package main

import (
	"github.com/witgen/witgen/internal/goapi"
	"github.com/witgen/witgen/wit/compat"
)

// nameStable is the rule about names that are one in Go.
const nameStable = "GO_NAME_STABLE"

// goRules are the rules of breaking about generated packages.
var goRules = []compat.Rule{
	{
		ID: goapi.PackageGone, Categories: []compat.Category{compat.Go},
		Summary: "A generated package stays where it is.",
		Why: "There is a package for each interface and for each world, and its import path comes from the name. If one is renamed, or no world " +
			"has the interface any more, whoever imports the package does not compile.",
		Before: "world plugin { import store; import log; }",
		After:  "world plugin { import store; }",
		Fix:    "keep it, or give it its old Go name with rename or package in witgen.yaml",
	},
	{
		ID: nameStable, Categories: []compat.Category{compat.Go},
		Summary: "What is new takes the Go name of nothing that is there.",
		Why:     "Two names in WIT may be one in Go. Which of them keeps it must not depend on their order, so nothing is generated until somebody says.",
		Before:  "interface foobar { f: func(); }",
		After:   "interface foobar { f: func(); }\ninterface foo-bar { f: func(); }",
		Fix:     "give the new one a name with rename in witgen.yaml",
	},
	{
		ID: goapi.DeclGone, Categories: []compat.Category{compat.Go},
		Summary: "A Go declaration, field or method stays.",
		Why:     "Whoever uses it does not compile. That an export of a world is gone harms no guest that exists, and yet all Go code that calls it.",
		Before:  "record entry { key: string, size: u32 }",
		After:   "record entry { key: string, length: u32 }",
		Fix:     "keep it beside the new one",
	},
	{
		ID: goapi.DeclChanged, Categories: []compat.Category{compat.Go},
		Summary: "A Go declaration, field or method keeps its type, and a constant its value.",
		Why:     "Whoever uses it as what it was does not compile, or stores values that mean something else now.",
		Before:  "enum level { low, high }",
		After:   "enum level { low, middle, high }",
		Fix:     "add what is new under another name, or at the end",
	},
	{
		ID: goapi.MethodAdded, Categories: []compat.Category{compat.Go},
		Summary: "A Go interface gains no method, unless those who implement it embed what has all.",
		Why: "A host implements what its world imports. With Unimplemented embedded it goes on to compile, and the new method traps the guest; " +
			"without it, it does not compile. So this is for information wherever there is one to embed.",
		Before: "interface store { get: func(key: string) -> string; }",
		After:  "interface store { get: func(key: string) -> string; flush: func(); }",
		Fix:    "embed the Unimplemented type, or implement the method",
	},
	{
		ID: goapi.Incomparable, Categories: []compat.Category{compat.Go},
		Summary: "Values that could be compared with == still can.",
		Why:     "A record with a list or a map in it is no key of a map, and does not compare with ==.",
		Before:  "record entry { key: string }",
		After:   "record entry { key: string, tags: list<string> }",
		Fix:     "add a record of another name",
	},
}
