package rt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/task"
)

// InstanceConfig configures an instance. The zero InstanceConfig is ready to
// use.
type InstanceConfig struct {
	// Imports are interfaces that the host offers beside those of its world.
	// Where both have one, the world's is taken.
	Imports []Import
	// Host is what the host offers without generated code, for what is in
	// neither.
	Host []HostInstance
	// Stubs lets an instance start whose host lacks functions and resource
	// types that it imports. A call of one traps, with [ErrStub].
	Stubs bool
	// Limits bounds what the instance may have.
	Limits Limits
	// Quotas, if it is not nil, returns what the call whose context it gets has left
	// for calls of a host function, named as in "ns:pkg/interface@1.0.0#function",
	// by the host's name of the interface: each of them bounds the function, and
	// several functions may share one. It is asked before each call of one, on the
	// goroutine of the call, and what that takes is taken from what it returns.
	Quotas func(ctx context.Context, function string) []*Quota
	// Around, if it is not nil, returns who is told of the calls of a host function,
	// named as for Quotas; nil is nobody. It is asked before the first call of each,
	// and may be asked again. Calls that Limits do not allow are not made, and what
	// stands for functions that the host lacks is no host function.
	Around func(function string) HostCalls
}

// Instance is a running component. It may be shared between goroutines, whose
// calls take turns.
type Instance struct {
	linked *Linked
	quotas func(ctx context.Context, function string) []*Quota
	around func(function string) HostCalls
	tree   task.Tree
	memory memory

	comps     []task.Instance
	resources []*handle.Resource    // what each of the plan's stands for
	types     map[int]*ResourceType // by plan.Resources: those that the host can see
	modules   []api.Module          // core instances, in the order they were made
	meter     meter
	stack     stack
	tasks     []*asyncTask // by component instance: the async call that runs in it; nil for a synchronous one
	memories  []api.Memory
	reallocs  []api.Function
	options   []task.Options
	bound     *bindings
	exports   [][]*abi.Func
	closers   []func(context.Context) error // of imports
	stderr    func() string                 // of the first import that has one
	given     []*Module                     // core modules of the host's, by plan.Modules
	dtors     []*abi.Func                   // that the host calls
	mu        sync.Mutex
	funcs     map[*plan.ExportFunc]*Func      // that were asked for; guarded by mu
	answers   []*abi.Call                     // to calls of the host, by plan.Provided; nil before the first
	functions map[plan.CoreDef][]api.Function // free ones that the component calls itself
}

var errUnmetered = errors.New("limits of fuel do not hold in an engine that is Uninterrupted: leave one of the two out")

// Instantiate starts an instance: the component's imports are bound to the
// host's functions and its start functions run. Imports are those of the world,
// in its order. It fails with a [*LinkError]
// if an import is missing or of another type, with a [*Trap] if the guest traps,
// with [ErrMemory] if the component declares more than the instance may have,
// with [ErrClosed] once the component or the engine is closed, and with ctx's
// cause if that is done before. The caller closes the instance.
func (l *Linked) Instantiate(ctx context.Context, imports []Import, config InstanceConfig) (*Instance, error) {
	bound, err := l.bind(imports, config)
	if err != nil {
		return nil, err
	}
	c := l.component
	if c.engine.uninterrupted && (config.Limits.Fuel > 0 || config.Limits.AllFuel > 0) {
		return nil, errUnmetered
	}
	if err := c.engine.begin(); err != nil {
		return nil, err
	}
	defer c.engine.end()
	if err := c.hold(); err != nil {
		return nil, err
	}
	in := &Instance{
		linked: l, quotas: config.Quotas, around: config.Around, bound: bound, given: bound.modules,
		comps:     make([]task.Instance, len(c.plan.Parents)),
		memories:  make([]api.Memory, c.plan.Memories),
		reallocs:  make([]api.Function, c.plan.Reallocs),
		options:   make([]task.Options, len(c.plan.Options)),
		functions: make(map[plan.CoreDef][]api.Function),
		answers:   make([]*abi.Call, len(c.plan.Provided)),
	}
	in.makeTree(config.Limits)
	in.makeResources()
	in.tasks = make([]*asyncTask, len(c.plan.Parents))
	if err := in.begin(ctx, config.Limits, imports, config.Imports); err != nil {
		return nil, err
	}
	in.bindExports()
	c.engine.add(in)
	return in, nil
}

// begin starts the instance, and frees it if it does not start: not even if a
// host function ends the goroutine.
func (in *Instance) begin(ctx context.Context, limits Limits, imports ...[]Import) (err error) {
	started := false
	defer func() {
		if !started {
			err = errors.Join(err, in.free(ctx))
		}
	}()
	err = in.admit(limits)
	for _, list := range imports {
		if err == nil {
			err = in.open(ctx, list)
		}
	}
	if err == nil {
		err = in.start(ctx)
	}
	started = err == nil
	return err
}

