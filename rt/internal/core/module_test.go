package core

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// testModule is a core module written by hand. Its functions are exported
// under their names.
type testModule struct {
	types    []string // without their 0x60
	imports  []string // whole entries
	funcs    []testFunc
	tables   []string
	memories []string
	tags     []string
	globals  []string
	exports  []string
	start    int // of the defined function, plus 1
	elems    []string
	data     []string
	imported int // functions among the imports
}

type testFunc struct {
	name   string
	typ    byte
	locals string // groups
	groups byte
	code   string // without the end
}

// bytes encodes the module.
func (m testModule) bytes() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	vec := func(id byte, entries []string) {
		if len(entries) == 0 {
			return
		}
		var b []byte
		b = appendU32(b, uint32(len(entries)))
		for _, e := range entries {
			b = append(b, e...)
		}
		out = appendSection(out, id, b)
	}
	var types, funcs, codes []string
	exports := m.exports
	for _, t := range m.types {
		types = append(types, "\x60"+t)
	}
	for i, f := range m.funcs {
		funcs = append(funcs, string(f.typ))
		code := string(f.groups) + f.locals + f.code + "\x0b"
		codes = append(codes, string(appendU32(nil, uint32(len(code))))+code)
		if f.name != "" {
			exports = append(exports, string(appendU32(append(appendName(nil, f.name), 0), uint32(i+m.imported))))
		}
	}
	vec(1, types)
	vec(2, m.imports)
	vec(3, funcs)
	vec(4, m.tables)
	vec(5, m.memories)
	vec(13, m.tags)
	vec(6, m.globals)
	vec(7, exports)
	if m.start > 0 {
		out = appendSection(out, 8, appendU32(nil, uint32(m.start-1+m.imported)))
	}
	vec(9, m.elems)
	if len(m.data) > 0 {
		out = appendSection(out, 12, appendU32(nil, uint32(len(m.data))))
	}
	vec(10, codes)
	vec(11, m.data)
	return out
}

// features are those the project turns on.
const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst |
	experimental.CoreFeaturesExceptionHandling | experimental.CoreFeaturesTypedFunctionReferences

// engines are the configurations under which everything has to be the same.
var engines = []struct {
	name   string
	config func() wazero.RuntimeConfig
}{
	{"compiler", wazero.NewRuntimeConfigCompiler},
	{"interpreter", wazero.NewRuntimeConfigInterpreter},
}

// errSpent is what the host ends a guest with.
var errSpent = fmt.Errorf("fuel is spent")

// errDeep is what the host ends a guest with that uses too much of the stack.
var errDeep = fmt.Errorf("stack is used up")

// A meter gives instrumented modules fuel in slices, up to a budget.
type meter struct {
	budget, slice int64
	given         int64
	fuel          api.MutableGlobal

	stack            int64             // most bytes of the call stack; 0 for any
	depth, mark, ask api.MutableGlobal // nil without an account
	handlers         []uint64          // the account at each
	most             int               // of handlers at a time

	ctx   context.Context // of the last call of interrupt
	from  api.Module
	calls int // of it
}

// interrupt is what guests call when their fuel is below 0.
func (m *meter) interrupt(ctx context.Context, from api.Module, _ []uint64) {
	m.ctx, m.from = ctx, from
	m.calls++
	if m.asked() {
		return
	}
	if m.mark != nil && m.depth.Get() > m.mark.Get() {
		if m.stack > 0 && int64(m.depth.Get()) > m.stack {
			panic(errDeep)
		}
		m.mark.Set(2 * m.depth.Get())
	}
	if m.fuel == nil || int64(m.fuel.Get()) >= 0 {
		return
	}
	left := int64(m.fuel.Get())
	if used := m.given - left; used > m.budget {
		panic(errSpent)
	}
	more := min(m.slice-left, m.budget-m.given)
	m.given += more
	m.fuel.Set(uint64(left + more))
}

