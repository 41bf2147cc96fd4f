package types

import (
	"strings"

	"github.com/witgen/witgen/wit"
)

// interfaceOwner returns the owner of the resources in an instance of that
// name, so that they go by the interface that defines them. A plain name adds
// nothing to the owner around it.
func interfaceOwner(name string, around wit.Owner) wit.Owner {
	ns, rest, ok := strings.Cut(name, ":")
	if !ok {
		return around
	}
	pkg, item, ok := strings.Cut(rest, "/")
	if !ok {
		return around
	}
	item, version, _ := strings.Cut(item, "@")
	return wit.Owner{Interface: &wit.Interface{
		Name:    item,
		Package: &wit.Package{Name: wit.PackageName{Namespace: ns, Name: pkg, Version: version}},
	}}
}
