package rt_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// program instantiates the core module with the exported functions: the newest
// core instance from then on.
func (a *assembly) program(w *wit.World) {
	a.main.start, a.main.table, a.main.names = a.guest.start, a.guest.table, a.guest.names
	a.main.funcs = append(a.main.funcs, coreFunc{name: "realloc", from: "libc", params: tI32 + tI32 + tI32 + tI32, results: tI32})
	for _, ex := range w.Exports {
		a.returns(ex)
	}
	for _, ex := range w.Exports {
		if ex.Func != nil {
			a.define("", ex.Func)
			continue
		}
		for _, f := range ex.Interface.Funcs {
			a.define(ex.Name(), f)
		}
	}
	if a.callback != nil {
		params := strings.Repeat(tI32, 3)
		a.main.funcs = append(a.main.funcs, coreFunc{name: "callback", params: params, results: tI32, body: a.callback})
	}
	args := []string{text("libc") + "\x12\x00"}
	for _, module := range slices.Sorted(maps.Keys(a.from)) {
		a.out += wasmSection(2, "\x01"+list(a.from[module]...))
		args = append(args, text(module)+"\x12"+uleb(a.coreInstances))
		a.coreInstances++
	}
	a.out += "\x01" + text(a.main.encode()) + wasmSection(2, "\x00\x01"+list(args...))
	a.coreInstances++
}

// define adds an exported function to the program, and its post-return.
func (a *assembly) define(iface string, f *wit.Func) {
	name, s := qualified(iface, f), layout.Lift(f, layout.Options{Async: a.async(f), Callback: a.async(f)})
	b, ok := a.funcs[name]
	if !ok {
		b = does(trap)
	}
	if len(b.code) == 1 {
		if to, ok := b.code[0].(passOn); ok {
			b = passed(string(to), s)
		}
	}
	x := coreFunc{name: exportName(name), params: coreTypes(s.Params), results: coreTypes(s.Results), body: &b}
	a.main.funcs = append(a.main.funcs, x)
	if post, ok := a.post[name]; ok {
		a.main.funcs = append(a.main.funcs, coreFunc{name: "post " + name, params: x.results, body: &post})
	}
}

// returns gives the program a task.return for each function that is lifted with
// the option async.
func (a *assembly) returns(ex *wit.WorldItem) {
	if a.callback == nil {
		return
	}
	funcs, iface := []*wit.Func{ex.Func}, ""
	if ex.Interface != nil {
		funcs, iface = ex.Interface.Funcs, ex.Name()
		for _, t := range ex.Interface.Types {
			if _, ok := a.types.named[t]; !ok {
				a.types.named[t] = a.types.define(t)
			}
		}
	}
	for _, f := range funcs {
		if !a.async(f) {
			continue
		}
		result := "\x01\x00"
		if f.Result != nil {
			result = "\x00" + a.types.of(f.Result)
		}
		params := coreTypes(layout.TaskReturn(f.Result).Params)
		a.canon("task", "return "+qualified(iface, f), params, "", "\x09"+result+list(string([]byte{a.encoding}), "\x03\x00"))
	}
}

// exportName keeps the core name of an export apart from that of an import.
func exportName(name string) string { return "export " + name }

// lift makes a function of the program one of the component's and returns its
// index.
func (a *assembly) lift(iface string, f *wit.Func) int {
	name, post := qualified(iface, f), -1
	core := a.coreAlias(a.coreInstances-1, exportName(name))
	if _, ok := a.post[name]; ok {
		post = a.coreAlias(a.coreInstances-1, "post "+name)
	}
	t := a.types.function(f)
	options := a.options(post)
	if a.async(f) {
		options = a.options(-1, optAsync, "\x07"+uleb(a.coreAlias(a.coreInstances-1, "callback")))
	}
	a.out += wasmSection(8, "\x00\x00"+uleb(core)+options+uleb(t))
	a.componentFuncs++
	return a.componentFuncs - 1
}

func (a *assembly) exportItem(ex *wit.WorldItem) {
	if ex.Func != nil {
		i := a.lift("", ex.Func)
		a.out += wasmSection(11, "\x00"+text(ex.Name())+"\x01"+uleb(i)+"\x00")
		a.componentFuncs++ // the export is a new one
		return
	}
	a.wrap(ex)
}

// wrap exports an interface. Only in a component of its own can functions of
// resources get their names, so one is made that imports what the interface
// has and exports it under the right names.
func (a *assembly) wrap(ex *wit.WorldItem) {
	var args []string
	inner := &typeSpace{named: make(map[*wit.TypeDef]int)}
	out := "\x00asm\x0d\x00\x01\x00"
	inner.put = func(def string) { out += wasmSection(7, def) }
	name := func(t *wit.TypeDef) {
		inner.named[t] = inner.n
		inner.n++
	}
	inner.bring = func(t *wit.TypeDef) {
		bound := "\x01"
		if _, ok := t.Root().Type.(*wit.Resource); !ok {
			bound = "\x00" + uleb(inner.add(inner.def(t.Root().Type)))
		}
		arg := fmt.Sprint("type-t", len(args))
		args = append(args, text(arg)+"\x03"+uleb(a.types.lookup(t)))
		out += wasmSection(10, "\x00"+text(arg)+"\x03"+bound)
		name(t)
	}
	before := maps.Clone(a.types.named)
	maps.Copy(a.types.named, a.labeled[ex])
	defer func() {
		for t := range a.labeled[ex] {
			a.types.named[t] = before[t]
		}
	}()
	for _, t := range ex.Interface.Types {
		a.types.named[t] = a.outerType(t)
		inner.bring(t)
	}
	for i, f := range ex.Interface.Funcs {
		arg := fmt.Sprint("func-f", i)
		args = append(args, text(arg)+"\x01"+uleb(a.lift(ex.Name(), f)))
		ft := inner.function(f)
		out += wasmSection(10, "\x00"+text(arg)+"\x01"+uleb(ft))
	}
	for _, t := range ex.Interface.Types {
		i := inner.named[t]
		switch def := t.Type.(type) {
		case *wit.Resource:
		case *wit.TypeDef:
			if same, ok := inner.named[def]; ok {
				i = same
			}
		default: // once more, of the types as they are exported
			i = inner.define(t)
		}
		out += wasmSection(11, "\x00"+text(t.Name)+"\x03"+uleb(i)+"\x00")
		name(t)
	}
	for i, f := range ex.Interface.Funcs {
		ft := inner.function(f)
		out += wasmSection(11, "\x00"+text(f.Name)+"\x01"+uleb(i)+"\x01\x01"+uleb(ft))
	}
	a.out += "\x04" + text(out) + wasmSection(5, "\x00"+uleb(a.components)+list(args...))
	a.out += wasmSection(11, externName(ex)+"\x05"+uleb(a.instances)+"\x00")
	a.components++
	a.instances += 2
}

