package wast

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// host is what suites expect of the world around a script: functions at the
// root, and an instance "host". Its parts are those of the script runner of
// wasmtime, which the suites were written for. Each script has one.
type host struct {
	resource1, resource2 *rt.ResourceType
	module               *rt.Module

	mu       sync.Mutex
	drops    uint32 // of resource1, by those who owned one
	lastDrop uint32 // the rep of the last one
}

// uncounted calls a function whose drops are not counted.
func (h *host) uncounted(f func()) {
	h.mu.Lock()
	drops, last := h.drops, h.lastDrop
	h.mu.Unlock()
	f()
	h.mu.Lock()
	h.drops, h.lastDrop = drops, last
	h.mu.Unlock()
}

// slowly is how long the functions take that are slow on purpose.
const slowly = 20 * time.Millisecond

func newHost() (*host, error) {
	h := &host{resource2: rt.NewResourceType("resource2", nil)}
	h.resource1 = rt.NewResourceType("resource1", func(_ context.Context, rep any) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.drops++
		h.lastDrop = rep.(uint32)
		return nil
	})
	var err error
	h.module, err = rt.NewModule(simpleModule())
	return h, err
}

// offer is a function that a host offers: one type, or several that it is happy
// to be taken for.
type offer []rt.HostFunc

// instances returns the host as a component wants it, which imports that.
func (h *host) instances(imports []rt.Extern) []rt.HostInstance {
	nested := &rt.HostInstance{Funcs: chosen(map[string]offer{"return-four": {returning(wit.U32, uint32(4))}}, nil)}
	return []rt.HostInstance{{
		Funcs: chosen(map[string]offer{"host-echo-u32": {echo()}, "host-return-two": {returning(wit.U32, uint32(2))}}, imports),
	}, {
		Name:  "host",
		Funcs: chosen(h.functions(), inside(imports, "host")),
		Resources: map[string]*rt.ResourceType{
			"resource1": h.resource1, "resource2": h.resource2, "resource1-again": h.resource1,
		},
		Modules:   map[string]*rt.Module{"simple-module": h.module},
		Instances: map[string]*rt.HostInstance{"nested": nested},
	}}
}

// inside returns what is imported of an instance.
func inside(imports []rt.Extern, name string) []rt.Extern {
	for _, x := range imports {
		if x.Name == name {
			return x.Instance
		}
	}
	return nil
}

// chosen returns what is offered, each function as the one of its types that is
// wanted. The names of parameters do not matter, nor whether it is async: suites
// do not agree on those. Of one whose type is another the runtime hears the
// type, and refuses it.
func chosen(offers map[string]offer, wanted []rt.Extern) map[string]rt.HostFunc {
	funcs := make(map[string]rt.HostFunc, len(offers))
	for name, o := range offers {
		funcs[name] = o[0]
	}
	for _, x := range wanted {
		if x.Func == nil {
			continue
		}
		for _, f := range offers[x.Name] {
			if shape(f.Type) == shape(x.Func) {
				funcs[x.Name] = rt.HostFunc{Call: f.Call}
			}
		}
	}
	return funcs
}

// shape returns the text of a function's type, without what does not matter.
func shape(f *wit.Func) string {
	bare := wit.Func{Result: f.Result}
	for _, p := range f.Params {
		bare.Params = append(bare.Params, wit.Param{Type: p.Type})
	}
	return strings.ReplaceAll(wit.FuncText(&bare), "resource1-again", "resource1")
}

