//go:build !race

// What is tested here knows no goroutines, and the race detector makes it take
// minutes.

package core

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// A script is a file of the core specification's test suite as JSON.
type script struct {
	Commands []struct {
		Type     string
		Line     int
		Filename string
		Name     string
		As       string
		Action   struct {
			Type, Module, Field string
			Args                []struct {
				Type     string
				LaneType string `json:"lane_type"`
				Value    json.RawMessage
			}
		}
	}
}

// TestSuite runs the core specification's test suite, which wazero's module
// holds, four times at once: as it is, with checks, with a count of the
// instructions that run, and with checks in the interpreter. Whatever happens
// has to be the same, and fuel is at least the count and the same in both
// engines.
func TestSuite(t *testing.T) {
	root := suiteRoot(t)
	if root == "" {
		t.Skip("the sources of wazero, which hold the core specification's test suite, are not here")
	}
	for _, part := range []string{"v2", "tail-call", "exception-handling", "extended-const", "typed-function-references", "threads"} {
		files, _ := filepath.Glob(filepath.Join(root, part, "testdata", "*.json"))
		if len(files) == 0 {
			t.Errorf("%s: no scripts", part)
		}
		for _, file := range files {
			t.Run(part+"/"+strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) { runScript(t, root, file) })
		}
	}
}

// A player runs a script in one of the ways.
type player struct {
	w       *world
	modules map[string]api.Module // under the names by which others import them
	named   map[string]*playerModule
	last    *playerModule
	prepare func(t *testing.T, module []byte) *Instrumented
	meters  map[*meter]bool
}

type playerModule struct {
	api.Module
	meter *meter
}

func newPlayer(t *testing.T, spectest []byte, config wazero.RuntimeConfig, prepare func(t *testing.T, module []byte) *Instrumented) *player {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, config)
	t.Cleanup(func() { r.Close(ctx) })
	p := &player{w: &world{Runtime: r, t: t}, modules: map[string]api.Module{}, named: map[string]*playerModule{}, prepare: prepare, meters: map[*meter]bool{}}
	m, err := r.InstantiateWithConfig(ctx, spectest, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	p.modules["spectest"] = m
	return p
}

// instantiate instantiates a module.
func (p *player) instantiate(t *testing.T, module []byte) (m *playerModule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	in := p.prepare(t, module)
	ctx := experimental.WithImportResolver(context.Background(), func(name string) api.Module { return p.modules[name] })
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	mod, err := p.w.InstantiateWithConfig(ctx, in.Wasm, config)
	if err != nil {
		return nil, err
	}
	m = &playerModule{Module: mod}
	if in.Fuel != "" {
		m.meter = &meter{budget: math.MaxInt64, slice: 1_000_000, fuel: mod.ExportedGlobal(in.Fuel).(api.MutableGlobal)}
		p.meters[m.meter] = true
	}
	if in.Interrupt == "" {
		return m, nil
	}
	return m, p.w.adopt(mod, in, m.meter)
}

// used sums up what all modules consumed.
func (p *player) used() (sum int64) {
	for m := range p.meters {
		sum += m.used()
	}
	return sum
}

// level reports whether nothing is left on the accounts of all modules, and sees
// to it: a trap leaves something.
func (p *player) level() bool {
	level := true
	for m := range p.meters {
		if !m.level() {
			level = false
			m.depth.Set(0)
			m.handlers = nil
		}
	}
	return level
}

// module is the one a command means.
func (p *player) module(name string) *playerModule {
	if name == "" {
		return p.last
	}
	return p.named[name]
}

