package wit

import (
	"strings"

	"github.com/witgen/witgen/wit/internal/entity"
	"github.com/witgen/witgen/wit/internal/syntax"
)

// checkLabel reports a name that WIT has no place for.
func checkLabel(offset int, name string) error {
	if problem := syntax.CheckName(name); problem != "" {
		return errorAt(offset, "%q is no name: %s", name, problem)
	}
	return nil
}

// interfaceName returns the package and the name of what is called by the ID
// of an interface or world.
func interfaceName(x entity.Extern) (PackageName, string, error) {
	return parseID(x.Offset, x.Name.Text, x.Name.VersionSuffix)
}

// externID returns the ID of an interface or world, and its parts.
func externID(x entity.Extern) (string, PackageName, error) {
	p, name, err := interfaceName(x)
	return p.item(name), p, err
}

// parseID takes "ns:pkg/name@version" apart. A version may come in two parts.
func parseID(offset int, text, suffix string) (PackageName, string, error) {
	var p PackageName
	path, version, versioned := strings.Cut(text, "@")
	namespace, rest, ok := strings.Cut(path, ":")
	pkg, name, slash := strings.Cut(rest, "/")
	if !ok || !slash {
		return p, "", errorAt(offset, "%q is no name of an interface or world", text)
	}
	for _, part := range []string{namespace, pkg, name} {
		if err := checkLabel(offset, part); err != nil {
			return p, "", err
		}
	}
	version += suffix
	if (versioned || suffix != "") && !syntax.ValidVersion(version) {
		return p, "", errorAt(offset, "%q is no version", version)
	}
	return PackageName{namespace, pkg, version}, name, nil
}

// funcName takes the name of a function apart: "f", "[constructor]r",
// "[method]r.m" or "[static]r.s".
func funcName(offset int, text string) (kind FuncKind, resource string, err error) {
	var name string
	if rest, ok := strings.CutPrefix(text, "[constructor]"); ok {
		return Constructor, rest, checkLabel(offset, rest)
	}
	if rest, ok := strings.CutPrefix(text, "[method]"); ok {
		kind, name = Method, rest
	} else if rest, ok := strings.CutPrefix(text, "[static]"); ok {
		kind, name = Static, rest
	} else {
		return Freestanding, "", checkLabel(offset, text)
	}
	resource, name, _ = strings.Cut(name, ".")
	if err := checkLabel(offset, resource); err != nil {
		return 0, "", err
	}
	return kind, resource, checkLabel(offset, name)
}
