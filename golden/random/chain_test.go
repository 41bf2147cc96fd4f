package random_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/internal/echo/values"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// answer is what a recorder does: it gets the arguments of a method, without
// its context, and returns its results.
type answer = func(method string, args []any) []any

// world is a random world as it is registered.
type world struct {
	text   string
	cases  []map[reflect.Type][]reflect.Type // by the interface types of variants
	things *things                           // the resources in values
	errs   []reflect.Type                    // that functions fail with
	// imports makes the imports of the world of a recorder.
	imports func(answer) []rt.Import
	// start starts a component and returns what it exports, as the interface's
	// generated type, and what closes it.
	start func(context.Context, *rt.Component, rt.InstanceConfig) (any, func(context.Context) error, error)
}

// chain is two guests between a caller and a host that are both dynamic. What
// one guest imports is what the other one exports, through generated code, with
// a recorder in between:
//
//	rt.Func.Call -> outer guest -> Import -> recorder -> Export -> inner guest -> rt.HostFunc
type chain struct {
	*world
	iface      *wit.Interface
	name       string // the interface's
	outer      *rt.Linked
	innerGuest *rt.Component
	others     *wit.World // what the inner guest imports

	instance *rt.Instance // of the outer guest
	exports  any          // of the inner guest
	close    func(context.Context) error

	host, middle counter
	method       map[string]string       // Go names of functions
	errs         map[string]reflect.Type // Go types of functions' errors, as far as there have been any
}

// counter notes calls.
type counter struct {
	calls   int
	method  string // of the middle
	args    []any
	out     []any // of the middle: what the inner guest returned
	result  rt.Value
	err     error
	instead []any // of the middle: what is returned without a call of the inner guest
}

// newChain compiles and links the guests.
func newChain(ctx context.Context, e *rt.Engine, x *world, outer, inner echo.Encoding) (*chain, error) {
	w, err := load(x.text)
	if err != nil {
		return nil, err
	}
	c := &chain{
		world: x, iface: w.Exports[0].Interface, name: w.Exports[0].Name(), others: echo.Apart(w),
		method: make(map[string]string), errs: make(map[string]reflect.Type),
	}
	if c.innerGuest, err = compile(ctx, e, c.others, inner); err != nil {
		return nil, err
	}
	guest, err := compile(ctx, e, w, outer)
	if err != nil {
		return nil, err
	}
	linked := rt.World{Name: "test"}
	for _, i := range x.imports(c.answer) {
		linked.Imports = append(linked.Imports, i.Interface)
	}
	if c.outer, err = guest.Link(linked); err != nil {
		return nil, err
	}
	return c, c.start(ctx)
}

func compile(ctx context.Context, e *rt.Engine, w *wit.World, enc echo.Encoding) (*rt.Component, error) {
	wasm, err := echo.Component(w, enc)
	if err != nil {
		return nil, err
	}
	return e.Compile(ctx, wasm)
}

// start starts both guests.
func (c *chain) start(ctx context.Context) error {
	f := rt.HostFunc{Call: func(_ context.Context, args []rt.Value) (rt.Value, error) {
		c.host.calls++
		c.host.args = args
		return c.host.result, c.host.err
	}}
	var host []rt.HostInstance
	for _, item := range c.others.Imports {
		x := rt.HostInstance{Name: item.Name(), Funcs: make(map[string]rt.HostFunc)}
		for _, fn := range item.Interface.Funcs {
			x.Funcs[fn.Name] = f
		}
		host = append(host, x)
	}
	exports, end, err := c.world.start(ctx, c.innerGuest, rt.InstanceConfig{Host: host})
	if err != nil {
		return err
	}
	c.exports = exports
	c.instance, err = c.outer.Instantiate(ctx, c.imports(c.answer), rt.InstanceConfig{})
	c.close = func(ctx context.Context) error {
		if c.instance == nil {
			return end(ctx)
		}
		return errors.Join(c.instance.Close(ctx), end(ctx))
	}
	return err
}

// restart replaces both guests, one of which is dead.
func (c *chain) restart(ctx context.Context) error {
	if err := c.close(ctx); err != nil {
		return err
	}
	return c.start(ctx)
}

// answer is the recorder's: it passes calls on to the inner guest.
func (c *chain) answer(method string, args []any) []any {
	c.middle.calls++
	c.middle.method, c.middle.args = method, args
	if c.middle.instead != nil {
		return c.middle.instead
	}
	m := reflect.ValueOf(c.exports).MethodByName(method)
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.New(m.Type().In(i + 1)).Elem()
		if a != nil {
			in[i].Set(reflect.ValueOf(a))
		}
	}
	c.middle.out = invoke(m, in)
	return c.middle.out
}