func runScript(t *testing.T, root, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s script
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	spectest, err := os.ReadFile(filepath.Join(root, "testdata/spectest.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	config := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(features | experimental.CoreFeaturesThreads)
	plain := newPlayer(t, spectest, config, func(_ *testing.T, module []byte) *Instrumented { return &Instrumented{Wasm: module} })
	checked := newPlayer(t, spectest, config, twice)
	counted := newPlayer(t, spectest, config, count)
	interpreted := newPlayer(t, spectest, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(features|experimental.CoreFeaturesThreads), twice)
	calls := 0
	defer func() {
		if calls > 0 {
			t.Logf("%d calls", calls)
		}
	}()
	for _, c := range s.Commands {
		switch c.Type {
		case "module", "assert_uninstantiable", "assert_unlinkable":
			module, err := os.ReadFile(filepath.Join(filepath.Dir(file), c.Filename))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := plain.w.CompileModule(t.Context(), module); err != nil {
				t.Logf("line %d: wazero refuses it: %v", c.Line, err)
				continue
			}
			var errs []error
			for _, p := range []*player{plain, checked, counted, interpreted} {
				m, err := p.instantiate(t, module)
				errs = append(errs, err)
				if c.Type == "module" {
					p.last = m
					p.named[c.Name] = m
				}
			}
			if sameError(errs[0]) != sameError(errs[1]) {
				t.Errorf("line %d: %v without, %v with checks", c.Line, errs[0], errs[1])
			}
		case "register":
			for _, p := range []*player{plain, checked, counted, interpreted} {
				p.modules[c.As] = p.module(c.Name).Module
			}
		case "assert_invalid", "assert_malformed":
			if strings.HasSuffix(c.Filename, ".wat") {
				continue
			}
			module, err := os.ReadFile(filepath.Join(filepath.Dir(file), c.Filename))
			if err != nil {
				t.Fatal(err)
			}
			in, err := Instrument(module, withReferences)
			if err != nil {
				continue
			}
			_, before := compile(plain.w, module)
			_, after := compile(plain.w, in.Wasm)
			if (before == nil) != (after == nil) {
				t.Errorf("line %d: invalid module: got error %v without, %v with checks", c.Line, before, after)
			}
		case "action", "assert_return", "assert_trap", "assert_exhaustion", "assert_exception":
			if c.Action.Type != "invoke" || plain.module(c.Action.Module) == nil {
				continue
			}
			var args []uint64
			for _, a := range c.Action.Args {
				args = append(args, words(t, a.Type, a.LaneType, a.Value)...)
			}
			a := call(plain.module(c.Action.Module), c.Action.Field, args)
			usedBefore, countBefore := checked.used(), counted.used()
			b := call(checked.module(c.Action.Module), c.Action.Field, args)
			if c.Type == "assert_exhaustion" { // of the stack, whose frames differ
				checked.level()
				continue
			}
			calls++
			call(counted.module(c.Action.Module), c.Action.Field, args)
			interpretedBefore := interpreted.used()
			call(interpreted.module(c.Action.Module), c.Action.Field, args)
			if used, same := checked.used()-usedBefore, interpreted.used()-interpretedBefore; used != same {
				t.Errorf("line %d: %s(%v): consumed %d when compiled, %d when interpreted", c.Line, c.Action.Field, args, used, same)
			}
			returned := a == "" || strings.HasSuffix(a, ",")
			if one, two := checked.level(), interpreted.level(); returned && !(one && two) {
				t.Errorf("line %d: %s(%v): something is left on the account of the call stack", c.Line, c.Action.Field, args)
			}
			if a != b {
				t.Errorf("line %d: %s(%v): got %s without, %s with checks", c.Line, c.Action.Field, args, a, b)
			}
			if used, count := checked.used()-usedBefore, -(counted.used() - countBefore); used+leafLimit < count {
				t.Errorf("line %d: %s(%v): consumed %d in %d instructions", c.Line, c.Action.Field, args, used, count)
			}
		}
	}
}

func twice(t *testing.T, module []byte) *Instrumented { return again(t, module, withReferences) }

// withReferences lets more modules of the suite pass than are let pass.
var withReferences = Options{Interrupt: true, Stack: true, references: true}

// call returns results, or the error, as text that should be the same.
func call(m *playerModule, name string, args []uint64) string {
	f := m.ExportedFunction(name)
	results, err := f.Call(context.Background(), args...)
	if err != nil {
		return sameError(err)
	}
	i := 0
	var b strings.Builder
	for _, t := range f.Definition().ResultTypes() {
		switch t {
		case 0x70: // a function reference is an address
			fmt.Fprintf(&b, "null %t,", results[i] == 0)
		case api.ValueTypeF32:
			fmt.Fprintf(&b, "%v %#x,", api.DecodeF32(results[i]), results[i])
		case api.ValueTypeF64:
			fmt.Fprintf(&b, "%v %#x,", api.DecodeF64(results[i]), results[i])
		case 0x7b:
			fmt.Fprintf(&b, "%#x %#x,", results[i], results[i+1])
			i++
		case api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeExternref:
			fmt.Fprintf(&b, "%#x,", results[i])
		default: // other references
			fmt.Fprintf(&b, "null %t,", results[i] == 0)
		}
		i++
	}
	return b.String()
}

// words are the bits of an argument.
func words(t *testing.T, typ, lane string, value json.RawMessage) []uint64 {
	if typ != "v128" {
		var s string
		if err := json.Unmarshal(value, &s); err != nil {
			t.Fatal(err)
		}
		if s == "null" || s == "" {
			return []uint64{0}
		}
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			i, _ := strconv.ParseInt(s, 10, 64)
			n = uint64(i)
		}
		return []uint64{n}
	}
	var lanes []string
	if err := json.Unmarshal(value, &lanes); err != nil {
		t.Fatal(err)
	}
	v := make([]uint64, 2)
	bits := 128 / len(lanes)
	for i, l := range lanes {
		n, err := strconv.ParseUint(l, 10, 64)
		if err != nil {
			s, _ := strconv.ParseInt(l, 10, 64)
			n = uint64(s) & (math.MaxUint64 >> (64 - bits))
		}
		v[i*bits/64] |= n << (i * bits % 64)
	}
	return v
}
