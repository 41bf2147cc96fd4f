package calls

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wave"
)

// Record makes the calls of a list, in which nothing has to be said of what comes
// of them, and returns the list with that. A call in which the guest is stopped by
// itself has its trap. Any other error is one of the list: all are returned, up to
// a call without an instance. The calls are made a second time, in another instance:
// it is an error if something else comes of them, since that is what they would be
// checked by.
func (p *Player) Record(ctx context.Context, name string, list []byte) ([]byte, error) {
	var out bytes.Buffer
	var wrong []error
	made := 0
	for n, line := range entries(list) {
		made++
		err := p.record(ctx, &out, line)
		if err == nil {
			continue
		}
		wrong = append(wrong, fmt.Errorf("%s:%d: %w", name, n, err))
		if _, ok := errors.AsType[*startError](err); ok || ctx.Err() != nil {
			break // no other call could be made
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(append(wrong, p.Close(ctx))...)
	}
	if made == 0 {
		return nil, fmt.Errorf(`%s: no calls: want one on each line, as in {"call": "acme:kv/handler@0.2.1#handle", "args": ["1"]}`, name)
	}
	if err := p.Close(ctx); err != nil {
		return nil, err
	}
	errs := p.Check(ctx, "recorded", out.Bytes())
	errs = append(errs, p.Close(ctx))
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("made again, the calls do not come to the same:\n%w", err)
	}
	return out.Bytes(), nil
}

func (p *Player) record(ctx context.Context, out *bytes.Buffer, line []byte) error {
	c, err := parse(line)
	if err != nil {
		return err
	}
	fn, got, err := p.make(ctx, c)
	if fn == nil {
		return err
	}
	c.Result, c.Trap = nil, ""
	trap, trapped := errors.AsType[*rt.Trap](err)
	switch result := fn.Type().Result; {
	case trapped && own(trap.Kind):
		c.Trap = trap.Text
	case err != nil:
		return fmt.Errorf("%s: %w", c.Call, err)
	case result != nil:
		text, err := wave.Format(result, got)
		if err != nil {
			return fmt.Errorf("result of %s: %w", c.Call, err)
		}
		c.Result = &text
	}
	return c.write(out)
}

// own reports whether a trap is what a guest does by itself, on every host and at
// all times.
func own(k rt.TrapKind) bool {
	switch k {
	case rt.TrapOther, rt.TrapUnreachable, rt.TrapBounds, rt.TrapStack, rt.TrapArithmetic, rt.TrapException, rt.TrapABI:
		return true
	}
	return false
}

// write writes the call as its line.
func (c *call) write(out *bytes.Buffer) error {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = quoted(a)
	}
	fmt.Fprintf(out, `{"call": %s, "args": [%s]`, quoted(c.Call), strings.Join(args, ", "))
	if c.Result != nil {
		fmt.Fprintf(out, `, "result": %s`, quoted(*c.Result))
	}
	if c.Trap != "" {
		fmt.Fprintf(out, `, "trap": %s`, quoted(c.Trap))
	}
	_, err := out.WriteString("}\n")
	return err
}

// quoted returns a text as JSON has it, with angle brackets as they are.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text, to memory
	return strings.TrimSuffix(b.String(), "\n")
}
