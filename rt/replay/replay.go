// Package replay calls components as they were called before, in tests: guests
// that were built against a released contract are kept with calls and what came
// of them, and every change of the host has to leave that as it is.
//
// Beside a component NAME.wasm stands NAME.calls.jsonl, with a call on each line:
//
//	{"call": "acme:kv/store@0.2.1#get", "args": ["\"a\""], "result": "some(\"b\")"}
//	{"call": "acme:kv/store@0.2.1#get", "args": ["\"\""], "trap": "unreachable"}
//
// Arguments and results are WAVE, see package wave. A function of the world has no
// interface before its name. The calls are made one after the other in one
// instance; after a trap there is a new one.
package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wave"
)

// call is a line.
type call struct {
	Call   string   `json:"call"`
	Args   []string `json:"args"`
	Result *string  `json:"result"` // nil for a function without one
	Trap   string   `json:"trap"`   // a part of its message
}

// Dir replays the calls of all components in a directory, with what the host
// offers them, as a subtest for each. It is an error if there is no component,
// or one without calls.
func Dir(t *testing.T, dir string, imports ...rt.Import) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.wasm"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no components", dir)
	}
	engine, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = engine.Close(context.WithoutCancel(t.Context())) }()
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".wasm"), func(t *testing.T) {
			for _, err := range file(t.Context(), engine, name, imports) {
				t.Error(err)
			}
		})
	}
}

// file replays the calls of a component, and returns all that is wrong.
func file(ctx context.Context, engine *rt.Engine, name string, imports []rt.Import) []error {
	wasm, err := os.ReadFile(name)
	if err != nil {
		return []error{err}
	}
	list := strings.TrimSuffix(name, ".wasm") + ".calls.jsonl"
	text, err := os.ReadFile(list)
	if err != nil {
		return []error{err}
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return []error{fmt.Errorf("%s: %w", name, err)}
	}
	p := &player{component: component, config: rt.InstanceConfig{Imports: imports}}
	var errs []error
	made := 0
	for i, line := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		made++
		if err := p.line(ctx, line); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", filepath.ToSlash(list), i+1, err))
		}
	}
	if made == 0 {
		errs = append(errs, fmt.Errorf("%s: no calls", filepath.ToSlash(list)))
	}
	return append(errs, p.close(ctx)...)
}

// player makes calls.
type player struct {
	component *rt.Component
	config    rt.InstanceConfig
	in        *rt.Instance // nil before the first call, and after a trap
}

// close closes the instance.
func (p *player) close(ctx context.Context) []error {
	if p.in == nil {
		return nil
	}
	err := p.in.Close(context.WithoutCancel(ctx))
	p.in = nil
	if err != nil {
		return []error{err}
	}
	return nil
}

// line makes the call that a line is about.
func (p *player) line(ctx context.Context, line []byte) error {
	var c call
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return err
	}
	if p.in == nil {
		in, err := p.component.Instantiate(ctx, p.config)
		if err != nil {
			return err
		}
		p.in = in
	}
	iface, name, ok := strings.Cut(c.Call, "#")
	if !ok {
		iface, name = "", c.Call
	}
	fn, err := p.in.Func(iface, name)
	if err != nil {
		return err
	}
	args, err := arguments(fn, c.Args)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Call, err)
	}
	got, err := fn.Call(ctx, args...)
	if err != nil && p.in.Err() != nil {
		p.close(ctx) // which says again that it trapped
	}
	if err := c.compare(fn, got, err); err != nil {
		return fmt.Errorf("%s: %w", c.Call, err)
	}
	return nil
}

func arguments(fn *rt.Func, texts []string) ([]rt.Value, error) {
	params := fn.Type().Params
	if len(texts) != len(params) {
		return nil, fmt.Errorf("%d arguments, want %d", len(texts), len(params))
	}
	args := make([]rt.Value, len(texts))
	for i, text := range texts {
		v, err := wave.Parse(params[i].Type, text)
		if err != nil {
			return nil, fmt.Errorf("argument %s: %w", params[i].Name, err)
		}
		args[i] = v
	}
	return args, nil
}

// compare compares what came of a call with what came of it before.
func (c *call) compare(fn *rt.Func, got rt.Value, err error) error {
	if trap, ok := errors.AsType[*rt.Trap](err); ok && c.Trap != "" {
		if !strings.Contains(trap.Error(), c.Trap) {
			return fmt.Errorf("got the trap %q, want %q", trap.Error(), c.Trap)
		}
		return nil
	}
	if err != nil {
		return err
	}
	result := fn.Type().Result
	text := ""
	if result != nil {
		if text, err = wave.Format(result, got); err != nil {
			return err
		}
	}
	switch {
	case c.Trap != "":
		return fmt.Errorf("got %q, want the trap %q", text, c.Trap)
	case c.Result == nil && result != nil:
		return fmt.Errorf("got %q, and no result is expected", text)
	case c.Result == nil:
		return nil
	case result == nil:
		return fmt.Errorf("got no result, want %q", *c.Result)
	}
	v, err := wave.Parse(result, *c.Result) // whose text may have another form
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	want, err := wave.Format(result, v)
	if err == nil && text != want {
		err = fmt.Errorf("got %q, want %q", text, want)
	}
	return err
}
