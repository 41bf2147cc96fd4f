package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

const learnHelp = `  --learn FILE   at the end, write the smallest policy that would have done to
                 FILE, which must not be there yet; - is standard error. It is
                 for people to review: it has what was used of what options
                 give and what was denied, as far as that is known, and of
                 variables their names alone
`

// learning learns what a component needs. A nil one learns nothing.
type learning struct {
	to, path string
	learned  *policy.Learned
}

// learnFlag adds the flag.
func learnFlag(fs *flag.FlagSet, to *string) {
	fs.Func("learn", "", func(s string) error {
		if *to = s; s == "-" {
			return nil
		}
		if _, err := os.Lstat(s); err == nil {
			return fmt.Errorf("%s is there already, and is not overwritten", s)
		}
		return nil
	})
}

// learn begins to learn, if there is somewhere to write it: from what the
// component at a path is given.
func (g *grants) learn(to, path string, wasm []byte, l rt.Limits) (*learning, error) {
	if to == "" {
		return nil, nil
	}
	base, err := g.policy(path, wasm, l)
	if err != nil {
		return nil, err
	}
	return &learning{to: to, path: path, learned: policy.NewLearned(base, policy.Ceiling{})}, nil
}

// policy returns what flags grant, as a policy: without the values of variables,
// which may be secrets.
func (g *grants) policy(path string, wasm []byte, l rt.Limits) (p policy.Policy, err error) {
	p.Limits.Memory, p.Limits.FuelPerCall = policy.Size(l.Memory), policy.Count(min(l.Fuel, 1<<63-1))
	p.Config = g.settings
	if path != "-" {
		if p.Source.File, err = filepath.Abs(path); err != nil {
			return p, err
		}
		p.Source.File = filepath.ToSlash(p.Source.File)
		p.Source.Digest = fmt.Sprintf("sha256:%x", sha256.Sum256(wasm))
	}
	for _, v := range g.env {
		name, _, _ := strings.Cut(v, "=")
		p.Env.Allow = append(p.Env.Allow, name)
	}
	for _, r := range g.rules {
		p.Net.Allow = append(p.Net.Allow, policy.Rule{Rule: r})
	}
	for _, d := range g.dirs {
		host, err := filepath.Abs(d.Host)
		if err != nil {
			return p, err
		}
		dir := policy.Dir{Host: filepath.ToSlash(host), Guest: d.Guest, Quota: policy.Size(d.Quota)}
		if d.Write {
			dir.Mode = policy.ReadWrite
		}
		p.FS = append(p.FS, dir)
	}
	return p, nil
}

// observe has it learned what is used of a config.
func (l *learning) observe(c *wasi.Config) {
	if l != nil {
		l.learned.Observe(c)
	}
}

// run makes a call of a component, and learns what it took.
func (l *learning) run(ctx context.Context, e *rt.Engine, call func(ctx context.Context) error) error {
	if l == nil {
		return call(ctx)
	}
	var fuel uint64
	begun := time.Now()
	err := call(rt.WithFuelUsed(ctx, &fuel))
	l.learned.Run(policy.Run{Fuel: fuel, Memory: e.Memory().Peak, Took: time.Since(begun)})
	return err
}

// write writes what was learned. What cannot be written to its file is written to
// standard error.
func (l *learning) write(stderr io.Writer) error {
	if l == nil {
		return nil
	}
	text, err := l.learned.YAML(pluginName(l.path))
	if err != nil {
		return fmt.Errorf("--learn: %w", err)
	}
	if l.to == "-" {
		printf(stderr, "%s", text)
		return nil
	}
	if err := writeNew(l.to, text); err != nil {
		printf(stderr, "%s", text)
		return fmt.Errorf("--learn: %w", err)
	}
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
