package binary

// Limits of the decoder. They are far above what tools produce and keep the
// memory a file can ask for proportional to its size.
const (
	maxDepth     = 100       // components and types inside each other
	maxNodes     = 1_000_000 // sections, definitions, declarations and their parts, bare indices aside
	maxPerSort   = 1_000     // modules, components, instances, values of one component, each of them
	maxMembers   = 10_000    // fields, cases, labels, parameters, elements of a tuple
	maxOptions   = 10        // canonical options of one definition
	maxArgs      = 100_000   // arguments or exports of one instance
	maxName      = 100_000   // bytes of a name
	maxAttrs     = 100       // attributes of one name
	maxCoreParts = 1_000     // parameters or results of a core function type
)
