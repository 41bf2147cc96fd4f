package types

import (
	"cmp"
	"strings"

	"github.com/witgen/witgen/wit"
)

// interfaceOwner returns the owner of the resources in an instance, so that they
// go by the interface that defines them: the one that the instance says it
// implements, or else is called. A plain name adds nothing to the owner around
// it.
func interfaceOwner(e Extern, around wit.Owner) wit.Owner {
	ns, rest, ok := strings.Cut(cmp.Or(e.Implements, e.Name), ":")
	if !ok {
		return around
	}
	pkg, item, ok := strings.Cut(rest, "/")
	if !ok {
		return around
	}
	item, version, _ := strings.Cut(item, "@")
	if e.Implements == "" {
		version += e.Suffix
	}
	return wit.Owner{Interface: &wit.Interface{
		Name:    item,
		Package: &wit.Package{Name: wit.PackageName{Namespace: ns, Name: pkg, Version: version}},
	}}
}
