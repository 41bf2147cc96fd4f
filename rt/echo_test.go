package rt_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	echoes "github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/internal/echo/values"
	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// Here guests of random worlds pass their calls on, so that values of every
// type go through the runtime four times a call, or more where one guest calls
// another. The host has to get what the caller sent, and the caller what the
// host returned. With
//
//	go test ./rt -run Echo -seed 1 -rounds 10000
//
// the worlds are others, and more.
var (
	seed   = flag.Uint64("seed", 7, "where random values begin")
	rounds = flag.Int("rounds", race.Fewer(100, 42), "random calls of each function")
)

// echoHost is the host of such guests: it notes what it gets and returns what
// it is told to.
type echoHost struct {
	// equal says whether what arrived is what was sent: values.Equal if nil.
	equal func(got, want rt.Value) bool

	calls  int
	args   []rt.Value
	result rt.Value
}

// instances returns it as what a world imports.
func (h *echoHost) instances(w *wit.World) []rt.HostInstance {
	f := rt.HostFunc{Call: func(_ context.Context, args []rt.Value) (rt.Value, error) {
		h.calls++
		h.args = args
		return h.result, nil
	}}
	own := rt.HostInstance{Funcs: make(map[string]rt.HostFunc)}
	var all []rt.HostInstance
	for _, item := range w.Imports {
		switch {
		case item.Func != nil:
			own.Funcs[item.Name()] = f
		case item.Interface != nil:
			x := rt.HostInstance{Name: item.Name(), Funcs: make(map[string]rt.HostFunc)}
			for _, fn := range item.Interface.Funcs {
				x.Funcs[fn.Name] = f
			}
			all = append(all, x)
		}
	}
	return append(all, own)
}

// call calls a function with these arguments and has the host return this
// result. It says what arrived as something else.
func (h *echoHost) call(ctx context.Context, f *rt.Func, args []rt.Value, result rt.Value) error {
	h.calls, h.args, h.result = 0, nil, result
	got, err := f.Call(ctx, args...)
	equal := h.equal
	if equal == nil {
		equal = values.Equal
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s%#v: %w", f.Name(), args, err)
	case h.calls != 1:
		return fmt.Errorf("%s: the host was called %d times", f.Name(), h.calls)
	case !equal(h.args, args):
		return fmt.Errorf("%s: the host got\n\t%#v, want\n\t%#v", f.Name(), h.args, args)
	case !equal(got, result):
		return fmt.Errorf("%s: the caller got\n\t%#v, want\n\t%#v", f.Name(), got, result)
	}
	return nil
}