// asked answers what a guest asks for, if anything.
func (m *meter) asked() bool {
	if m.ask == nil || int64(m.ask.Get()) >= 0 {
		return false
	}
	n := AskHandler - int64(m.ask.Get())
	if n == 0 {
		m.handlers = append(m.handlers, m.depth.Get())
		m.most = max(m.most, len(m.handlers))
		m.ask.Set(uint64(len(m.handlers)))
		return true
	}
	m.depth.Set(m.handlers[n-1])
	m.handlers = m.handlers[:n-1]
	m.ask.Set(0)
	return true
}

// level reports whether the account is as before any call: nothing runs.
func (m *meter) level() bool {
	return m.depth == nil || m.depth.Get() == 0 && len(m.handlers) == 0
}

// used is the fuel consumed so far.
func (m *meter) used() int64 { return m.given - int64(m.fuel.Get()) }

// A world is a runtime in which instrumented modules run.
type world struct {
	wazero.Runtime
	t testing.TB
	n int
}

func newWorld(t testing.TB, config wazero.RuntimeConfig) *world {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, config.WithCoreFeatures(features))
	t.Cleanup(func() { r.Close(ctx) })
	return &world{Runtime: r, t: t}
}

// reference is a reference to a function that calls m.
func (w *world) reference(m *meter) uint64 {
	w.t.Helper()
	ctx := context.Background()
	w.n++
	host := fmt.Sprintf("host %d", w.n)
	_, err := w.NewHostModuleBuilder(host).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(m.interrupt), nil, nil).Export("interrupt").Instantiate(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.InstantiateWithConfig(ctx, Reference(Binding{host, "interrupt"}), wazero.NewModuleConfig().WithName(""))
	if err != nil {
		w.t.Fatal(err)
	}
	return r.ExportedGlobal(ReferenceExport).Get()
}

// adopt has a module that was just instantiated call m, and calls what was its
// start function.
func (w *world) adopt(mod api.Module, in *Instrumented, m *meter) error {
	w.t.Helper()
	if in.Fuel != "" {
		m.fuel = mod.ExportedGlobal(in.Fuel).(api.MutableGlobal)
	}
	if in.Used != "" {
		m.depth = mod.ExportedGlobal(in.Used).(api.MutableGlobal)
		m.mark = mod.ExportedGlobal(in.Mark).(api.MutableGlobal)
		if in.Ask != "" {
			m.ask = mod.ExportedGlobal(in.Ask).(api.MutableGlobal)
		}
	}
	mod.ExportedGlobal(in.Interrupt).(api.MutableGlobal).Set(w.reference(m))
	if in.Start == "" {
		return nil
	}
	_, err := mod.ExportedFunction(in.Start).Call(context.Background())
	return err
}

// instrumented instantiates a module with checks that call m, and calls what
// was its start function.
func (w *world) instrumented(module []byte, m *meter) (api.Module, error) {
	w.t.Helper()
	ctx := context.Background()
	in, err := Instrument(module, Options{Interrupt: true, Stack: true})
	if err != nil {
		w.t.Fatal(err)
	}
	if in.Checks == 0 {
		w.t.Fatal("no checks")
	}
	w.n++
	guest := fmt.Sprintf("guest %d", w.n)
	mod, err := w.InstantiateWithConfig(ctx, in.Wasm, wazero.NewModuleConfig().WithName(guest).WithStartFunctions())
	if err != nil {
		return nil, err
	}
	if err := w.adopt(mod, in, m); err != nil {
		return nil, err
	}
	return mod, nil
}

// again instruments twice and wants the same bytes.
func again(t testing.TB, module []byte, o Options) *Instrumented {
	t.Helper()
	a, err := Instrument(module, o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Instrument(bytes.Clone(module), o)
	if err != nil || !bytes.Equal(a.Wasm, b.Wasm) {
		t.Fatalf("a second time gives other bytes, error %v", err)
	}
	return a
}

// compile compiles a module; a panic is an error.
func compile(w *world, module []byte) (c wazero.CompiledModule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return w.CompileModule(context.Background(), module)
}

// sameError is an error without what differs by rights: the stack.
func sameError(err error) string {
	if err == nil {
		return "no error"
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}
