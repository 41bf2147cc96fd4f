package random_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/internal/echo/values"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// worlds are registered by a file in the overlay.
var worlds []world

// TestAgree makes calls through generated code and beside it. See
// TestRandomWorlds.
func TestAgree(t *testing.T) {
	if len(worlds) == 0 {
		t.Skip("there are no random worlds: TestRandomWorlds runs this")
	}
	ctx := context.Background()
	e, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(ctx)
	done := make(tally)
	for n := range worlds {
		r := rand.New(rand.NewPCG(*seed, uint64(n)))
		t.Run(fmt.Sprintf("random-w%d", n), func(t *testing.T) {
			c, err := newChain(ctx, e, &worlds[n], echo.Encodings[n%3], echo.Encodings[n/3%3])
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := c.close(ctx); err != nil {
					t.Error(err)
				}
			}()
			for _, fn := range c.iface.Funcs {
				if err := c.use(ctx, r, fn, done); err != nil {
					t.Fatalf("random-w%d: %s: %.10000s", n, fn.Name, err)
				}
			}
			done["worlds"]++
		})
	}
	t.Logf("summary: %v", done)
	if len(worlds) >= 100 {
		for _, what := range []string{"string", "char", "enum", "variant"} {
			for _, where := range []string{"argument", "result"} {
				if k := "wrong " + what + " as " + where; done[k] == 0 {
					t.Errorf("no %s", k)
				}
			}
		}
	}
}

// tally counts what has been compared.
type tally map[string]int

// use calls a function with random values, then with wrong ones, and has its
// host fail.
func (c *chain) use(ctx context.Context, r *rand.Rand, fn *wit.Func, done tally) error {
	done["functions"]++
	var params []wit.Type
	for _, p := range fn.Params {
		params = append(params, p.Type)
	}
	good := func() error {
		args, result := []rt.Value{}, values.Random(r, fn.Result)
		for _, p := range params {
			args = append(args, values.Random(r, p))
		}
		done["calls"]++
		return c.agree(ctx, fn, args, result)
	}
	for range *rounds {
		if err := good(); err != nil {
			return err
		}
	}
	for range 2 {
		if args, what := wrongValues(r, params); what != "" {
			done["wrong "+what+" as argument"]++
			if err := c.wrongArguments(ctx, fn, args, what); err != nil {
				return fmt.Errorf("%#v, with a wrong %s: %w", args, what, err)
			}
			if err := good(); err != nil {
				return fmt.Errorf("after a wrong argument: %w", err)
			}
		}
		args := []rt.Value{}
		for _, p := range params {
			args = append(args, values.Random(r, p))
		}
		if fn.Result != nil {
			if result, what := wrongValues(r, []wit.Type{fn.Result}); what != "" {
				done["wrong "+what+" as result"]++
				if err := c.wrongResult(ctx, fn, args, result[0], what); err != nil {
					return fmt.Errorf("%#v, with a wrong %s: %w", result[0], what, err)
				}
			}
		}
		done["errors of the host"]++
		if err := c.hostFails(ctx, fn, args, values.Random(r, fn.Result)); err != nil {
			return fmt.Errorf("with a host that fails: %w", err)
		}
	}
	return good()
}

// wrongArguments are refused before the guest runs, which lives on.
func (c *chain) wrongArguments(ctx context.Context, fn *wit.Func, args []rt.Value, what string) error {
	_, err := c.call(ctx, fn, args, nil, nil, nil)
	if err := refused("the dynamic call", err, what); err != nil {
		return err
	}
	m := c.function(fn)
	in := []reflect.Value{}
	for i, a := range args {
		in = append(in, c.write(fn.Params[i].Type, a, m.Type().In(i+1)))
	}
	out := invoke(m, in)
	err, _ = out[len(out)-1].(error)
	if err := refused("the generated one", err, what); err != nil {
		return err
	}
	if c.host.calls+c.middle.calls > 0 {
		return errors.New("the guest ran")
	}
	return nil
}

