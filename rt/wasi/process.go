package wasi

import (
	"os"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/internal/cli"
	"github.com/witgen/witgen/rt/wasi/p2/cli/environment"
	"github.com/witgen/witgen/rt/wasi/p2/cli/exit"
)

// ExitError is the cause of the trap that ends the call in which a guest exits.
// The instance is dead after it. errors.AsType finds it in the error of the call;
// [Run] returns its code.
type ExitError = cli.ExitError

// process returns what the guest is started with, and how it exits. What is
// wrong with the former is told when the instance starts.
func (h *host) process() []rt.Import {
	e, err := cli.NewEnvironment(h.config.Args, h.config.Env, h.config.Dir)
	if err != nil {
		h.wrong = err
	}
	return []rt.Import{environment.Import(e), exit.Import(&h.exit)}
}

// HostEnv returns variables of the environment of this process, as Config.Env
// has them: those of the names, in their order, as far as they are set. A name
// that ends in * stands for all that begin so, in the order of the environment;
// "*" is all of it, with whatever secrets it has.
func HostEnv(names ...string) []string {
	var picked []string
	all := os.Environ()
	for _, name := range names {
		prefix, pattern := strings.CutSuffix(name, "*")
		for _, v := range all {
			have, _, _ := strings.Cut(v, "=")
			if (have == name || pattern && have != "" && strings.HasPrefix(have, prefix)) && !slices.Contains(picked, v) {
				picked = append(picked, v)
			}
		}
	}
	return picked
}
