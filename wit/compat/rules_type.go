package compat

const whyShape = "Types are compared by structure, exactly. What was built against the other shape is refused, or, where component " +
	"types are not compared, reads every value of it wrongly."

// typeRules are about types.
var typeRules = []Rule{
	{
		ID: "TYPE_SAME", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "A type stays what it is.",
		Why:     whyShape,
		Before:  "type size = u32;\nget: func() -> size;", After: "type size = u64;\nget: func() -> size;",
		Fix: "add a function that takes the new type beside the one there is",
	},
	{
		ID: "TYPE_SAME_KIND", Categories: wire, effect: breaking,
		Summary: "A type stays a record, a variant, an enum, flags or a resource.",
		Why:     whyShape + " That two kinds are laid out alike does not make them equal.",
		Before:  "record point { x: u32, y: u32 }\nget: func() -> point;", After: "type point = tuple<u32, u32>;\nget: func() -> point;",
		Fix: "add a type of another name beside it",
	},
	{
		ID: "TYPE_SAME_HOME", Categories: wire, effect: breaking,
		Summary: "A type stays in the interface that declares it, and a resource with who implements it.",
		Why: "Components get a type from an interface, by name: those of before ask the old one for it, and those of now ask the new one. " +
			"A resource is another one even if the old interface uses it from there, and also if an interface that uses it is exported and " +
			"the one that declares it is exported no more, or was not before.",
		Before: "package acme:kv@0.2.0;\ninterface a {\n  resource entry;\n  get: func() -> entry;\n}\ninterface b {\n  size: func() -> u32;\n}\n" +
			"world plugin {\n  import a;\n  import b;\n}",
		After: "package acme:kv@0.2.0;\ninterface a {\n  use b.{entry};\n  get: func() -> entry;\n}\ninterface b {\n  resource entry;\n  size: func() -> u32;\n}\n" +
			"world plugin {\n  import a;\n  import b;\n}",
		Fix: "leave it where it is, and use it from there",
	},
	{
		ID: "TYPE_ADDED", Categories: wire, Severity: Info, effect: addition,
		Summary: "A new type of an interface is seen by tools that compare whole interfaces.",
		Why: "Hosts ask a guest for functions and resources, and not for other types. Tools that compare all that an interface exports, such as " +
			"those that compose components, ask for it, as they do of hosts if a function of a guest uses it: then it is a warning.",
		Before: "get: func() -> u32;", After: "get: func() -> u32;\nrecord entry { key: string }",
		Fix: "nothing, unless guests are composed with other components",
	},
	{
		ID: "TYPE_NO_DELETE", Categories: wire, effect: breaking,
		Summary: "Types stay, under their names.",
		Why:     "The types of an interface are among what it exports, by name, aliases included.",
		Before:  "record entry { key: string }\nget: func() -> entry;", After: "record item { key: string }\nget: func() -> item;",
		Fix: "keep the type, or its name as an alias of what it is now",
	},
	{
		ID: "TYPE_UNUSED_CHANGED", Categories: wire, Severity: Info, effect: addition,
		Summary: "A type changed that no function uses.",
		Why: "No value of it is ever passed, so guests and hosts do not notice. Tools that compare all types of an interface do, and " +
			"so does Go code that uses the generated type.",
		Before: "record entry { key: string }\nget: func() -> u32;", After: "record entry { key: string, size: u64 }\nget: func() -> u32;",
		Fix: "nothing, unless guests are composed with other components",
	},
	{
		ID: "RECORD_SAME_FIELDS", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "A record keeps its fields and their types, and gets no others, not even optional ones.",
		Why:     whyShape,
		Before:  "record entry { key: string }\nget: func() -> entry;", After: "record entry { key: string, size: option<u64> }\nget: func() -> entry;",
		Fix: "add a record of another name, and a function that takes it",
	},
	{
		ID: "RECORD_SAME_FIELD_ORDER", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "The fields of a record keep their order.",
		Why:     "Fields are passed by place. Two of one type that change places are taken for one another, and nothing in core signatures or generated code shows it.",
		Before:  "record move { source: string, target: string }\nrun: func(m: move);", After: "record move { target: string, source: string }\nrun: func(m: move);",
		Fix: "keep the order",
	},
	{
		ID: "VARIANT_SAME_CASES", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "A variant keeps its cases and what they carry, and gets no others.",
		Why:     whyShape + " Cases go by number: whoever does not know a number cannot read the value.",
		Before:  "variant value { text(string), number(u32) }\nget: func() -> value;", After: "variant value { text(string), number(u32), nothing }\nget: func() -> value;",
		Fix: "add a variant of another name, and a function that takes it; a case that carries a string leaves room from the start",
	},
	{
		ID: "ENUM_SAME_CASES", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "An enum keeps its cases and their order, and gets no others.",
		Why:     whyShape + " Cases go by number.",
		Before:  "enum level { debug, warn }\nlog: func(l: level);", After: "enum level { debug, info, warn }\nlog: func(l: level);",
		Fix: "add an enum of another name, and a function that takes it",
	},
	{
		ID: "ENUM_SAME_REPR", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "An enum keeps the width of its number: 256 cases are the most that one byte tells apart.",
		Why:     whyShape + " In memory, all that follows it moves.",
		Before:  "enum e { " + manyLabels("case", 256) + " }\nget: func() -> e;", After: "enum e { " + manyLabels("case", 257) + " }\nget: func() -> e;",
		Fix: "add an enum of another name, and a function that takes it",
	},
	{
		ID: "FLAGS_SAME_LABELS", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "Flags keep their names and their order, and get no others.",
		Why:     whyShape + " Flags go by the number of their bit.",
		Before:  "flags mode { read, write }\nopen: func(m: mode);", After: "flags mode { read, write, append }\nopen: func(m: mode);",
		Fix: "add flags of another name, and a function that takes them",
	},
	{
		ID: "FLAGS_SAME_REPR", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "Flags keep their width: 8 are the most that fit one byte, 16 fit two.",
		Why:     whyShape + " In memory, all that follows them moves.",
		Before:  "flags mode { " + manyLabels("bit", 8) + " }\nopen: func(m: mode);", After: "flags mode { " + manyLabels("bit", 9) + " }\nopen: func(m: mode);",
		Fix: "add flags of another name, and a function that takes them",
	},
	{
		ID: "FLAGS_MAX_32", Categories: wire, Severity: Error, effect: breaking, always: true,
		Summary: "There are 32 flags in a type at most.",
		Why:     "Components with more of them are not valid, so nothing can be built against the type at all.",
		Before:  "flags mode { " + manyLabels("bit", 32) + " }\nopen: func(m: mode);", After: "flags mode { " + manyLabels("bit", 33) + " }\nopen: func(m: mode);",
		Fix: "add flags of another name for those that do not fit",
	},
	{
		ID: "RESOURCE_ADDED_EXPORT", Categories: guestsOnly, effect: breaking,
		Summary: "An interface that guests export gets no new resource.",
		Why:     whyExport,
		Before:  "get: func() -> u32;", After: "get: func() -> u32;\nresource store { size: func() -> u32; }",
		Fix: "put it into a new interface, or list its functions under optional_exports in witgen.yaml",
	},
	{
		ID: "RESOURCE_ADDED_IMPORT", Categories: hostsOnly, effect: addition,
		Summary: "A new resource of an interface that guests import keeps those who use it from older hosts.",
		Why:     whyNewer,
		Before:  "get: func() -> u32;", After: "get: func() -> u32;\nresource store { size: func() -> u32; }",
		Fix: "bring hosts up to date before guests that use it",
	},
	{
		ID: "RESOURCE_NO_DELETE", Categories: wire, effect: breaking,
		Summary: "Resources stay, under their names.",
		Why:     whyMissing + " Those of a resource have its name in theirs.",
		Before:  "get: func() -> u32;\nresource store { size: func() -> u32; }", After: "get: func() -> u32;",
		Fix: "keep the resource, and mark it @deprecated",
	},
	{
		ID: "HANDLE_SAME_OWNERSHIP", Categories: wire, effect: breaking,
		Summary: "A handle that is borrowed stays borrowed, and one that is handed over stays so.",
		Why:     "Both are the same number to core modules. Who takes one for the other never drops a resource, or uses one that is gone.",
		Before:  "resource store;\nuse-it: func(s: borrow<store>);", After: "resource store;\nuse-it: func(s: store);",
		Fix: "add a function of another name beside it",
	},
}
