package wast

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/witgen/witgen/rt"
)

func (r *runner) assertReturn(ctx context.Context, c *command) error {
	got, err := r.call(ctx, &c.Action)
	if err != nil {
		return fmt.Errorf("%w; want %s", err, c.wants())
	}
	t := got.fn.Type().Result
	switch {
	case len(c.Expected) == 0 && t == nil && got.value == nil:
		return nil
	case len(c.Expected) != 1 || t == nil:
		return fmt.Errorf("got %s; want %s", show(got.value), c.wants())
	}
	want, err := valueOf(t, c.Expected[0])
	switch {
	case err != nil:
		return fmt.Errorf("got %s; want %s: %w", show(got.value), c.wants(), err)
	case !same(want, got.value):
		return fmt.Errorf("got %s; want %s", show(got.value), show(want))
	}
	return nil
}

// wants returns the values that a command wants, as the script has them.
func (c *command) wants() string {
	if len(c.Expected) == 0 {
		return "nothing"
	}
	parts := make([]string, len(c.Expected))
	for i, e := range c.Expected {
		var line bytes.Buffer
		_ = json.Compact(&line, e) // it is a part of what was read as JSON
		parts[i] = line.String()
	}
	return strings.Join(parts, ", ")
}

// wantTrap returns nil for a trap whose text has the text in it.
func wantTrap(err error, text string) error {
	if _, skipped := errors.AsType[*skip](err); skipped {
		return err
	}
	trap, ok := errors.AsType[*rt.Trap](err)
	switch {
	case err == nil:
		return fmt.Errorf("got no trap; want trap %q", text)
	case !ok:
		return fmt.Errorf("%w; want trap %q", err, text)
	case !strings.Contains(trap.Error(), text):
		return fmt.Errorf("got %w; want trap %q", err, text)
	}
	return nil
}

func (r *runner) assertTrapInstance(ctx context.Context, c *command) error {
	definition, err := named(r.definitions, "component", c.Component)
	if err != nil {
		return err
	}
	_, err = r.instantiate(ctx, definition)
	return wantTrap(err, c.Text)
}

func (r *runner) assertUninstantiable(ctx context.Context, c *command) error {
	definition, err := r.compile(ctx, c)
	if err != nil {
		return err
	}
	_, err = r.instantiate(ctx, definition)
	return wantTrap(err, c.Text)
}

func (r *runner) assertUnlinkable(ctx context.Context, c *command) error {
	definition, err := r.compile(ctx, c)
	if err != nil {
		return err
	}
	_, err = r.instantiate(ctx, definition)
	if _, ok := errors.AsType[*rt.LinkError](err); ok {
		return nil
	}
	return fmt.Errorf("got %w; want a refusal of its imports: %s", outcome(err), c.Text)
}

func (r *runner) assertInvalid(ctx context.Context, c *command) error {
	_, err := r.compile(ctx, c)
	_, skipped := errors.AsType[*skip](err)
	switch {
	case skipped:
		return err
	case err == nil, errors.Is(err, rt.ErrNotComponent), unsupported(err):
		return fmt.Errorf("got %w; want it to be invalid: %s", outcome(err), c.Text)
	}
	return nil
}

func (r *runner) assertMalformed(ctx context.Context, c *command) error {
	_, err := r.compile(ctx, c)
	_, skipped := errors.AsType[*skip](err)
	switch {
	case skipped:
		return err
	case !errors.Is(err, rt.ErrNotComponent):
		return fmt.Errorf("got %w; want it to be malformed: %s", outcome(err), c.Text)
	}
	return nil
}

var errNone = errors.New("no error")

// outcome returns an error, for a message that has one in any case.
func outcome(err error) error {
	if err == nil {
		return errNone
	}
	return err
}

// unsupported reports whether a component was refused that may well be valid.
func unsupported(err error) bool { return errors.Is(err, rt.ErrNotSupported) }
