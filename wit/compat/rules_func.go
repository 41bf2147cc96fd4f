package compat

// Why several rules are there.
const (
	whyExact = "Function types are equal or they are not: there is no subtyping between them. A host refuses to link a guest " +
		"whose function has another type, and one that does not look misreads what is passed."
	whyMissing = "A component names each function that it imports. Whoever instantiates it has to have all of them."
	whyExport  = "A host looks up all functions of the interface that the guest exports. A guest that was built before does not have it."
	whyNewer   = "A guest that uses it imports it, and hosts that are out there do not have it. Guests that do not use it run on them: " +
		"what a guest does not use is not among its imports."
)

// funcRules are about functions, those of resources included.
var funcRules = []Rule{
	{
		ID: "FUNC_ADDED_EXPORT", Categories: guestsOnly, effect: breaking,
		Summary: "An interface that guests export gets no new function.",
		Why:     whyExport,
		Before:  "get: func() -> u32;", After: "get: func() -> u32;\nflush: func();",
		Fix: "put it into a new interface, or list it under optional_exports in witgen.yaml",
	},
	{
		ID: "FUNC_ADDED_IMPORT", Categories: hostsOnly, effect: addition,
		Summary: "A new function of an interface that guests import keeps those who use it from older hosts.",
		Why:     whyNewer,
		Before:  "get: func() -> u32;", After: "get: func() -> u32;\nflush: func();",
		Fix: "bring hosts up to date before guests that use it",
	},
	{
		ID: "FUNC_NO_DELETE", Categories: wire, effect: breaking,
		Summary: "Functions stay, under their names.",
		Why:     whyMissing + " A function that got another name is one that is gone and one that is new.",
		Before:  "get: func() -> u32;\nflush: func(now: bool);", After: "get: func() -> u32;",
		Fix: "keep the function, and mark it @deprecated",
	},
	{
		ID: "FUNC_SAME_ASYNC", Categories: wire, effect: breaking,
		Summary: "A function stays async, or stays not.",
		Why:     "Being async is part of a function's type, and core modules call an async function in another way.",
		Before:  "get: func() -> u32;", After: "get: async func() -> u32;",
		Fix: "add a function of another name beside it",
	},
	{
		ID: "FUNC_SAME_PARAMS", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "A function keeps its parameters, and gets no others, not even optional ones.",
		Why:     whyExact,
		Before:  "get: func(key: string) -> u32;", After: "get: func(key: string, wait: option<u64>) -> u32;",
		Fix: "add a function of another name beside it, or take a record from the start of a new interface",
	},
	{
		ID: "FUNC_SAME_PARAM_NAMES", Categories: namesOnly, Severity: Error, effect: breaking,
		Summary: "Parameters keep their names.",
		Why: "The names of parameters are part of a function's type. Nothing is misread when they differ, but hosts on package rt " +
			"refuse to link, as they compare types whole. There are hosts that do not look at them.",
		Before: "get: func(key: string) -> u32;", After: "get: func(name: string) -> u32;",
		Fix: "keep the name",
	},
	{
		ID: "FUNC_SAME_PARAM_ORDER", Categories: namesOnly, Severity: Error, effect: breaking,
		Summary: "Parameters of one type keep their places.",
		Why: "Values are passed by place. Where names are not compared, nothing shows that two of one type changed places, neither in " +
			"core signatures nor in generated code, and one is taken for the other.",
		Before: "copy: func(source: string, target: string);", After: "copy: func(target: string, source: string);",
		Fix: "keep the order",
	},
	{
		ID: "FUNC_SAME_RESULT", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "A function keeps the type of its result.",
		Why:     whyExact,
		Before:  "get: func() -> string;", After: "get: func() -> result<string>;",
		Fix: "add a function of another name beside it",
	},
	{
		ID: "CONSTRUCTOR_SAME_RESULT", Categories: wire, Subtyping: true, effect: breaking,
		Summary: "A constructor that cannot fail never fails, and one that can may go on to.",
		Why:     whyExact,
		Before:  "resource store { constructor(); }", After: "resource store { constructor() -> result<store, string>; }",
		Fix: "add a static function that may fail beside it",
	},
	{
		ID: "METHOD_ADDED_EXPORT", Categories: guestsOnly, effect: breaking,
		Summary: "A resource that guests export gets no new method, static function or constructor.",
		Why:     whyExport,
		Before:  "resource store { get: func() -> u32; }", After: "resource store { get: func() -> u32; flush: func(); }",
		Fix: "put a resource that has it into a new interface, or list it under optional_exports in witgen.yaml",
	},
	{
		ID: "METHOD_ADDED_IMPORT", Categories: hostsOnly, effect: addition,
		Summary: "A new method, static function or constructor of a resource that guests import keeps those who use it from older hosts.",
		Why:     whyNewer,
		Before:  "resource store { get: func() -> u32; }", After: "resource store { get: func() -> u32; flush: func(); }",
		Fix: "bring hosts up to date before guests that use it",
	},
	{
		ID: "METHOD_NO_DELETE", Categories: wire, effect: breaking,
		Summary: "Methods, static functions and constructors stay, under their names.",
		Why:     whyMissing,
		Before:  "resource store { get: func() -> u32; flush: func(now: bool); }", After: "resource store { get: func() -> u32; }",
		Fix: "keep it, and mark it @deprecated",
	},
	{
		ID: "METHOD_SAME_KIND", Categories: wire, effect: breaking,
		Summary: "A method stays a method, and a static function static.",
		Why:     "Which of the two a function is stands in its name, and a method takes the resource as its first parameter.",
		Before:  "resource store { get: func() -> u32; }", After: "resource store { get: static func() -> u32; }",
		Fix: "add a function of another name beside it",
	},
}
