// Package types_test sends values of every kind of type through generated
// glue: a host calls a guest that calls the host, and both compare.
package types_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"reflect"
	"sync"
	"testing"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/everything"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

var (
	seed   = flag.Uint64("seed", 7, "where random values begin")
	rounds = flag.Int("rounds", 200, "random calls of each function")
)

// compiled is a guest that makes values of Rust of what it is given, and passes
// these on. It is compiled once for all tests.
var compiled = sync.OnceValues(func() (*rt.Component, error) {
	wasm, err := os.ReadFile("testdata/types.wasm")
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		return nil, err
	}
	return engine.Compile(ctx, wasm)
})

var prepared = sync.OnceValues(func() (*everything.Prepared, error) {
	component, err := compiled()
	if err != nil {
		return nil, err
	}
	return everything.Prepare(component)
})

// start runs the guest, which passes every call on to the host.
func start(t testing.TB, h *host) *everything.Everything {
	t.Helper()
	prepared, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	p, err := prepared.Instantiate(context.Background(), everything.Imports{
		Primitives: primitivesHost{h},
		Sequences:  sequencesHost{h},
		Structures: structuresHost{h},
		Choices:    choicesHost{h},
		Failures:   failuresHost{h},
	}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// errorOf makes the errors of functions that return a result.
var errorOf = map[string]func(s source) error{
	"FloatOrInt":  wrapped[uint32],
	"Bare":        wrapped[struct{}],
	"OKOnly":      wrapped[struct{}],
	"Text":        wrapped[string],
	"ValueOrText": wrapped[string],
	"Fails":       func(s source) error { return value[failures.Failure](s) },
	"FailsAlias":  func(s source) error { return value[failures.FailureAlias](s) },
	"Reasons":     func(s source) error { return value[failures.Reason](s) },
	"OnlyReason":  func(s source) error { return value[failures.Reason](s) },
	"Problems":    func(s source) error { return value[failures.Problem](s) },
	"Foreign":     wrapped[base.Level],
	"Flagged":     wrapped[failures.Causes],
	"Tupled":      wrapped[cm.Tuple2[uint8, uint8]],
}

func wrapped[E any](s source) error { return cm.Err[E]{Value: value[E](s)} }

// holdsRunes are the methods whose signatures have chars.
var holdsRunes = map[string]bool{"Chars": true, "Runes": true, "Triple": true, "EverythingThrough": true, "Big": true}

// TestRoundTrip calls every function with random values. With
//
//	go test ./golden/types -seed 1 -rounds 100000
//
// they are others, and more.
func TestRoundTrip(t *testing.T) {
	h := new(host)
	p := start(t, h)
	roundTrips(t, h, *rounds, p.Primitives, p.Sequences, p.Structures, p.Choices, p.Failures)
}

// roundTrips calls every function of some interfaces.
func roundTrips(t *testing.T, h *host, rounds int, exports ...any) {
	for _, exported := range exports {
		v := reflect.ValueOf(exported)
		for i := range v.NumMethod() {
			name := v.Type().Method(i).Name
			t.Run(name, func(t *testing.T) {
				s := source{rand.New(rand.NewPCG(uint64(i), *seed)), holdsRunes[name]}
				for range rounds {
					roundTrip(t, s, h, name, v.Method(i))
				}
			})
		}
	}
}

// roundTrip calls a method with random arguments and has the host return
// random results.
func roundTrip(t *testing.T, s source, h *host, name string, method reflect.Value) {
	t.Helper()
	in := []reflect.Value{reflect.ValueOf(context.Background())}
	args := []any{}
	for k := 1; k < method.Type().NumIn(); k++ {
		in = append(in, s.of(method.Type().In(k)))
		args = append(args, in[k].Interface())
	}
	h.args, h.out = nil, nil
	fails := errorOf[name] != nil && s.IntN(2) == 0
	for k := range method.Type().NumOut() - 1 {
		out := reflect.Zero(method.Type().Out(k))
		if !fails {
			out = s.of(method.Type().Out(k))
		}
		h.out = append(h.out, out.Interface())
	}
	if fails {
		h.out = append(h.out, errorOf[name](s))
	} else {
		h.out = append(h.out, nil)
	}
	got := []any{}
	for _, v := range method.Call(in) {
		got = append(got, v.Interface())
	}
	if len(h.args) != len(args) || len(args) > 0 && !reflect.DeepEqual(h.args, args) {
		t.Fatalf("the host got\n%#v\nwant\n%#v", h.args, args)
	}
	if !reflect.DeepEqual(got, h.out) {
		t.Fatalf("with %#v\ngot\n%#v\nwant\n%#v", args, got, h.out)
	}
}
