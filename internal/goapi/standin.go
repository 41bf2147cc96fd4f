package goapi

import (
	"fmt"
	"go/token"
	"path"
	"strings"
)

// The packages of the runtime, which generated code imports by these paths.
const (
	rtPath  = "github.com/witgen/witgen/rt"
	abiPath = rtPath + "/abi"
	cmPath  = rtPath + "/cm"
)

// generic has what the generic declarations of the runtime are to callers: how
// many parameters they have, and whether values can be compared if those of
// their arguments can.
var generic = map[string]string{
	cmPath + ".Option":            "type Option[T any] struct { _ T }",
	cmPath + ".Result":            "type Result[T, E any] struct { _ T; _ E }",
	cmPath + ".Err":               "type Err[E any] struct { _ E }",
	cmPath + ".Stream":            "type Stream[T any] struct { _ *T }",
	cmPath + ".Future":            "type Future[T any] struct { _ *T }",
	abiPath + ".HostResourceType": "func HostResourceType[T any](string) *ResourceType { return nil }",
}

// needed has what the declaration of a name refers to.
var needed = map[string]string{abiPath + ".HostResourceType": "ResourceType"}

// standIn returns the text of a package that declares names as far as
// declarations that use them need it. A name that nothing is known of is a type
// whose values can be compared.
func standIn(of string, names []string) string {
	var b strings.Builder
	b.WriteString("package " + packageName(of) + "\n")
	declared := make(map[string]bool)
	for _, name := range names {
		more := []string{name}
		if n := needed[of+"."+name]; n != "" {
			more = append(more, n)
		}
		for _, name := range more {
			if declared[name] {
				continue
			}
			declared[name] = true
			b.WriteString(declaration(of, name) + "\n")
		}
	}
	return b.String()
}

// packageName returns the name of the package at an import path. Imports give
// another one where the last element of the path is none.
func packageName(of string) string {
	if name := path.Base(of); token.IsIdentifier(name) {
		return name
	}
	return "standin"
}

func declaration(of, name string) string {
	if text, ok := generic[of+"."+name]; ok {
		return text
	}
	var n int
	if _, err := fmt.Sscanf(name, "Tuple%d", &n); err == nil && of == cmPath && n > 0 && n <= 16 {
		params, fields := make([]string, n), make([]string, n)
		for i := range n {
			params[i] = fmt.Sprintf("T%d", i)
			fields[i] = "_ " + params[i]
		}
		return "type " + name + "[" + strings.Join(params, ", ") + " any] struct { " + strings.Join(fields, "; ") + " }"
	}
	return "type " + name + " struct{}"
}
