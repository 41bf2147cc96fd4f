package wast

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt"
)

// made is what a command was to make, or why it is not there.
type made[T any] struct {
	value T
	err   error
}

// keep notes what a command has made.
func keep[T any](all map[string]made[T], name string, line int, value T, err error) {
	if err != nil {
		if s, ok := errors.AsType[*skip](err); ok {
			err = &skip{fmt.Sprintf("needs line %d: %s", line, s.reason)}
		} else {
			err = fmt.Errorf("line %d has failed, which was to make it", line)
		}
	}
	all[name], all[""] = made[T]{value, err}, made[T]{value, err}
}

// named returns what a command has made.
func named[T any](all map[string]made[T], what, name string) (value T, err error) {
	m, ok := all[name]
	switch {
	case !ok && name == "":
		return value, fmt.Errorf("there is no %s yet", what)
	case !ok:
		return value, fmt.Errorf("there is no %s %q", what, name)
	case m.err != nil && name != "":
		return value, fmt.Errorf("%s %q: %w", what, name, m.err)
	case m.err != nil:
		return value, fmt.Errorf("%s: %w", what, m.err)
	}
	return m.value, nil
}

// register lets later components import an instance.
func (r *runner) register(c *command) error {
	in, err := named(r.instances, "instance", c.Name)
	if err != nil {
		return err
	}
	x, err := in.Export("")
	if err != nil {
		return err
	}
	r.offer(c.As, *x)
	r.shared[in] = true
	return nil
}

// offer lets later components import an instance under a name. One that had
// the name is replaced.
func (r *runner) offer(name string, x rt.HostInstance) {
	x.Name = name
	r.offers = slices.DeleteFunc(r.offers, func(h rt.HostInstance) bool { return h.Name == name })
	r.offers = append(r.offers, x)
}

// made notes the instance that a command has made. Later components may import
// the modules and the resource types of one that has a name, as suites rely on,
// but its functions only once it is registered.
func (r *runner) made(ctx context.Context, name string, line int, in *rt.Instance, err error) {
	current, before := r.instances[""].value, r.instances[name].value
	keep(r.instances, name, line, in, err)
	r.closeUnless(ctx, current)
	r.closeUnless(ctx, before)
	if err != nil || name == "" {
		return
	}
	if x, err := in.Export(""); err == nil {
		r.offer(strings.TrimPrefix(name, "$"), rt.HostInstance{Resources: x.Resources, Modules: x.Modules})
		r.shared[in] = len(x.Resources) > 0
	}
}

// closeUnless closes an instance that nothing in the script leads to any more:
// some take gigabytes. What it owned of the host does not count as dropped.
func (r *runner) closeUnless(ctx context.Context, in *rt.Instance) {
	if in == nil || r.shared[in] {
		return
	}
	for _, m := range r.instances {
		if m.value == in {
			return
		}
	}
	r.host.uncounted(func() { _ = in.Close(ctx) }) // if ctx is done, it goes with the engine
}