// invoke calls a method with a context and arguments.
func invoke(m reflect.Value, args []reflect.Value) []any {
	var out []any
	for _, v := range m.Call(append([]reflect.Value{reflect.ValueOf(context.Background())}, args...)) {
		out = append(out, v.Interface())
	}
	return out
}

// call calls a function of the outer guest. The host returns the result or the
// error; with instead, generated code has a host that returns that.
func (c *chain) call(ctx context.Context, fn *wit.Func, args []rt.Value, result rt.Value, err error, instead []any) (rt.Value, error) {
	f, missing := c.instance.Func(c.name, fn.Name)
	if missing != nil {
		return nil, missing
	}
	c.host, c.middle = counter{result: result, err: err}, counter{instead: instead}
	return f.Call(ctx, args...)
}

// agree makes a call and compares the values in all four places. It notes what
// the function is in Go.
func (c *chain) agree(ctx context.Context, fn *wit.Func, args []rt.Value, result rt.Value) error {
	got, err := c.call(ctx, fn, args, result, nil, nil)
	if err != nil {
		return err
	}
	c.method[fn.Name] = c.middle.method
	if c.middle.calls != 1 || c.host.calls != 1 {
		return fmt.Errorf("generated code was called %d times, the host %d times", c.middle.calls, c.host.calls)
	}
	if !same(c.host.args, args) {
		return fmt.Errorf("the host got\n%#v, want\n%#v", c.host.args, args)
	}
	if !same(got, result) {
		return fmt.Errorf("the caller got\n%#v, want\n%#v", got, result)
	}
	if len(c.middle.args) != len(args) {
		return fmt.Errorf("%d arguments in Go, want %d", len(c.middle.args), len(args))
	}
	for i, a := range c.middle.args {
		v, err := c.read(fn.Params[i].Type, reflect.ValueOf(a))
		if err != nil {
			return fmt.Errorf("argument %d: %w", i, err)
		}
		if !same(v, args[i]) {
			return fmt.Errorf("argument %d is in Go\n%#v, which means\n%#v, want\n%#v", i, a, v, args[i])
		}
	}
	v, err := c.readResult(fn)
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	if !same(v, result) {
		return fmt.Errorf("the result is in Go\n%#v, which means\n%#v, want\n%#v", c.middle.out, v, result)
	}
	return nil
}

// same compares values, of which maps have each key once and in no order that
// counts.
func same(got, want rt.Value) bool { return values.Equal(values.Settled(got), values.Settled(want)) }

// readResult returns what the inner guest's function returned as a value: a
// function that returns a result returns an error in Go.
func (c *chain) readResult(fn *wit.Func) (rt.Value, error) {
	out := c.middle.out
	value, failure := out[:len(out)-1], out[len(out)-1]
	t, fails := wit.Underlying(fn.Result).(*wit.Result)
	want, typ := 1, fn.Result
	if fails {
		typ = t.OK
	}
	if typ == nil {
		want = 0
	}
	if len(value) != want {
		return nil, fmt.Errorf("the method returns %d values and an error, want %d", len(value), want)
	}
	if failure != nil {
		if !fails {
			return nil, failure.(error)
		}
		if want == 1 && value[0] != nil && !reflect.ValueOf(value[0]).IsZero() {
			return nil, fmt.Errorf("%#v beside an error", value[0])
		}
		v := reflect.ValueOf(failure)
		c.errs[fn.Name] = c.variantOf(v.Type())
		e, err := c.readPayload(t.Err, errValue(v))
		return cm.Fail[rt.Value](e), err
	}
	var v rt.Value
	var err error
	if want == 1 {
		v, err = c.read(typ, reflect.ValueOf(value[0]))
	}
	if fails {
		return cm.OK[rt.Value, rt.Value](v), err
	}
	return v, err
}

// errValue returns what a cm.Err has in it, or else the error itself.
func errValue(v reflect.Value) reflect.Value {
	if isErr(v.Type()) {
		return v.Field(0)
	}
	return v
}

func isErr(t reflect.Type) bool {
	return t.PkgPath() == reflect.TypeFor[cm.Err[int]]().PkgPath() && strings.HasPrefix(t.Name(), "Err[")
}
