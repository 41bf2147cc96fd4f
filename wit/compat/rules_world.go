package compat

import (
	"strconv"
	"strings"
)

// file returns a file with a world for an example.
func file(version string, lines ...string) string {
	return "package acme:kv@" + version + ";\ninterface store {\n  get: func() -> u32;\n}\ninterface admin {\n  stop: func(now: bool);\n}\n" +
		"world plugin {\n  " + strings.Join(lines, "\n  ") + "\n}"
}

// manyLabels returns names for an example, or for as many of them as matter.
func manyLabels(prefix string, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = prefix + strconv.Itoa(i)
	}
	return strings.Join(list, ", ")
}

// worldRules are about worlds and packages.
var worldRules = []Rule{
	{
		ID: "WORLD_IMPORT_ADDED", Categories: hostsOnly, effect: addition,
		Summary: "A new import of a world keeps guests that use it from older hosts.",
		Why:     whyNewer,
		Before:  file("0.2.0", "import store;"), After: file("0.2.0", "import store;", "import admin;"),
		Fix: "bring hosts up to date before guests that use it",
	},
	{
		ID: "WORLD_IMPORT_NO_DELETE", Categories: wire, effect: breaking,
		Summary: "What a world imports stays, under its name.",
		Why:     "A guest that uses it imports it, and a host that does not have it any more refuses to link.",
		Before:  file("0.2.0", "import store;", "import admin;"), After: file("0.2.0", "import store;"),
		Fix: "keep the import, and mark it @deprecated",
	},
	{
		ID: "WORLD_EXPORT_ADDED", Categories: guestsOnly, effect: breaking,
		Summary: "A world gets no new export.",
		Why:     "A host looks up all exports of the world. A guest that was built before does not have it.",
		Before:  file("0.2.0", "export store;"), After: file("0.2.0", "export store;", "export admin;"),
		Fix: "put it into a new world, or list it under optional_exports in witgen.yaml",
	},
	{
		ID: "WORLD_EXPORT_NO_DELETE", Categories: wire, effect: breaking,
		Summary: "What a world exports stays, under its name.",
		Why:     "Hosts that are out there look it up, and refuse guests that do not have it any more. So does Go code that calls it.",
		Before:  file("0.2.0", "export store;", "export admin;"), After: file("0.2.0", "export store;"),
		Fix: "keep the export, and mark it @deprecated",
	},
	{
		ID: "WORLD_ITEM_SAME_DIRECTION", Categories: wire, Severity: Error, effect: breaking,
		Summary: "An import stays an import, and an export an export.",
		Why: "Who implements it and who calls it change places. A guest of before that exports what hosts now offer may still link, " +
			"and nothing ever calls it.",
		Before: file("0.2.0", "import store;"), After: file("0.2.0", "export store;"),
		Fix: "add an interface of another name for the other direction",
	},
	{
		ID: "WORLD_ITEM_SAME_NAME", Categories: wire, effect: breaking,
		Summary: "An interface that is written in a world stays there, one with a name of its own keeps it, and a name that a world has for one stays of that one.",
		Why:     "Components import and export an interface that stands in a world by its label, and any other by its full name.",
		Before:  file("0.2.0", "import admin: interface { stop: func(now: bool); }"), After: file("0.2.0", "import admin;"),
		Fix: "keep it where it is, and add the other beside it",
	},
	{
		ID: "WORLD_NO_DELETE", Categories: guestsOnly, effect: breaking,
		Summary: "Worlds stay. Their names are in no component, so one that only gets another name breaks no guest.",
		Why:     "Guests that were built for it have no host any more.",
		Before:  "package acme:kv@0.2.0;\nworld plugin { export run: func(); }\nworld tool { export stop: func(); }", After: "package acme:kv@0.2.0;\nworld plugin { export run: func(); }",
		Fix: "keep the world, and mark it @deprecated",
	},
	{
		ID: "INTERFACE_NO_DELETE", Categories: wire, effect: breaking,
		Summary: "Interfaces that no world of the package has stay.",
		Why:     "Worlds of other packages may import or export it.",
		Before:  "package acme:kv@0.2.0;\ninterface store { get: func() -> u32; }", After: "package acme:kv@0.2.0;",
		Fix: "keep the interface, and mark it @deprecated",
	},
	{
		ID: "PACKAGE_SAME_NAME", Categories: wire, effect: breaking, always: true,
		Summary: "A package keeps its name, and one that has no version gets none.",
		Why: "Both are part of the names of all its interfaces, so that nothing which was built for one links to the other. " +
			"Versions are in tracks, and no track is that of those without one.",
		Before: file("0.2.0", "import store;"), After: strings.Replace(file("0.2.0", "import store;"), "acme:kv", "acme:store", 1),
		Fix: "keep the name",
	},
	{
		ID: "PACKAGE_VERSION_BUMP", Categories: []Category{Guests, Go}, effect: unchanged,
		Summary: "The version of a package changes by at least as much as what is in it.",
		Why: "Hosts take guests whose version is in the same track as theirs. A break inside a track is found when a guest is loaded; " +
			"under 0.y it needs another minor version, from 1.0 on another major one. A version that is less than it was leaves guests that exist without a host.",
		Before: file("0.2.0", "export store;"), After: file("0.2.1", "export store;", "export admin;"),
		Fix: "release it with the next version of the size that the finding asks for",
	},
}