// functions returns the functions of the instance "host".
func (h *host) functions() map[string]offer {
	def := &wit.TypeDef{Name: "resource1", Type: &wit.Resource{}}
	own, borrow := &wit.Handle{Resource: def}, &wit.Handle{Resource: def, Borrow: true}
	create := func(_ context.Context, args []rt.Value) (rt.Value, error) { return h.resource1.New(args[0]), nil }
	// What take-own and assert are given the host keeps: drops are those of
	// others.
	take := func(context.Context, []rt.Value) (rt.Value, error) { return nil, nil }
	return map[string]offer{
		"return-three":      {returning(wit.U32, uint32(3))},
		"return-hi":         {returning(wit.String, "hi")},
		"never-return":      {never()},
		"return-two-slowly": {slow(returning(wit.U32, uint32(2))), slow(returning(wit.S32, int32(2)))},
		"echo-slowly":       {slow(echo())},

		"[constructor]resource1":         {{Type: typeOf(own, wit.U32), Call: create}},
		"[static]resource1.assert":       {{Type: typeOf(nil, own, wit.U32), Call: assertRep}},
		"[static]resource1.last-drop":    {{Type: typeOf(wit.U32), Call: h.count(&h.lastDrop)}},
		"[static]resource1.drops":        {{Type: typeOf(wit.U32), Call: h.count(&h.drops)}},
		"[method]resource1.simple":       {{Type: typeOf(nil, borrow, wit.U32), Call: assertRep}},
		"[method]resource1.take-borrow":  {{Type: typeOf(nil, borrow, borrow), Call: take}},
		"[method]resource1.take-own":     {{Type: typeOf(nil, borrow, own), Call: take}},
		"[method]resource1.never-return": {never(borrow)},
	}
}

// typeOf returns the type of a function; the names of its parameters do not
// matter.
func typeOf(result wit.Type, params ...wit.Type) *wit.Func {
	f := &wit.Func{Result: result}
	for i, t := range params {
		f.Params = append(f.Params, wit.Param{Name: fmt.Sprintf("p%d", i), Type: t})
	}
	return f
}

// assertRep fails unless a resource is the one that was made with that rep.
func assertRep(_ context.Context, args []rt.Value) (rt.Value, error) {
	if have := args[0].(*rt.Resource).Value(); have != args[1] {
		return nil, fmt.Errorf("resource has rep %v, not %v", have, args[1])
	}
	return nil, nil
}

// count returns a function that returns a count.
func (h *host) count(n *uint32) func(context.Context, []rt.Value) (rt.Value, error) {
	return func(context.Context, []rt.Value) (rt.Value, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return *n, nil
	}
}

// returning returns a function that returns a value of a type.
func returning(t wit.Type, v rt.Value) rt.HostFunc {
	return rt.HostFunc{
		Type: typeOf(t),
		Call: func(context.Context, []rt.Value) (rt.Value, error) { return v, nil },
	}
}

// echo returns a function that returns the number that it is given.
func echo() rt.HostFunc {
	return rt.HostFunc{
		Type: typeOf(wit.U32, wit.U32),
		Call: func(_ context.Context, args []rt.Value) (rt.Value, error) { return args[0], nil },
	}
}

// never returns a function that does not return before its call is given up.
func never(params ...wit.Type) rt.HostFunc {
	return rt.HostFunc{
		Type: typeOf(nil, params...),
		Call: func(ctx context.Context, _ []rt.Value) (rt.Value, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		},
	}
}

// slow returns a function that takes its time.
func slow(f rt.HostFunc) rt.HostFunc {
	return rt.HostFunc{Type: f.Type, Call: func(ctx context.Context, args []rt.Value) (rt.Value, error) {
		select {
		case <-time.After(slowly):
			return f.Call(ctx, args)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}}
}

// simpleModule returns a core module that exports a global g, which is 100, and
// a function f, which returns 101.
func simpleModule() []byte {
	out := []byte(modulePreamble)
	out = section(out, 1, []byte{1, 0x60, 0, 1, 0x7f})             // types: func -> i32
	out = section(out, 3, []byte{1, 0})                            // functions
	out = section(out, 6, []byte{1, 0x7f, 0, 0x41, 0xe4, 0, 0x0b}) // globals: i32.const 100
	out = section(out, 7, []byte{2, 1, 'g', 3, 0, 1, 'f', 0, 0})   // exports
	return section(out, 10, []byte{1, 5, 0, 0x41, 0xe5, 0, 0x0b})  // code: i32.const 101
}
