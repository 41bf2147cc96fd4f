package wast

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/witgen/witgen/rt"
)

// Options are how scripts are run. The zero Options are ready to use.
type Options struct {
	// Beyond names the commands that need more than the engine has.
	Beyond List
	// Timeout is how long a command may take: those that wait for something
	// end with it. Zero is no limit.
	Timeout time.Duration
	// Interpreter runs core code without compiling it.
	Interpreter bool
}

// errTimeout is why a command's context is done.
var errTimeout = errors.New("timeout")

// Run runs a script on an engine of its own. The error is that of a script that
// cannot be read, or ctx's cause; what goes wrong in it is in the report.
func Run(ctx context.Context, file string, o Options) (report *Report, err error) {
	s, err := readScript(file)
	if err != nil {
		return nil, err
	}
	engine, err := rt.NewEngine(ctx, rt.Config{Interpreter: o.Interpreter})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Close(context.WithoutCancel(ctx))) }()
	host, err := newHost()
	if err != nil {
		return nil, err
	}
	r := &runner{
		engine: engine, dir: filepath.Dir(file), host: host, beyond: o.Beyond.of(file),
		definitions: make(map[string]made[*rt.Component]), instances: make(map[string]made[*rt.Instance]),
		shared: make(map[*rt.Instance]bool),
	}
	report = &Report{File: file}
	for i := range s.Commands {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		report.Results = append(report.Results, resultOf(&s.Commands[i], r.run(ctx, &s.Commands[i], o.Timeout)))
	}
	return report, nil
}

// runner is the state of a script that runs.
type runner struct {
	engine *rt.Engine
	dir    string // of the script
	host   *host
	offers []rt.HostInstance     // instances that components may import
	shared map[*rt.Instance]bool // instances that others may have a part of
	beyond map[int]string        // why the engine cannot run what is at a line
	// What the script has made, by name; under the empty name what it made
	// last.
	definitions map[string]made[*rt.Component]
	instances   map[string]made[*rt.Instance]
}

// run runs a command: nil is success, a *skip that it was skipped.
func (r *runner) run(ctx context.Context, c *command, timeout time.Duration) error {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, errTimeout)
		defer cancel()
	}
	err := r.do(ctx, c)
	if reason, listed := r.beyond[c.Line]; listed && err == nil {
		return fmt.Errorf("is listed as beyond the engine (%s), and passes", reason)
	}
	return r.excused(c, err)
}

// excused returns the error of a command as a *skip if the command is listed as
// beyond the engine.
func (r *runner) excused(c *command, err error) error {
	reason, listed := r.beyond[c.Line]
	if _, already := errors.AsType[*skip](err); err == nil || already || !listed {
		return err
	}
	return &skip{fmt.Sprintf("%s: %v", reason, err)}
}

// do does what a command says.
func (r *runner) do(ctx context.Context, c *command) error {
	switch c.Type {
	case "component", "module":
		return r.component(ctx, c)
	case "component_definition", "module_definition":
		return r.definition(ctx, c)
	case "component_instance", "module_instance":
		return r.instance(ctx, c)
	case "register":
		return r.register(c)
	case "action":
		_, err := r.call(ctx, &c.Action)
		return err
	case "assert_return":
		return r.assertReturn(ctx, c)
	case "assert_trap":
		_, err := r.call(ctx, &c.Action)
		return wantTrap(err, c.Text)
	case "assert_trap_instance":
		return r.assertTrapInstance(ctx, c)
	case "assert_uninstantiable":
		return r.assertUninstantiable(ctx, c)
	case "assert_unlinkable":
		return r.assertUnlinkable(ctx, c)
	case "assert_invalid":
		return r.assertInvalid(ctx, c)
	case "assert_malformed":
		return r.assertMalformed(ctx, c)
	}
	return fmt.Errorf("unknown command %q", c.Type)
}

// binary returns the binary of a command. A core module comes as a component
// that instantiates it.
func (r *runner) binary(c *command) ([]byte, error) {
	switch {
	case c.Unconverted != "":
		return nil, &skip{"there is no binary of it"}
	case c.ModuleType == "text" || c.Filename == "":
		return nil, &skip{"it is text, not a binary"}
	}
	wasm, err := os.ReadFile(filepath.Join(r.dir, c.Filename))
	if err == nil && isModule(wasm) {
		wasm = componentOf(wasm)
	}
	return wasm, err
}

func (r *runner) compile(ctx context.Context, c *command) (*rt.Component, error) {
	wasm, err := r.binary(c)
	if err != nil {
		return nil, err
	}
	component, err := r.engine.Compile(ctx, wasm)
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	return component, nil
}

func (r *runner) instantiate(ctx context.Context, c *rt.Component) (*rt.Instance, error) {
	offered := append(r.host.instances(c.Imports()), r.offers...)
	in, err := c.Instantiate(ctx, rt.InstanceConfig{Host: offered})
	if err != nil {
		return nil, fmt.Errorf("instantiate: %w", err)
	}
	return in, nil
}

// component is the commands component and module.
func (r *runner) component(ctx context.Context, c *command) error {
	definition, err := r.compile(ctx, c)
	var in *rt.Instance
	if err == nil {
		in, err = r.instantiate(ctx, definition)
	}
	err = r.excused(c, err)
	r.made(ctx, c.Name, c.Line, in, err)
	return err
}

func (r *runner) definition(ctx context.Context, c *command) error {
	definition, err := r.compile(ctx, c)
	err = r.excused(c, err)
	keep(r.definitions, c.Name, c.Line, definition, err)
	return err
}

func (r *runner) instance(ctx context.Context, c *command) error {
	definition, err := named(r.definitions, "component", c.Component)
	var in *rt.Instance
	if err == nil {
		in, err = r.instantiate(ctx, definition)
	}
	err = r.excused(c, err)
	r.made(ctx, c.Instance, c.Line, in, err)
	return err
}

// returned is what a call returned, and the function that did.
type returned struct {
	fn    *rt.Func
	value rt.Value
}

// call calls a function of an instance.
func (r *runner) call(ctx context.Context, a *action) (*returned, error) {
	if a.Type != "invoke" {
		return nil, fmt.Errorf("unknown action %q", a.Type)
	}
	in, err := named(r.instances, "instance", a.Instance)
	if err != nil {
		return nil, err
	}
	fn, err := in.Func("", a.Field)
	if err != nil {
		return nil, err
	}
	params := fn.Type().Params
	if len(params) != len(a.Args) {
		return nil, fmt.Errorf("%s: %d arguments for %d parameters", a.Field, len(a.Args), len(params))
	}
	args := make([]rt.Value, len(params))
	for i, p := range params {
		if args[i], err = valueOf(p.Type, a.Args[i]); err != nil {
			return nil, fmt.Errorf("argument %q: %w", p.Name, err)
		}
	}
	value, err := fn.Call(ctx, args...)
	return &returned{fn, value}, err
}
