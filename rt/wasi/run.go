package wasi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/run/command"
)

// ErrNotCommand is in the error of [Run] for a component that is no command: it
// does not export wasi:cli/run.
var ErrNotCommand = errors.New("not a command: it does not export wasi:cli/run@0.2")

// Run runs a command, which is a component that exports wasi:cli/run, once in an
// instance of its own, and returns its exit code: what it exits with, or else 0
// for ok and 1 for err. The imports of the instance config come before those of
// the config.
//
// The code says something only if the error is nil. A trap is an error, a
// [*rt.Trap], unless it is that of the guest's exit; and so is what keeps the
// instance from starting, or from ending: it ends when all that it wrote is
// written, for which it has another second once ctx is done.
func Run(ctx context.Context, c *rt.Component, instance rt.InstanceConfig, config Config) (code int, err error) {
	if !isCommand(c) {
		return 0, ErrNotCommand
	}
	prepared, err := command.Prepare(c)
	if err != nil {
		return 0, err
	}
	h, imports := begin(config)
	instance.Imports = slices.Concat(instance.Imports, imports)
	in, err := prepared.Instantiate(ctx, command.Imports{}, instance)
	if err != nil {
		return h.code(err)
	}
	defer func() {
		ending, stop := grace(ctx)
		defer stop()
		if e := in.Close(ending); e != nil {
			err = errors.Join(err, fmt.Errorf("end of the command: %w", e))
		}
	}()
	return h.code(in.CLIRun.Run(ctx))
}

// isCommand reports whether a component exports wasi:cli/run.
func isCommand(c *rt.Component) bool {
	return slices.ContainsFunc(c.Exports(), func(e rt.Extern) bool {
		return strings.HasPrefix(e.Name, "wasi:cli/run@0.2.")
	})
}

// code returns the exit code that an error of a call stands for. An exit is this
// instance's own: that of another, which a host function ran, is not.
func (h *host) code(err error) (int, error) {
	trap, trapped := errors.AsType[*rt.Trap](err)
	switch {
	case err == nil:
		return 0, nil
	case trapped && h.exit.Err != nil && errors.Is(trap, h.exit.Err):
		return h.exit.Err.Code, nil
	case trapped:
		return 0, err
	}
	if _, ok := errors.AsType[cm.Err[struct{}]](err); ok {
		return 1, nil
	}
	return 0, err
}

// grace returns a context that is done a second after ctx is.
func grace(ctx context.Context) (context.Context, context.CancelFunc) {
	later, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(time.Second, func() { cancel(context.Cause(ctx)) })
	})
	return later, func() { stop(); cancel(nil) }
}
