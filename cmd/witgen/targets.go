package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/wit"
)

func runTargets(args []string, stdout, stderr io.Writer) int {
	f, err := parseTargets(args)
	if err != nil {
		return usage(stderr, "targets", "%v", err)
	}
	all, err := f.check(context.Background())
	if err != nil {
		r := &findings.Report{Command: "witgen targets", Subject: filepath.ToSlash(f.paths[0]), Line: sourceLine}
		return failReport(r, f.format, err, stdout, stderr)
	}
	return f.print(all, stdout, stderr)
}

// check checks the components.
func (f *targetsFlags) check(ctx context.Context) ([]*targeted, error) {
	if err := f.configure(); err != nil {
		return nil, err
	}
	hosts, err := f.hosts()
	if err != nil {
		return nil, err
	}
	e, err := rt.NewEngine(ctx, rt.Config{Interpreter: true, Versions: f.matching})
	if err != nil {
		return nil, err
	}
	defer func() { _ = e.Close(ctx) }() // nothing runs in it
	var all []*targeted
	for _, path := range f.paths {
		t, err := f.target(ctx, e, path, hosts)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.ToSlash(path), err)
		}
		all = append(all, t)
	}
	return all, nil
}

// targetHost is a host that components are checked against.
type targetHost struct {
	world rt.World
	from  string // where its contract is
}

// hosts returns the hosts that are asked for.
func (f *targetsFlags) hosts() ([]targetHost, error) {
	if f.released() {
		return f.releases()
	}
	s := source{against: f.against, golden: f.golden, now: "wit", options: f.options}
	c, err := s.load(nil)
	if errors.Is(err, os.ErrNotExist) && !f.given["against"] {
		return nil, fmt.Errorf("%s: no such file or directory: say with --against where the host's WIT package is", filepath.ToSlash(f.against))
	}
	if err != nil {
		return nil, err
	}
	w, err := c.pkg.ChooseWorld(f.world)
	if err != nil {
		return nil, err
	}
	exports := f.optional
	if !f.given["optional-export"] {
		exports = optionalIn(w, exports) // of all that the file is about
	}
	optional, err := gen.Optional(w, exports)
	if err != nil {
		return nil, err
	}
	world := rt.WorldOf(w, optional...)
	older, err := (&job{versions: f.versions, golden: f.golden}).older(w)
	if err != nil {
		return nil, err
	}
	for _, o := range older {
		optional, err := gen.Optional(o, optionalIn(o, f.optional)) // it need not have all
		if err != nil {
			return nil, err
		}
		world.Older = append(world.Older, rt.WorldOf(o, optional...))
	}
	return []targetHost{{world, c.from}}, nil
}

// released reports whether it is all releases that components are checked against.
func (f *targetsFlags) released() bool { return f.against == "golden" || isGolden(f.against) }

// releases returns a host for each released contract, the oldest version of a
// package first.
func (f *targetsFlags) releases() ([]targetHost, error) {
	names, err := releasedNames(f.golden)
	if err != nil {
		return nil, err
	}
	var all []targetHost
	var packages []*wit.Package
	for _, n := range names {
		name := filepath.Join(f.golden, goldenBase(n)+".wit")
		p, err := wit.Load(name, f.options)
		if err != nil {
			return nil, err
		}
		packages = append(packages, p)
		worlds := p.Worlds
		if f.world != "" {
			w, err := p.ChooseWorld(f.world)
			if err != nil {
				continue // it came or went with another version
			}
			worlds = []*wit.World{w}
		}
		for _, w := range worlds {
			optional, err := gen.Optional(w, optionalIn(w, f.optional)) // it may be of a version before or after them
			if err != nil {
				return nil, err
			}
			all = append(all, targetHost{rt.WorldOf(w, optional...), filepath.ToSlash(name)})
		}
	}
	if err := checkOptional(f.optional, packages); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no released contract%s", filepath.ToSlash(f.golden), map[bool]string{true: " with a world " + f.world}[f.world != ""])
	}
	return all, nil
}

// targeted is what came of a component.
type targeted struct {
	path   string
	memory uint64
	hosts  []targetHost
	fits   []*rt.Fit // by hosts
	grants []policy.Denied
	rights *rightsReport // by the policy; nil without one

	matching wit.Matching
}

// refused returns why the policy keeps the component from being loaded by a host:
// some of it may be of that host's world alone.
func (t *targeted) refused(host int) []string {
	if t.rights == nil {
		return nil
	}
	world := t.hosts[host].world
	var older []string
	for _, w := range world.Older {
		older = append(older, w.Name)
	}
	if err := t.rights.Rights.CheckWorld(t.matching, world.Name, older...); err != nil {
		return append(slices.Clip(t.rights.Refused), err.Error())
	}
	return t.rights.Refused
}

// fitting reports whether the component fits a host, and the policy lets that load
// it.
func (t *targeted) fitting(host int) bool {
	return t.fits[host].Err == nil && len(t.refused(host)) == 0
}

// target checks a component against hosts.
func (f *targetsFlags) target(ctx context.Context, e *rt.Engine, path string, hosts []targetHost) (*targeted, error) {
	wasm, err := readWasm(path)
	if err != nil {
		return nil, err
	}
	info, err := rt.Inspect(wasm)
	if err != nil {
		return nil, err
	}
	if info.Err != nil {
		return nil, info.Err
	}
	draft, err := e.Draft(wasm)
	if err != nil {
		return nil, err
	}
	t := &targeted{path: filepath.ToSlash(path), memory: info.Memory, hosts: hosts, matching: f.matching}
	if f.policy != "" {
		if t.rights, err = rightsOf(wasm, path, f.policy, f.plugin); err != nil {
			return nil, err
		}
	}
	var config rt.InstanceConfig
	if !f.noWASI {
		config.Imports = wasi.Imports(wasi.Config{})
	}
	if t.rights != nil {
		config.Imports, config.Stubs = t.rights.effective.Imports(config.Imports)
	}
	fits := false
	for _, h := range hosts {
		fit := draft.Fit(h.world, config)
		t.fits, fits = append(t.fits, fit), fits || fit.Err == nil
	}
	nothing, notes := policy.Resolve(policy.RequestOf(info.Imports), policy.Policy{}, policy.Ceiling{})
	for _, name := range nothing.Denied {
		t.grants = append(t.grants, *nothing.ExplainImport(nil, "plugin", name, notes))
	}
	if !fits {
		return t, nil
	}
	c, err := e.Compile(ctx, wasm) // which a host does with what fits
	if err != nil {
		return nil, err
	}
	return t, c.Close(ctx)
}

// print prints what came of components, and returns the exit code.
func (f *targetsFlags) print(all []*targeted, stdout, stderr io.Writer) int {
	code := exitOK
	for _, t := range all {
		if !t.fitting(t.best()) { // of all releases one is enough
			code = exitDiffer
		}
	}
	switch f.format {
	case findings.Text:
		for _, t := range all {
			f.text(t, stdout)
		}
	case findings.JSON:
		e := json.NewEncoder(stdout)
		e.SetEscapeHTML(false)
		for _, t := range all {
			for _, r := range f.reports(t) {
				if err := e.Encode(r); err != nil {
					return fail(stderr, err)
				}
			}
		}
	default:
		r := &findings.Report{Command: "witgen targets", Rules: targetRules}
		for _, t := range all {
			r.Findings = append(r.Findings, f.findings(t)...)
			r.Passed = append(r.Passed, t.passed()...)
		}
		if printReport(r, f.format, stdout, stderr) == exitError {
			return exitError
		}
	}
	return code
}
