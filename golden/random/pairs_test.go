package random_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/internal/echo/values"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

var pairCount = flag.Int("pairs", 4, "random pairs of versions in one build, of which a quarter have resources")

// TestRandomPairs changes random worlds at random, generates the bindings of both
// versions together, compiles them and has guests of the older version used through
// the newest: what either side gets has to be what an oracle says, or an error that
// it cannot be said. A quarter of the pairs has resources, in values of any shape, and
// interfaces that one version lacks: there the oracle says as well who closes what.
func TestRandomPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles many packages")
	}
	o, err := newOverlay(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	holders := (*pairCount + 3) / 4
	worlds := o.addPairs(t, *pairCount-holders, 0, newPair, o.addPair)
	holding := o.addPairs(t, holders, holdingFirst, newHoldingPair, o.addHolding)
	if err := o.finish(); err != nil {
		t.Fatal(err)
	}
	out, err := o.run("./golden/random", "./golden/random", "^(TestOlder|TestPassage)$/^random-w", *seed)
	log := string(out)
	for line := range strings.Lines(log) {
		if _, text, ok := strings.Cut(line, "summary: "); ok {
			t.Log(strings.TrimSpace(text))
		}
	}
	if err != nil {
		fail(t, *seed, log, worlds)
	}
	for test, want := range map[string]int{"TestOlder": len(worlds), "TestPassage": len(holding)} {
		if got := strings.Count(log, "--- PASS: "+test+"/"); err == nil && got != want {
			t.Errorf("%s passed %d times, want %d", test, got, want)
		}
	}
}

// pair is two versions of a random world as they are registered.
type pair struct {
	world
	older, newest string
	methods       []string // of the newest version, in the order of its functions
	start         func(context.Context, *rt.Component, answer, rt.InstanceConfig) (any, *rt.Instance, error)
}

// pairs are registered by a file in the overlay.
var pairs []pair

// TestOlder has guests of older versions called by hosts of the newest, and call
// them. See TestRandomPairs.
func TestOlder(t *testing.T) {
	if len(pairs) == 0 {
		t.Skip("there are no random pairs: TestRandomPairs runs this")
	}
	ctx := context.Background()
	e, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(ctx)
	done := make(tally)
	for n := range pairs {
		t.Run(fmt.Sprintf("random-w%d", n), func(t *testing.T) {
			x := &crossing{pair: &pairs[n], r: rand.New(rand.NewPCG(*seed, uint64(n))), done: done, failures: make(map[string]reflect.Type)}
			if err := x.run(ctx, e); err != nil {
				t.Fatalf("random-w%d: %.10000s\n%s\n%s", n, err, x.pair.older, x.pair.newest)
			}
		})
	}
	t.Logf("summary: %v", done)
	if len(pairs) >= 30 {
		for _, what := range []string{"said down", "said up", "lossy down", "lossy up", "yours", "not exported"} {
			if done[what] == 0 {
				t.Errorf("nothing is %s", what)
			}
		}
	}
}

// crossing is the use of a pair.
type crossing struct {
	*pair
	r        *rand.Rand
	done     tally
	old, now *wit.World
	failures map[string]reflect.Type // of functions of the newest, as far as they have failed
}

func (x *crossing) run(ctx context.Context, e *rt.Engine) error {
	var err error
	if x.old, err = load(x.older); err != nil {
		return err
	}
	if x.now, err = load(x.newest); err != nil {
		return err
	}
	for n, fn := range x.now.Exports[0].Interface.Funcs {
		if err := x.exported(ctx, e, fn, x.methods[n]); err != nil {
			return fmt.Errorf("%s, exported: %w", fn.Name, err)
		}
	}
	for _, fn := range x.old.Exports[0].Interface.Funcs {
		if err := x.imported(ctx, e, fn); err != nil {
			return fmt.Errorf("%s, imported: %w", fn.Name, err)
		}
	}
	return nil
}