// makeTree makes the component instances.
func (in *Instance) makeTree(limits Limits) {
	in.tree.Owner, in.tree.Trap = in, func(f task.Failure) error { return in.trap(f) }
	in.limit(limits)
	handles := new(int)
	for i, parent := range in.linked.component.plan.Parents {
		c := &in.comps[i]
		c.Tree, c.MayLeave, c.Handles.Owner, c.Handles.Limit = &in.tree, true, c, limits.Handles
		c.Handles.Count = handles
		if parent >= 0 {
			c.Parent = &in.comps[parent]
		}
	}
	if alone := in.linked.component.plan.Alone; alone >= 0 {
		in.comps[alone].Alone = true
	}
}

// start runs the plan. It is the first task of the tree, and the last if it fails.
func (in *Instance) start(ctx context.Context) error {
	if err := in.tree.Enter(ctx, "", false); err != nil {
		return err
	}
	err := in.execute(ctx)
	if err != nil {
		in.tree.Lock("its start")
	}
	in.tree.Exit()
	return err
}

// execute executes the steps of the plan.
func (in *Instance) execute(ctx context.Context) error {
	var args []plan.CoreDef
	resolve := func(name string) api.Module {
		i, err := strconv.Atoi(name)
		if err != nil || i >= len(args) {
			return nil
		}
		return in.module(args[i])
	}
	started := experimental.WithMemoryAllocator(experimental.WithImportResolver(ctx, resolve), &in.memory)
	t := &task.Task{Start: started, Tree: &in.tree, Caller: ctx}
	for i, o := range in.linked.component.plan.Options {
		in.options[i].Instance, in.options[i].Encoding = &in.comps[o.Instance], task.Encoding(o.Encoding)
	}
	for _, s := range in.linked.component.plan.Steps {
		switch s := s.(type) {
		case plan.InstantiateModule:
			if ctx.Err() != nil { // the data of those before may have been long
				return context.Cause(ctx)
			}
			args = s.Args
			if err := in.instantiateModule(t, s); err != nil {
				return err
			}
		case plan.ExtractMemory:
			in.memories[s.Slot] = in.module(s.From).ExportedMemory(s.From.Name)
			in.setOptions()
		case plan.ExtractRealloc:
			in.reallocs[s.Slot] = &realloc{in: in, slot: s}
			in.setOptions()
		}
	}
	return nil
}

// setOptions gives the options what is in the slots so far.
func (in *Instance) setOptions() {
	for i, o := range in.linked.component.plan.Options {
		if o.Memory >= 0 {
			in.options[i].Memory = in.memories[o.Memory]
		}
		if o.Realloc >= 0 {
			in.options[i].Realloc = in.reallocs[o.Realloc]
		}
	}
}

func (in *Instance) instantiateModule(t *task.Task, s plan.InstantiateModule) error {
	c, n := in.linked.component, len(in.modules)
	im, err := c.image(t.Caller, s.Image, in.bound.modules)
	if err != nil {
		return err
	}
	m, err := c.engine.instantiate(t, im.code, coreConfig)
	if inner := errors.Unwrap(err); inner != nil && strings.HasPrefix(err.Error(), "start function[") {
		err = inner // what wazero says of a start function that traps
	}
	if err == nil {
		in.adopt(m, im)
		in.memory.made(m)
		if im.Start == "" {
			return nil
		}
		if err = m.ExportedFunction(im.Start).CallWithStack(t, nil); err == nil {
			return nil
		}
	}
	cause := t.Failure()
	if cause == nil {
		cause = &task.CoreError{Err: err}
	}
	return fmt.Errorf("core instance %d: %w", n, in.trap(task.Failure{Ran: true, Err: cause, Core: err, Passed: t.Passed()}))
}

// module returns the core instance that a definition is an export of.
func (in *Instance) module(d plan.CoreDef) api.Module {
	if d.Instance < 0 {
		return in.linked.component.host
	}
	return in.modules[d.Instance]
}

func (in *Instance) bindExports() {
	for i, resources := range in.linked.resources {
		if len(resources) > 0 {
			in.showResources(in.linked.world.Exports[i], resources)
		}
	}
	for i, lifts := range in.linked.exports {
		x := in.linked.world.Exports[i]
		funcs := make([]*abi.Func, len(lifts))
		for j, lift := range lifts {
			name := plan.Place{Interface: x.Name, Name: x.Funcs[j].Name}.Text()
			if lift == absent {
				funcs[j] = abi.NewAbsent(name)
				continue
			}
			funcs[j] = in.export(name, lift)
			funcs[j].Under(x)
		}
		in.exports = append(in.exports, funcs)
	}
}

