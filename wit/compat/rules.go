package compat

// rules is the table of rules, sorted by ID.
var rules = []Rule{
	{
		ID:         "PACKAGE_VERSION_BUMP",
		Categories: []Category{Guests},
		Summary:    "The version of a package changes by at least as much as its contract.",
		change:     unchanged,
	},
}
