package types

import (
	"fmt"
	"strings"
)

// nameForm is the form of an import or export name.
type nameForm uint8

const (
	plainName       nameForm = iota // label
	constructorName                 // [constructor]label
	methodName                      // [method]label.label
	staticName                      // [static]label.label
	interfaceName                   // ns:pkg/label, ns:pkg/label@version
)

// externName is an import or export name taken apart ("externname"). See
// Explainer.md, "Import and Export Definitions".
type externName struct {
	form     nameForm
	resource string // of an annotated name: the resource's label
	member   string // of a method or static: the label after the dot
	version  string // of an interface name: what follows the @
}

// annotated reports whether the name says that a function belongs to a
// resource.
func (n externName) annotated() bool { return n.resource != "" }

var annotations = []struct {
	prefix string
	form   nameForm
}{
	{"[constructor]", constructorName},
	{"[method]", methodName},
	{"[static]", staticName},
}

// parseName takes a name apart. The error says what is wrong with it.
func parseName(name string) (externName, error) {
	for _, a := range annotations {
		if rest, ok := strings.CutPrefix(name, a.prefix); ok {
			return parseAnnotated(a.form, rest)
		}
	}
	if strings.Contains(name, ":") {
		return parseInterface(name)
	}
	return externName{form: plainName}, checkLabel(name)
}

func parseAnnotated(form nameForm, rest string) (externName, error) {
	n := externName{form: form, resource: rest}
	if form != constructorName {
		var ok bool
		if n.resource, n.member, ok = strings.Cut(rest, "."); !ok {
			return n, fmt.Errorf("%.64q has no dot between the names of a resource and a function", rest)
		}
		if err := checkLabel(n.member); err != nil {
			return n, err
		}
	}
	return n, checkLabel(n.resource)
}

// parseInterface takes an interface name apart. Packages and interfaces inside
// each other are a proposal that is not part of it.
func parseInterface(name string) (externName, error) {
	n := externName{form: interfaceName}
	path, version, versioned := strings.Cut(name, "@")
	ns, rest, _ := strings.Cut(path, ":")
	pkg, label, ok := strings.Cut(rest, "/")
	switch {
	case !ok:
		return n, fmt.Errorf("%.64q has no interface name after its package", name)
	case !isWords(ns):
		return n, fmt.Errorf("namespace %.64q is not in lower kebab case", ns)
	case !isWords(pkg):
		return n, fmt.Errorf("package name %.64q is not in lower kebab case", pkg)
	}
	if err := checkLabel(label); err != nil {
		return n, err
	}
	n.version = version
	if versioned && !isSemver(version) && !isCanonicalVersion(version) {
		return n, fmt.Errorf("%.64q is not a version", version)
	}
	return n, nil
}

func checkLabel(s string) error {
	if !isLabel(s) {
		return fmt.Errorf("label %.64q is not in kebab case", s)
	}
	return nil
}

// isLabel reports whether s is a label: words joined by hyphens, the letters
// of each word all lower or all upper case, the first one beginning with a
// letter.
func isLabel(s string) bool {
	if s == "" || isDigit(s[0]) {
		return false
	}
	for word := range strings.SplitSeq(s, "-") {
		if !isWord(word, 'a') && !isWord(word, 'A') {
			return false
		}
	}
	return true
}

// isWords reports whether s is a label in lower case ("words").
func isWords(s string) bool {
	return isLabel(s) && s == strings.ToLower(s)
}

// isWord reports whether s is made of digits and of letters of one case, which
// begin at a.
func isWord(s string, a byte) bool {
	for _, c := range []byte(s) {
		if !isDigit(c) && (c < a || c > a+25) {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// canonical returns what must be unique among the names of a scope. See
// Explainer.md, "Name Uniqueness".
func (n externName) canonical(name string) string {
	name = strings.ToLower(name)
	switch n.form {
	case methodName, staticName:
		_, name, _ = strings.Cut(name, "]")
		if resource, member, _ := strings.Cut(name, "."); resource == member {
			return resource
		}
	}
	return name
}