// outerType returns the index of a type of an exported interface.
func (a *assembly) outerType(t *wit.TypeDef) int {
	if _, ok := t.Type.(*wit.Resource); ok {
		return a.types.named[t]
	}
	return a.types.define(t)
}

// compile compiles the guest on an engine.
func (g *guest) compile(t testing.TB, e *rt.Engine) *rt.Component {
	t.Helper()
	wasm, err := g.encode()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// run starts an instance of the guest on the engine that all tests share.
func (g *guest) run(t testing.TB, host ...rt.HostInstance) *rt.Instance {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	return startFrom(t, g.compile(t, e), host...)
}

// startFrom starts an instance of a component.
func startFrom(t testing.TB, c *rt.Component, host ...rt.HostInstance) *rt.Instance {
	t.Helper()
	in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Host: host})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return in
}

// invoke calls a function by its name, "interface#function" or "function".
func invoke(t testing.TB, in *rt.Instance, name string, args ...rt.Value) (rt.Value, error) {
	t.Helper()
	return invokeWith(t.Context(), t, in, name, args...)
}

func invokeWith(ctx context.Context, t testing.TB, in *rt.Instance, name string, args ...rt.Value) (rt.Value, error) {
	t.Helper()
	iface, f, ok := strings.Cut(name, "#")
	if !ok {
		iface, f = "", name
	}
	fn, err := in.Func(iface, f)
	if err != nil {
		t.Fatal(err)
	}
	return fn.Call(ctx, args...)
}

// must calls a function that has to succeed.
func must(t testing.TB, in *rt.Instance, name string, args ...rt.Value) rt.Value {
	t.Helper()
	v, err := invoke(t, in, name, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// wantTrap wants the error of a call to be a trap of a kind with these texts,
// and the instance to be dead after it.
func wantTrap(t testing.TB, in *rt.Instance, err error, kind rt.TrapKind, texts ...string) {
	t.Helper()
	trap, ok := asTrap(err)
	if !ok || trap.Kind != kind {
		t.Errorf("got %v, want a trap of kind %v", err, kind)
		return
	}
	for _, want := range append(texts, "wasm trap: ") {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	if in == nil {
		return
	}
	f, ferr := in.Func("", trap.Export)
	if ferr != nil {
		t.Fatal(ferr)
	}
	_, err = f.Call(t.Context(), make([]rt.Value, len(f.Type().Params))...)
	if trap, ok := asTrap(err); !ok || trap.Kind != rt.TrapDead || !strings.Contains(err.Error(), "cannot enter component instance") {
		t.Errorf("a call after the trap: %v", err)
	}
}

// hostFuncs is a host of functions: of the world itself if the name is empty.
func hostFuncs(name string, funcs map[string]func(args []rt.Value) (rt.Value, error)) rt.HostInstance {
	h := rt.HostInstance{Name: name, Funcs: make(map[string]rt.HostFunc)}
	for n, f := range funcs {
		h.Funcs[n] = rt.HostFunc{Call: func(_ context.Context, args []rt.Value) (rt.Value, error) { return f(args) }}
	}
	return h
}

// same is a host function that returns its argument.
func sameValue(args []rt.Value) (rt.Value, error) { return args[0], nil }

// show writes a value with the Go types of its parts, to compare.
func show(v rt.Value) string { return fmt.Sprintf("%#v", v) }

// callsGuestOf is a guest of the world of golden/calls: its host answers what
// it is asked. It counts its post-returns at 64.
func callsGuestOf(t testing.TB, encoding byte) *guest {
	t.Helper()
	world, err := os.ReadFile("../golden/calls/wit/calls.wit")
	if err != nil {
		t.Fatal(err)
	}
	const host, this = "witgen:calls/host@0.1.0#", "witgen:calls/guest@0.1.0#"
	return &guest{world: string(world), encoding: encoding, funcs: map[string]body{
		this + "add":       does(passOn(host + "add")),
		this + "echo":      does(passOn(host + "echo")),
		this + "host-add":  does(i32(64), load(0)),
		this + "host-echo": does(trap),
		this + "bytes":     does(trap),
		this + "points":    does(trap),
		this + "lines":     does(trap),
	}, post: map[string]body{this + "echo": counts(64)}}
}

// counts adds 1 to a number in memory.
func counts(at int) body { return does(i32(at), i32(at), load(0), i32(1), add, store(0)) }

func asTrap(err error) (*rt.Trap, bool) { return errors.AsType[*rt.Trap](err) }