// refused wants an error that is no trap and complains of the wrong part.
func refused(who string, err error, what string) error {
	_, trapped := errors.AsType[*rt.Trap](err)
	if err == nil || trapped || !complaints[what].MatchString(err.Error()) {
		return fmt.Errorf("%s returned: %w", who, orNone(err))
	}
	return nil
}

func orNone(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}

// function returns a function of the inner guest, whose Go name is known from
// a call of it.
func (c *chain) function(fn *wit.Func) reflect.Value {
	return reflect.ValueOf(c.exports).MethodByName(c.method[fn.Name])
}

// wrongResult has hosts return what is no value of the result: guests that
// asked for it are stopped, both by the dynamic host and by the generated one.
func (c *chain) wrongResult(ctx context.Context, fn *wit.Func, args []rt.Value, result rt.Value, what string) error {
	stopped := func(who string, err error) error {
		if trap, ok := errors.AsType[*rt.Trap](err); !ok || trap.Kind != rt.TrapHost || !complaints[what].MatchString(err.Error()) {
			return fmt.Errorf("%s returned: %w", who, orNone(err))
		}
		return nil
	}
	return c.stops(ctx, fn, args, result, nil, c.inGo(fn, result), stopped)
}

// hostFails has hosts return errors that are none of the function's.
func (c *chain) hostFails(ctx context.Context, fn *wit.Func, args []rt.Value, result rt.Value) error {
	cause := errors.New("out of paper")
	instead := make([]any, c.function(fn).Type().NumOut())
	instead[len(instead)-1] = cause
	return c.stops(ctx, fn, args, result, cause, instead, func(who string, err error) error {
		if trap, ok := errors.AsType[*rt.Trap](err); !ok || trap.Kind != rt.TrapHost || !errors.Is(err, cause) {
			return fmt.Errorf("%s returned: %w", who, orNone(err))
		}
		return nil
	})
}

// stops has the dynamic host return a result or an error, then the generated
// one what is to be the same, if there is that. Each has to stop its guest.
func (c *chain) stops(ctx context.Context, fn *wit.Func, args []rt.Value, result rt.Value, err error, instead []any, stopped func(who string, err error) error) error {
	_, got := c.call(ctx, fn, args, result, err, nil)
	inner, _ := c.middle.out[len(c.middle.out)-1].(error)
	if err := errors.Join(stopped("the guest of the dynamic host", inner), stopped("the guest of that", got), c.dead(ctx, fn, args, true)); err != nil {
		return err
	}
	if instead != nil {
		_, got := c.call(ctx, fn, args, result, nil, instead)
		if err := errors.Join(stopped("the guest of the generated host", got), c.dead(ctx, fn, args, false)); err != nil {
			return err
		}
	}
	return c.restart(ctx)
}

// dead wants the outer guest to be dead, and the inner one if that is to be so,
// and starts new ones.
func (c *chain) dead(ctx context.Context, fn *wit.Func, args []rt.Value, inner bool) error {
	want := func(who string, err error) error {
		if trap, ok := errors.AsType[*rt.Trap](err); !ok || trap.Kind != rt.TrapDead {
			return fmt.Errorf("%s, which is to be dead, returned: %w", who, orNone(err))
		}
		return nil
	}
	_, err := c.call(ctx, fn, args, nil, nil, nil)
	err = want("the outer guest", err)
	if inner {
		m := c.function(fn)
		in := []reflect.Value{}
		for i, a := range args {
			in = append(in, c.write(fn.Params[i].Type, a, m.Type().In(i+1)))
		}
		out := invoke(m, in)
		failure, _ := out[len(out)-1].(error)
		err = errors.Join(err, want("the inner guest", failure))
	}
	return errors.Join(err, c.restart(ctx))
}

// inGo returns a result as a method returns it; nil if it is an error whose Go
// type has not been seen.
func (c *chain) inGo(fn *wit.Func, result rt.Value) []any {
	m := c.function(fn).Type()
	t, fails := wit.Underlying(fn.Result).(*wit.Result)
	if !fails {
		return []any{c.write(fn.Result, result, m.Out(0)).Interface(), nil}
	}
	return c.outcomeInGo(t, result, m, c.errs[fn.Name])
}