// showResources lets generated code find the types of the resources that an
// exported interface has.
func (in *Instance) showResources(x *abi.Interface, resources []int) {
	e, ok := in.tree.Exports.(*abi.Exports)
	if !ok {
		e = &abi.Exports{Resources: make(map[*abi.Interface][]*abi.Exported)}
		in.tree.Exports = e
	}
	list := make([]*abi.Exported, len(resources))
	for i, r := range resources {
		if r == absent {
			list[i] = absentResource(x)
			continue
		}
		list[i] = abi.NewExported(in.types[r], x.Name)
	}
	e.Resources[x] = list
}

// export returns a function for the host to call.
func (in *Instance) export(name string, lift int) *abi.Func {
	c := in.linked.component
	l := &c.plan.Lifts[lift]
	f := abi.NewFunc(name, c.slots[lift].n, c.slots[lift].joined, &in.options[l.Options], func() (fn, post api.Function) {
		fn = in.module(l.Core).ExportedFunction(l.Core.Name)
		if l.Func.Async {
			fn = newAwaited(in, l, fn)
		}
		if l.PostReturn != nil {
			post = in.module(*l.PostReturn).ExportedFunction(l.PostReturn.Name)
		}
		return fn, post
	})
	if post := l.PostReturn; post != nil && post.Instance < 0 && c.plan.Provided[post.Provided].Op == plan.RelayDone {
		f.Undo(in.freeRelay)
	}
	return f
}

// World returns the name of the world that the instance was linked to, which says for
// which version the component was built: see [World.Older]. It is empty if there was
// none, or one without a name.
func (in *Instance) World() string { return in.linked.world.Name }

// Exports returns the functions of export i of the world the instance was
// linked to, in the order of that interface. Those that the component does not
// export are there too: calls of them fail with [ErrNotExported]. Generated
// packages call it.
func (in *Instance) Exports(i int) []*abi.Func { return in.exports[i] }

// Exported reports whether the component exports export i of the world the
// instance was linked to, which may be optional. Generated packages call it.
func (in *Instance) Exported(i int) bool { return !in.linked.lacking[i] }

// Resources returns the resource types of export i of the world the instance was
// linked to, in the order of that interface. Generated packages call it.
func (in *Instance) Resources(i int) []*abi.Exported {
	if in.linked.lacking[i] {
		return absentResources(in.linked.world.Exports[i])
	}
	e, ok := in.tree.Exports.(*abi.Exports)
	if !ok {
		return nil
	}
	return e.Resources[in.linked.world.Exports[i]]
}

// Err returns nil as long as the instance can be called. After a trap it returns
// one of kind [TrapDead] that says in what, and once the instance is closed
// [ErrClosed], as calls do; a call that is under way may change it. It does not
// wait for the instance's turn.
func (in *Instance) Err() error {
	err := in.tree.Dead()
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	return newTrap(task.Failure{Err: err})
}

// Close ends the instance and frees its memory, after the call that runs in
// it if there is one. It returns ctx's cause if that is done first; the
// instance then lives on. It does nothing the second time.
func (in *Instance) Close(ctx context.Context) error {
	mine, err := in.tree.Close(ctx)
	if err != nil || !mine {
		return err
	}
	defer in.linked.component.engine.remove(in)
	return in.free(ctx)
}

// free ends the host's resources that the instance owns, closes the core
// instances, last one first, and lets go of them: a closed instance may be held
// for long.
func (in *Instance) free(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, in.drop(ctx)) }() // a host function may end the goroutine
	ends := slices.Clone(in.closers)
	for _, v := range in.tree.Values.Drain() {
		r := v.(*Resource)
		ends = append(ends, func(ctx context.Context) error { return ended(ctx, r) })
	}
	in.closers = nil
	return errors.Join(endAll(ctx, ends)...)
}

// drop is free for what is not the host's.
func (in *Instance) drop(ctx context.Context) error {
	in.memory.detach()
	var errs []error
	for _, m := range slices.Backward(in.modules) {
		errs = append(errs, m.Close(ctx))
	}
	in.mu.Lock()
	for _, f := range in.funcs {
		f.fn.Forget()
	}
	in.mu.Unlock()
	for _, f := range slices.Concat(slices.Concat(in.exports...), in.dtors) {
		f.Forget()
	}
	in.stack = stack{}
	in.modules, in.memories, in.reallocs, in.functions, in.answers, in.bound, in.meter.tanks = nil, nil, nil, nil, nil, nil, nil
	for i := range in.options {
		in.options[i].Memory, in.options[i].Realloc = nil, nil
	}
	in.memory.free()
	return errors.Join(append(errs, in.linked.component.release(ctx))...)
}