// random calls each function of what an instance of a world exports a number
// of times, with random values.
func (h *echoHost) random(ctx context.Context, in *rt.Instance, w *wit.World, r *rand.Rand, times int) error {
	for _, item := range w.Exports {
		for _, fn := range item.Interface.Funcs {
			f, err := in.Func(item.Name(), fn.Name)
			if err != nil {
				return err
			}
			for range times {
				var args []rt.Value
				for _, p := range fn.Params {
					args = append(args, values.Random(r, p.Type))
				}
				if err := h.call(ctx, f, args, values.Random(r, fn.Result)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// echoRun compiles a component, starts an instance and has it used; both are
// closed after that.
func echoRun(ctx context.Context, e *rt.Engine, wasm []byte, host []rt.HostInstance, use func(in *rt.Instance) error) error {
	c, err := e.Compile(ctx, wasm)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	in, err := c.Instantiate(ctx, rt.InstanceConfig{Host: host})
	if err != nil {
		return err
	}
	defer in.Close(ctx)
	return use(in)
}

// echoSetting is a guest or several, between a caller and its host.
type echoSetting struct {
	name string
	run  func(ctx context.Context, e *rt.Engine, w *wit.World, host []rt.HostInstance, use func(in *rt.Instance) error) error
}

// echoSettings are one guest of each encoding; guests inside of one component,
// of which each calls the next; and components whose hosts are one another.
func echoSettings() []echoSetting {
	var all []echoSetting
	for _, a := range echoes.Encodings {
		all = append(all, echoSetting{a.String(), func(ctx context.Context, e *rt.Engine, w *wit.World, host []rt.HostInstance, use func(*rt.Instance) error) error {
			wasm, err := echoes.Component(w, a)
			if err != nil {
				return err
			}
			return echoRun(ctx, e, wasm, host, use)
		}})
		for _, b := range echoes.Encodings {
			pair := a.String() + " calls " + b.String()
			all = append(all, echoSetting{pair, func(ctx context.Context, e *rt.Engine, w *wit.World, host []rt.HostInstance, use func(*rt.Instance) error) error {
				wasm, err := echoes.Chain(w, a, b)
				if err != nil {
					return err
				}
				return echoRun(ctx, e, wasm, host, use)
			}})
			all = append(all, echoSetting{pair + " by the host", func(ctx context.Context, e *rt.Engine, w *wit.World, host []rt.HostInstance, use func(*rt.Instance) error) error {
				return echoLinked(ctx, e, w, host, use, a, b)
			}})
		}
	}
	return all
}

// echoLinked runs a component whose host is what another one exports.
func echoLinked(ctx context.Context, e *rt.Engine, w *wit.World, host []rt.HostInstance, use func(*rt.Instance) error, a, b echoes.Encoding) error {
	first, err := echoes.Component(w, a)
	if err != nil {
		return err
	}
	second, err := echoes.Component(w, b)
	if err != nil {
		return err
	}
	return echoRun(ctx, e, second, host, func(in *rt.Instance) error {
		export, err := in.Export(w.Exports[0].Name())
		if err != nil {
			return err
		}
		return echoRun(ctx, e, first, append([]rt.HostInstance{*export}, host...), use)
	})
}

// interpreter is an engine without a compiler, for all tests.
var interpreter = sync.OnceValues(func() (*rt.Engine, error) {
	return rt.NewEngine(context.Background(), rt.Config{Interpreter: true})
})

// TestEchoRandom makes calls with random values of random types, through each
// of the settings in turn, and some of them with the interpreter.
func TestEchoRandom(t *testing.T) {
	settings := echoSettings()
	funcs, spilled := make(map[string]bool), make(map[string]int)
	for n := range uint64(*rounds) {
		r := rand.New(rand.NewPCG(n, *seed))
		w := echoes.Random(r, echoes.Shape{Funcs: 6, Depth: 4})
		s := settings[n%uint64(len(settings))]
		start := engine
		if n%8 == 0 {
			start = interpreter
		}
		e, err := start()
		if err != nil {
			t.Fatal(err)
		}
		h := &echoHost{}
		err = s.run(t.Context(), e, w, h.instances(w), func(in *rt.Instance) error {
			return h.random(t.Context(), in, w, r, 6)
		})
		if err != nil {
			t.Fatalf("%s, round %d of -seed %d: %.10000s\n%.10000s", s.name, n, *seed, err, wit.Print(w.Package))
		}
		for _, f := range w.Exports[0].Interface.Funcs {
			funcs[wit.FuncText(f)] = true
			sig := layout.Lift(f, layout.Options{})
			spilled[fmt.Sprint("parameters ", sig.ParamsSpill)]++
			spilled[fmt.Sprint("result ", sig.ResultSpills)]++
		}
	}
	if len(funcs) < 5**rounds {
		t.Errorf("%d types of functions in %d rounds", len(funcs), *rounds)
	}
	for _, way := range []string{"parameters true", "parameters false", "result true", "result false"} {
		if spilled[way] < *rounds {
			t.Errorf("values go through memory: %s %d times in %d rounds", way, spilled[way], *rounds)
		}
	}
}

// FuzzEcho makes a world of one number and values of another.
func FuzzEcho(f *testing.F) {
	settings := echoSettings()
	for n := range settings {
		f.Add(uint64(n), uint64(n), uint8(n))
	}
	f.Fuzz(func(t *testing.T, world, vals uint64, n uint8) {
		w := echoes.Random(rand.New(rand.NewPCG(world, 0)), echoes.Shape{Funcs: 1, Depth: 5})
		s := settings[int(n)%len(settings)]
		e, err := engine()
		if err != nil {
			t.Fatal(err)
		}
		h := &echoHost{}
		err = s.run(t.Context(), e, w, h.instances(w), func(in *rt.Instance) error {
			return h.random(t.Context(), in, w, rand.New(rand.NewPCG(vals, 0)), 4)
		})
		if err != nil {
			t.Fatalf("%s: %.10000s\n%.10000s", s.name, err, wit.Print(w.Package))
		}
	})
}

// TestEchoWithoutHost has guests return their arguments themselves: through
// memory both ways, or as one core value.
func TestEchoWithoutHost(t *testing.T) {
	many := strings.Repeat("u16, string, ", 8)
	source := `
		record wide { a: u8, b: f64, c: string, d: list<u32>, e: option<s64>, f: tuple<` + many + `u8>, g: char }
		record fields { ` + fields("a: option<string>", 20) + ` }
		through: func(a: wide) -> wide;
		strings: func(a: fields) -> fields;
		parts: func(a: wide, b: u8, c: list<string>, d: result<f32, f64>) -> tuple<wide, u8, list<string>, result<f32, f64>>;
		fixed: func(a: list<variant-of, 9>) -> list<variant-of, 9>;
		variant variant-of { a(u64), b(string), c }
		number: func(a: s16) -> s16;
		float: func(a: f32) -> f32;
		none: func();
	`
	w, err := loadWorld("export e: interface {" + source + "}")
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(*seed, 1))
	for _, enc := range echoes.Encodings {
		wasm, err := echoes.Component(w, enc)
		if err != nil {
			t.Fatal(err)
		}
		err = echoRun(t.Context(), e, wasm, nil, func(in *rt.Instance) error {
			for _, fn := range w.Exports[0].Interface.Funcs {
				for range 30 {
					var args []rt.Value
					for _, p := range fn.Params {
						args = append(args, values.Random(r, p.Type))
					}
					var want rt.Value
					switch {
					case len(args) == 1:
						want = args[0]
					case len(args) > 1:
						want = rt.Tuple(args)
					}
					if got := must(t, in, "e#"+fn.Name, args...); !values.Equal(got, want) {
						t.Fatalf("%s of %v: got %#v, want %#v", fn.Name, enc, got, want)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// fields returns n fields like one, whose name is a letter.
func fields(field string, n int) string {
	var list []string
	for i := range n {
		list = append(list, string(rune('a'+i))+field[1:])
	}
	return strings.Join(list, ", ")
}