// named returns the function of a name of a version; nil if it has none.
func named(w *wit.World, name string) *wit.Func {
	for _, f := range w.Exports[0].Interface.Funcs {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// arguments returns random arguments of a function.
func (x *crossing) arguments(fn *wit.Func) []rt.Value {
	args := []rt.Value{}
	for _, p := range fn.Params {
		args = append(args, values.Settled(values.Random(x.r, p.Type)))
	}
	return args
}

// fate notes what has to become of a call, and compares that: of what the oracle
// says the first thing that goes wrong counts.
func (x *crossing) fate(err error, where string, o *oracle) (through bool, _ error) {
	switch {
	case err == nil && !o.lossy && !o.yours:
		x.done["said "+where]++
		return true, nil
	case err != nil && o.lossy && errors.Is(err, rt.ErrLossy):
		x.done["lossy "+where]++
		return false, nil
	case err != nil && o.yours && strings.Contains(err.Error(), "this function is yours"):
		x.done["yours"]++
		return false, nil
	}
	return false, fmt.Errorf("%w, want lossy %v, the user's %v", orNone(err), o.lossy, o.yours)
}

// exported calls a function of an older guest's as the newest version has it.
func (x *crossing) exported(ctx context.Context, e *rt.Engine, fn *wit.Func, method string) error {
	apart := echo.Apart(x.old)
	guest, err := compile(ctx, e, apart, echo.Encodings[x.r.IntN(3)])
	if err != nil {
		return err
	}
	older := named(x.old, fn.Name)
	var got []rt.Value
	var result rt.Value
	f := rt.HostFunc{Call: func(_ context.Context, args []rt.Value) (rt.Value, error) {
		got = args
		return result, nil
	}}
	config := rt.InstanceConfig{}
	for _, item := range apart.Imports {
		host := rt.HostInstance{Name: item.Name(), Funcs: make(map[string]rt.HostFunc)}
		for _, fn := range item.Interface.Funcs {
			host.Funcs[fn.Name] = f
		}
		config.Host = append(config.Host, host)
	}
	exports, in, err := x.start(ctx, guest, func(string, []any) []any { panic("this is not imported") }, config)
	if err != nil {
		return err
	}
	defer in.Close(ctx)
	m := reflect.ValueOf(exports).MethodByName(method)
	for range *rounds {
		args := x.arguments(fn)
		down, up := &oracle{}, &oracle{up: true, answer: true}
		var want []rt.Value
		var returned rt.Value
		if older != nil {
			want = down.params(fn, older, args)
			result = values.Settled(values.Random(x.r, older.Result))
			returned = up.returned(older.Result, fn.Result, result)
		}
		got = nil
		out, failure := x.call(m, fn, args)
		if older == nil {
			if !errors.Is(failure, rt.ErrNotExported) {
				return fmt.Errorf("the older version lacks it: %w", orNone(failure))
			}
			x.done["not exported"]++
			continue
		}
		both := &oracle{lossy: down.lossy || up.lossy, yours: down.yours || up.yours}
		through, err := x.fate(failure, "up", both)
		if err != nil {
			return fmt.Errorf("called with %#v, answered %#v: %w", args, result, err)
		}
		if got != nil && (down.lossy || down.yours) {
			return fmt.Errorf("the guest got %#v for %#v, which it cannot be told", got, args)
		}
		if got != nil && !same(rt.Tuple(got), rt.Tuple(want)) {
			return fmt.Errorf("the guest got\n%#v, want\n%#v for\n%#v", got, want, args)
		}
		if through && (got == nil || !same(out, returned)) {
			return fmt.Errorf("the host got\n%#v, want\n%#v for\n%#v", out, returned, result)
		}
	}
	return nil
}

// call calls a method, whose panics are errors, and reads what it returns.
func (x *crossing) call(m reflect.Value, fn *wit.Func, args []rt.Value) (v rt.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	in := []reflect.Value{}
	for k, a := range args {
		in = append(in, x.write(fn.Params[k].Type, a, m.Type().In(k+1)))
	}
	c := &chain{world: &x.world, errs: x.failures}
	c.middle.out = invoke(m, in)
	failure, _ := c.middle.out[len(c.middle.out)-1].(error)
	for _, other := range []error{rt.ErrLossy, rt.ErrNotExported} {
		if errors.Is(failure, other) {
			return nil, failure
		}
	}
	if _, trapped := errors.AsType[*rt.Trap](failure); trapped {
		return nil, failure
	}
	return c.readResult(fn)
}

// imported has an older guest call its host, which is of the newest version.
func (x *crossing) imported(ctx context.Context, e *rt.Engine, fn *wit.Func) error {
	guest, err := compile(ctx, e, x.old, echo.Encodings[x.r.IntN(3)])
	if err != nil {
		return err
	}
	newest := named(x.now, fn.Name)
	var got, give []any
	answer := func(_ string, args []any) []any {
		got = args
		return give
	}
	exports, in, err := x.start(ctx, guest, answer, rt.InstanceConfig{})
	if err != nil {
		return err
	}
	defer func() { in.Close(ctx) }()
	for range *rounds {
		args := x.arguments(fn)
		up, down := &oracle{up: true}, &oracle{answer: true}
		var want []rt.Value
		var result, returned rt.Value
		if newest != nil {
			want = up.params(fn, newest, args)
			if result, give = x.result(exports, newest); give == nil {
				continue
			}
			returned = down.returned(newest.Result, fn.Result, result)
		} else {
			up.yours = true
		}
		got = nil
		f, err := in.Func(x.old.Exports[0].Name(), fn.Name)
		if err != nil {
			return err
		}
		out, failure := f.Call(ctx, args...)
		both := &oracle{lossy: down.lossy || up.lossy, yours: down.yours || up.yours}
		through, err := x.fate(failure, "down", both)
		if err != nil {
			return fmt.Errorf("called with %#v, answered %#v: %w", args, result, err)
		}
		if got != nil {
			if up.lossy || up.yours {
				return fmt.Errorf("the host got %#v for %#v, which it cannot be told", got, args)
			}
			for k, a := range got {
				v, err := x.read(newest.Params[k].Type, reflect.ValueOf(a))
				if err != nil || !same(v, want[k]) {
					return fmt.Errorf("the host got\n%#v, want\n%#v for\n%#v (%w)", v, want, args, orNone(err))
				}
			}
		}
		if through && (got == nil || !same(out, returned)) {
			return fmt.Errorf("the guest got\n%#v, want\n%#v for\n%#v", out, returned, result)
		}
		if failure != nil { // which has ended the instance
			in.Close(ctx)
			if exports, in, err = x.start(ctx, guest, answer, rt.InstanceConfig{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// result returns a random result of a function of the newest version, and what its
// method returns: nil if that is an error whose Go type has not been seen.
func (x *crossing) result(exports any, fn *wit.Func) (rt.Value, []any) {
	k := 0
	for n, f := range x.now.Exports[0].Interface.Funcs {
		if f == fn {
			k = n
		}
	}
	m := reflect.ValueOf(exports).MethodByName(x.methods[k]).Type()
	v := values.Settled(values.Random(x.r, fn.Result))
	if t, fails := wit.Underlying(fn.Result).(*wit.Result); fails {
		return v, x.outcomeInGo(t, v, m, x.failures[fn.Name])
	}
	if fn.Result == nil {
		return nil, []any{nil}
	}
	return v, []any{x.write(fn.Result, v, m.Out(0)).Interface(), nil}
}
