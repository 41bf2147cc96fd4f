package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/internal/calls"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wave"
	"github.com/witgen/witgen/wit"
)

// runRecord records the calls of a component.
func (f *goldenFlags) runRecord(stderr io.Writer) int {
	if f.calls == "" && onTerminal(os.Stdin) {
		return usage(stderr, "golden", "--record: which calls? Say with --calls FILE, or with --calls - to type them")
	}
	if _, err := f.settle(); err != nil {
		return fail(stderr, err)
	}
	g, err := openGolden(f.dir)
	if err == nil {
		err = f.recordIn(context.Background(), g)
	}
	if err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

// onTerminal reports whether a file is a terminal, as far as package os tells.
func onTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// recordIn makes the calls, and keeps them and the component.
func (f *goldenFlags) recordIn(ctx context.Context, g *goldenDir) error {
	name := strings.TrimSuffix(f.record, componentSuffix)
	file, list := name+componentSuffix, name+callsSuffix
	at := g.name(path.Join(goldenComponents, file))
	if g.lock.Components[file] != "" || g.lock.Components[list] != "" {
		return fmt.Errorf("%s is kept, and stays as it was: keep another one under another name", at)
	}
	wasm, err := g.readComponent(file)
	switch {
	case err != nil:
		return err
	case wasm == nil:
		return fmt.Errorf("%s: no such file: put the component there", at)
	}
	asked, err := f.readCalls()
	if err != nil {
		return err
	}
	recorded, err := f.recordCalls(ctx, at, wasm, asked)
	if err != nil {
		return err
	}
	old, err := g.readComponent(list)
	if err != nil {
		return err
	}
	changes := []change{{path.Join(goldenComponents, list), old, recorded}}
	if !g.fresh { // else the next update keeps it: what is released is not known yet
		digests, err := g.components()
		if err != nil {
			return err
		}
		digests[file], digests[list] = digestOf(file, wasm), digestOf(list, recorded)
		locked, err := g.locked(g.lock.Files, digests, true)
		if err != nil {
			return err
		}
		changes = append(changes, locked...)
	}
	return g.write(changes)
}

// readCalls reads what is called.
func (f *goldenFlags) readCalls() ([]byte, error) {
	if f.calls == "" || f.calls == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(f.calls)
}

// recordCalls makes the calls and returns them with what came of them.
func (f *goldenFlags) recordCalls(ctx context.Context, at string, wasm, asked []byte) (_ []byte, err error) {
	info, err := rt.Inspect(wasm)
	if err == nil {
		err = info.Err
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	host, err := f.host(info.Imports)
	if err != nil {
		return nil, err
	}
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Close(ctx)) }()
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	name := "standard input"
	if f.calls != "" && f.calls != "-" {
		name = filepath.ToSlash(f.calls)
	}
	config := func() rt.InstanceConfig {
		return rt.InstanceConfig{Imports: wasi.Imports(wasi.Config{}), Host: host}
	}
	return calls.NewPlayer(component, config).Record(ctx, name, asked)
}

// host returns what stands for the host of a component beside WASI: functions with
// the answers that are given, and resource types.
func (f *goldenFlags) host(imports []rt.Extern) ([]rt.HostInstance, error) {
	imports = slices.DeleteFunc(slices.Clone(imports), func(e rt.Extern) bool { return strings.HasPrefix(e.Name, "wasi:") })
	answers, err := f.parseAnswers(targets(imports))
	if err != nil {
		return nil, err
	}
	own := &rt.HostInstance{}
	var all []rt.HostInstance
	for _, e := range imports {
		if e.Instance == nil {
			standIn(own, "", e, answers)
			continue
		}
		h := &rt.HostInstance{Name: e.Name}
		for _, x := range e.Instance {
			standIn(h, e.Name, x, answers)
		}
		all = append(all, *h)
	}
	return append(all, *own), nil
}

// standIn adds to an instance of the host what stands for an import.
func standIn(h *rt.HostInstance, iface string, e rt.Extern, answers map[target]rt.Value) {
	switch {
	case e.Resource != nil:
		if h.Resources == nil {
			h.Resources = make(map[string]*rt.ResourceType)
		}
		h.Resources[e.Name] = rt.NewResourceType(e.Name, nil)
	case e.Func != nil:
		if h.Funcs == nil {
			h.Funcs = make(map[string]rt.HostFunc)
		}
		t := target{iface, e.Name, e.Func}
		v, ok := answers[t]
		h.Funcs[e.Name] = rt.HostFunc{Call: func(context.Context, []rt.Value) (rt.Value, error) {
			if !ok && t.typ.Result != nil {
				return nil, fmt.Errorf("nothing is said of what the host answers: do with --answer '%s=VALUE', or with replay.Record and the host itself", t)
			}
			return v, nil
		}}
	}
}

// parseAnswers reads the results that functions of the host have.
func (f *goldenFlags) parseAnswers(imported []target) (map[target]rt.Value, error) {
	answers := make(map[target]rt.Value)
	for _, name := range slices.Sorted(maps.Keys(f.answers)) {
		t, err := findImport(imported, name)
		if err != nil {
			return nil, fmt.Errorf("--answer %s: %w", name, err)
		}
		if answers[t], err = wave.Parse(t.typ.Result, f.answers[name]); err != nil {
			return nil, fmt.Errorf("--answer %s: %w", name, err)
		}
	}
	return answers, nil
}

// findImport finds the function of a name in one of the forms that the help of run
// lists. It has a result that text can be of.
func findImport(imported []target, name string) (target, error) {
	_, plain, qualified := strings.Cut(name, "#")
	if !qualified {
		plain = name
	}
	if !slices.ContainsFunc(imported, func(t target) bool { return t.name == plain }) {
		if len(imported) == 0 {
			return target{}, errors.New("the component imports no functions but those of WASI")
		}
		return target{}, fmt.Errorf("no function %q; the component imports:%s", name, list(imported))
	}
	t, err := find(imported, name)
	switch {
	case err != nil:
		return t, err
	case t.typ.Result == nil:
		return t, fmt.Errorf("%s has no result", t)
	}
	if bad := textless(t.typ.Result, make(map[wit.Type]bool)); bad != nil {
		return t, fmt.Errorf("the result of %s has %s in it, which has no text form", t, wit.TypeText(bad))
	}
	return t, nil
}
