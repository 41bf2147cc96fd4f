// Package calls makes the calls of a component that are written down with what came
// of them: it says where something else comes of them, or writes down what does.
// Package replay has the form of the lists.
package calls

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wave"
)

// call is a line of a list.
type call struct {
	Call   string   `json:"call"`
	Args   []string `json:"args"`
	Result *string  `json:"result"` // nil for a function without one
	Trap   string   `json:"trap"`   // a part of its message
}

// Player makes calls of one component, one after the other: in one instance, and
// after a trap in a new one.
type Player struct {
	component *rt.Component
	config    func() rt.InstanceConfig
	in        *rt.Instance // nil before the first call, and after a trap
}

// NewPlayer returns a player of a component, each instance of which has what config
// returns for it. It is for one goroutine.
func NewPlayer(c *rt.Component, config func() rt.InstanceConfig) *Player {
	return &Player{component: c, config: config}
}

// Close closes the instance. The next call would have a new one.
func (p *Player) Close(ctx context.Context) error {
	if p.in == nil {
		return nil
	}
	err := p.in.Close(context.WithoutCancel(ctx))
	p.in = nil
	return err
}

// entries returns the lines of a list that have something in them, by their
// numbers.
func entries(list []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for i, line := range bytes.Split(list, []byte("\n")) {
			if len(bytes.TrimSpace(line)) > 0 && !yield(i+1, line) {
				return
			}
		}
	}
}

// Check makes the calls of a list, and returns all that does not come to what it
// did, after the name of the list and the line.
func (p *Player) Check(ctx context.Context, name string, list []byte) []error {
	var errs []error
	made := 0
	for n, line := range entries(list) {
		made++
		if err := p.check(ctx, line); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", name, n, err))
		}
	}
	if made == 0 {
		errs = append(errs, fmt.Errorf("%s: no calls", name))
	}
	return errs
}

func (p *Player) check(ctx context.Context, line []byte) error {
	c, err := parse(line)
	if err != nil {
		return err
	}
	fn, got, err := p.make(ctx, c)
	if fn == nil {
		return err
	}
	if err := c.compare(fn, got, err); err != nil {
		return fmt.Errorf("%s: %w", c.Call, err)
	}
	return nil
}

func parse(line []byte) (*call, error) {
	var c call
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something after the call")
	}
	return &c, nil
}

// make makes a call and returns what comes of it. The function is nil if there was
// no call.
func (p *Player) make(ctx context.Context, c *call) (*rt.Func, rt.Value, error) {
	if p.in == nil {
		in, err := p.component.Instantiate(ctx, p.config())
		if err != nil {
			return nil, nil, &startError{err}
		}
		p.in = in
	}
	iface, name, ok := strings.Cut(c.Call, "#")
	if !ok {
		iface, name = "", c.Call
	}
	fn, err := p.in.Func(iface, name)
	if near := p.near(iface, name); err != nil && near != "" {
		err = fmt.Errorf("%w; did you mean %q?", err, near)
	}
	if err != nil {
		return nil, nil, err
	}
	args, err := arguments(fn, c.Args)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.Call, err)
	}
	got, err := fn.Call(ctx, args...)
	if err != nil && p.in.Err() != nil {
		_ = p.Close(ctx) // which says again that it trapped
	}
	return fn, got, err
}

// startError is why there is no instance.
type startError struct{ error }

func (e *startError) Unwrap() error { return e.error }

// near returns the full name of the only function that another name may be short
// for, without its package, version or interface; "" if there is none.
func (p *Player) near(iface, name string) string {
	var found []string
	for _, e := range p.component.Exports() {
		plain, _, _ := strings.Cut(e.Name, "@")
		if iface != "" && plain != iface && !strings.HasSuffix(plain, "/"+iface) {
			continue
		}
		for _, x := range e.Instance {
			if x.Func != nil && x.Name == name {
				found = append(found, e.Name+"#"+name)
			}
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
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
