package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/cli/environment"
)

// Environment is what a guest is started with. See wasi:cli/environment.
type Environment struct {
	args []string
	vars []cm.Tuple2[string, string]
	dir  cm.Option[string]
}

var _ environment.Environment = (*Environment)(nil)

// NewEnvironment returns an environment of arguments, of variables as "K=V", and
// of a directory, which is none if it is empty. All are valid UTF-8. The error
// names the argument or the variable, and not its value.
func NewEnvironment(args, vars []string, dir string) (*Environment, error) {
	e := &Environment{args: slices.Clone(args)}
	for i, a := range args {
		if !utf8.ValidString(a) {
			return nil, fmt.Errorf("argument %d is not valid UTF-8", i)
		}
	}
	for i, v := range vars {
		name, value, ok := strings.Cut(v, "=")
		switch {
		case !ok || name == "":
			return nil, fmt.Errorf("environment variable %d: want NAME=VALUE", i)
		case !utf8.ValidString(v):
			return nil, fmt.Errorf("environment variable %d, %q, is not valid UTF-8", i, name)
		}
		e.vars = append(e.vars, cm.T2(name, value))
	}
	if !utf8.ValidString(dir) {
		return nil, fmt.Errorf("directory %q is not valid UTF-8", dir)
	}
	if dir != "" {
		e.dir = cm.Some(dir)
	}
	return e, nil
}

// GetEnvironment returns the variables, in order.
func (e *Environment) GetEnvironment(context.Context) ([]cm.Tuple2[string, string], error) {
	return e.vars, nil
}

// GetArguments returns the arguments.
func (e *Environment) GetArguments(context.Context) ([]string, error) { return e.args, nil }

// InitialCwd returns the directory.
func (e *Environment) InitialCwd(context.Context) (cm.Option[string], error) { return e.dir, nil }
